"""`sorcery feed`: what changes in a database, told to the neighbours that keep copies of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorcery_cli.context import Json, session_of

__all__ = ["feed"]

# Its work is imported where it is used: SQLAlchemy takes longer to import than most commands run.

feed = typer.Typer(help="Tell running Asterisks and Kamailios what changes in a database.", no_args_is_help=True)

State = Annotated[
    Path | None,
    typer.Option("--state", metavar="FILE", help="Where it is kept up to where each was told; feed.json by itself."),
]


@feed.command()
def run(
    context: typer.Context,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="Whom to tell: ami://USER:env:NAME@HOST:PORT, kamailio-rpc://HOST:PORT; several, if need be.",
        ),
    ],
    cache: Annotated[
        list[str] | None,
        typer.Option("--cache", metavar="TYPE=NAME", help="A cache that Asterisk's sorcery.conf does not tell of."),
    ] = None,
    htable: Annotated[
        list[str] | None,
        typer.Option("--kamailio-htable", metavar="TABLE=NAME", help="A htable with entries under a table's ids."),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option("--metrics", metavar="[HOST:]PORT|FILE", help="Where the lag is shown.")
    ] = None,
    state: State = None,
    clear: Annotated[
        bool, typer.Option("--clear-password", help="Take a password that stands in an address, where all can see it.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell neighbours of each change until SIGINT or SIGTERM: the right cache command, and wait for its answer.

    The database has to keep an outbox: `sorcery db notify on`. What was told is remembered, so nothing is lost
    over a restart; who is down is told when he is back, and holds up nobody else.
    """
    from sorcery_cli.feeds.running import Wanted, run

    run(
        Wanted(
            session=session_of(context, json),
            addresses=to,
            caches=cache or (),
            htables=htable or (),
            metrics=metrics,
            state=state,
            takes_clear=clear,
        )
    )


@feed.command()
def status(context: typer.Context, state: State = None, json: Json = False) -> None:
    """Show who was told up to where, and since when a change waits for him; exit 1 if one does."""
    from sorcery_cli.feeds.status import show_status

    show_status(session_of(context, json), state)
