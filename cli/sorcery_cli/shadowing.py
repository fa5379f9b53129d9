"""The work of `sorcery shadow`: what was counted, for people, and a whole comparison of both stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sorcery import Severity
from sorcery_cli.changes import plan_data, summary
from sorcery_cli.context import Session, is_address, known_type
from sorcery_cli.exits import Exit, Misuse
from sorcery_cli.output import note, print_json, print_text, unlogged

__all__ = ["compare", "show"]

COUNTS = {
    "missing": "only in the type's own store",
    "extra": "only in the second one",
    "differs": "another in the second one",
}


def show(found: dict[str, dict[str, Any]], *, json: bool) -> Exit:
    """Print what was counted, by type; tell whether there were differences."""
    if json:
        print_json(found)
    else:
        print_text("\n".join(line for name, figures in found.items() for line in _lines(name, figures)))
    return Exit.FINDINGS if any(sum(figures["kinds"].values()) for figures in found.values()) else Exit.GOOD


def _lines(name: str, figures: dict[str, Any]) -> Iterator[str]:
    yield f"{figures['mapping']}"
    yield f"  {figures['compared']} questions compared, {figures['agreed']} agreed"
    for kind, what in COUNTS.items():
        if count := figures["kinds"][kind]:
            yield f"  {count} objects {what}"
    for option, count in figures["options"].items():
        yield f"  {count} in option {option}"
    if figures["compared"]:
        mine, theirs = (1000 * figures[key] / figures["compared"] for key in ("seconds", "shadow_seconds"))
        yield f"  {mine:.3f} ms each, the second store {theirs:.3f} ms; slower in {figures['slower']} of them"
    for key, what in (
        ("unavailable", "questions not answered by the second store"),
        ("dropped", "questions or changes dropped: too many waited"),
        ("written", "changes made in the second store too"),
        ("failed", "changes not taken by the second store"),
    ):
        if figures[key]:
            yield f"  {figures[key]} {what}"
    if figures["trouble"]:
        yield f"  last trouble: {figures['trouble']}"
    for example in figures["examples"]:
        yield f"  {name} {example['id']}: {COUNTS[example['kind']]}"
        for option in example["options"]:
            yield f"    {option['option']}: {_text(option['text'])}, second store: {_text(option['shadow'])}"


def _text(text: str | None) -> str:
    return "(unset)" if text is None else text or "(empty)"


def compare(session: Session, type_name: str | None) -> Exit:
    """Print what would make the second stores like the others; tell whether that is anything. Raises `Misuse`."""
    if is_address(session.target):
        raise Misuse("a database address has no sorcery.conf; name a directory with -C")
    with session.open(shadow=True) as s:
        for finding in s.report.findings:
            if finding.rule == "unusable-shadow":
                note(str(finding))
        shadow = s.shadow
        if shadow is None:
            raise Misuse("no type has a second store that can be used: name some in [shadow] of sorcery.conf")
        if type_name is not None and known_type(s, type_name).name not in shadow.types:
            raise Misuse(f"{type_name} has no second store; these have: {', '.join(sorted(shadow.types))}")
        with unlogged():
            plan = shadow.system.plan(s, shadow.types if type_name is None else [type_name])
        errors = [
            each for each in s.report.findings if each.rule == "unusable-shadow" or each.severity is Severity.ERROR
        ]
    for finding in plan.unreadable:
        note(f"not compared: {finding}")
    if session.json:
        print_json(plan_data(plan))
    else:
        print_text(str(plan))
        if plan:
            print_text(f"to make the second stores alike: {summary(plan)}")
    return Exit.FINDINGS if plan or plan.unreadable or errors else Exit.GOOD
