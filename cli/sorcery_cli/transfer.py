"""`sorcery plan` and `copy`: the difference between two systems, and how to make it go away."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from sorcery import Finding, PartialWrite, Plan, Sorcery, SorceryError, Unavailable
from sorcery.plan import PlannedChange
from sorcery.wizard import Op
from sorcery_cli.changes import advised, change_data, summary
from sorcery_cli.context import Json, Writable, is_address, is_kept, known_type, named, session_of
from sorcery_cli.exits import Exit, Misuse, NotKept, exit_for, message
from sorcery_cli.output import console, note, print_json, print_text, unlogged

__all__ = ["copy", "plan"]

SHOWN_FAILURES = 20
"""Failures that people see; JSON holds all of them."""

Types = Annotated[list[str] | None, typer.Argument(metavar="TYPE", help="Object types; all without any.")]


def plan(
    context: typer.Context,
    mine: Annotated[
        str,
        typer.Argument(metavar="A", callback=named, help="What would change: a directory or a database address."),
    ],
    theirs: Annotated[str, typer.Argument(metavar="B", callback=named, help="What it is to be like.")],
    types: Types = None,
    apply: Annotated[bool, typer.Option("--apply", help="Carry it out, all or nothing.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it to a file for `sorcery apply`.")
    ] = None,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Print what would make A like B; the other direction is the plan of B and A.

    Exits as diff does: 0 without differences, 1 with some; with --apply 0 once they are gone. Objects of B that
    cannot be read are named, and A's stay.
    """
    session = session_of(context, json)
    if apply and out:
        raise Misuse("--apply and --out do not go together: `sorcery apply` carries out what is in the file")
    with session.open(mine, writable=writable) as target, session.read(theirs) as source:
        difference = _compare(target, source, types or ())
        if apply:
            with advised():
                difference.apply()
    if out:
        _write(difference, mine, out)
    for finding in difference.unreadable:
        note(f"not compared: {finding}")
    if session.json:
        print_json([change_data(change) for change in difference.changes])
    else:
        print_text(str(difference))
        if difference:
            print_text(f"{'done' if apply else 'to do'}: {summary(difference)}")
    raise typer.Exit(Exit.FINDINGS if difference.unreadable or (difference and not apply) else Exit.GOOD)


def copy(
    context: typer.Context,
    source_target: Annotated[
        str, typer.Option("--from", metavar="A", callback=named, help="A directory or a database address.")
    ],
    target_target: Annotated[str, typer.Option("--to", metavar="B", callback=named, help="Where the objects go.")],
    types: Types = None,
    prune: Annotated[bool, typer.Option("--prune", help="Delete what A does not hold.")] = False,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Objects per transaction.")] = 500,
    writable: Writable = False,
    json: Json = False,
) -> None:
    """Copy objects: create what is missing in B, update what differs.

    What an object refers to is copied first. Each transaction is carried out as a whole or not at all; if one is
    refused, its objects are tried one by one, and those that cannot be copied are listed.
    """
    session = session_of(context, json)
    with session.read(source_target) as source, session.open(target_target, writable=writable) as target:
        difference = _compare(target, source, types or ())
        outcome = _Outcome(difference.unreadable)
        _carry_out(difference.select(lambda change: prune or change.op is not Op.DELETE), batch, outcome)
    if session.json:
        print_json(outcome.data())
    else:
        outcome.print()
    raise typer.Exit(outcome.exit)


def _write(difference: Plan, target: str, file: Path) -> None:
    """Write a plan to a file, with the place of its target; raises `ConfigurationError`."""
    from sorcery.planfile import SavedPlan

    SavedPlan.of(difference, _from_anywhere(target)).write(file)


def _from_anywhere(target: str) -> str:
    """Return a target as it is called from every working directory."""
    if not is_address(target):
        return os.path.abspath(target)  # noqa: PTH100 - as text, links and all
    if not target.startswith("sqlite"):
        return target
    from sorcery_database.addresses import address, file_of

    url = address(target)
    file = file_of(url)
    return target if file is None else url.set(database=str(file.absolute())).render_as_string(hide_password=False)


def _compare(target: Sorcery, source: Sorcery, chosen: Sequence[str]) -> Plan:
    """Return what makes the target like the source."""
    names = _shared(target, source, chosen)
    with unlogged():
        return target.plan(source, names)


def _shared(target: Sorcery, source: Sorcery, chosen: Sequence[str]) -> list[str]:
    """Return the types to compare: the named ones, or all that both systems keep.

    What memory alone holds is empty whenever a command starts. Raises `NotKept` if such a type is named, and
    `NotListed` for one whose objects cannot be listed.
    """
    kept = [name for name in target.types if is_kept(target, name) and is_kept(source, name)]
    for name in chosen:
        known_type(target, name)
        if name not in kept:
            raise NotKept(name)
    if not kept:
        raise Misuse("there is nothing to compare: one of the two holds every type in memory only")
    return list(chosen) or kept


@attrs.define
class _Outcome:
    """What became of the objects."""

    refused: Sequence[Finding]
    done: dict[Op, int] = attrs.field(factory=lambda: dict.fromkeys((Op.CREATE, Op.UPDATE, Op.DELETE), 0))
    failed: list[tuple[PlannedChange, SorceryError]] = attrs.field(factory=list)
    lost: Unavailable | PartialWrite | None = None
    """What ended the copy before all was tried."""

    @property
    def exit(self) -> Exit:
        if self.lost:
            return exit_for(self.lost)
        return Exit.FINDINGS if self.failed or self.refused else Exit.GOOD

    def failures(self) -> list[dict[str, Any]]:
        """Return what was not copied, and why."""
        return [
            *({"type": each.type_name, "id": each.id, "reason": str(each)} for each in self.refused),
            *(
                {"type": change.type_name, "id": change.obj.id, "reason": message(error)}
                for change, error in self.failed
            ),
        ]

    def data(self) -> dict[str, Any]:
        counts = {name: self.done[op] for op, name in _DONE.items()}
        return {**counts, "failed": self.failures(), "stopped": message(self.lost) if self.lost else None}

    def print(self) -> None:
        failures = self.failures()
        for failure in failures[:SHOWN_FAILURES]:
            note(f"not copied: {failure['type']} {failure['id']}: {failure['reason']}")
        if len(failures) > SHOWN_FAILURES:
            note(f"and {len(failures) - SHOWN_FAILURES} more: --json lists them all")
        for line in dict.fromkeys(line for _, error in self.failed for line in getattr(error, "__notes__", ())):
            note(f"  {line}")
        if self.lost:
            note(f"stopped: {message(self.lost)}")
        counts = ", ".join(f"{self.done[op]} {name}" for op, name in _DONE.items())
        print_text(f"{counts}, {len(failures)} not copied")


_DONE = {Op.CREATE: "created", Op.UPDATE: "updated", Op.DELETE: "deleted"}


def _carry_out(whole: Plan, size: int, outcome: _Outcome) -> None:
    """Store the changes in transactions of a bounded size, and show how far it is."""
    from rich.progress import Progress

    terminal = console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        bar = progress.add_task("copying", total=len(whole))
        for start in range(0, len(whole), size):
            batch = attrs.evolve(whole, changes=whole.changes[start : start + size])
            try:
                _store_or_split(batch, outcome)
            except (Unavailable, PartialWrite) as error:
                outcome.lost = error
                return
            progress.advance(bar, len(batch))


def _store_or_split(batch: Plan, outcome: _Outcome) -> None:
    """Store a batch as a whole; if it is refused, each change by itself.

    Raises `Unavailable`, and `PartialWrite`: what one of several stores has taken is not tried again.
    """
    try:
        with advised():
            batch.apply()
    except (Unavailable, PartialWrite):
        raise
    except SorceryError as error:
        if len(batch) == 1:
            outcome.failed.append((batch.changes[0], error))
            return
        for change in batch.changes:
            _store_or_split(attrs.evolve(batch, changes=(change,)), outcome)
    else:
        for change in batch.changes:
            outcome.done[change.op] += 1
