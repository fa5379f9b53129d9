"""`sorcery db`: the tables that the objects lie in."""

from __future__ import annotations

from typing import Annotated

import typer

from sorcery_cli.context import Json, Session, is_address, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.findings import Format, conclude
from sorcery_cli.output import print_json, print_text

__all__ = ["db"]

# `sorcery_migrations` is imported where it is used: SQLAlchemy takes longer to import than most commands run.

db = typer.Typer(help="Create, adopt and check the tables of a database.", no_args_is_help=True)

Url = Annotated[str | None, typer.Argument(metavar="[URL]", help="The database; the one of --db without it.")]
Role = Annotated[str, typer.Option("--role", help="Which set of tables.")]
Revision = Annotated[str, typer.Option("--revision", help="Where to go.")]


@db.command()
def upgrade(
    context: typer.Context, url: Url = None, role: Role = "config", revision: Revision = "head", json: Json = False
) -> None:
    """Create the tables, or bring them to the newest revision; tables that exist are adopted, rows stay."""
    import sorcery_migrations

    session = session_of(context, json)
    applied = sorcery_migrations.upgrade(_address(session, url), role, revision)
    if session.json:
        print_json({"role": role, "applied": applied})
    else:
        print_text("\n".join(f"applied {step}" for step in applied) or f"the {role} tables are up to date")


@db.command()
def adopt(context: typer.Context, url: Url = None, role: Role = "config", json: Json = False) -> None:
    """Add every table and column that is missing, whatever revision the database claims to be at."""
    import sorcery_migrations

    session = session_of(context, json)
    statements = sorcery_migrations.adopt(_address(session, url), role)
    if session.json:
        print_json({"role": role, "statements": statements})
    else:
        print_text("\n".join(f"{statement};" for statement in statements) or "nothing is missing")


@db.command()
def check(
    context: typer.Context,
    url: Url = None,
    role: Role = "config",
    form: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.TEXT,
    json: Json = False,
) -> None:
    """Report what stands between the tables and those that Asterisk expects; change nothing."""
    import sorcery_migrations

    session = session_of(context, json)
    findings = sorcery_migrations.check(_address(session, url), role)
    conclude(findings, Format.JSON if session.json else form)


@db.command()
def sql(
    context: typer.Context, url: Url = None, role: Role = "config", revision: Revision = "head", json: Json = False
) -> None:
    """Print the script that creates the tables in an empty database of that kind; connect to nothing."""
    import sorcery_migrations

    session = session_of(context, json)
    script = sorcery_migrations.sql(_address(session, url), role, revision)
    if session.json:
        print_json({"role": role, "sql": script})
    else:
        print_text(script)


def _address(session: Session, url: str | None) -> str:
    """Return the database to work on; raises `Misuse` where none is named."""
    found = url or session.target
    if not is_address(found) or found == "memory:":
        raise Misuse("no database is named; write its address, e.g. sqlite:///pbx.db, behind the command or with --db")
    return found
