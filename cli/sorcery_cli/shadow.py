"""`sorcery shadow`: what the second stores of `[shadow]` would have answered otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from sorcery_cli.context import Json, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.output import print_json, print_text
from sorcery_cli.running import Socket, ask_running

__all__ = ["shadow"]


def shadow(
    context: typer.Context,
    type_name: Annotated[str | None, typer.Argument(metavar="TYPE", help="One object type; all without it.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Compare all objects of both stores now, without a running process.")
    ] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Print all counts as Prometheus reads them.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Count anew from now on.")] = False,
    socket: Socket = None,
    json: Json = False,
) -> None:
    """Show what a running process counted where it asked second stores aside, as [shadow] in sorcery.conf says.

    Exits with 1 if there were differences.
    """
    from sorcery_cli import shadowing

    session = session_of(context, json)
    if compare + figures + reset > 1:
        raise Misuse("--compare, --figures and --reset do not go together")
    if type_name is not None and (figures or reset):
        raise Misuse(f"{'--figures' if figures else '--reset'} is about all types; leave {type_name} out")
    if figures and session.json:
        raise Misuse("--figures prints what Prometheus reads; leave it out for JSON")
    if compare:
        raise typer.Exit(shadowing.compare(session, type_name))
    if figures:
        print_text(ask_running(session, socket, "shadow figures").removesuffix("\n"))
    elif reset:
        ask_running(session, socket, "shadow reset")
        print_json({"reset": True}) if session.json else print_text("counting anew")
    else:
        found = ask_running(session, socket, "shadow show", type=type_name)
        raise typer.Exit(shadowing.show(found, json=session.json))
