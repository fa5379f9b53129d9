"""Changes as they are printed: by `plan`, and by the commands that make them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sorcery.plan import PlannedChange
from sorcery_cli.output import print_text

__all__ = ["change_data", "print_changes"]


def change_data(change: PlannedChange) -> dict[str, Any]:
    """Return a change as `--json` prints it, secrets masked; `old` or `new` is null where an option has no text."""
    return {
        "op": change.op.value,
        "type": change.type_name,
        "id": change.obj.id,
        "changes": [{"option": name, "old": old, "new": new} for name, old, new in change.differences()],
    }


def print_changes(changes: Iterable[PlannedChange]) -> None:
    """Print each change: `+` creates, `~` updates, `-` deletes; below it what differs."""
    for change in changes:
        print_text(str(change))
