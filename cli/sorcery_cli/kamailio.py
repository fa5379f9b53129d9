"""`sorcery db kamailio`: what a Kamailio in front needs beside Asterisk's tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sorcery.plain import plain
from sorcery_cli.context import Json, session_of
from sorcery_cli.database import Db, Url, address_of
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import print_json, print_text

if TYPE_CHECKING:
    from sorcery_migrations.kamailio import Status

__all__ = ["kamailio"]

kamailio = typer.Typer(
    help="Let a Kamailio in front use Asterisk's tables, in PostgreSQL or MariaDB.", no_args_is_help=True
)

_DESTINATION: Final = re.compile(r"sips?:[^\s'\"<>;]+(;[^\s'\"<>]*)?", re.ASCII)
_LONGEST: Final = 192
"""Characters that the table dispatcher has room for."""

Realm = Annotated[
    str | None,
    typer.Option("--realm", metavar="NAME", help="What Kamailio challenges with; by itself what it was, or asterisk."),
]
Destinations = Annotated[
    list[str] | None,
    typer.Option("--destination", metavar="URI", help="Who takes calls, e.g. sip:192.0.2.10:5080; several."),
]
OneWay = Annotated[
    bool, typer.Option("--one-way", help="Do not let Kamailio find what registers at Asterisk or at our stack.")
]


@kamailio.command()
def on(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    realm: Realm = None,
    destination: Destinations = None,
    one_way: OneWay = False,
    json: Json = False,
) -> None:
    """Make what auth_db, usrloc and dispatcher need, or complete it; all or nothing, except on MariaDB."""
    from sorcery_migrations import kamailio

    session = session_of(context, json)
    address = address_of(session, url, db)
    statements = kamailio.create(address, _destinations(destination), realm=_realm(realm), both_ways=not one_way)
    if session.json:
        print_json({"statements": statements})
    else:
        print_text("Kamailio has what it needs" if statements else "Kamailio had what it needs already")


@kamailio.command()
def off(context: typer.Context, url: Url = None, db: Db = None, json: Json = False) -> None:
    """Remove it again; tables that were there before stay, and nothing goes while phones are registered."""
    from sorcery_migrations import kamailio

    session = session_of(context, json)
    statements = kamailio.remove(address_of(session, url, db))
    if session.json:
        print_json({"statements": statements})
    else:
        print_text("what Kamailio needed is gone" if statements else "there was nothing of Kamailio's")


@kamailio.command()
def status(context: typer.Context, url: Url = None, db: Db = None, json: Json = False) -> None:
    """Say what is there, and which phones Kamailio cannot let in; exit 1 where anything is missing or wrong."""
    from sorcery_migrations import kamailio

    session = session_of(context, json)
    found = kamailio.status(address_of(session, url, db))
    if session.json:
        print_json(found.data())
    else:
        print_text(_text(found))
    if found.findings or not found.is_on:
        raise typer.Exit(Exit.FINDINGS)


@kamailio.command()
def sql(
    context: typer.Context,
    url: Url = None,
    db: Db = None,
    realm: Realm = None,
    destination: Destinations = None,
    one_way: OneWay = False,
    json: Json = False,
) -> None:
    """Print what `on` would execute in that database; change nothing."""
    from sorcery_migrations import kamailio

    session = session_of(context, json)
    address = address_of(session, url, db)
    statements = kamailio.lacking(address, _destinations(destination), realm=_realm(realm), both_ways=not one_way)
    if session.json:
        print_json({"statements": statements})
    else:
        print_text(kamailio.script(address, statements) if statements else "-- nothing is missing")


def _destinations(given: Sequence[str] | None) -> Sequence[str]:
    for each in given or ():
        if not (_DESTINATION.fullmatch(each) and each.isprintable() and len(each) <= _LONGEST):
            raise Misuse(
                f"--destination {each}: write the SIP address of one that takes calls, e.g. sip:192.0.2.10:5080, "
                f"of {_LONGEST} characters at most"
            )
    return given or ()


def _realm(given: str | None) -> str | None:
    if given is not None and not (given.strip() and given.isprintable()):
        raise Misuse(
            "--realm is empty, or holds control characters; it is what Kamailio challenges with, e.g. asterisk"
        )
    return given


def _text(found: Status) -> str:
    width = max(len(part.name) for part in found.parts)
    lines = [f"{part.name:{width}}  {part.kind:7}  {part.state}" for part in found.parts]
    lines += [f"realm: {found.realm}"] if found.realm else []
    lines += [f"calls go to: {', '.join(found.destinations)}"] if found.destinations else []
    lines += [f"{finding.severity}: {finding.message}; {finding.remedy}" for finding in found.findings]
    lines = [plain(line) for line in lines]  # a line break in a username begins none of ours
    return "\n".join(lines if found.is_on else [*lines, "not all is there; run: sorcery db kamailio on"])
