"""Where something stands: a line of a file, or a row of a table."""

from __future__ import annotations

import attrs

from sorcery.plain import clipped, plain

__all__ = ["Place"]


@attrs.frozen(slots=True)
class Place:
    """Name the spot that a message is about: `pjsip.conf:12`, `pjsip.conf:12:5`, or `ps_endpoints row alice`."""

    source: str
    """The file's path, or the table's or family's name."""
    line: int | None = None
    """The line in a file, counted from 1."""
    row: str | None = None
    """The row's id in a table."""
    column: int | None = None
    """The character in the line, counted from 1."""

    def __str__(self) -> str:
        if self.line is not None:
            column = "" if self.column is None else f":{self.column}"
            return plain(f"{self.source}:{self.line}{column}")
        return plain(self.source if self.row is None else f"{self.source} row {clipped(self.row)}")
