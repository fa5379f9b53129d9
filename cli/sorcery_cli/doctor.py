"""`sorcery doctor`: the first broken link between a configuration and its objects, and its mending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sorcery_cli.context import Json, Session, is_address, session_of
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import console, print_json, unlogged

if TYPE_CHECKING:
    from sorcery import Mapping
    from sorcery.doctor.chains import Chain, Diagnosis
    from sorcery.doctor.examination import Watch
    from sorcery.environment import Environment
    from sorcery.objecttype import ObjectType
    from sorcery.steps import Step

__all__ = ["diagnose", "doctor"]

COMPARING = 30.0
"""Seconds to compare a table with the one that Asterisk expects."""


def doctor(
    context: typer.Context,
    type_names: Annotated[
        list[str] | None, typer.Argument(metavar="[TYPE]…", help="The object types to look at; all without any.")
    ] = None,
    socket: Annotated[
        Path | None, typer.Option("--socket", metavar="PATH", help="The control socket of our process.")
    ] = None,
    ami: Annotated[
        str | None,
        typer.Option(
            "--ami",
            metavar="ami://USER@HOST[:PORT]",
            envvar="SORCERY_AMI",
            help="The manager interface of a running Asterisk.",
        ),
    ] = None,
    ami_secret: Annotated[
        str | None,
        typer.Option(
            "--ami-secret-from",
            metavar="env:NAME|file:PATH",
            help="Where its password is; else manager.conf of the directory has it.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Print every chain, not only those with something wrong.")
    ] = False,
    json: Json = False,
) -> None:
    """Find the first broken link between files, database and objects, and say how to mend it; write nothing.

    Looks at the directory, `sorcery.conf`, the mapping of each type, `extconfig.conf`, driver, address, server, login,
    table, privileges, columns and rows, and at the processes that run on it. Each link has a time limit.
    """
    session = session_of(context, json)
    names = _known(type_names or ())
    if not is_address(session.target) and ami is None and socket is None and not Path(session.target).parent.is_dir():
        raise Misuse(f"{session.target}: no such directory; name a directory with .conf files, or a database address")
    with unlogged(), _progress() as watch:
        found = diagnose(session.target, names=names, compat=session.compat, watch=watch)
        found = found.with_chains(_processes(session, socket, ami, ami_secret))
    if session.json:
        print_json(found.data())
    else:
        from sorcery_cli.chains import print_diagnosis

        print_diagnosis(found, full=full)
    if found.is_silent:
        raise typer.Exit(Exit.UNAVAILABLE)
    raise typer.Exit(Exit.GOOD if found.is_good else Exit.FINDINGS)


def diagnose(target: str, *, names: Sequence[str] = (), compat: bool = False, watch: Watch | None = None) -> Diagnosis:
    """Look at every link between a directory or a database address and its objects, tables included; write nothing.

    Blocks on files, networks and databases. Raises `Misuse` for what is no address.
    """
    from sorcery import ConfigurationError
    from sorcery.doctor.examination import examine

    try:
        return examine(target, names=names, compat=compat, beyond=_columns, watch=watch or (lambda title: None))
    except ConfigurationError as error:
        raise Misuse(str(error)) from error


def _known(names: Sequence[str]) -> tuple[str, ...]:
    from sorcery import UnknownType
    from sorcery.pjsip import TYPES

    known = {cls.__sorcery__.name for cls in TYPES}
    for name in names:
        if name not in known:
            raise UnknownType(name, known)
    return tuple(names)


def _processes(session: Session, socket: Path | None, ami: str | None, secret: str | None) -> Iterator[Chain]:
    """Yield the chains to what runs on the target: our own process, and an Asterisk whose door is named."""
    from sorcery.doctor.process import process_chain
    from sorcery.environment import control_socket
    from sorcery.errors import ConfigurationError

    is_directory = not is_address(session.target) and Path(session.target).is_dir()
    if socket is None and is_directory:
        try:
            socket = control_socket(Path(session.target))
        except ConfigurationError:  # of asterisk.conf: the chain of every type tells it
            socket = None
        if socket is not None and not socket.exists():
            socket = None
    if socket is not None:
        yield process_chain(socket)
    if ami is not None:
        from sorcery_cli.asterisk import asterisk_chain

        yield asterisk_chain(session, ami, secret)


def _columns(object_type: ObjectType, mapping: Mapping, environment: Environment) -> Iterator[Step]:
    """Yield the steps from a table to columns that take what the type writes."""
    from sorcery.steps import Step

    like = object_type.family
    if mapping.wizard != "realtime" or like is None:
        return
    for line in environment.families.get(mapping.arguments.partition(",")[0].lower(), ()):
        url = environment.databases.get(line.database)
        if url is not None:
            for name, look in (("columns", _complete), ("types", _roomy)):
                yield Step(name, partial(look, url, line.table, like), (url, line.table, like), COMPARING)


def _complete(url: str, table: str, like: str) -> str:
    """Say that a table has every column; raises `Broken`."""
    return _compared(url, table, like, "all there", lambda rule: rule == "missing-column")


def _roomy(url: str, table: str, like: str) -> str:
    """Say that the columns of a table take what Asterisk may write; raises `Broken`."""
    return _compared(url, table, like, "wide enough", lambda rule: rule != "missing-column")


def _compared(url: str, table: str, like: str, good: str, concerns: Callable[[str], bool]) -> str:
    from sorcery.steps import Broken
    from sorcery_migrations import check_table

    found = check_table(url, table, like)
    if found is None:
        return f"no schema of {like} is known"
    wrong = [each for each in found if concerns(each.rule)]
    if not wrong:
        return good
    reason = wrong[0].message
    if len(wrong) > 1:
        reason += f"; {len(wrong)} in all: {', '.join(each.option for each in wrong)}"
    raise Broken(f"{table}: {reason}", wrong[0].remedy, goes_on=True)


@contextmanager
def _progress() -> Iterator[Watch]:
    """Show what is being looked at, where somebody watches."""
    terminal = console(stderr=True)
    if not terminal.is_terminal:
        yield lambda title: None
        return
    with terminal.status("looking") as status:
        yield lambda title: status.update(f"looking at {title}")
