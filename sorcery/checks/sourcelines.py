"""The lines of files as they stand there, each file read once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from sorcery.findings import Finding

__all__ = ["SourceLines"]


@attrs.frozen(eq=False)
class SourceLines:
    """Reads files when somebody first asks for a line of them."""

    _read: dict[str, Sequence[str]] = attrs.field(factory=dict, repr=False)

    def of(self, path: str) -> Sequence[str]:
        """Return the lines of a file without their ends; none for one that cannot be read. Blocks on the disk."""
        if path not in self._read:
            self._read[path] = _lines(path)
        return self._read[path]

    def line(self, finding: Finding) -> str | None:
        """Return the line that a finding is about; None where it is about none, or the line is there no more."""
        place = finding.place
        if place is None or place.line is None:
            return None
        lines = self.of(place.source)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else None

    def located(self, finding: Finding) -> Finding:
        """Return a finding with its column: of the offending text, else of the option, else of the line's first word.

        A finding that has one keeps it.
        """
        line = self.line(finding)
        if line is None or finding.place is None or finding.place.column is not None:
            return finding
        start, _ = span(line, finding)
        return attrs.evolve(finding, place=attrs.evolve(finding.place, column=start + 1))


def _lines(path: str) -> Sequence[str]:
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError):
        return ()
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def span(line: str, finding: Finding) -> tuple[int, int]:
    """Return where the offending text stands in a line, from which character to which."""
    key = len(line) - len(line.lstrip())
    column = finding.place.column if finding.place else None
    behind = column - 1 if column else line.find("=") + 1 or len(line)
    if finding.value and (start := line.find(finding.value, behind)) >= 0:
        return start, start + len(finding.value)
    if finding.option:
        start = line.lower().find(finding.option.lower())
        if start >= 0:
            return start, start + len(finding.option)
    end = len(line.partition(";")[0].rstrip()) if ";" in line else len(line.rstrip())
    return key, max(end, key + 1)
