"""`sorcery db`: the tables that the objects lie in."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from sorcery import ConfigurationError
from sorcery_cli.context import Json, Session, is_address, named, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.findings import Format, conclude
from sorcery_cli.output import print_json, print_text

__all__ = ["Db", "Url", "address_of", "database"]

# `sorcery_migrations` is imported where it is used: SQLAlchemy takes longer to import than most commands run.

database = typer.Typer(help="Create, adopt and check the tables of a database.", no_args_is_help=True)


class Role(enum.StrEnum):
    """The sets of tables that there are, each with revisions of its own."""

    CONFIG = "config"


Url = Annotated[str | None, typer.Argument(metavar="URL", callback=named, help="The database, e.g. sqlite:///pbx.db.")]
Db = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", callback=named, help="The same, as it may stand before the command."),
]
RoleOption = Annotated[Role, typer.Option("--role", help="Which set of tables.")]


@database.command()
def upgrade(
    context: typer.Context, url: Url = None, db: Db = None, role: RoleOption = Role.CONFIG, json: Json = False
) -> None:
    """Create the tables, or bring them to the newest revision; tables that exist are completed, rows stay."""
    import sorcery_migrations

    session = session_of(context, json)
    applied = sorcery_migrations.upgrade(address_of(session, url, db), role)
    if session.json:
        print_json({"role": role, "applied": applied})
    else:
        print_text("\n".join(f"applied {step}" for step in applied) or f"the {role} tables are up to date")


@database.command()
def adopt(
    context: typer.Context, url: Url = None, db: Db = None, role: RoleOption = Role.CONFIG, json: Json = False
) -> None:
    """Add every table and column that is missing, even if the database is at the newest revision."""
    import sorcery_migrations

    session = session_of(context, json)
    statements = sorcery_migrations.adopt(address_of(session, url, db), role)
    if session.json:
        print_json({"role": role, "statements": statements})
    else:
        print_text("\n".join(f"{statement};" for statement in statements) or "nothing is missing")


@database.command()
def check(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    role: RoleOption = Role.CONFIG,
    form: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.TEXT,
    json: Json = False,
) -> None:
    """Report how the tables differ from those that Asterisk expects; change nothing."""
    import sorcery_migrations

    session = session_of(context, json)
    findings = sorcery_migrations.check(address_of(session, url, db), role)
    conclude(findings, Format.JSON if session.json else form)


@database.command()
def sql(
    context: typer.Context, url: Url = None, db: Db = None, role: RoleOption = Role.CONFIG, json: Json = False
) -> None:
    """Print the script that creates the tables in an empty database of that kind; connect to nothing."""
    import sorcery_migrations

    session = session_of(context, json)
    script = sorcery_migrations.sql(address_of(session, url, db), role)
    if session.json:
        print_json({"role": role, "sql": script})
    else:
        print_text(script)


def address_of(session: Session, url: str | None, db: str | None) -> str:
    """Return the address of the database to work on; raises `Misuse` where none is named, or two, or nonsense."""
    from sorcery_database import address

    if url and db:
        raise Misuse("two databases are named; write one address, behind the command or with --db")
    target = url or db or session.target
    if (url or db) and not is_address(target):
        raise Misuse("what is named is no database address; write one, e.g. sqlite:///pbx.db")
    if not is_address(target) or target == "memory:":
        raise Misuse("no database is named; write its address, e.g. sqlite:///pbx.db, behind the command or with --db")
    try:
        address(target)
    except ConfigurationError as error:
        raise Misuse(str(error)) from error
    return target
