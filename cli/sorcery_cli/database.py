"""`sorcery db`: the tables that the objects lie in."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any

import typer

from sorcery import ConfigurationError
from sorcery_cli.context import DEFAULT_DIRECTORY, Json, Session, Target, is_address, named, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.findings import Format, conclude
from sorcery_cli.output import accounting, print_json, print_text, without_passwords

__all__ = ["Db", "Url", "address_of", "database"]

# `sorcery_migrations` is imported where it is used: SQLAlchemy takes longer to import than most commands run.

database = typer.Typer(help="Create, adopt and check the tables of a database.", no_args_is_help=True)


class Role(enum.StrEnum):
    """The sets of tables that there are, each with revisions of its own."""

    CONFIG = "config"
    VOICEMAIL = "voicemail"
    CDR = "cdr"
    QUEUE_LOG = "queue_log"
    ALL = "all"


Url = Annotated[str | None, typer.Argument(metavar="URL", callback=named, help="The database, e.g. sqlite:///pbx.db.")]
Db = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", callback=named, help="The same, as it may stand before the command."),
]
RoleOption = Annotated[Role, typer.Option("--role", help="Which set of tables; all of them with all.")]


@database.command()
def upgrade(
    context: typer.Context, url: Url = None, db: Db = None, role: RoleOption = Role.CONFIG, json: Json = False
) -> None:
    """Create the tables, or bring them to the newest revision; tables that exist are completed, rows stay."""
    import sorcery_migrations

    session = session_of(context, json)
    target = address_of(session, url, db)
    with accounting(lambda: _left(target)):
        applied = {each: sorcery_migrations.upgrade(target, each) for each in _roles(role)}
    texts = (
        _steps("applied", steps) or f"the {each} tables are at the newest revision" for each, steps in applied.items()
    )
    _told(session, role, {"applied": applied}, "\n".join(texts))


@database.command()
def downgrade(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    role: RoleOption = Role.CONFIG,
    revision: Annotated[str, typer.Option("--revision", help="How far; base is before the first one.")] = "base",
    with_rows: Annotated[bool, typer.Option("--with-rows", help="Drop tables that hold rows, too.")] = False,
    json: Json = False,
) -> None:
    """Undo what upgrade made; a table that holds rows keeps it from doing anything."""
    import sorcery_migrations

    session = session_of(context, json)
    target = address_of(session, url, db)
    if role is Role.ALL and revision != "base":
        raise Misuse("--revision: each role has revisions of its own; name one with --role")
    undone = {each: sorcery_migrations.downgrade(target, each, revision, with_rows=with_rows) for each in _roles(role)}
    texts = (
        _steps("undone", steps) or f"of the {each} tables nothing is to be undone" for each, steps in undone.items()
    )
    _told(session, role, {"undone": undone}, "\n".join(texts))


@database.command()
def adopt(
    context: typer.Context, url: Url = None, db: Db = None, role: RoleOption = Role.CONFIG, json: Json = False
) -> None:
    """Make every table what Asterisk expects, keeping its rows, even if the database is at the newest revision."""
    import sorcery_migrations

    session = session_of(context, json)
    target = address_of(session, url, db)
    with accounting(lambda: _left(target)):
        done = {each: sorcery_migrations.adopt(target, each) for each in _roles(role)}
    statements = [f"{statement};" for each in done.values() for statement in each]
    _told(session, role, {"statements": done}, "\n".join(statements) or "nothing is missing")


@database.command()
def check(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    role: RoleOption = Role.CONFIG,
    target: Target = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.TEXT,
    json: Json = False,
) -> None:
    """Report how the tables differ from those that Asterisk, or one release of it, expects; change nothing."""
    import sorcery_migrations

    session = session_of(context, json, target)
    address = address_of(session, url, db)
    findings = [found for each in _roles(role) for found in sorcery_migrations.check(address, each, session.release)]
    conclude(findings, Format.JSON if session.json else form)


@database.command()
def sql(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    role: RoleOption = Role.CONFIG,
    existing: Annotated[
        bool, typer.Option("--from-existing", help="What adopt would run on this very database; connects to it.")
    ] = False,
    json: Json = False,
) -> None:
    """Print the script that creates the tables in an empty database of that kind; without --from-existing offline."""
    import sorcery_migrations

    session = session_of(context, json)
    target = address_of(session, url, db)
    write = sorcery_migrations.pending if existing else sorcery_migrations.sql
    scripts = {each: write(target, each) for each in _roles(role)}
    _told(session, role, {"sql": scripts}, "\n".join(text for text in scripts.values() if text))


def _left(url: str) -> str:
    """Return what is half done where a run is interrupted: nothing, but on MariaDB, which commits each statement."""
    is_mariadb = url.startswith(("mysql", "mariadb"))
    return "what was made until then stays, and the same command completes it" if is_mariadb else ""


def _roles(role: Role) -> list[str]:
    """Return the roles that one stands for."""
    return [each.value for each in Role if each is not Role.ALL] if role is Role.ALL else [role.value]


def _steps(verb: str, revisions: list[str]) -> str:
    return "\n".join(f"{verb} {revision}" for revision in revisions)


def _told(session: Session, role: Role, result: dict[str, dict[str, Any]], text: str) -> None:
    """Print a result, which is by role: an object for one of them, a list of such for all."""
    if not session.json:
        print_text(text)
        return
    objects = [{"role": each, **{name: found[each] for name, found in result.items()}} for each in _roles(role)]
    print_json(objects if role is Role.ALL else objects[0])


def address_of(session: Session, url: str | None, db: str | None) -> str:
    """Return the address of the database to work on; raises `Misuse` where none is named, or two, or nonsense.

    A directory that is named stands for the database that its families lie in.
    """
    from sorcery_database import address

    if url and db:
        raise Misuse("two databases are named; write one address, behind the command or with --db")
    target = url or db or session.target
    if (url or db) and not is_address(target):
        raise Misuse("what is named is no database address; write one, e.g. sqlite:///pbx.db")
    if not is_address(target) and (session.includes or target != DEFAULT_DIRECTORY):
        target = _of_directory(Path(target))
    if not is_address(target) or target == "memory:":
        raise Misuse(
            "no database is named; write its address, e.g. sqlite:///pbx.db, behind the command or with --db, "
            "or name with -C the directory whose databases.conf tells it"
        )
    try:
        address(target)
    except ConfigurationError as error:
        raise Misuse(str(error)) from error
    return target


def _of_directory(directory: Path) -> str:
    """Return the address of the database that families of a directory lie in; raises `Misuse` unless there is one."""
    from sorcery.environment import read_environment

    if not directory.is_dir():
        raise Misuse(f"{directory}: no such directory; name one with .conf files, or a database address")
    environment = read_environment(directory)
    names = sorted({line.database for lines in environment.families.values() for line in lines})
    found = {environment.databases[name]: name for name in reversed(names) if name in environment.databases}
    if not found:
        raise Misuse(
            f"no database of {directory} is known: no family of its extconfig.conf has an address in databases.conf; "
            "write both, or the address behind the command"
        )
    if len(found) > 1:
        told = ", ".join(f"{name} ({without_passwords(url)})" for url, name in reversed(found.items()))
        raise Misuse(f"{directory} has several databases: {told}; write the address of one behind the command")
    return next(iter(found))
