"""Where a configuration meets a defect of Asterisk: it does not do, or print, what is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.pjsip import (
    Acl,
    Contact,
    Endpoint,
    Global,
    Phoneprov,
    StirShakenProfile,
    StirShakenVerification,
    Transport,
)
from sorcery.place import Place

__all__ = ["RULES"]

PRINTED = ("auth", "outbound_auth", "call_group", "pickup_group", "named_call_group", "named_pickup_group")
"""The lists of an endpoint that Asterisk prints into a buffer."""
LONGEST = 127
"""How many bytes of them it prints."""
LONGEST_NAME = 79
_LONG = re.compile(rb"^[ \t]*\[([^\]\n]{80,})\]", re.MULTILINE)
"""The header of a section whose name is longer."""
VERIFYING = frozenset({"verify", "on"})


@rule(
    "compat-direct-media-method",
    Severity.WARNING,
    what="An endpoint has another `direct_media_method` than `connected_line_method`.",
    why="Asterisk uses the one and prints the other: AMI and ARI read wrong, and any change of the endpoint over "
    "ARI takes the printed value for the true one.",
    mending="Write the same for both, or change the endpoint by its file or table only.",
)
def direct_media_method(system: System) -> Iterator[Fault]:
    for endpoint in system.all(Endpoint):
        printed = endpoint.connected_line_method
        if endpoint.direct_media_method != printed:
            yield Fault(
                problem=f"Asterisk prints connected_line_method for it, {printed!r}",
                remedy="write the same for both, or change the endpoint by its file or table only",
                obj=endpoint,
                option="direct_media_method",
            )


@rule(
    "compat-printed-list",
    Severity.WARNING,
    what="A list of an endpoint (`auth`, `outbound_auth`, groups) is longer than the 127 bytes that Asterisk prints.",
    why="Asterisk uses all of it; who reads it over AMI or ARI misses the end, and any change of the endpoint over ARI "
    "cuts it for good.",
    mending="Name fewer, or change the endpoint by its file or table only.",
)
def printed_list(system: System) -> Iterator[Fault]:
    for endpoint in system.all(Endpoint):
        for option in PRINTED:
            if not getattr(endpoint, option):
                continue
            length = len((endpoint.text(option) or "").encode())
            if length > LONGEST:
                yield Fault(
                    problem=f"Asterisk prints {LONGEST} of its {length} bytes",
                    remedy="name fewer, or change the endpoint by its file or table only",
                    obj=endpoint,
                    option=option,
                )


@rule(
    "compat-open-acl",
    Severity.WARNING,
    what="A section of type `acl` is refused.",
    why="Asterisk logs that all SIP traffic will be blocked, and lets in whom the other sections let in: without any, "
    "everybody. Here nobody comes in until it is mended.",
    mending="Mend the section.",
)
def open_acl(system: System) -> Iterator[Fault]:
    for finding in _refused(system, Acl.__sorcery__.name):
        yield Fault(
            problem=f"acl {finding.id!r} is refused, so Asterisk lets in whom it was to keep out",
            remedy="mend the section",
            place=finding.place,
            type_name=finding.type_name,
            id=finding.id,
            option=finding.option,
            value=finding.value,
        )


@rule(
    "compat-leaking-transport",
    Severity.WARNING,
    what="A transport is refused for one of its lines, and there are others.",
    why="Asterisk forgets to clear what it had read of it: the next transport may take over its address, its TLS "
    "settings or its `local_net`. Here it does not.",
    mending="Mend the section, or take it out.",
)
def leaking_transport(system: System) -> Iterator[Fault]:
    if not system.by_id(Transport):
        return
    for finding in _refused(system, Transport.__sorcery__.name):
        if finding.option:
            yield Fault(
                problem=f"transport {finding.id!r} is refused, and Asterisk may give what it has read to the next",
                remedy="mend the section, or take it out",
                place=finding.place,
                type_name=finding.type_name,
                id=finding.id,
                option=finding.option,
                value=finding.value,
            )


@rule(
    "compat-identifier-order",
    Severity.WARNING,
    what="`endpoint_identifier_order` has blanks around its names.",
    why="Asterisk compares them with the blanks, knows no such identifier, and asks that one after all the others.",
    mending="Leave out the blanks.",
)
def identifier_order(system: System) -> Iterator[Fault]:
    for each in system.all(Global):
        written = each.text("endpoint_identifier_order") or ""
        names = written.split(",")
        if any(name != name.strip() for name in names):
            yield Fault(
                problem="Asterisk takes the blanks for a part of the names, and knows no such identifier",
                remedy=f"write {','.join(map(str.strip, names))}",
                obj=each,
                option="endpoint_identifier_order",
            )


@rule(
    "compat-failure-action",
    Severity.WARNING,
    what="A STIR/SHAKEN profile that verifies has no `failure_action`, and `verification` has another than `continue`.",
    why="In Asterisk the profile overrules `verification` with `continue`: a call that fails is let through.",
    mending="Write the `failure_action` of `verification` into the profile.",
)
def failure_action(system: System) -> Iterator[Fault]:
    for general in system.all(StirShakenVerification):
        action = general.failure_action
        for profile in system.all(StirShakenProfile) if action not in ("continue", None) else ():
            if profile.failure_action is None and profile.endpoint_behavior in VERIFYING:
                yield Fault(
                    problem=f"Asterisk takes 'continue' and not {action!r}, as verification has it",
                    remedy=f"write failure_action={action}",
                    obj=profile,
                    option="failure_action",
                )


@rule(
    "compat-server-port",
    Severity.WARNING,
    what="A `phoneprov` has neither `endpoint` nor `SERVER_PORT`.",
    why="Asterisk takes for the port what happens to lie in its memory, and ARI cannot read the object. Here the "
    "variable is not there.",
    mending="Write `SERVER_PORT`, or the endpoint.",
)
def server_port(system: System) -> Iterator[Fault]:
    for each in system.all(Phoneprov):
        if not each.variable("endpoint") and each.variable("SERVER_PORT") is None:
            yield Fault(
                problem="Asterisk takes whatever lies in its memory for SERVER_PORT",
                remedy="write SERVER_PORT=5060, or the endpoint",
                obj=each,
            )


@rule(
    "compat-astdb-lines",
    Severity.WARNING,
    what="An object in the AstDB has an option with several lines.",
    why="Asterisk writes all of them under one name, and reads the last.",
    mending="Keep the type in a file or a table.",
)
def astdb_lines(system: System) -> Iterator[Fault]:
    for cls, mappings in system.mappings():
        if not any(mapping.wizard == "astdb" for mapping in mappings):
            continue
        for obj in system.all(cls):
            place = system.place(obj)
            if place is None or place.row is None:
                continue
            for option, count in _repeated(obj).items():
                if count > 1:
                    yield Fault(
                        problem=f"Asterisk reads the last of its {count} lines only",
                        remedy=f"keep {cls.__sorcery__.name} in a file or a table",
                        obj=obj,
                        option=option,
                    )


@rule(
    "compat-sqlite-contacts",
    Severity.WARNING,
    what="Contacts lie in a database of Asterisk's driver `sqlite3`.",
    why="Its statement to delete names no row, so none goes: who unregistered is called until the contact expires, "
    "and expired rows stay for ever. Here they are deleted.",
    mending="Keep contacts in the AstDB, or use the driver `odbc`.",
)
def sqlite_contacts(system: System) -> Iterator[Fault]:
    for mapping in system.sorcery.mappings(Contact):
        family = mapping.arguments.partition(",")[0].strip().lower()
        for each in system.environment.families.get(family, ()) if mapping.wizard == "realtime" else ():
            if each.driver == "sqlite3" and each.place is not None:
                yield Fault(
                    problem=f"{each.name} lies in a database of the driver sqlite3, which deletes no row for Asterisk",
                    remedy="keep contacts in the AstDB, or use the driver odbc",
                    place=each.place,
                    type_name=Contact.__sorcery__.name,
                )


@rule(
    "compat-long-name",
    Severity.WARNING,
    what="The name of a section is longer than 79 bytes.",
    why="Asterisk cuts it without a word, and so do we: who refers to it by the whole name finds nothing, and two "
    "names may become one.",
    mending="Shorten it.",
)
def long_name(system: System) -> Iterator[Fault]:
    for path in sorted(system.files):
        content = Path(path).read_bytes()
        for found in _LONG.finditer(content):
            line = content.count(b"\n", 0, found.start()) + 1
            name = found[1][:LONGEST_NAME].decode("utf-8", "surrogateescape")
            if _stands(system, name, line):
                yield Fault(
                    problem=f"names are cut after {LONGEST_NAME} bytes: the section is called {name!r}",
                    remedy="shorten it",
                    place=Place(path, line),
                    id=name,
                )


def _stands(system: System, name: str, line: int) -> bool:
    """Tell whether a section of that name begins at a line: not so in a comment of several lines."""
    outlines = (source.outline() for source in system.sources)
    sections = (each for outline in outlines if outline is not None for each in outline.named(name))
    return any(each.line == line for each in sections)


def _repeated(obj: Object) -> Counter[str]:
    """Return how many lines each option of an object has where it has most: as it is written, or as it is printed."""
    return Counter(name for name, _ in obj.settings()) | Counter(name for name, _ in obj.objectset())


def _refused(system: System, type_name: str) -> Iterable[Finding]:
    """Return an error for each object of a type that was refused, by a file or as a row."""
    told = chain(system.sorcery.report.errors, system.audit.faults())
    errors = (each for each in told if each.severity is Severity.ERROR and each.type_name == type_name and each.id)
    return {each.id: each for each in reversed(list(errors))}.values()


RULES = (
    direct_media_method,
    printed_list,
    open_acl,
    leaking_transport,
    identifier_order,
    failure_action,
    server_port,
    astdb_lines,
    sqlite_contacts,
    long_name,
)
"""The table of all rules."""
