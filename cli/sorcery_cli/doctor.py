"""`sorcery doctor`: the first broken link between a configuration and its objects, and its mending."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorcery_cli.context import Json, session_of

__all__ = ["doctor"]


def doctor(
    context: typer.Context,
    type_names: Annotated[
        list[str] | None, typer.Argument(metavar="TYPE…", help="The object types to look at; all without any.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show each link of the chains that hold too.")] = False,
    socket: Annotated[
        Path | None,
        typer.Option("--socket", metavar="PATH", help="The control socket of our process, if not the usual one."),
    ] = None,
    ami: Annotated[
        str | None,
        typer.Option(
            "--ami", metavar="ami://USER@HOST[:PORT]", envvar="SORCERY_AMI", help="A running Asterisk to look at too."
        ),
    ] = None,
    ami_secret: Annotated[
        str | None,
        typer.Option(
            "--ami-secret-from", metavar="env:NAME|file:PATH", help="Its password, if manager.conf does not have it."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Find the first broken link between files, databases and objects, and say how to mend it; write nothing.

    Looks at files, mappings, families, drivers, addresses, servers, logins, tables, privileges, columns and rows, and
    at the processes that run on them. Each link has a time limit. Second stores of [shadow] are looked at too.

    Exits with 0 if every chain holds, with a limit or without, with 3 if somebody who had to answer did not, else 1.
    """
    from sorcery_cli.diagnosing import Wanted, run

    run(
        Wanted(
            session=session_of(context, json),
            names=type_names or (),
            socket=socket,
            ami=ami,
            ami_secret=ami_secret,
            full=full,
        )
    )
