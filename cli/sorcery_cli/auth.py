"""`sorcery auth`: what is done with credentials as such."""

from __future__ import annotations

from typing import Annotated

import typer

from sorcery_cli.context import Json, Writable, session_of
from sorcery_cli.exits import Misuse

__all__ = ["auth"]

auth = typer.Typer(help="Keep passwords out of files and tables.", no_args_is_help=True)


@auth.callback()
def _group() -> None:
    """Keep passwords out of files and tables."""


@auth.command("seal")
def seal(
    context: typer.Context,
    realm: Annotated[
        str, typer.Option("--realm", metavar="R", help="The realm of digests for objects that name none themselves.")
    ],
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="The auth objects.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All auth objects.")] = False,
    algorithm: Annotated[
        str, typer.Option("--algorithm", metavar="A,B", help="Which digests are made, and offered in this order.")
    ] = "md5,sha-256",
    outbound: Annotated[
        bool, typer.Option("--outbound", help="Also those that answer others: the realm has to be theirs.")
    ] = False,
    writable: Writable = False,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, metavar="N", help="Objects per transaction: 500, in files 5000.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and change nothing.")] = False,
    json: Json = False,
) -> None:
    """Put digests in the place of passwords: phones log in as before, and nobody can read what they log in with.

    A digest belongs to one realm and one user name: whoever changes either needs the password again. What was
    sealed before stays, so a run that was interrupted is just started again.
    """
    from sorcery_cli import sealing  # with what computes digests: other commands start without it

    if bool(ids) is every:
        raise Misuse("name the auth objects to seal, or all of them by --all")
    session = session_of(context, json)
    wanted = sealing.Wanted.parse(realm, algorithm, outbound=outbound)
    outcome = sealing.run(session, ids or (), wanted, writable=writable, batch=batch, dry_run=dry_run)
    outcome.print(json=session.json)
    raise typer.Exit(outcome.exit)
