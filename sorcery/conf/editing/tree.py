"""One physical file as its lines, which give back byte for byte what was read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

import attrs

from sorcery.conf.comments import Comments
from sorcery.conf.lines import BUFFER
from sorcery.conf.text import decode

__all__ = ["Splice", "Tree", "seen"]


@attrs.frozen(slots=True)
class Splice:
    """Lines of a file that give way to others."""

    path: str
    start: int
    """The index of the first line that goes."""
    stop: int
    """The index of the first that stays; equal to `start` for a mere insertion."""
    lines: tuple[bytes, ...] = attrs.field(default=(), repr=False)
    """What comes in their place, without line ends."""

    def moved(self, by: int) -> Splice:
        """Return it for lines that stand so many lines further down."""
        return Splice(self.path, self.start + by, self.stop + by, self.lines)


@attrs.frozen(slots=True, eq=False)
class Tree:
    """The lines of a file, each with its end; the line that the parser calls n has the index n - 1."""

    lines: tuple[bytes, ...] = attrs.field(repr=False)

    @classmethod
    def parse(cls, data: bytes) -> Tree:
        """Take a file apart, whatever it holds."""
        lines = io.BytesIO(data).readlines()
        if b"\0" in data:  # it hides a line's rest from the parser, to whom a long line may so be several
            lines = [part for line in lines for part in _counted(line)]
        return cls(tuple(lines))

    def __bytes__(self) -> bytes:
        return b"".join(self.lines)

    @property
    def newline(self) -> bytes:
        """How the file ends its lines: as the first one does."""
        return b"\r\n" if self.lines and self.lines[0].endswith(b"\r\n") else b"\n"

    def depths(self, depth: int = 0) -> Sequence[int]:
        """Return how many block comments are open before each line, and after the last.

        `depth` is how many are open before the first.
        """
        comments = Comments()
        comments.depth = depth
        found = [depth]
        for number, line in enumerate(self.lines, 1):
            if b";" in line:
                comments.live(decode(seen(line)), number)
            found.append(comments.depth)
        return found

    def spliced(self, splices: Iterable[Splice]) -> Tree:
        """Return the tree with some lines replaced; the splices must not overlap.

        New lines end as the file's others do; where the last line has no end, one that takes its place has none.
        """
        lines, newline = list(self.lines), self.newline
        in_order = sorted(splices, key=lambda each: (each.start, each.stop))
        is_open = bool(lines) and not lines[-1].endswith(b"\n")
        loses_last = bool(in_order) and in_order[-1].stop == len(lines) and not in_order[-1].lines
        if is_open:
            lines[-1] += newline
        result, at = list[bytes](), 0
        for splice in in_order:
            result += lines[at : splice.start]
            result += [line + newline for line in splice.lines]
            at = splice.stop
        result += lines[at:]
        if is_open and not loses_last:
            last = result.pop().removesuffix(newline)
            result += [last] if last else []
        return Tree(tuple(result))


def seen(line: bytes) -> bytes:
    """Return what the parser sees of a line, without its end: up to a NUL, and nothing of one that is too long."""
    text = line[:BUFFER].partition(b"\0")[0]
    if len(text) == BUFFER and not text.endswith(b"\n"):
        return b""
    return text.removesuffix(b"\n")


def _counted(line: bytes) -> Iterator[bytes]:
    """Yield a physical line as the lines that the parser counts: a chunk that seems short ends one."""
    start = 0
    for at in range(0, len(line), BUFFER):
        text = line[at : at + BUFFER].partition(b"\0")[0]
        if len(text) < BUFFER or text.endswith(b"\n"):
            yield line[start : at + BUFFER]
            start = at + BUFFER
    if start < len(line):
        yield line[start:]
