"""Changes as they are printed, by `plan` and by commands that make them; and what is told where one is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sorcery import NotWritable
from sorcery.plan import Plan, PlannedChange
from sorcery.wizard import Op
from sorcery_cli.output import print_json, print_text

__all__ = ["advised", "change_data", "plan_data", "print_change", "print_plan", "summary"]

VERSION: Final = 1
"""Of the form in which a plan is printed; it grows where something that stands there comes to mean something else."""


def change_data(change: PlannedChange) -> dict[str, Any]:
    """Return a change as `--json` prints it, secrets masked; `old` or `new` is null where an option has no text."""
    return {
        "op": change.op.value,
        "type": change.type_name,
        "id": change.obj.id,
        "changes": [{"option": name, "old": old, "new": new} for name, old, new in change.differences()],
    }


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as `--json` prints it, with what keeps objects from being compared."""
    return {
        "version": VERSION,
        "changes": [change_data(change) for change in plan.changes],
        "unreadable": [finding.data() for finding in plan.unreadable],
    }


def print_change(change: PlannedChange) -> None:
    """Print a change: `+` creates, `~` updates, `-` deletes; below it what differs."""
    is_empty = change.op is Op.UPDATE and not change.differences()
    print_text(f"{change.type_name} {change.obj.id}: no differences" if is_empty else str(change))


def print_plan(plan: Plan, *, json: bool) -> None:
    """Print all changes that were made together, one below the other."""
    if json:
        print_json([change_data(change) for change in plan.changes])
    else:
        print_text(str(plan))


def summary(plan: Plan) -> str:
    """Return how many objects of each type a plan is about."""
    counts = Counter((change.op, change.type_name) for change in plan.changes)
    parts = []
    for op in (Op.CREATE, Op.UPDATE, Op.DELETE):
        its = [f"{count} {name}" for (each, name), count in counts.items() if each is op]
        if its:
            parts.append(f"{op.value} {', '.join(its)}")
    return "; ".join(parts)


@contextmanager
def advised() -> Iterator[None]:
    """Add to the refusal of a change, where it may help, a note of the option `--writable`, which the command has."""
    try:
        yield
    except NotWritable as error:
        if error.guard:
            error.add_note("or let this run write it: --writable")
        raise
