"""`sorcery db notify`: whether a database tells of every change of its tables, whoever makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sorcery import ConfigurationError
from sorcery_cli.context import Json, session_of
from sorcery_cli.database import Db, Url, address_of
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import note, print_json, print_text

if TYPE_CHECKING:
    from sorcery_migrations.notices import Choice, Status, Switched

__all__ = ["notify"]

UNTOLD: Final = frozenset({"missing", "a view", "no column id"})
"""The states of tables that cannot tell of their changes."""

notify = typer.Typer(help="Let a database tell of its changes, whoever makes them.", no_args_is_help=True)


@notify.command()
def on(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="TYPE", help="Of this type; several.")] = None,
    besides: Annotated[
        list[str] | None, typer.Option("--except", metavar="TYPE", help="Of all types but this; several.")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="NAME", help="Only of this table, or with --only; several.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Of all types, whatever was chosen before.")] = False,
    json: Json = False,
) -> None:
    """Install triggers and an outbox, or complete them; without a choice the one made before stays in force.

    Exits with 1 if none of the chosen tables can be told of, and with 2 if the database has no tables of Asterisk's:
    `sorcery db upgrade` makes them. Nothing is changed then.
    """
    from sorcery_migrations import notices

    session = session_of(context, json)
    choice = _choice(only or (), table or (), besides or (), every=every)
    target = address_of(session, url, db)
    _require_tables(target, choice)
    switched = notices.install(target, choice)
    if session.json:
        print_json(_data(switched))
    else:
        for name, reason in switched.skipped.items():
            note(f"not told of: {name} ({reason})")
        print_text(f"told of: {', '.join(switched.tables) or 'nothing'}")
    raise typer.Exit(Exit.GOOD if switched.tables else Exit.FINDINGS)


@notify.command()
def off(context: typer.Context, url: Url = None, db: Db = None, json: Json = False) -> None:
    """Remove the triggers and the outbox; nothing is left of them."""
    from sorcery_migrations import notices

    session = session_of(context, json)
    switched = notices.remove(address_of(session, url, db))
    if session.json:
        print_json(_data(switched))
    else:
        print_text("notices are off" if switched.statements else "notices were off already")


@notify.command()
def status(context: typer.Context, url: Url = None, db: Db = None, json: Json = False) -> None:
    """Say which tables are told of, and how much the outbox keeps; exit 1 where notices are off or out of date."""
    from sorcery_migrations import notices

    session = session_of(context, json)
    found = notices.status(address_of(session, url, db))
    if session.json:
        tables = {table.name: table.state for table in found.tables}
        print_json({"on": found.is_on, "tables": tables, "entries": found.entries, "age": found.age})
    else:
        print_text(_text(found))
    if not found.is_current:
        raise typer.Exit(Exit.FINDINGS)


def _choice(only: Sequence[str], tables: Sequence[str], besides: Sequence[str], *, every: bool) -> Choice | None:
    from sorcery_migrations.notices import Choice

    if bool(only or tables) + bool(besides) + every > 1:
        raise Misuse("--only or --table, --except, and --all are three choices; write one")
    if only or tables:
        return Choice.only([*map(_table, only), *tables])
    if besides:
        return Choice.but(map(_table, besides))
    return Choice() if every else None


def _require_tables(url: str, choice: Choice | None) -> None:
    """Refuse what would tell of nothing, before an outbox is made, or an earlier choice given up for it."""
    from sorcery_database import address, argument
    from sorcery_migrations import notices

    states = {table.name: table.state for table in notices.status(url, choice).tables}
    if {*states.values()} <= {"missing"}:
        raise Misuse(f"the database has no table to tell of; run: sorcery db upgrade {argument(address(url))}")
    named = () if choice is None or choice.is_except else choice.names
    if named and all(states.get(name, "missing") in UNTOLD for name in named):
        why = ", ".join(f"{name} ({states.get(name, 'missing')})" for name in named)
        raise ConfigurationError(f"there is nothing to tell of: {why}", remedy="name a table that is there, with an id")


def _table(name: str) -> str:
    """Return the table of a type; raises `UnknownType`, and `Misuse` for one that lies in none."""
    from sorcery import UnknownType, pjsip

    types = {cls.__sorcery__.name: cls.__sorcery__ for cls in pjsip.TYPES}
    if name not in types:
        raise UnknownType(name, types)
    family = types[name].family
    if family is None:
        raise Misuse(f"objects of the type {name} lie in no table")
    return family


def _data(switched: Switched) -> dict[str, object]:
    return {"tables": switched.tables, "skipped": dict(switched.skipped), "statements": switched.statements}


def _text(found: Status) -> str:
    if not found.is_on:
        return "notices are off; run: sorcery db notify on"
    width = max(len(table.name) for table in found.tables)
    lines = [f"{table.name:{width}}  {table.state}" for table in found.tables]
    age = "" if found.age is None else f", the oldest is {found.age:.0f} s old"
    again = () if found.is_current else ("some triggers are out of date; run: sorcery db notify on",)
    return "\n".join([*lines, f"{found.entries} entries{age}", *again])
