"""A file whose outline alone shows what stands where: then nobody has to go through it once more to edit it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import attrs

from sorcery.conf.editing.confined import Looks
from sorcery.conf.editing.survey import Span, Survey
from sorcery.conf.outline import Outline

__all__ = ["simple_survey"]


@attrs.frozen(eq=False)
class _LineIndex:
    """Sections of which each reaches from its header to the next one's."""

    _outline: Outline
    _count: int
    """How many lines the file has."""

    @functools.cached_property
    def positions(self) -> Mapping[str, Sequence[int]]:
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
    count = content.count(b"\n") + (not content.endswith(b"\n") and bool(content))
    return Survey(outline, False, _LineIndex(outline, count), len(outline.entries))
