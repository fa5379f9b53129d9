"""`sorcery init`: the files and tables of a new system."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from sorcery_cli.context import Json, session_of

__all__ = ["init"]

# Its work is in `sorcery_cli.initial`, imported where it is used.


class Companion(enum.StrEnum):
    """What else may run on the same files and tables."""

    ASTERISK = "asterisk"
    KAMAILIO = "kamailio"


def init(
    context: typer.Context,
    backend: Annotated[
        str,
        typer.Option(
            "--backend",
            metavar="URL",
            help="Where objects are kept: sqlite:///pbx.db, postgresql://…, mysql://…, env:VARIABLE, or files.",
        ),
    ],
    also_for: Annotated[
        list[Companion] | None, typer.Option("--also-for", help="Write what this program needs too; may repeat.")
    ] = None,
    bind: Annotated[
        str,
        typer.Option(
            "--bind", metavar="ADDRESS:PORT", help="Where a new pjsip.conf listens, by UDP; else 0.0.0.0:5060."
        ),
    ] = "",
    proxy: Annotated[
        str,
        typer.Option(
            "--proxy", metavar="ADDRESS:PORT", help="Where a Kamailio in front listens; else port 5060 beside it."
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and do nothing.")] = False,
    json: Json = False,
) -> None:
    """Write the files of a new system into the directory of -C, and make the tables of its database.

    What is there stays: a file gets the lines that it lacks; where it says otherwise, nothing is done at all.
    A second run does nothing.
    """
    from sorcery_cli.initial.running import run

    run(session_of(context, json), backend, set(map(str, also_for or ())), bind=bind, proxy=proxy, dry_run=dry_run)
