"""`sorcery rename`: another id for an object, everywhere at once."""

from __future__ import annotations

from typing import Annotated

import typer

from sorcery_cli.changes import advised, print_plan
from sorcery_cli.context import Id, Json, TypeName, Writable, known_type, require_kept, session_of

__all__ = ["rename"]


def rename(
    context: typer.Context,
    type_name: TypeName,
    id: Id,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The id that it is to have.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")] = False,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Give an object another id: also in all that refer to it, and in the ids of what it owns.

    All of it happens or nothing. Objects of other types that have the same id keep theirs.
    """
    session = session_of(context, json)
    with advised(), session.open(writable=writable) as s:
        require_kept(s, known_type(s, type_name).name)
        plan = s.plan_rename(type_name, id, new)
        if not dry_run:
            plan.apply()
    print_plan(plan, json=session.json)
