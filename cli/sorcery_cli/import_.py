"""`sorcery import`: a configuration of chan_sip as PJSIP objects, and what became of each line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from sorcery import AlreadyExists, InvalidObject, Object, Sorcery, UnknownType
from sorcery_cli.changes import advised, change_data, print_change
from sorcery_cli.context import Json, Session, Writable, named, require_kept, session_of
from sorcery_cli.exits import Exit, Misuse, NotKept
from sorcery_cli.output import note, print_json, print_text, unlogged

if TYPE_CHECKING:
    from sorcery.chan_sip import Conversion, Note
    from sorcery.plan import PlannedChange
    from sorcery_cli.sippeers import Table

__all__ = ["import_"]


@attrs.frozen(kw_only=True)
class _Target:
    """Where the objects go, and how."""

    place: str = attrs.field(kw_only=False)
    update: bool
    dry_run: bool
    writable: bool


def import_(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="SIP.CONF", help="The file of chan_sip.")] = None,
    sippeers: Annotated[
        str | None, typer.Option("--sippeers", metavar="URL", callback=named, help="A database with a table of peers.")
    ] = None,
    table: Annotated[str, typer.Option("--table", help="The table of peers.")] = "sippeers",
    users: Annotated[
        str | None, typer.Option("--users-table", metavar="TABLE", help="A table of users beside it, such as sipusers.")
    ] = None,
    extconfig: Annotated[
        Path | None,
        typer.Option("--extconfig", metavar="DIR", help="A directory whose extconfig.conf names the tables."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="TARGET", callback=named, help="Create the objects there.")
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="Only objects of this type; may repeat.")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Replace objects that TARGET has already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what --to would do, and change nothing.")] = False,
    writable: Writable = False,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write a note on every line.")] = None,
    exec_includes: Annotated[bool, typer.Option("--exec-includes", help="Run the commands of #exec lines.")] = False,
    json: Json = False,
) -> None:
    """Turn sip.conf, or rows of sippeers and sipusers, into PJSIP objects, and tell what became of each line.

    Without --to the pjsip.conf is printed, passwords in clear, and what changed meaning or was lost is told on
    standard error. With --to all objects are created, or none. Exits 1 where a line changed its meaning or was lost.
    """
    session = session_of(context, json)
    if (update or dry_run) and to is None:
        raise Misuse("--update and --dry-run are about objects that --to names a place for; name it")
    peers, callers = _tables(sippeers, table, users, extconfig)
    if file is None and extconfig is not None:
        file = _beside(extconfig)
    made = _convert(session, file, peers, callers, exec_includes=exec_includes)
    if types:
        made = made.only(_known(types))
    if report is not None:
        _write_report(report, made, as_json=session.json)
    if to is None:
        _print(session, made, report)
    else:
        _store(session, made, _Target(to, update=update, dry_run=dry_run, writable=writable), report)
    raise typer.Exit(Exit.GOOD if made.is_faithful else Exit.FINDINGS)


def _known(types: Sequence[str]) -> Sequence[str]:
    """Return the names of types; raises `UnknownType` for one that no conversion makes."""
    from sorcery.chan_sip import TYPE_NAMES

    for name in types:
        if name not in TYPE_NAMES:
            raise UnknownType(name, TYPE_NAMES)
    return types


def _tables(
    url: str | None, table: str, users: str | None, extconfig: Path | None
) -> tuple[Table | None, Table | None]:
    """Return where the rows of peers lie, and those of users."""
    from sorcery_cli.sippeers import Table, families_of

    if extconfig is not None:
        if url is not None or users is not None:
            raise Misuse("--extconfig names databases and tables, and so do --sippeers and --users-table; use one way")
        return families_of(extconfig)
    if url is None:
        if users is not None:
            raise Misuse("--users-table names a table beside that of peers; name the database with --sippeers")
        return None, None
    return Table(url, table), Table(url, users) if users is not None and users != table else None


def _convert(
    session: Session, file: Path | None, peers: Table | None, users: Table | None, *, exec_includes: bool
) -> Conversion:
    """Read what is to be converted, and convert it."""
    from sorcery.chan_sip import convert, convert_rows
    from sorcery.conf import read_conf
    from sorcery_cli.sippeers import PEERS, USERS, read_rows

    rows = peers or users
    if file is None and rows is None:
        raise Misuse("there is nothing to import; name a sip.conf, or a database with --sippeers")
    conf = read_conf(file, directory=session.includes, exec_includes=exec_includes) if file is not None else None
    if rows is not None:
        return convert_rows(
            read_rows(peers) if peers else (),
            table=peers.name if peers else PEERS,
            users=read_rows(users) if users else (),
            users_table=users.name if users else USERS,
            splits=rows.splits,
            conf=conf,
            release=session.release,
        )
    assert conf is not None
    return convert(conf, release=session.release)


def _beside(directory: Path) -> Path | None:
    path = directory / "sip.conf"
    return path if path.is_file() else None


def _print(session: Session, made: Conversion, report: Path | None) -> None:
    """Print the file; without a report of its own what needs a look goes to standard error."""
    from sorcery.chan_sip import pjsip_conf

    text = pjsip_conf(made)
    if session.json and report is None:
        print_json({"conf": text, **_data(made)})
        return
    if sys.stdout.isatty():
        print_text(text.removesuffix("\n"))
    else:
        typer.echo(text.encode("utf-8", "surrogateescape"), nl=False)  # a file keeps the bytes of its source
    _tell(made, report)


def _tell(made: Conversion, report: Path | None) -> None:
    if report is None:
        for line in _worth_a_look(made):
            note(line)
    note(_summary(made) + (f"; {report} tells of each line" if report else "; --report FILE tells of each line"))


def _worth_a_look(made: Conversion) -> list[str]:
    """Return what is not simply mapped; what is the same of many lines, as those of a template, stands once."""
    from sorcery.chan_sip import Verdict

    alike: dict[tuple[str, Verdict, str], list[Note]] = {}
    for each in made.notes:
        if each.verdict is not Verdict.MAPPED:
            alike.setdefault((each.option, each.verdict, each.why), []).append(each)
    return [f"{first}{f' (and {len(more)} more like it)' if more else ''}" for first, *more in alike.values()]


def _summary(made: Conversion) -> str:
    counts = made.counts()
    return (
        f"{len(made.parts)} objects; lines: {counts['mapped']} mapped, {counts['changed']} changed, "
        f"{counts['lost']} lost; {counts['default']} defaults that differ"
    )


def _data(made: Conversion) -> dict[str, Any]:
    return {"counts": made.counts(), "notes": [each.data() for each in made.notes]}


def _write_report(path: Path, made: Conversion, *, as_json: bool) -> None:
    """Write all notes, no password among them."""
    text = json.dumps(_data(made), indent=2) if as_json else "\n".join([*map(str, made.notes), _summary(made)])
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")


def _store(session: Session, made: Conversion, target: _Target, report: Path | None) -> None:
    """Create all objects in one transaction, or none: ids that are taken are told, all of them."""
    objects = _objects(made)
    with session.open(target.place, writable=target.writable) as s, unlogged():
        for name in dict.fromkeys(each.__sorcery__.name for each in objects):
            _require_kept(s, name)
        changes = _changes(s, objects)
        taken = [change for change in changes if change.old is not None]
        if taken and not target.update:
            raise _conflict(taken)
        if not target.dry_run:
            _apply(s, changes)
    if session.json:
        print_json({"changes": [change_data(each) for each in changes], **({} if report else _data(made))})
        return
    for change in changes:
        print_change(change)
    _tell(made, report)


def _require_kept(s: Sorcery, name: str) -> None:
    try:
        require_kept(s, name)
    except NotKept as error:
        error.add_note("or name the types that are to be created there: --type endpoint --type auth …")
        raise


def _conflict(taken: Sequence[PlannedChange]) -> AlreadyExists:
    """Return the error for ids that are taken: it names one, its notes all others."""
    error = AlreadyExists(taken[0].type_name, taken[0].obj.id)
    for change in taken[1:]:
        error.add_note(f"{change.type_name} {change.obj.id!r} exists already")
    error.add_note("nothing was stored; --update replaces them")
    return error


def _objects(made: Conversion) -> list[Object]:
    """Return the objects; tells of all that are none here before it raises `InvalidObject` for the last."""
    objects, refused = [], None
    for part in made.parts:
        try:
            objects.append(part.build())
        except InvalidObject as error:
            note(str(error))
            refused = error
    if refused is not None:
        raise refused
    return objects


def _changes(s: Sorcery, objects: Sequence[Object]) -> list[PlannedChange]:
    """Return what has to be created, and what replaced; objects that are there as they should be are left out."""
    from sorcery.plan import PlannedChange
    from sorcery.wizard import Op

    changes = []
    for obj in objects:
        old: Object | None = s.retrieve_by_id(obj.__sorcery__.name, obj.id)
        if old is None:
            changes.append(PlannedChange(Op.CREATE, obj))
        elif old != obj:
            changes.append(PlannedChange(Op.UPDATE, obj, old))
    return changes


def _apply(s: Sorcery, changes: Sequence[PlannedChange]) -> None:
    from sorcery.writing.transaction import Step

    with advised(), s.transaction() as transaction:
        for change in changes:
            transaction.add(Step(change.op, change.obj, change.old))
