"""`sorcery contacts`: what the owners of contacts leave behind."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from sorcery_cli.context import Json, require_kept, session_of
from sorcery_cli.exits import Misuse
from sorcery_cli.output import accounting, print_json, print_text

__all__ = ["contacts"]

contacts = typer.Typer(help="Look after the contacts of phones.", no_args_is_help=True)

GRACE = 300.0
LEFT = "what was deleted until then is gone, and the same command goes on with the rest"


@contacts.callback()
def _contacts() -> None:
    """Look after the contacts of phones."""


@contacts.command()
def reap(
    context: typer.Context,
    server: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whose contacts go at once; by default systemname of asterisk.conf."),
    ] = None,
    grace: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long those of other servers must have been expired.")
    ] = GRACE,
    absent_aors: Annotated[
        bool, typer.Option("--absent-aors", help="Delete also that server's contacts whose AOR does not exist.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be deleted, and delete nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Delete expired contacts: this server's, and those that no server has deleted for a while.

    One that its phone refreshes meanwhile stays. Static contacts are never touched.
    """
    from sorcery.reaping import Reaper

    session = session_of(context, json)
    if not grace >= 0:
        raise Misuse(f"--grace {grace:g}: it is no number of seconds, 0 or more")
    with session.open() as s, accounting(lambda: "" if dry_run else LEFT):
        for type_name in ("contact", "aor") if absent_aors else ("contact",):
            require_kept(s, type_name)
        reaper = Reaper(s, server=server, grace=grace)
        expired = reaper.expired(time.time(), dry=dry_run)
        orphaned = [id for id in reaper.orphaned(dry=dry_run) if id not in set(expired)] if absent_aors else []
    if session.json:
        print_json({"expired": expired, "orphaned": orphaned, "deleted": not dry_run})
        return
    for ids, why in ((expired, "it has expired"), (orphaned, "its aor does not exist")):
        for id in ids:
            print_text(f"{id}: {why}")
    verb = "would be deleted" if dry_run else "deleted"
    print_text(f"{len(expired) + len(orphaned)} contacts {verb}")
