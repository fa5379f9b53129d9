"""The difference of two texts as `diff -u` prints it, in bearable time for files of any length."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from io import BytesIO
from itertools import pairwise

from sorcery.conf.text import decode

__all__ = ["lines_of", "unified"]

LARGEST = 1 << 20
"""Lines of one text times those of the other that are compared one by one, between lines that both have but once."""


def lines_of(content: bytes) -> list[str]:
    """Return the lines of a file as Asterisk counts them, without their ends."""
    return [decode(line).rstrip("\r\n") for line in BytesIO(content)]


def unified(before: Sequence[str], after: Sequence[str], path: str, *, context: int = 3) -> Iterator[str]:
    """Yield the lines of a unified difference, with so many lines around each change; nothing for equal texts."""
    groups = _Anchored(before, after).get_grouped_opcodes(context)
    for number, group in enumerate(groups):
        if number == 0:
            yield from (f"--- {path}", f"+++ {path}")
        yield f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@"
        for tag, start, stop, first, last in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[start:stop])
                continue
            yield from (f"-{line}" for line in before[start:stop])
            yield from (f"+{line}" for line in after[first:last])


def _range(start: int, stop: int) -> str:
    """Write from where to where a change reaches, as `diff` counts."""
    count = stop - start
    return f"{start + 1}" if count == 1 else f"{start + bool(count)},{count}"


class _Anchored(SequenceMatcher[str]):
    """Compares only what lies between lines that stand but once in either text."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        super().__init__(None, before, after, autojunk=False)
        self._before, self._after = before, after

    def get_matching_blocks(self) -> list[Match]:
        """Return the runs of lines that both have, in order, ended by an empty one as in the base class."""
        matches: list[Match] = []
        ends = Match(-1, -1, 1), *_anchors(self._before, self._after), Match(len(self._before), len(self._after), 0)
        for left, right in pairwise(ends):
            start, first = left.a + left.size, left.b + left.size
            matches += _between(self._before[start : right.a], self._after[first : right.b], start, first)
            matches.append(right)
        return _joined(matches)


def _between(before: Sequence[str], after: Sequence[str], start: int, first: int) -> Iterator[Match]:
    if len(before) * len(after) > LARGEST:
        return
    for found in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        if found.size:
            yield Match(start + found.a, first + found.b, found.size)


def _joined(matches: Sequence[Match]) -> list[Match]:
    """Make one of neighbouring runs; the last one, which is empty, stays."""
    joined: list[Match] = []
    for match in matches[:-1]:
        last = joined[-1] if joined else Match(-1, -1, 0)
        if (last.a + last.size, last.b + last.size) == (match.a, match.b):
            joined[-1] = Match(last.a, last.b, last.size + match.size)
        else:
            joined.append(match)
    return [*joined, matches[-1]]


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[Match]:
    """Return the longest series of lines that stand once in each text, in the order of both."""
    once, there = Counter(before), Counter(after)
    places = {line: at for at, line in enumerate(after) if there[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(before) if once[line] == 1 and line in places]
    tails: list[int] = []  # of the series of each length the one that ends soonest, and for each pair what precedes it
    chosen: list[int] = []
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        previous.append(chosen[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        chosen[length : length + 1] = [number]
    series: list[Match] = []
    number = chosen[-1] if chosen else -1
    while number >= 0:
        series.append(Match(*pairs[number], 1))
        number = previous[number]
    return series[::-1]
