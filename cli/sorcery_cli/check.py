"""`sorcery check`: all that is wrong with a configuration, before it is live."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from sorcery import ConfigurationError, Finding, Mapping, Sorcery, Unavailable
from sorcery.audit import refusal
from sorcery.conf import ConfSyntaxError, findings
from sorcery.environment import read_environment
from sorcery_cli.context import Json, Session, session_of
from sorcery_cli.findings import Format, conclude, unavailable
from sorcery_cli.output import unlogged

__all__ = ["check"]


def check(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.TEXT,
    json: Json = False,
) -> None:
    """Report every fault of files, tables and objects, with its place and what to write instead.

    Reads every store whole.
    """
    session = session_of(context, json)
    with unlogged():
        found = list(_findings(session))
    conclude(found, Format.JSON if session.json else form)


def _findings(session: Session) -> Iterator[Finding]:
    try:
        opened = session.open()
    except ConfigurationError as error:  # of a directory: an address that cannot be used is misuse
        yield from _refusal(error)
        yield from _surroundings(Path(session.target))
        return
    with opened as s:
        yield from _everything(s)


def _everything(s: Sorcery) -> Iterator[Finding]:
    yield from s.report.findings
    audit = s.audit()
    yield from audit.faults()
    yield from _schemas(s, audit.silent)
    try:
        yield from audit.dangling()
    except Unavailable as error:  # places of objects are asked for one by one
        yield unavailable(error)


def _schemas(s: Sorcery, silent: Container[Mapping]) -> Iterator[Finding]:
    """Yield what the tables lack that types are mapped to; of `silent` stores it has been said why they are."""
    for url, tables in _tables(s, silent).items():
        from sorcery_migrations import check as check_schema  # needs SQLAlchemy, which a type in a database needs too

        try:
            yield from (finding for finding in check_schema(url) if finding.place and finding.place.source in tables)
        except Unavailable as error:  # a database that stands in for another one: nobody has asked it yet
            yield unavailable(error)
        except ConfigurationError as error:
            yield refusal(error, "its tables were not checked")


def _tables(s: Sorcery, silent: Container[Mapping]) -> dict[str, set[str]]:
    """Return the tables that realtime types lie in, by database address."""
    found: dict[str, set[str]] = {}
    for name in s.types:
        for mapping in s.mappings(name):
            if mapping.wizard != "realtime" or mapping in silent:
                continue
            for family in s.environment.families.get(mapping.arguments.partition(",")[0].lower(), ()):
                found.setdefault(s.environment.databases[family.database], set()).add(family.table)
    return found


def _refusal(error: ConfigurationError) -> list[Finding]:
    """Return why a directory cannot be opened."""
    if isinstance(error, ConfSyntaxError) and error.messages:
        return findings(error)
    return [refusal(error, "no object was checked")]


def _surroundings(directory: Path) -> Iterable[Finding]:
    """Return what was passed over in the files around the objects: it may be what is missed."""
    try:
        return read_environment(directory).findings
    except ConfigurationError as error:
        return _refusal(error)
