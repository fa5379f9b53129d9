"""Where the lines of each section stand: a parse that takes note of it."""

from __future__ import annotations

import bisect
import functools
import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import attrs

from sorcery.conf.draft import CategoryDraft
from sorcery.conf.drafts import Drafts, Handle
from sorcery.conf.files import Files
from sorcery.conf.messages import Message
from sorcery.conf.model import Category
from sorcery.conf.outline import Outline
from sorcery.conf.reader import Parse, Run, Source
from sorcery.place import Place

__all__ = ["Held", "Index", "Move", "Span", "Survey", "survey"]

Held = MutableMapping[str, bytes | None]
"""Contents of files by path; None for one that cannot be read."""


class Span(NamedTuple):
    """Lines of one file that belong to one section, a header perhaps first among them."""

    path: str
    start: int
    """The index of its first line."""
    stop: int
    """The index behind its last line; it may lie beyond the end of the file."""
    depth: int
    """The block comments that are open where the file begins."""


class Index(Protocol):
    """Names and spans of sections by their positions in an outline."""

    def positions_of(self, name: str) -> Sequence[int]:
        """Return the positions of the sections of a name (with case), in order."""

    def is_plain(self, position: int) -> bool:
        """Tell whether a section is plain."""

    def spans_of(self, position: int) -> Sequence[Span]:
        """Return what belongs to a section, in the order of reading."""


@attrs.frozen(eq=False)
class _Index:
    """Names and spans as they were noted, put in order when somebody asks for one."""

    _drafts: Drafts
    _plain: Mapping[int, tuple[str, int, int, int]]
    _spans: Sequence[tuple[Handle, Span]]

    def positions_of(self, name: str) -> Sequence[int]:
        """Return the positions of the sections of a name (with case), in order."""
        return self.positions.get(name, ())

    def is_plain(self, position: int) -> bool:
        """Tell whether a section is plain."""
        return position in self._plain

    def spans_of(self, position: int) -> Sequence[Span]:
        """Return what belongs to a section, in the order of reading."""
        plain = self._plain.get(position)
        return [*([Span(*plain)] if plain else []), *self.spans.get(position, ())]

    @functools.cached_property
    def positions(self) -> Mapping[str, Sequence[int]]:
        """The positions of the sections of each name."""
        found: dict[str, list[int]] = {}
        for position, entry in enumerate(self._drafts.all):
            name = self._drafts.deferred.name(entry) if isinstance(entry, int) else entry.name
            found.setdefault(name, []).append(position)
        return found

    @functools.cached_property
    def spans(self) -> Mapping[int, Sequence[Span]]:
        """The spans at each position, but for those of plain sections."""
        positions = {id(draft): at for at, draft in enumerate(self._drafts.all) if isinstance(draft, CategoryDraft)}
        found: dict[int, list[Span]] = {}
        for handle, span in self._spans:
            found.setdefault(handle if isinstance(handle, int) else positions[id(handle)], []).append(span)
        return found


class Move(NamedTuple):
    """What became of the lines of a file."""

    path: str
    at: int
    """The index of the first line that was replaced, or before which others were put."""
    removed: int = 0
    added: int = 0
    is_end: bool = False
    """The file ended here, and what came behind it is no part of what was there before."""


class Moves:
    """The moves of one edit, none of which touches the lines of another; each counts from what was there before."""

    def __init__(self, moves: Iterable[Move]) -> None:
        self._ends: dict[str, int] = {}
        self._shifts: dict[str, tuple[list[int], list[int]]] = {}
        """By path, where each move ends, and how far it and those before it shift what comes behind."""
        for move in sorted(moves, key=lambda each: (each.path, each.at + each.removed)):
            if move.is_end:
                self._ends[move.path] = move.at
                continue
            ends, shifts = self._shifts.setdefault(move.path, ([], [0]))
            ends.append(move.at + move.removed)
            shifts.append(shifts[-1] + move.added - move.removed)

    def of(self, span: Span) -> Span:
        """Return where the lines of a span, which was there before, stand now."""
        stop = min(span.stop, self._ends.get(span.path, span.stop))
        if span.path not in self._shifts:
            return span._replace(stop=stop)
        ends, shifts = self._shifts[span.path]
        start_shift, stop_shift = (shifts[bisect.bisect_right(ends, line)] for line in (span.start, stop))
        return span._replace(start=span.start + start_shift, stop=stop + stop_shift)


@attrs.frozen(eq=False)
class Survey:
    """An outline, and the spans of its sections."""

    outline: Outline
    reads_again: bool
    """A file is included several times, so that its lines stand for several things."""
    _index: Index
    _count: int
    """How many sections the index knows."""
    _appended: tuple[tuple[Span, int], ...] = ()
    """The spans of those that came behind them, and how many edits there were before each."""
    _moves: tuple[Moves, ...] = ()
    """What became of lines since the index was made, edit by edit."""

    def plain_span(self, position: int) -> Span | None:
        """Return the span of a plain section to which nothing is added elsewhere, or None for any other."""
        spans = self.spans(position)
        is_plain = position >= self._count or self._index.is_plain(position)
        return spans[0] if is_plain and len(spans) == 1 else None

    def spans(self, position: int) -> Sequence[Span]:
        """Return what belongs to the section at a position of the outline, in the order of reading."""
        if position < self._count:
            return [self._moved(span, 0) for span in self._index.spans_of(position)]
        return [self._moved(*self._appended[position - self._count])]

    def _moved(self, span: Span, since: int) -> Span:
        for moves in self._moves[since:]:
            span = moves.of(span)
        return span

    def named(self, name: str) -> Iterator[tuple[int, Category]]:
        """Iterate over the sections of that name (with case), templates included, and their positions."""
        entries, outline = self.outline.entries, self.outline
        for position in self._index.positions_of(name):
            yield position, outline.read(entries[position])
        for position in self._appended_positions.get(name, ()):
            yield position, outline.read(entries[position])

    @functools.cached_property
    def _appended_positions(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for position in range(self._count, len(self.outline.entries)):
            found.setdefault(self.outline.name(self.outline.entries[position]), []).append(position)
        return found

    def amended(
        self,
        categories: Mapping[int, Category],
        moves: Iterable[Move] = (),
        appended: Sequence[tuple[Category, Span]] = (),
    ) -> Survey:
        """Return a survey in which some plain sections say something else, and others came behind all.

        The moves are those that lead to it, each counted from what was there before; the spans of what came are as
        they are then. Lines that sections and variables tell of themselves stay as they were.
        """
        entries = list(self.outline.entries)
        for position, category in categories.items():
            entries[position] = category
        entries += [category for category, _ in appended]
        moved = (*self._moves, Moves(moves))
        return attrs.evolve(
            self,
            outline=attrs.evolve(self.outline, entries=entries),
            appended=(*self._appended, *((span, len(moved)) for _, span in appended)),
            moves=moved,
        )


def survey(path: str, directory: str, held: Held) -> Survey:
    """Go through a file with everything it includes, as `read_outline` does, and note what stands where.

    A file that is not among those held is read from the disk, and added to them. `#exec` lines are passed over.
    Raises what `read_outline` does.
    """
    return _Surveying(path, directory, held).survey()


class _HeldFiles(Files):
    """Files whose contents are held."""

    def __init__(self, directory: str, held: Held) -> None:
        super().__init__(directory)
        self._held = held
        self._met: set[str] = set()
        self._targets: set[str] = set()
        self.reads_again = False
        """A file was read twice, be it under two names."""

    def content(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None if it cannot be read; raises what `Files.content` does."""
        if path not in self._held:
            self._held[path] = super().content(path)
        data, target = self._held[path], os.path.realpath(path)
        self.reads_again |= target in self._targets
        self._targets.add(target)
        if path in self._met:
            self._count_again(path, data)
        self._met.add(path)
        return data


class _NotingDrafts(Drafts):
    """Categories that tell where they were found plain."""

    def __init__(self, notes: _Notes) -> None:
        super().__init__()
        self._notes = notes

    def defer(self, piece: bytes, source: int, start: int, line: int) -> bool:
        """Append a plain section, and note its lines."""
        if not super().defer(piece, source, start, line):
            return False
        self._notes.plain(len(self.all) - 1, line, line + piece.count(b"\n") + 1)
        return True


class _Notes:
    """The spans found so far, and the one that is open in the file that is being read."""

    def __init__(self) -> None:
        self.plains: dict[int, tuple[str, int, int, int]] = {}
        """The spans of plain sections, as mere tuples, for there may be many."""
        self.spans: list[tuple[Handle, Span]] = []
        self.category: Handle | None = None
        """Whose span is open."""
        self._begun = 0
        self._path, self._first, self._depth = "", 1, 0

    def open(self, category: Handle | None, line: int) -> None:
        """End what is open before a line, and begin there with what belongs to a category."""
        if self.category is not None and self._begun < line:
            span = Span(self._path, self._begun - self._first, line - self._first, self._depth)
            self.spans.append((self.category, span))
        self.category, self._begun = category, line

    def plain(self, position: int, line: int, end: int) -> None:
        """Note a plain section."""
        if self.category is not None:
            self.open(None, line)
        self.plains[position] = self._path, line - self._first, end - self._first, self._depth

    @contextmanager
    def inside(self, path: str, run: Run) -> Iterator[None]:
        """Note what stands in a file; the one that includes it has closed its own span."""
        outer = self._path, self._first, self._depth
        self._path, self._first, self._depth = path, run.next_line, run.comments.depth
        self.open(run.category, run.next_line)
        yield
        self._path, self._first, self._depth = outer


class _Surveying(Parse):
    """A parse that takes notes."""

    def __init__(self, path: str, directory: str, held: Held) -> None:
        super().__init__(path, directory, exec_includes=False)
        self._notes = _Notes()
        self._drafts = _NotingDrafts(self._notes)
        self._files = self._held = _HeldFiles(directory, held)

    def survey(self) -> Survey:
        outline, notes = self.outline(None), self._notes
        index = _Index(self._drafts, notes.plains, notes.spans)
        return Survey(outline, self._held.reads_again, index, len(outline.entries))

    def _lines(self, data: bytes, source: Source, run: Run) -> Message | None:
        with self._notes.inside(source.path, run):
            broken = super()._lines(data, source, run)
            line = broken.place.line if broken else None
            self._notes.open(None, run.next_line if line is None else line + self._skipped.get(source.path, 0))
        return broken

    def _header(self, text: str, place: Place, file: str) -> CategoryDraft:
        draft = super()._header(text, place, file)
        self._notes.open(draft, place.line or 0)
        return draft

    def _directive(self, text: str, place: Place) -> None:
        line, category = place.line or 0, self._notes.category
        self._notes.open(None, line)
        try:
            super()._directive(text, place)
        finally:
            self._notes.open(category, line + 1)
