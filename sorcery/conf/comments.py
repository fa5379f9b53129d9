"""Comments: `;` to the end of the line, and `;-- ... --;` blocks that nest and span lines.

They are removed before anything else is recognised; quotes and brackets protect nothing. `\\;` is a literal
`;`.
"""

from __future__ import annotations

from sorcery.conf.messages import Fault
from sorcery.conf.text import decode, encode

__all__ = ["MAX_DEPTH", "Comments"]

MAX_DEPTH = 128
"""Levels of open blocks; Asterisk loops for ever on the next one."""


class Comments:
    """The comment state that one run of lines carries from line to line."""

    __slots__ = ("_opened", "depth", "stray")

    def __init__(self) -> None:
        self.depth = 0
        """Open blocks; below 0 after a `--;` that closed nothing, which hides the lines that follow."""
        self._opened: list[int] = []
        self.stray: int | None = None
        """The line of that `--;`."""

    @property
    def opened(self) -> int | None:
        """The line where the innermost open block began."""
        return self._opened[-1] if self._opened else None

    def live(self, line: str, number: int) -> str | None:
        """Return what the comments leave of a line, or None if the line lies inside a block.

        Raises `Fault` (comment-nest-limit) on the 129th open block.
        """
        if line.isascii():
            return self._live(line, number)
        # A block may stand within a character: one sign per byte lets its halves join, and positions stay true.
        left = self._live(encode(line).decode("latin-1"), number)
        return None if left is None else decode(left.encode("latin-1"))

    def _live(self, line: str, number: int) -> str | None:
        keep = 0 if self.depth == 0 else None  # where live text starts
        end: int | None = None  # where the first block that opened on this line cut it
        scan = 0
        while (at := line.find(";", scan)) >= 0:
            if at > scan and line[at - 1] == "\\":
                line, scan = line[: at - 1] + line[at:], at
            elif line.startswith("--", at + 1) and not line.startswith("-", at + 3):
                self._open(number)
                if keep is not None and end is None:
                    end = at
                scan = at + 3
            elif at >= scan + 2 and line.startswith("--", at - 2):
                self._close(number)
                scan = at + 1
                if self.depth == 0 and keep is None:
                    keep = scan
                elif self.depth == 0 and end is not None:
                    line, scan, end = line[:end] + line[scan:], end, None
            elif self.depth == 0:
                end = at if end is None else end
                break
            else:
                scan = at + 1
        return None if keep is None else line[keep:end]

    def _open(self, number: int) -> None:
        if self.depth == MAX_DEPTH:
            raise Fault("comment-nest-limit", f"a block comment opens inside {MAX_DEPTH} others")
        self.depth += 1
        if self.depth > 0:
            self._opened.append(number)

    def _close(self, number: int) -> None:
        self.depth -= 1
        if self._opened:
            self._opened.pop()
        elif self.depth == -1:
            self.stray = number
