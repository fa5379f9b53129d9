"""One change as it is printed: by `plan`, and by the command that made it."""

from __future__ import annotations

from typing import Any

from sorcery.plan import Plan, PlannedChange
from sorcery.wizard import Op
from sorcery_cli.output import print_json, print_text

__all__ = ["change_data", "print_change", "print_plan"]


def change_data(change: PlannedChange) -> dict[str, Any]:
    """Return a change as `--json` prints it, secrets masked; `old` or `new` is null where an option has no text."""
    return {
        "op": change.op.value,
        "type": change.type_name,
        "id": change.obj.id,
        "changes": [{"option": name, "old": old, "new": new} for name, old, new in change.differences()],
    }


def print_change(change: PlannedChange) -> None:
    """Print a change: `+` creates, `~` updates, `-` deletes; below it what differs."""
    is_empty = change.op is Op.UPDATE and not change.differences()
    print_text(f"{change.type_name} {change.obj.id}: no differences" if is_empty else str(change))


def print_plan(plan: Plan, *, json: bool) -> None:
    """Print all changes of a plan, one below the other."""
    if json:
        print_json([change_data(change) for change in plan.changes])
    else:
        print_text(str(plan))
