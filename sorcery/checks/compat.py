"""Where a configuration meets a defect of Asterisk: it does not do, or print, what is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.conf.text import encode
from sorcery.findings import Finding, Severity
from sorcery.pjsip import (
    Acl,
    Endpoint,
    Global,
    Identify,
    Phoneprov,
    StirShakenProfile,
    StirShakenVerification,
    Transport,
)

__all__ = ["RULES"]

PRINTED = ("auth", "outbound_auth", "call_group", "pickup_group", "named_call_group", "named_pickup_group")
"""The lists of an endpoint that Asterisk prints into a buffer."""
LONGEST = 127
"""How many bytes of them it prints."""
CODEC_PREFS = (
    "codec_prefs_incoming_offer",
    "codec_prefs_outgoing_offer",
    "codec_prefs_incoming_answer",
    "codec_prefs_outgoing_answer",
)
WAYS = {"match": "ip", "match_header": "header", "match_request_uri": "request_uri"}
"""What `identify_by` calls the options of an `identify`."""
VERIFYING = frozenset({"verify", "on"})


@rule(
    "compat-direct-media-method",
    Severity.NOTE,
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
    Severity.NOTE,
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
            length = len(encode(endpoint.text(option) or ""))
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
        yield _beside(
            finding, f"acl {finding.id!r} is refused, so Asterisk lets in whom it was to keep out", "mend the section"
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
            yield _beside(
                finding,
                f"transport {finding.id!r} is refused, and Asterisk may give what it has read to the next",
                "mend the section, or take it out",
            )


@rule(
    "compat-identifier-order",
    Severity.NOTE,
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
    "compat-codec-prefs",
    Severity.NOTE,
    what="An endpoint sets one of the four options `codec_prefs_*`.",
    why="Asterisk reads them, and decides nothing by them. Nor does the stack here.",
    mending="Write `incoming_call_offer_pref` or `outgoing_call_offer_pref`.",
)
def codec_prefs(system: System) -> Iterator[Fault]:
    start = Endpoint.__sorcery__.start
    for endpoint in system.all(Endpoint):
        for option in CODEC_PREFS:
            if getattr(endpoint, option) != start[option]:
                way = "incoming" if "incoming" in option else "outgoing"
                yield Fault(
                    problem="Asterisk decides nothing by it",
                    remedy=f"write {way}_call_offer_pref",
                    obj=endpoint,
                    option=option,
                )


@rule(
    "compat-identify-by",
    Severity.NOTE,
    what="An `identify` leads to an endpoint by address, header or Request-URI, and the endpoint has an `identify_by` "
    "that does not name that way.",
    why="Asterisk consults `identify_by` for names only: what fits the `identify` is taken for the endpoint all the "
    "same. So it is here.",
    mending="Add the way to `identify_by`, or remove the `identify`.",
)
def identify_by(system: System) -> Iterator[Fault]:
    endpoints, start = system.by_id(Endpoint), Endpoint.__sorcery__.start["identify_by"]
    for identify in system.all(Identify):
        endpoint = endpoints.get(identify.endpoint)
        if endpoint is None or endpoint.identify_by == start:
            continue
        for option, way in WAYS.items():
            if getattr(identify, option) and way not in endpoint.identify_by:
                yield Fault(
                    problem=f"identify_by of endpoint {endpoint.id!r} does not name {way}, and is not asked",
                    remedy=f"add {way} to identify_by, or remove the line",
                    obj=identify,
                    option=option,
                )


@rule(
    "compat-server-port",
    Severity.NOTE,
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


def _refused(system: System, type_name: str) -> Iterable[Finding]:
    """Return an error for each object of a type that was refused, by a file or as a row."""
    told = chain(system.sorcery.report.errors, system.audit.faults())
    errors = (each for each in told if each.severity is Severity.ERROR and each.type_name == type_name and each.id)
    return {each.id: each for each in reversed(list(errors))}.values()


def _beside(finding: Finding, problem: str, remedy: str) -> Fault:
    """Return what the refusal of an object brings with it, told at the same spot."""
    return Fault(
        problem=problem,
        remedy=remedy,
        place=finding.place,
        type_name=finding.type_name,
        id=finding.id,
        option=finding.option,
        value=finding.value,
    )


RULES = (
    direct_media_method,
    printed_list,
    open_acl,
    leaking_transport,
    identifier_order,
    failure_action,
    codec_prefs,
    identify_by,
    server_port,
)
"""The table of all rules."""
