"""The work of `sorcery doctor`: the chains of a target, with its tables and the processes that run on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import attrs
import typer

from sorcery import ConfigurationError, Finding, Mapping, UnknownType
from sorcery.doctor.chains import Chain, Diagnosis
from sorcery.doctor.examination import Watch, examine
from sorcery.doctor.process import process_chain
from sorcery.environment import Environment, control_socket
from sorcery.objecttype import ObjectType
from sorcery.pjsip import TYPES
from sorcery.release import Release
from sorcery.steps import Broken, Limited, Step
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import print_json, unlogged, watched, without_passwords

__all__ = ["Wanted", "diagnose", "run"]

COMPARING: Final = 30.0
"""Seconds to compare a table with the one that Asterisk expects."""


@attrs.frozen(kw_only=True)
class Wanted:
    """What a doctor is asked to look at."""

    session: Session
    names: Sequence[str] = ()
    socket: Path | None = None
    """The control socket of our process, where it is not the usual one."""
    ami: str | None = attrs.field(default=None, repr=False)
    """The manager interface of an Asterisk."""
    ami_secret: str | None = None
    """Where its password is."""
    full: bool = False


def run(wanted: Wanted) -> None:
    """Look, print what was found, and end the run: 0 where all holds, 3 where somebody did not answer, else 1."""
    session = wanted.session
    known = {cls.__sorcery__.name for cls in TYPES}
    for name in wanted.names:
        if name not in known:
            raise UnknownType(name, known)
    with unlogged(), watched("looking at") as watch:
        found = diagnose(
            session.target, names=wanted.names, compat=session.compat, release=session.release, watch=watch
        )
        found = found.with_chains(_processes(wanted))
    if session.json:
        print_json(_masked(found.data()))
    else:
        from sorcery_cli.chains import print_diagnosis

        print_diagnosis(found, full=wanted.full)
    if found.is_silent:
        raise typer.Exit(Exit.UNAVAILABLE)
    raise typer.Exit(Exit.GOOD if found.is_good else Exit.FINDINGS)


def _masked(data: Any) -> Any:
    """Return data without the passwords of addresses: what was found may stand where no address belongs."""
    match data:
        case str():
            return without_passwords(data)
        case dict():
            return {key: _masked(value) for key, value in data.items()}
        case list():
            return [_masked(each) for each in data]
    return data


def diagnose(
    target: str,
    *,
    names: Sequence[str] = (),
    compat: bool = False,
    release: Release | None = None,
    watch: Watch = lambda title: None,
) -> Diagnosis:
    """Look at every link between a directory or a database address and its objects, tables included; write nothing.

    Blocks on files, networks and databases. Raises `Misuse` for what is no target at all.
    """
    try:
        return examine(target, names=names, compat=compat, release=release, beyond=_Comparisons().steps, watch=watch)
    except ConfigurationError as error:
        raise Misuse(str(error)) from error


def _processes(wanted: Wanted) -> Iterator[Chain]:
    """Yield the chains to what runs on the target: our own process, and an Asterisk whose door is named."""
    socket = wanted.socket or _usual_socket(wanted.session.target)
    if socket is not None:
        yield process_chain(socket)
    if wanted.ami is not None:
        from sorcery_cli.asterisk.chain import asterisk_chain

        yield asterisk_chain(wanted.session, wanted.ami, wanted.ami_secret)


def _usual_socket(target: str) -> Path | None:
    """Return the control socket of a directory, if there is one."""
    if is_address(target):
        return None
    try:
        socket = control_socket(Path(target))
        return socket if socket.exists() else None
    except (ConfigurationError, PermissionError):  # of asterisk.conf, as the chains tell; of another's folder
        return None


class _Comparisons:
    """Compares tables with those that Asterisk expects, each once."""

    def __init__(self) -> None:
        self._found = cache(_compare)

    def steps(self, object_type: ObjectType, mapping: Mapping, environment: Environment) -> Iterator[Step]:
        """Yield the steps from a table to columns that take what the type writes."""
        like = object_type.family
        if mapping.wizard != "realtime" or like is None:
            return
        for line in environment.families.get(mapping.arguments.partition(",")[0].lower(), ()):
            url = environment.databases.get(line.database)
            if url is not None:
                key = url, line.table, like, environment.release
                yield Step("columns", partial(self._complete, *key), key, COMPARING)
                yield Step("types", partial(self._roomy, *key), key, COMPARING)
                yield Step("indexes", partial(self._quick, *key), key, COMPARING)

    def _complete(self, url: str, table: str, like: str, release: Release | None) -> str:
        found = self._found(url, table, like, release)
        return _judged(table, like, found, "all there", lambda rule: rule == "missing-column")

    def _roomy(self, url: str, table: str, like: str, release: Release | None) -> str:
        found = self._found(url, table, like, release)
        return _judged(table, like, found, "wide enough", lambda rule: rule not in ("missing-column", "missing-index"))

    def _quick(self, url: str, table: str, like: str, release: Release | None) -> str | Limited:
        slow = [each for each in self._found(url, table, like, release) or () if each.rule == "missing-index"]
        if not slow:
            return "all there"
        more = f" ({len(slow)} in all)" if len(slow) > 1 else ""
        return Limited(f"{table}: {slow[0].message}{more}", slow[0].remedy)


def _compare(url: str, table: str, like: str, release: Release | None) -> Sequence[Finding] | None:
    from sorcery_migrations import check_table  # needs SQLAlchemy, which a type in a database needs too

    return check_table(url, table, like, release=release)


def _judged(table: str, like: str, found: Sequence[Finding] | None, good: str, concerns: Callable[[str], bool]) -> str:
    """Return that a table is good; raises `Broken` where findings say something else."""
    if found is None:
        return f"no schema of {like} is known"
    wrong = [each for each in found if concerns(each.rule)]
    if not wrong:
        return good
    reason = wrong[0].message
    if len(wrong) > 1:
        reason += f"; {len(wrong)} in all: {', '.join(each.option for each in wrong)}"
    raise Broken(f"{table}: {reason}", wrong[0].remedy, goes_on=True)
