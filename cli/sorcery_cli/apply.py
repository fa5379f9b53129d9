"""`sorcery apply`: a plan that was written to a file, and looked at, is carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sorcery_cli.changes import advised, plan_data, summary
from sorcery_cli.context import Json, Writable, named, require_kept, session_of
from sorcery_cli.output import print_json, print_text, unlogged

__all__ = ["apply"]


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `sorcery plan --out` has written.")],
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="A", callback=named, help="Where to; by default what the plan was made for."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; tell what would be done.")] = False,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Carry out a plan as it was written, all or nothing.

    Refused, with the names of the objects, if any of them is not as it was when the plan was made.
    """
    from sorcery.planfile import SavedPlan

    session = session_of(context, json)
    saved = SavedPlan.read(file)
    with session.open(target or saved.target, writable=writable) as system:
        for name in dict.fromkeys(change.type_name for change in saved.changes):
            require_kept(system, name)
        with unlogged():
            plan = saved.resume(system)
        if not dry_run:
            with advised():
                plan.apply()
    if session.json:
        print_json(plan_data(plan))
        return
    print_text(str(plan))
    if plan:
        print_text(f"{'to do' if dry_run else 'done'}: {summary(plan)}")
