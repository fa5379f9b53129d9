"""`sorcery reload`, `prune` and `cache`: commands to the process that runs on a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sorcery import Report
from sorcery.environment import control_socket
from sorcery_cli.context import Id, Json, Session, TypeName, is_address, session_of
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import print_json, print_table, print_text

__all__ = ["Socket", "ask_running", "cache", "prune", "reload"]

cache = typer.Typer(help="Look into the caches of a running process, and command them.", no_args_is_help=True)

Socket = Annotated[
    Path | None, typer.Option("--socket", metavar="PATH", help="Its control socket, where it is not the usual one.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The cache, e.g. res_pjsip/endpoint.")]
OneId = Annotated[str | None, typer.Argument(metavar="ID", help="One object; everything without it.")]


def reload(context: typer.Context, socket: Socket = None, json: Json = False) -> None:
    """Let the running process read its configuration again, and print what came of it."""
    session = session_of(context, json)
    _conclude(Report.from_data(ask_running(session, socket, "reload")), json=session.json)


def prune(context: typer.Context, type_name: TypeName, id: Id, socket: Socket = None, json: Json = False) -> None:
    """Let the running process look at one object anew: what vanished from the database leaves its caches at once."""
    session = session_of(context, json)
    report = ask_running(session, socket, "prune", type=type_name, id=id)
    _conclude(Report.from_data(report), json=session.json)


@cache.command()
def show(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One cache; all without it.")] = None,
    socket: Socket = None,
    json: Json = False,
) -> None:
    """Show the caches, their options, and what they have counted."""
    session = session_of(context, json)
    found = ask_running(session, socket, "cache show", name=name)
    if session.json:
        print_json(found)
        return
    if not found:
        print_text("no caches")
    for each in found:
        rows = [(key, _text(value)) for part in ("options", "figures") for key, value in each[part].items()]
        print_table((each["name"], ""), rows)


@cache.command()
def dump(context: typer.Context, name: Name, socket: Socket = None, json: Json = False) -> None:
    """List what a cache holds, and for how many more seconds."""
    session = session_of(context, json)
    found = ask_running(session, socket, "cache dump", name=name)
    if session.json:
        print_json(found)
    else:
        rows = [(each["id"], _seconds(each["stale_in"]), _seconds(each["expires_in"])) for each in found]
        print_table(("id", "stale in", "expires in"), rows)


@cache.command()
def expire(context: typer.Context, name: Name, id: OneId = None, socket: Socket = None, json: Json = False) -> None:
    """Forget one object, or all: the next that asks for it asks the store."""
    session = session_of(context, json)
    _count(session, "expired", ask_running(session, socket, "cache expire", name=name, id=id))


@cache.command()
def stale(
    context: typer.Context,
    name: Name,
    id: OneId = None,
    reload: Annotated[bool, typer.Option("--reload", help="Read it anew now, not when it is asked for.")] = False,
    socket: Socket = None,
    json: Json = False,
) -> None:
    """Let one object, or all, be read anew while what is held is still served."""
    session = session_of(context, json)
    _count(session, "stale", ask_running(session, socket, "cache stale", name=name, id=id, reload=reload))


@cache.command()
def populate(context: typer.Context, name: Name, socket: Socket = None, json: Json = False) -> None:
    """Let a cache of everything read everything anew."""
    session = session_of(context, json)
    _count(session, "held", ask_running(session, socket, "cache populate", name=name))


@cache.command()
def figures(context: typer.Context, socket: Socket = None) -> None:
    """Print what the caches have counted as Prometheus reads it."""
    if text := ask_running(session_of(context, False), socket, "cache figures"):
        print_text(text.removesuffix("\n"))


def ask_running(session: Session, socket: Path | None, command: str, **arguments: Any) -> Any:
    """Ask the running process; raises `Misuse` where nothing tells its socket, and what `ask` raises."""
    if socket is None and is_address(session.target):
        raise Misuse("a database address names no running process; name its directory with -C, or its --socket")
    if socket is None and not Path(session.target).is_dir():
        raise Misuse(f"{session.target}: no such directory; name the one that the process runs on")
    from sorcery.running.control import ask

    return ask(socket or control_socket(Path(session.target)), command, **arguments)


def _conclude(report: Report, *, json: bool) -> None:
    """Print a report, and end the run: 1 where it holds errors."""
    if json:
        print_json(report.data())
    else:
        print_text(str(report))
    raise typer.Exit(Exit.FINDINGS if report.errors else Exit.GOOD)


def _count(session: Session, what: str, count: int) -> None:
    if session.json:
        print_json({what: count})
    else:
        print_text(f"{count} {what}")


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.0f} s"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
