"""From bytes to lines: the line buffer's limit, NUL bytes, the byte order mark, and how lines are counted."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from sorcery.conf.messages import Fault, shown
from sorcery.conf.text import decode

__all__ = ["BUFFER", "Lines", "split_lines"]

BUFFER = 8191
"""Bytes that are read at once, line feed included: the longest usable line has one less before it."""

_SHOWN = 32
_MARK = "\ufeff"


@attrs.frozen(slots=True)
class Lines:
    """The lines of one file, numbered from `first`."""

    texts: tuple[str, ...]
    """Each line without its line feed; the last one is empty if the file ended with one, and counts."""
    too_long: dict[int, str]
    """The start of each line that was dropped (its text is empty), by line number."""
    first: int = 1

    @property
    def after(self) -> int:
        """The number that the next file of the same run starts with."""
        return self.first + len(self.texts)

    def fault(self, number: int) -> Fault:
        """Return what to say about a line that was dropped."""
        key = shown(self.too_long[number].partition("=")[0])
        return Fault("line-too-long", f"the line of {key} has more than {BUFFER - 1} bytes")


def split_lines(data: bytes, first: int = 1) -> Lines:
    """Split a file into lines.

    `first` is the number of its first line; a byte order mark is removed from line 1 only.
    """
    too_long: dict[int, str] = {}
    if b"\0" in data or (len(data) >= BUFFER and max(map(len, data.split(b"\n"))) >= BUFFER):
        texts = []
        for number, (chunk, dropped) in enumerate(_chunks(data), first):
            texts.append("" if dropped else decode(chunk))
            if dropped:
                too_long[number] = decode(chunk[:_SHOWN])
    else:
        texts = decode(data).split("\n")
    if first == 1 and texts[0].startswith(_MARK):
        texts[0] = texts[0][1:]
    return Lines(tuple(texts), too_long, first)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield (line up to its first NUL, whether it is dropped as too long).

    A NUL hides the rest of its chunk of 8191 bytes, also from the length test: a chunk that seems short ends the
    line, dropped or not, and the next chunk is a line of its own.
    """
    for line in _physical(data):
        dropping = False
        for start in range(0, len(line) or 1, BUFFER):
            seen = line[start : start + BUFFER].partition(b"\0")[0]
            full = len(seen) == BUFFER and not seen.endswith(b"\n")
            if not dropping:
                yield seen.removesuffix(b"\n"), full
            dropping = full


def _physical(data: bytes) -> Iterator[bytes]:
    *whole, last = data.split(b"\n")
    yield from (line + b"\n" for line in whole)
    yield last
