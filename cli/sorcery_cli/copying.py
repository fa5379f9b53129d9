"""The work of `sorcery copy`: what is wanted, how far it is, and what it came to."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs

from sorcery import NotWritable, Sorcery, SorceryError
from sorcery.copying.outcome import Copied, Emptied, Existing, Failure, Fate, Progress
from sorcery.copying.selection import Selection
from sorcery_cli.exits import Exit, Misuse, exit_for, message
from sorcery_cli.output import accounting, console, note, print_json, print_text, unlogged

__all__ = ["SHOWN", "Wanted", "carry_out"]

SHOWN: Final = 20
"""Failures that people see; JSON holds all of them."""
CONDITION: Final = re.compile(
    r"([\w/]+)\.([@\w/-]+)(?:\s*(!=|<=|>=|<|>|=)\s*|\s+(LIKE)\s+)(.*)", re.IGNORECASE | re.DOTALL
)
SIGNS: Final = {Fate.CREATED: "+", Fate.UPDATED: "~", Fate.DELETED: "-", Fate.SKIPPED: "="}
ALWAYS: Final = (Fate.CREATED, Fate.UPDATED, Fate.DELETED, Fate.UNCHANGED)
"""What is counted also where it is nothing."""


@attrs.frozen
class Wanted:
    """Which objects a command line asks for."""

    types: Sequence[str]
    prefix: str
    regex: str
    where: Sequence[str]
    with_references: bool

    def selection(self, names: Sequence[str]) -> Selection:
        """Return the selection among the types that can be copied; raises `Misuse`."""
        fields: dict[str, dict[str, str]] = {}
        for text in self.where:
            parts = CONDITION.fullmatch(text)
            if parts is None:
                raise Misuse(f"--where {text}: write a type, a field and a value, as in endpoint.context=internal")
            type_name, field, sign, like, value = parts.groups()
            operator = like or ("" if sign == "=" else sign)
            condition = f"{field} {operator.upper()}".rstrip()
            if condition in fields.setdefault(type_name, {}):
                raise Misuse(
                    f"--where {text}: {type_name}.{condition} stands in two of them; write each field and sign once"
                )
            fields[type_name][condition] = value
        return Selection(
            types=names, prefix=self.prefix, regex=self.regex, where=fields, with_references=self.with_references
        )


def carry_out(
    source: Sorcery, target: Sorcery, selection: Selection, *, json: bool, existing: str, **options: Any
) -> Exit:
    """Copy, show how far it is, print what came of it, and return how the command ends; raises `Misuse`."""
    if existing not in {each.value for each in Existing}:
        raise Misuse(f"--existing {existing}: write update, skip, or fail")
    try:
        with _shown(is_done=not options["dry_run"]) as progress, unlogged():
            copied = target.copy_from(source, selection, existing=existing, progress=progress, **options)
    except Emptied as error:
        consent = " ".join(f"--emptied {name}" for name in error.names)
        raise Misuse(f"{error} If it is, leave these types out, or let them be deleted: {consent}") from error
    except ValueError as error:
        if isinstance(error, SorceryError):
            raise
        raise Misuse(str(error)) from error
    if json:
        print_json(_data(copied))
    else:
        _print(copied, is_done=not options["dry_run"])
    if copied.stopped:
        return exit_for(copied.stopped)
    return Exit.GOOD if copied.is_complete else Exit.FINDINGS


@contextmanager
def _shown(*, is_done: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield who is told how far a copy is, and shows it on a terminal: how many a second, and what time is left.

    Where it is interrupted, what was copied until then is told.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    terminal = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    rate = TextColumn("{task.fields[rate]}/s")
    bars = Bars(*columns, rate, TimeRemainingColumn(), console=terminal, disable=not terminal.is_terminal)
    last: list[Progress] = []
    with accounting(lambda: _left(last) if is_done else ""), bars:
        tasks: dict[str, tuple[Any, float]] = {}

        def tell(progress: Progress) -> None:
            last[:] = [progress]
            what = f"{progress.doing} {progress.type_name}"
            if what not in tasks:
                tasks[what] = bars.add_task(what, rate="0"), time.monotonic()
            task, begun = tasks[what]
            rate = progress.done / max(time.monotonic() - begun, 0.001)
            bars.update(task, completed=progress.done, total=progress.total, rate=f"{rate:,.0f}")

        yield tell


def _left(last: Sequence[Progress]) -> str:
    """Return what is half done: whole transactions, the last of which was told last."""
    done = "nothing was copied yet"
    for progress in last:
        count = f"{progress.done} of {progress.total}" if progress.total else str(progress.done)
        done = f"stopped while {progress.doing}, after {count} {progress.type_name}"
    return f"{done}; each transaction is whole, and the same command goes on from there"


def _data(copied: Copied) -> dict[str, Any]:
    data: dict[str, Any] = {
        **{fate.value: copied.count(fate) for fate in Fate},
        "types": {
            name: {fate.value: count for fate, count in counts.items() if count}
            for name, counts in copied.fates.items()
            if counts.total()
        },
        "failed": list(map(_failure, copied.failed)),
        "verified": copied.verified,
        "differing": list(map(_failure, copied.differing)),
        "stopped": message(copied.stopped) if copied.stopped else None,
    }
    if copied.changes:
        data["changes"] = [
            {"fate": each.fate.value, "type": each.type_name, "id": each.id, "options": list(each.options)}
            for each in copied.changes
        ]
    return data


def _failure(failure: Failure) -> dict[str, str]:
    return {"type": failure.type_name, "id": failure.id, "reason": _reason(failure)}


def _reason(failure: Failure) -> str:
    return message(failure.error) if failure.error else failure.reason


def _print(copied: Copied, *, is_done: bool) -> None:
    for change in copied.changes:
        options = f": {', '.join(change.options)}" if change.options else ""
        print_text(f"{SIGNS[change.fate]} {change.type_name} {change.id}{options}")
    _print_failures("not copied", copied.failed)
    _print_failures("not as it was copied", copied.differing)
    if any(isinstance(each.error, NotWritable) and each.error.guard for each in copied.failed):
        note("  or let this run write it: --writable")
    if copied.count(Fate.QUEUED):
        note("what is queued is not stored yet: sorcery writes list shows it")
    if copied.stopped:
        note(f"stopped: {message(copied.stopped)}; the same command goes on from there")
    fates = [f"{copied.count(fate)} {fate}" for fate in Fate if fate in ALWAYS or copied.count(fate)]
    counts = ", ".join((*fates, f"{len(copied.failed)} not copied"))
    verified = "" if copied.verified is None else f"; {copied.verified} read back, {len(copied.differing)} differ"
    print_text(f"{counts}{verified}" if is_done else f"to do: {counts}")


def _print_failures(what: str, failures: Sequence[Failure]) -> None:
    for failure in failures[:SHOWN]:
        note(f"{what}: {failure.type_name} {failure.id}: {_reason(failure)}")
    if len(failures) > SHOWN:
        note(f"and {len(failures) - SHOWN} more: --json lists them all")
