"""A file whose outline alone shows what stands where: then nobody has to go through it once more to edit it."""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from sorcery.conf.draft import MAX_NAME
from sorcery.conf.editing.confined import Looks
from sorcery.conf.editing.survey import Span, Survey
from sorcery.conf.outline import Outline
from sorcery.conf.text import encode

__all__ = ["simple_survey"]


FEW = 10
"""Names that are searched for, one by one, before all are put in order: that takes longer."""


class _LineIndex:
    """Sections of which each reaches from its header to the next one's."""

    def __init__(self, outline: Outline) -> None:
        self._outline, self._content = outline, outline.content
        self._count = self._content.count(b"\n") + (not self._content.endswith(b"\n") and bool(self._content))
        self._asked = 0

    def positions_of(self, name: str) -> Sequence[int]:
        """Return the positions of the sections of a name (with case), in order."""
        self._asked += 1
        try:
            header = b"[" + encode(name) + b"]"
        except UnicodeEncodeError:  # no file holds it
            return ()
        if self._asked > FEW or len(header) > MAX_NAME or b";" in header:
            return self._positions.get(name, ())
        entries, outline = self._outline.entries, self._outline
        found = {position for position in self._read if outline.name(entries[position]) == name}
        return sorted(found.union(self._searched(header)))

    def _searched(self, header: bytes) -> Iterator[int]:
        """Yield the positions of sections whose header begins a line so."""
        content, entries, at, line = self._content, self._outline.entries, -1, 1
        begun = 0
        while (at := content.find(header, at + 1)) >= 0:
            if at == 0 or content[at - 1] == 10:
                line, begun = line + content.count(b"\n", begun, at), at
                position = bisect_left(entries, line, key=self._outline.line)
                if position < len(entries) and self._outline.line(entries[position]) == line:
                    yield position

    @functools.cached_property
    def _read(self) -> Sequence[int]:
        """The positions of sections that are not plain."""
        return [position for position, entry in enumerate(self._outline.entries) if not isinstance(entry, int)]

    @functools.cached_property
    def _positions(self) -> Mapping[str, Sequence[int]]:
        """The positions of the sections of each name."""
        found: dict[str, list[int]] = {}
        for position, entry in enumerate(self._outline.entries):
            found.setdefault(self._outline.name(entry), []).append(position)
        return found

    def is_plain(self, position: int) -> bool:
        """Tell whether a section is plain."""
        return isinstance(self._outline.entries[position], int)

    def spans_of(self, position: int) -> Sequence[Span]:
        """Return the lines of a section."""
        outline, following = self._outline, self._outline.entries[position + 1 : position + 2]
        stop = outline.line(following[0]) - 1 if following else self._count
        return [Span(outline.path, outline.line(outline.entries[position]) - 1, stop, 0)]


def simple_survey(outline: Outline, looks: Looks) -> Survey | None:
    """Return the survey of an outline, or None where it takes another look at the lines to tell what stands where.

    It does with several files, block comments, bytes that hide others, and headers that add to other sections;
    `looks` are those of the outline's content.
    """
    content = outline.content
    is_torn = b"\0" in content or b";--" in content or looks.adds
    if len(outline.files) != 1 or outline.undecidable or is_torn:
        return None
    return Survey(outline, False, _LineIndex(outline), len(outline.entries))
