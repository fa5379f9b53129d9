"""The line of a file that a finding is about, as it may be shown: without the passwords in it."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery import Finding
from sorcery.checks.sourcelines import SourceLines, span
from sorcery.plain import plain
from sorcery_cli.output import masked_line

__all__ = ["excerpt"]

LONGEST = 160
"""Characters of a line that are shown."""
READ = 8192
"""Characters that are looked at for passwords; Asterisk reads no longer lines."""
_UNREAD = frozenset({"unknown-option", "no-equals", "wrong-type-option", "invalid-object"})
"""Rules whose lines may hold a password under a name that is none: nothing but the name is shown."""


def excerpt(finding: Finding, lines: SourceLines) -> Iterator[tuple[str, str]]:
    """Yield what stands in the margin and beside it: the line, and a mark below the offending text."""
    line = lines.line(finding)
    if line is None or finding.place is None or not line.strip():
        return
    start, end = span(line, finding)
    shown = _masked(finding, line[:READ])[:LONGEST]
    start, end = min(start, len(shown)), min(end, len(shown))
    before, marked = plain(shown[:start].replace("\t", " ")), plain(shown[start:end])
    number = str(finding.place.line)
    yield number, before + marked + plain(shown[end:].replace("\t", " "))
    yield " " * len(number), " " * len(before) + "^" * max(len(marked), 1)


def _masked(finding: Finding, line: str) -> str:
    if finding.rule not in _UNREAD:
        return masked_line(line)
    _, equals, right = line.partition("=")
    if not equals:
        return line[: line.find(finding.option) + len(finding.option)]
    return f"{line.removesuffix(right.removeprefix('>').lstrip())}…"
