"""The command line put together, and how a run of it ends."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from sorcery import SorceryError
from sorcery_cli.apply import apply
from sorcery_cli.auth import auth
from sorcery_cli.change import create, delete, update
from sorcery_cli.check import check
from sorcery_cli.conf import conf
from sorcery_cli.contacts import contacts
from sorcery_cli.context import DEFAULT_DIRECTORY, Json, Session, Target, named, release_of
from sorcery_cli.database import database
from sorcery_cli.doctor import doctor
from sorcery_cli.epilogs import with_epilogs
from sorcery_cli.exits import Exit, Misuse, error_data, exit_for, message
from sorcery_cli.feed import feed
from sorcery_cli.graph import graph
from sorcery_cli.import_ import import_
from sorcery_cli.init import init
from sorcery_cli.kamailio import kamailio
from sorcery_cli.new import new
from sorcery_cli.notify import notify
from sorcery_cli.output import note, print_json
from sorcery_cli.rename import rename
from sorcery_cli.running import cache, prune, reload
from sorcery_cli.shadow import shadow
from sorcery_cli.show import show
from sorcery_cli.transfer import copy, plan
from sorcery_cli.watch import watch
from sorcery_cli.writes import writes

__all__ = ["app", "main"]

INTERRUPTED: Final = 130
"""The exit code of a run that SIGINT or SIGTERM ended."""

app = typer.Typer(
    name="sorcery",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # which, unlike the others, lets the lines of a paragraph run on
)
for command in (
    show,
    create,
    update,
    delete,
    rename,
    graph,
    check,
    doctor,
    plan,
    apply,
    copy,
    reload,
    prune,
    shadow,
    watch,
    init,
):
    app.command()(command)
app.command("import")(import_)
app.add_typer(new, name="new")
app.add_typer(auth, name="auth")
app.add_typer(conf, name="conf")
app.add_typer(database, name="db")
database.add_typer(notify, name="notify")
database.add_typer(kamailio, name="kamailio")
app.add_typer(cache, name="cache")
app.add_typer(contacts, name="contacts")
app.add_typer(writes, name="writes")
app.add_typer(feed, name="feed")
with_epilogs(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 good, 1 findings, 2 misuse, 3 a store unavailable."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    _open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error: not every terminal has every character
    try:
        with _tidying():
            code = app(args=arguments, prog_name="sorcery", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # typer leaves for a broken pipe, and for nothing else in this mode
        # Whoever read the output has seen enough; what is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.GOOD
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED  # which typer makes of most interrupts itself
    except (typer.TyperException, SorceryError, OSError) as error:
        return _fail(error, json="--json" in arguments)
    if code == INTERRUPTED:
        _tell_interrupt(json="--json" in arguments)
    return int(code or Exit.GOOD)


def _fail(error: Exception, *, json: bool) -> Exit:
    """Tell an error on standard error and, where a program reads, in the place of the result."""
    note(f"sorcery: {message(error)}")
    for line in getattr(error, "__notes__", ()):
        note(f"  {line}")
    if (context := getattr(error, "ctx", None)) is not None:
        note(f"`{context.command_path} --help` says what it takes")
    if json:
        with suppress(OSError):  # it may be the very one that was told just now: that nothing can be printed
            print_json(error_data(error))
    return exit_for(error)


def _tell_interrupt(*, json: bool) -> None:
    note("sorcery: interrupted")
    if json:
        print_json({"error": {"kind": "interrupted", "message": "interrupted", "exit": INTERRUPTED}})


@contextmanager
def _tidying() -> Iterator[None]:
    """Let SIGTERM end a run as SIGINT does: files that are written aside, with passwords in them, go with it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _open_streams() -> None:
    """Let what goes to a stream that was closed, as a daemon's are, go nowhere: no file shall get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - it stays open, and is no path


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("pysorcery"))
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    directory: Annotated[
        str | None,
        typer.Option(
            "-C", "--config-dir", metavar="DIR", callback=named, help="A directory with Asterisk's .conf files."
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--db", metavar="URL", callback=named, help="A database, e.g. sqlite:///pbx.db.")
    ] = None,
    compat: Annotated[
        bool, typer.Option("--compat", help="Decide and print as Asterisk does even where that is a defect.")
    ] = False,
    release: Target = None,
    json: Json = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Read, write and check the configuration of a SIP system, where Asterisk keeps it.

    Without -C and --db the environment's SORCERY_TARGET counts, then /etc/asterisk.

    Exit codes: 0 good, 1 findings or not found, 2 misuse, 3 a store unavailable.
    """
    if directory and url:
        raise Misuse("-C and --db name two places; use one of them")
    target = url or directory or os.environ.get("SORCERY_TARGET") or DEFAULT_DIRECTORY
    context.obj = Session(
        target=target,
        compat=compat,
        release=release_of(release),
        json=json,
        includes=Path(directory) if directory else None,
    )
