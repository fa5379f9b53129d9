"""The line of a file that a finding is about, as it may be shown: without the passwords in it."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery import Finding, Secret
from sorcery.checks.sourcelines import SourceLines, span
from sorcery.plain import plain
from sorcery_cli.output import names_secret, without_passwords

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
    left, equals, right = line.partition("=")
    if not equals:
        return line[: line.find(finding.option) + len(finding.option)] if finding.rule in _UNREAD else line
    value = right.removeprefix(">").lstrip()
    head = line[: len(line) - len(value)]
    if finding.rule in _UNREAD:
        return f"{head}…"
    if names_secret(left.rstrip("+ \t").strip()):
        return f"{head}{Secret(value)}"
    return without_passwords(line)
