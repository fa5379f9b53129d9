"""Findings as they are printed, and the exit code that they mean."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import attrs
import typer

from sorcery import Finding, Severity, Unavailable
from sorcery.plain import plain
from sorcery_cli.exits import Exit
from sorcery_cli.output import LIST, console, print_json_list, print_parts, print_text, without_passwords

if TYPE_CHECKING:
    from sorcery.checks.sourcelines import SourceLines

__all__ = ["Format", "conclude", "is_unavailable", "unavailable"]

_UNAVAILABLE = "unavailable"
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


class Format(enum.StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def conclude(findings: Iterable[Finding], form: Format, lines: SourceLines | None = None) -> None:
    """Print each finding once, sorted by place, and end the run: 0 without any but notes, else 1.

    It is 3 if a store did not answer. `lines` gives what stands in the files, so that the offending lines are shown.
    """
    found = sorted(map(_without_passwords, dict.fromkeys(findings)), key=_by_place)
    match form:
        case Format.JSON:
            print_json_list(finding.data() for finding in found)
        case Format.SARIF:
            from sorcery_cli.sarif import results_of, sarif

            print_json_list(results_of(found), sarif(found, LIST))
        case Format.TEXT:
            _print(found, lines)
    if any(map(is_unavailable, found)):
        raise typer.Exit(Exit.UNAVAILABLE)
    raise typer.Exit(Exit.GOOD if all(finding.severity is Severity.NOTE for finding in found) else Exit.FINDINGS)


def unavailable(error: Unavailable) -> Finding:
    """Return the finding for a store that did not answer: nothing is known of what it holds."""
    return Finding(
        severity=Severity.ERROR,
        rule=_UNAVAILABLE,
        message=str(error),
        remedy="what it holds was not checked",
    )


def is_unavailable(finding: Finding) -> bool:
    """Tell whether a finding is about a store that did not answer."""
    return finding.rule == _UNAVAILABLE


def _without_passwords(finding: Finding) -> Finding:
    """Mask the passwords of addresses, which may stand where a name belongs."""
    texts = finding.message, finding.remedy, finding.value
    masked = tuple(map(without_passwords, texts))
    if masked == texts:
        return finding
    message, remedy, value = masked
    return attrs.evolve(finding, message=message, remedy=remedy, value=value)


def _print(found: Sequence[Finding], lines: SourceLines | None) -> None:
    """Print text; in colours where a person watches, whom they help to find the mark."""
    output = console()
    from sorcery_cli.excerpt import excerpt  # it knows all types, for the names of passwords

    told = ((finding, str(finding), list(excerpt(finding, lines)) if lines else []) for finding in found)
    if not output.is_terminal:
        shown_lines = ((text, *(f"  {each} | {beside}" for each, beside in shown)) for _, text, shown in told)
        print_parts(f"{plain(line)}\n" for together in shown_lines for line in together)
        print_text(_summary(found))
        return
    from rich.text import Text

    for finding, text, shown in told:
        style = _STYLES[finding.severity]
        head = Text(plain(text))
        head.highlight_words([f"{finding.severity} [{finding.rule}]"], style)
        output.print(head, soft_wrap=True)
        for margin, beside in shown:
            mark = style if margin.isspace() else ""
            output.print(Text.assemble((f"  {margin} | ", "dim"), (beside, mark)), soft_wrap=True)
    output.print(Text(_summary(found)), soft_wrap=True)


def _by_place(finding: Finding) -> tuple[str, int, str, str]:
    place = finding.place
    return (place.source, place.line or 0, place.row or "", finding.rule) if place else ("", 0, "", finding.rule)


def _summary(found: Iterable[Finding]) -> str:
    severities = [finding.severity for finding in found]
    if not severities:
        return "nothing found"
    told = [_counted(severities.count(each), each.value) for each in (Severity.ERROR, Severity.WARNING)]
    notes = severities.count(Severity.NOTE)
    return ", ".join([*told, _counted(notes, "note")] if notes else told)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
