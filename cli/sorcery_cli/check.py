"""`sorcery check`: all that is wrong with a configuration, before it is live."""

from __future__ import annotations

from typing import Annotated

import typer

from sorcery_cli.context import Json, Target, session_of
from sorcery_cli.findings import Format, conclude

__all__ = ["check"]


def check(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How to print the findings.")] = Format.TEXT,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what needs no judgement, and show the edits.")] = False,
    target: Target = None,
    qualify_rate: Annotated[
        float | None,
        typer.Option("--qualify-rate", metavar="N", min=0, help="OPTIONS requests a second that are no finding."),
    ] = None,
    json: Json = False,
) -> None:
    """Report every fault of files, tables and objects, with its place and what to write instead.

    Reads every store whole. A comment `; sorcery: ignore RULE` on a line or a section header keeps a finding from
    being told. Notes leave the exit code as it is.
    """
    from sorcery_cli import checking  # with all the rules: other commands start without them

    session = session_of(context, json, target)
    checked = checking.run(session, fix=fix, qualify_rate=qualify_rate)
    conclude(checked.findings, Format.JSON if session.json else form, checked.lines)
