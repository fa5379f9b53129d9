"""The command's work: plan, show, carry out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.next_steps import next_steps
from sorcery_cli.initial.planning import Action, FilePlan, Plan, plan_of
from sorcery_cli.initial.site import site_of
from sorcery_cli.initial.writing import carry_out
from sorcery_cli.output import masked_line, print_json, print_text

if TYPE_CHECKING:
    from sorcery_cli.initial.tables import Tables

__all__ = ["run"]

_DONE: Final = {Action.MAKE: "made", Action.EXTEND: "extended", Action.KEEP: "kept"}


def run(session: Session, backend: str, also_for: Collection[str], *, bind: str, proxy: str, dry_run: bool) -> None:
    """Lay a system out in the session's directory; raises `Misuse` and what planning and writing do."""
    if is_address(session.target):
        raise Misuse("init writes into a directory; name it with -C, and the database with --backend")
    plan = plan_of(site_of(Path(session.target), backend, also_for, bind=bind, proxy=proxy))
    if not dry_run and not plan.is_done:
        carry_out(plan)
    steps = [] if plan.is_done else list(next_steps(plan))
    if session.json:
        print_json(_data(plan, steps, dry_run=dry_run))
    else:
        print_text("\n".join(_lines(plan, steps, dry_run=dry_run)))


def _data(plan: Plan, steps: list[str], *, dry_run: bool) -> dict[str, Any]:
    return {
        "directory": str(plan.site.directory),
        "done": not dry_run,
        "files": [
            {"path": str(each.path), "action": str(each.action), "lines": list(_added(each))} for each in plan.files
        ],
        "tables": _table_data(plan.tables) if plan.tables is not None else None,
        "next": steps,
    }


def _table_data(tables: Tables) -> dict[str, Any]:
    return {
        "database": tables.name,
        "action": str(Action.KEEP if tables.are_complete else Action.MAKE),
        "statements": list(tables.statements),
    }


def _lines(plan: Plan, steps: list[str], *, dry_run: bool) -> Iterator[str]:
    if plan.is_done:
        yield f"nothing to do: {plan.site.directory} has all that it needs"
        return
    for each in plan.files:
        yield f"{each.path}: {'to be ' if dry_run and each.action is not Action.KEEP else ''}{_DONE[each.action]}"
        if dry_run or each.action is Action.EXTEND:
            yield from (f"  {line}" for line in _added(each))
    if plan.tables is not None:
        yield _table_line(plan.tables, dry_run=dry_run)
    yield "next:"
    yield from (f"  {step}" for step in steps)


def _table_line(tables: Tables, *, dry_run: bool) -> str:
    if tables.are_complete:
        return f"{tables.name}: the tables are kept"
    count = len(tables.statements)
    made = f"{count} statement{'' if count == 1 else 's'}" if count else "nothing but its revision"
    return f"{tables.name}: {'to be ' if dry_run else ''}completed with {made}"


def _added(plan: FilePlan) -> Iterator[str]:
    """Yield the lines that a file gets, without passwords."""
    if plan.action is Action.MAKE:
        yield from map(masked_line, plan.wanted.text.splitlines())
    for missing in plan.missing:
        yield f"[{missing.section}]"
        yield from (masked_line(f"{key} = {value}") for key, value in missing.pairs)
