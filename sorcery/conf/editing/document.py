"""A main file with the files that it includes, and edits of it that change nothing else."""

from __future__ import annotations

import functools
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import attrs

from sorcery.conf.editing import effects, options, saving, sections
from sorcery.conf.editing.body import Body, Leaf
from sorcery.conf.editing.confined import is_confined, with_own
from sorcery.conf.editing.errors import EditRefused, FilesChanged
from sorcery.conf.editing.sections import Pairs
from sorcery.conf.editing.selector import Selector, find
from sorcery.conf.editing.survey import Survey, survey
from sorcery.conf.editing.tree import Splice, Tree
from sorcery.conf.messages import shown
from sorcery.conf.model import Category, ConfFile, PatternStamp
from sorcery.conf.outline import Outline
from sorcery.conf.text import fold
from sorcery.errors import ConfSyntaxError
from sorcery.place import Place

__all__ = ["Document"]


@attrs.frozen(eq=False)
class Document:
    """The files of one configuration, as they are to be; each edit returns another document.

    An edit changes what one section says, and is refused with `EditRefused` where anything else would change with it.
    Only `save` writes.
    """

    path: str
    """The main file's absolute path."""
    directory: str
    """The absolute path of the configuration directory, which relative includes count from."""
    _files: Mapping[str, bytes | None] = attrs.field(repr=False)
    _read: Mapping[str, bytes | None] = attrs.field(repr=False)
    """The files as they are on the disk."""
    _patterns: tuple[PatternStamp, ...] = attrs.field(repr=False)
    _known: Survey | None = attrs.field(repr=False)

    @classmethod
    def read(cls, path: Path | str, *, directory: Path | None = None) -> Document:
        """Read a file with everything it includes. Blocks on the disk.

        Relative includes count from `directory`, by default the file's own folder. `#exec` commands are not run:
        what they print is no part of the document. Raises what `read_conf` does.
        """
        main = os.path.abspath(path)  # noqa: PTH100 - as text, like the paths of includes
        home = os.path.abspath(directory or Path(main).parent)  # noqa: PTH100
        files: dict[str, bytes | None] = {}
        found = survey(main, home, files)
        patterns = tuple(stamp for stamp in found.outline.files if isinstance(stamp, PatternStamp))
        return cls(main, home, files, files, patterns, found)

    @functools.cached_property
    def _leaves(self) -> dict[tuple[str, int], Leaf]:
        return {}

    @functools.cached_property
    def _survey(self) -> Survey:
        return self._known or survey(self.path, self.directory, dict(self._files))

    @property
    def conf(self) -> ConfFile:
        """What the files say, edits included, as `read_conf` would return it but for `files`; built at each access."""
        return self._survey.outline.conf()

    @property
    def files(self) -> Mapping[str, bytes]:
        """The contents of all files by path, edits included, the main file first."""
        return {path: content for path, content in self._files.items() if content is not None}

    @property
    def edited(self) -> Mapping[str, bytes]:
        """The contents of those files that `save` would write."""
        return {path: content for path, content in self.files.items() if content != self._read[path]}

    def section(self, selector: Selector) -> Category:
        """Return what a section says; raises `SectionMissing`, and `EditRefused` where several fit."""
        return find(self._survey, selector)[1]

    def set(self, selector: Selector, key: str, value: str, *, shared: bool = False) -> Document:
        """Give an option a value: in the line that decides, or in a new one that overrides what is inherited.

        Where others copy the section, they change only if that is `shared`. Raises `EditRefused`.
        """
        values = effects.own(self.section(selector), key)
        return self.set_all(selector, key, [*values[:-1], value], shared=shared)

    def set_all(self, selector: Selector, key: str, values: Sequence[str], *, shared: bool = False) -> Document:
        """Give an option these values in lines of the section itself, in order; inherited ones stay before them."""
        return self._put(selector, key, values, shared=shared)

    def add(self, selector: Selector, key: str, value: str, *, shared: bool = False) -> Document:
        """Add a line behind all other options of the section, whether or not it has the option already."""
        values = effects.own(self.section(selector), key)
        return self._put(selector, key, [*values, value], shared=shared, at_end=True)

    def remove(self, selector: Selector, key: str, *, shared: bool = False) -> Document:
        """Remove all lines of an option; raises `EditRefused` if there are none, as for an inherited one."""
        category = self.section(selector)
        if not effects.own(category, key):
            raise self._not_own(category, key)
        return self._put(selector, key, [], shared=shared)

    def add_section(
        self,
        name: str,
        pairs: Pairs = (),
        *,
        bases: Sequence[str] = (),
        is_template: bool = False,
        file: str | None = None,
        after: Selector | None = None,
    ) -> Document:
        """Add a section at the end of a file, by default the main one, or behind another section.

        Raises `EditRefused`, also for one that has name and `type` of another.
        """
        leaf, index = self._behind(after) if after else self._end(file)
        splice = sections.insert(leaf, index, name, pairs, bases, template=is_template)
        edited = self._spliced([splice])
        before, after_it = self._survey.outline, edited._parsed()
        new = next(effects.unlike(before, after_it), len(before.entries))
        place = Place(leaf.path, index + 1)
        if new >= len(after_it.entries) or not _is_new(
            after_it.read(after_it.entries[new]), name, pairs, bases, is_template=is_template
        ):
            raise EditRefused(f"[{name}] would not be read as it is meant", place=place, remedy="add it somewhere else")
        self._check_others(edited, None, new, place)
        edited._check_unique(new)
        return edited

    def remove_section(self, selector: Selector, *, comments: bool = False) -> Document:
        """Remove a section: its header, its lines and the comments among them, and what `(+)` adds to it.

        With `comments`, those directly above its header go too. Raises `EditRefused`, as where others copy it.
        """
        position, category = find(self._survey, selector)
        edited = self._spliced(sections.remove(self._body(position, category), comments=comments))
        self._check_others(edited, position, None, self._place(category))
        return edited

    def rename_section(self, selector: Selector, name: str) -> Document:
        """Give a section another name; raises `EditRefused`, as where others copy it by the old one."""
        position, category = find(self._survey, selector)
        edited = self._spliced(sections.rename(self._body(position, category), name))
        self._check_others(edited, position, position, self._place(category))
        if effects.said(edited._at(position)) != (name, *effects.said(category)[1:]):
            raise EditRefused(
                f"[{name}] would be another section", place=self._place(category), remedy="choose another"
            )
        edited._check_unique(position)
        return edited

    def save(self, *, patience: float = saving.PATIENCE) -> Document:
        """Write the files that were edited, and return the document as it is on the disk then.

        All are written aside first, with mode and owner of the old ones, and then renamed one after another. Waits
        up to `patience` seconds for others that save into the same folders. Raises `FilesChanged` if any file, or
        what a pattern stands for, is not as it was read; `EditRefused` if one cannot be written, and then none is;
        `SavedInPart` if a rename fails after others. Blocks on the disk.
        """
        edited = self.edited
        with saving.locked(list(edited), patience):
            saving.unchanged(self._read)
            for pattern in self._patterns:
                if not pattern.holds():
                    raise FilesChanged(
                        "the pattern stands for other files now",
                        place=Place(pattern.path),
                        remedy="read the document anew, and make the edits again",
                    )
            saving.replace_all(edited)
        return attrs.evolve(self, read=self._files)

    def _put(
        self, selector: Selector, key: str, values: Sequence[str], *, shared: bool, at_end: bool = False
    ) -> Document:
        position, category = find(self._survey, selector)
        body = self._body(position, category)
        is_joined = any(each.line.adds for each in body.settings_of(key))
        splices = options.put(body, key, values, at_end=at_end)
        edited = self._spliced(splices)
        now = self._alone(position, category, splices)
        if now is None:
            spared = effects.heirs(self._survey.outline, category.name) if shared else ()
            self._check_others(edited, position, position, self._place(category), spared)
            now = edited._at(position)
        if not effects.has_values(category, now, key, values, is_joined=is_joined):
            raise EditRefused(
                f"{shown(key)} of [{category.name}] would not be read as it is meant",
                place=self._place(category),
                remedy="edit the file by hand",
            )
        return edited

    def _alone(self, position: int, category: Category, splices: Sequence[Splice]) -> Category | None:
        """Return what a section says after an edit that can change nothing else, or None if that is not sure."""
        span = self._survey.plain_span(position)
        if span is None or self._survey.reads_again:
            return None
        part = Tree(self._leaf(span.path).tree.lines[span.start : span.stop])
        inside = [attrs.evolve(each, start=each.start - span.start, stop=each.stop - span.start) for each in splices]
        old, new = (bytes(each).removesuffix(b"\n") for each in (part, part.spliced(inside)))
        return with_own(category, new) if is_confined(old, new, self.files.values()) else None

    def _spliced(self, splices: Sequence[Splice]) -> Document:
        """Return the document with some lines replaced; it is parsed anew when that is asked for."""
        files = dict(self._files)
        for path in {splice.path for splice in splices}:
            its = [splice for splice in splices if splice.path == path]
            files[path] = bytes(self._leaf(path).tree.spliced(its))
        return attrs.evolve(self, files=files, known=None)

    def _parsed(self) -> Outline:
        """Return what the files say after an edit; raises `EditRefused` if they cannot be read any more."""
        try:
            return self._survey.outline
        except ConfSyntaxError as error:
            raise EditRefused(
                f"the edit would break the file: {error.reason}", place=error.place, remedy=error.remedy
            ) from error

    def _at(self, position: int) -> Category:
        """Return the section at a position."""
        outline = self._parsed()
        return outline.read(outline.entries[position])

    def _leaf(self, path: str, depth: int = 0) -> Leaf:
        """Return a file of the document, which begins in so many block comments."""
        return self._leaves.setdefault((path, depth), Leaf(path, self._files[path] or b"", depth))

    def _check_others(
        self, edited: Document, position: int | None, new: int | None, place: Place, spared: Collection[str] = ()
    ) -> None:
        """Refuse an edit after which other sections than one, and those that are spared, say something else."""
        outline = self._survey.outline
        for other in effects.unlike(outline, edited._parsed(), position, new):
            if other == len(outline.entries):
                raise EditRefused(
                    "other sections would come or go with it", place=place, remedy="edit the file by hand"
                )
            category = outline.read(outline.entries[other])
            if fold(category.name) not in spared:
                raise EditRefused(
                    f"[{category.name}] ({self._place(category)}) would change with it",
                    place=place,
                    remedy="let it, with shared=True, if what is inherited from a section is edited; else edit by hand",
                )

    def _check_unique(self, position: int) -> None:
        """Refuse a section that has name and type of another: Asterisk would reject both."""
        category = self._at(position)
        for other, found in self._survey.named(category.name):
            same = (found.template, found.first("type")) == (category.template, category.first("type"))
            if other != position and same:
                raise EditRefused(
                    f"there is such a section [{category.name}] already",
                    place=self._place(found),
                    remedy="edit that one, or use another name",
                )

    def _not_own(self, category: Category, key: str) -> EditRefused:
        """Return why an option cannot be removed."""
        inherited = [each for each in category.variables if fold(each.key) == fold(key)]
        if not inherited:
            reason, remedy = f"[{category.name}] has no {shown(key)}", "name an option that it has"
            return EditRefused(reason, place=self._place(category), remedy=remedy)
        origin = Place(self._survey.outline.path_of(inherited[-1]), inherited[-1].line)
        return EditRefused(
            f"[{category.name}] inherits {shown(key)} from {origin}",
            place=self._place(category),
            remedy="set another value, which overrides it, or remove it from the template",
        )

    def _body(self, position: int, category: Category) -> Body:
        body = Body([span for span in self._survey.spans(position) if span.path in self.files], self._leaf)
        if not body.headers:
            raise EditRefused(f"[{category.name}] stands in no file of the document", place=self._place(category))
        return body

    def _behind(self, selector: Selector) -> tuple[Leaf, int]:
        return sections.behind(self._body(*find(self._survey, selector)))

    def _end(self, file: str | None) -> tuple[Leaf, int]:
        path = os.path.join(self.directory, file) if file else self.path  # noqa: PTH118 - texts, as everywhere
        if path not in self.files:
            remedy = f"use one of {', '.join(self.files)}"
            raise EditRefused("the document has no such file", place=Place(path), remedy=remedy)
        leaf = self._leaf(path)
        return leaf, len(leaf.tree.lines)

    def _place(self, category: Category) -> Place:
        return Place(self._survey.outline.path_of(category), category.line)


def _is_new(category: Category, name: str, pairs: Pairs, bases: Sequence[str], *, is_template: bool) -> bool:
    """Tell whether a section is as it was meant to be."""
    own = [(each.key, each.value) for each in category.variables if not each.inherited]
    found = category.name, own, [fold(base) for base in category.bases], category.template
    return found == (name, list(pairs), [fold(base) for base in bases], is_template)
