"""`sorcery check`: all that is wrong with a configuration, before it is live."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sorcery import ConfigurationError, Finding, Severity, Sorcery, Unavailable
from sorcery.conf import ConfSyntaxError, findings
from sorcery.environment import read_environment
from sorcery_cli.context import Json, is_address, session_of
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
    found: list[Finding] = []
    try:
        with unlogged(), session.open() as s:
            for finding in _everything(s):
                found.append(finding)
    except ConfigurationError as error:
        found.extend(_refusal(error))
        found.extend(_surroundings(session.target))
    conclude(found, Format.JSON if session.json else form)


def _everything(s: Sorcery) -> Iterator[Finding]:
    yield from s.report.findings
    yield from s.faults()
    yield from _schemas(s)
    try:
        yield from s.dangling(deep=True)
    except Unavailable as error:
        yield unavailable(error)


def _schemas(s: Sorcery) -> Iterator[Finding]:
    """Yield what the databases' tables lack, of those tables that types are mapped to."""
    for url, tables in _tables(s).items():
        from sorcery_migrations import check as check_schema  # needs SQLAlchemy, which a type in a database needs too

        with contextlib.suppress(Unavailable):  # its stores have said so
            yield from (finding for finding in check_schema(url) if finding.place and finding.place.source in tables)


def _tables(s: Sorcery) -> dict[str, set[str]]:
    """Return the tables that realtime types lie in, by database address."""
    found: dict[str, set[str]] = {}
    for name in s.types:
        for mapping in s.mappings(name):
            if mapping.wizard != "realtime":
                continue
            for family in s.environment.families.get(mapping.arguments.partition(",")[0].lower(), ()):
                url = s.environment.databases.get(family.database)
                if url is not None:
                    found.setdefault(url, set()).add(family.table)
    return found


def _surroundings(target: str) -> tuple[Finding, ...]:
    """Return what was passed over in the files around the objects: it may be what is missed."""
    with contextlib.suppress(ConfigurationError):
        if not is_address(target):
            return read_environment(Path(target)).findings
    return ()


def _refusal(error: ConfigurationError) -> list[Finding]:
    """Return why the configuration as a whole cannot be used."""
    if isinstance(error, ConfSyntaxError) and error.messages:
        return findings(error)
    return [
        Finding(
            severity=Severity.ERROR,
            rule="configuration",
            message=error.reason,
            remedy=error.remedy,
            place=error.place,
        )
    ]
