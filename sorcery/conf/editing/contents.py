"""The files of a document at one moment: their bytes, their lines, and what stands where."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence

import attrs

from sorcery.conf.draft import MAX_NAME
from sorcery.conf.editing.body import Body, Leaf
from sorcery.conf.editing.confined import Looks, stays_plain, with_own
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.selector import Selector, find
from sorcery.conf.editing.simple import simple_survey
from sorcery.conf.editing.survey import Span, Survey, survey
from sorcery.conf.editing.tree import Splice, Tree
from sorcery.conf.model import Category
from sorcery.conf.outline import Outline
from sorcery.conf.text import cut, decode
from sorcery.errors import ConfSyntaxError
from sorcery.place import Place

__all__ = ["Contents", "Found"]


@attrs.frozen(slots=True, eq=False)
class Found:
    """A section, and its place among all."""

    position: int
    category: Category
    body: Body

    @property
    def place(self) -> Place:
        """Where its header stands."""
        return self.body.headers[0].place


@attrs.frozen(eq=False)
class Contents:
    """The bytes of all files by path, the main one first; all else is derived from them when it is asked for."""

    path: str
    directory: str
    files: Mapping[str, bytes | None]
    """None for a file that cannot be read."""
    _known: Survey | None = None
    _looks: Looks | None = None

    @classmethod
    def read(cls, path: str, directory: str) -> Contents:
        """Read a file with everything it includes; blocks on the disk, raises what `read_conf` does."""
        files: dict[str, bytes | None] = {}
        known = survey(path, directory, files)
        return cls(path, directory, files, known)

    @classmethod
    def of(cls, outline: Outline) -> Contents | None:
        """Return what an outline was read from, or None where it does not show what stands where."""
        looks = Looks.of([outline.content])
        known = simple_survey(outline, looks)
        return cls(outline.path, outline.directory, {outline.path: outline.content}, known, looks) if known else None

    @property
    def readable(self) -> dict[str, bytes]:
        """The files that there are."""
        return {path: content for path, content in self.files.items() if content is not None}

    @functools.cached_property
    def survey(self) -> Survey:
        """What stands where; raises `EditRefused` if an edit made it impossible to tell."""
        try:
            return self._known or survey(self.path, self.directory, dict(self.files))
        except ConfSyntaxError as error:
            raise EditRefused(
                f"the edit would break the file: {error.reason}", place=error.place, remedy=error.remedy
            ) from error

    @functools.cached_property
    def looks(self) -> Looks:
        """What the headers of all files look at."""
        return Looks.of(self.readable.values()) if self._looks is None else self._looks

    @property
    def outline(self) -> Outline:
        """What the files say; raises what `survey` does."""
        return self.survey.outline

    def category(self, position: int) -> Category:
        """Return the section at a position."""
        return self.outline.read(self.outline.entries[position])

    def place(self, category: Category) -> Place:
        """Return where a section's header stands."""
        return self.outline.place_of(category)

    def find(self, selector: Selector) -> Found:
        """Return the section that is meant; raises `SectionMissing`, and `EditRefused` where several fit."""
        return self._found(*find(self.survey, selector))

    def at(self, position: int) -> Found:
        """Return the section at a position."""
        return self._found(position, self.category(position))

    def _found(self, position: int, category: Category) -> Found:
        spans = [span for span in self.survey.spans(position) if self.files.get(span.path) is not None]
        return Found(position, category, Body(spans, self.leaf))

    @functools.cached_property
    def _leaves(self) -> dict[tuple[str, int], Leaf]:
        return {}

    def leaf(self, path: str, depth: int = 0) -> Leaf:
        """Return a file, which begins in so many block comments; raises `EditRefused` if there is none."""
        content = self.files.get(path)
        if content is None:
            remedy = f"use one of {', '.join(self.readable)}"
            raise EditRefused("the document has no such file", place=Place(path), remedy=remedy)
        return self._leaves.setdefault((path, depth), Leaf(path, content, depth))

    def named(self, file: str | None) -> Leaf:
        """Return a file by its name as includes write it, or the main one."""
        return self.leaf(os.path.join(self.directory, file) if file else self.path)  # noqa: PTH118 - texts

    def spliced(self, splices: Iterable[Splice]) -> Contents:
        """Return the contents with some lines replaced, of which nothing is known yet; may raise `EditRefused`."""
        by_path: dict[str, list[Splice]] = {}
        for splice in splices:
            by_path.setdefault(splice.path, []).append(splice)
        leaves = {path: Leaf.made(path, self.leaf(path).tree.spliced(its)) for path, its in by_path.items()}
        new = {path: leaf.content for path, leaf in leaves.items()}
        for path in by_path:
            same = [other for other in self._aliases[os.path.realpath(path)] if other != path]
            if any(other in by_path for other in same):
                raise EditRefused(
                    "the file is included under two names, and edited under both",
                    place=Place(path),
                    remedy="include it once, or edit it by hand",
                )
            new |= dict.fromkeys(same, new[path])
        edited = Contents(self.path, self.directory, {**self.files, **new})
        edited._leaves.update({(path, 0): leaf for path, leaf in leaves.items()})
        return edited

    @functools.cached_property
    def _aliases(self) -> Mapping[str, Sequence[str]]:
        """The paths by the file that they lead to."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(os.path.realpath(path), []).append(path)
        return found

    def confined(self, found: Found, splices: Sequence[Splice]) -> tuple[Category, bytes] | None:
        """Return what a section says after an edit that can change nothing else, and its text; None if not sure."""
        span = self.survey.plain_span(found.position)
        if span is None or self.survey.reads_again:
            return None
        part = Tree(self.leaf(span.path).tree.lines[span.start : span.stop])
        inside = [each.moved(-span.start) for each in splices]
        old, new = (bytes(each).removesuffix(b"\n") for each in (part, part.spliced(inside)))
        name = stays_plain(old, new)
        return None if name is None or self.looks.may_see(name) else (with_own(found.category, new), new)

    def text(self, span: Span) -> bytes:
        """Return the lines of a span, but for the last one's end."""
        return b"".join(self.leaf(span.path, span.depth).tree.lines[span.start : span.stop]).removesuffix(b"\n")

    def last_section(self, text: bytes, start: int) -> Category | None:
        """Return what a section says that comes behind all others, on a line of the main file counted from 0.

        None if it is not sure that it changes nothing else.
        """
        name = stays_plain(text, text)
        if name is None or self.looks.may_see(name):
            return None
        return with_own(Category(cut(decode(name), MAX_NAME), False, (), "", start + 1), text)

    def knowing(self, before: Contents, position: int, category: Category) -> Contents:
        """Return these contents, known to differ from others in one section, and in no line's number."""
        return attrs.evolve(self, known=before.survey.amended({position: category}))
