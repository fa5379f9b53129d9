"""A main file with the files that it includes, and edits of it that change nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from sorcery.conf.editing import effects, saving, sections
from sorcery.conf.editing.batch import Edit, carried_out
from sorcery.conf.editing.checks import check_options, check_others, check_unique, is_meant, not_own
from sorcery.conf.editing.contents import Contents
from sorcery.conf.editing.correction import Correction, Refusal, corrected
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.options import put, rename
from sorcery.conf.editing.saving import Aside
from sorcery.conf.editing.sections import Pairs
from sorcery.conf.editing.selector import Selector
from sorcery.conf.model import Category, ConfFile, PatternStamp
from sorcery.conf.outline import Outline
from sorcery.conf.text import fold
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
    _contents: Contents = attrs.field(repr=False)
    _stored: Contents = attrs.field(repr=False)
    """As it is on the disk."""
    _patterns: tuple[PatternStamp, ...] = attrs.field(repr=False)

    @classmethod
    def read(cls, path: Path | str, *, directory: Path | None = None) -> Document:
        """Read a file with everything it includes. Blocks on the disk.

        Relative includes count from `directory`, by default the file's own folder. `#exec` commands are not run:
        what they print is no part of the document. Raises what `read_conf` does.
        """
        main = os.path.abspath(path)  # noqa: PTH100 - as text, like the paths of includes
        home = os.path.abspath(directory or Path(main).parent)  # noqa: PTH100
        contents = Contents.read(main, home)
        patterns = tuple(stamp for stamp in contents.outline.files if isinstance(stamp, PatternStamp))
        return cls(main, home, contents, contents, patterns)

    @classmethod
    def of(cls, outline: Outline) -> Document | None:
        """Return the document that an outline was read from, without reading it again.

        None where the outline alone does not show what stands where, as with several files and block comments.
        """
        contents = Contents.of(outline)
        return cls(contents.path, contents.directory, contents, contents, ()) if contents else None

    @classmethod
    def absent(cls, path: Path | str, *, directory: Path | None = None) -> Document:
        """Return the document of a file that is not there yet: `save` makes it, if it is not there by then."""
        main = os.path.abspath(path)  # noqa: PTH100
        home = os.path.abspath(directory or Path(main).parent)  # noqa: PTH100
        return cls(main, home, Contents(main, home, {main: b""}), Contents(main, home, {main: None}), ())

    @property
    def conf(self) -> ConfFile:
        """What the files say, edits included, as `read_conf` would return it but for `files`; built at each access."""
        return self._contents.outline.conf()

    @property
    def outline(self) -> Outline:
        """What the files say, edits included; of lines that an edit moved it may tell where they were."""
        return self._contents.outline

    def named(self, name: str) -> list[Category]:
        """Return the sections of a name (with case) that are no templates, in order."""
        return [category for _, category in self._contents.survey.named(name) if not category.template]

    @property
    def files(self) -> Mapping[str, bytes]:
        """The contents of all files by path, edits included, the main file first."""
        return self._contents.readable

    @property
    def edited(self) -> Mapping[str, bytes]:
        """The contents of those files that `save` would write."""
        stored = self._stored.files
        return {path: content for path, content in self.files.items() if content != stored[path]}

    @property
    def stored(self) -> Mapping[str, bytes]:
        """The contents of all files by path, as they are on the disk."""
        return self._stored.readable

    def section(self, selector: Selector) -> Category:
        """Return what a section says; raises `SectionMissing`, and `EditRefused` where several fit."""
        return self._contents.find(selector).category

    def set(self, selector: Selector, key: str, value: str, *, shared: bool = False) -> Document:
        """Give an option a value: in the line that decides, or in a new one that overrides what is inherited.

        Where others copy the section, they change only if that is `shared`. Raises `EditRefused`.
        """
        values = effects.own(self.section(selector), key)
        return self._put(selector, {key: [*values[:-1], value]}, shared=shared)

    def update(self, selector: Selector, changes: Mapping[str, Sequence[str]], *, shared: bool = False) -> Document:
        """Give options their values in lines of the section itself, in order; no value removes an option's lines.

        What is inherited stays before them. Takes one parse for all options, where each `set` may take one.
        """
        return self._put(selector, changes, shared=shared)

    def add(self, selector: Selector, key: str, value: str, *, shared: bool = False) -> Document:
        """Add a line behind all other options of the section, whether or not it has the option already."""
        values = effects.own(self.section(selector), key)
        return self._put(selector, {key: [*values, value]}, shared=shared, at_end=True)

    def remove(self, selector: Selector, key: str, *, shared: bool = False) -> Document:
        """Remove all lines of an option; raises `EditRefused` if there are none, as for an inherited one."""
        found = self._contents.find(selector)
        if not effects.own(found.category, key):
            raise not_own(self._contents, found, key)
        return self._put(selector, {key: []}, shared=shared)

    def rename_option(self, selector: Selector, key: str, name: str, *, shared: bool = False) -> Document:
        """Give an option's lines another name, in place; raises `EditRefused`, as for an inherited one."""
        before, category = self._contents, self.section(selector)
        found = before.find(selector)
        if not effects.own(category, key):
            raise not_own(before, found, key)
        edited = before.spliced(rename(found.body, key, name))
        spared = effects.heirs(before.outline, category.name) if shared else ()
        check_others(before, edited, found.place, without=found.position, new=found.position, spared=spared)
        own = (each for each in category.variables if not each.inherited)
        values = [each.value for each in own if fold(each.key) in (fold(key), fold(name))]
        check_options(found, edited.category(found.position), {key: (), name: values})
        return attrs.evolve(self, contents=edited)

    def apply(self, edits: Iterable[Edit]) -> Document:
        """Make several edits of different sections at once; raises `EditRefused`, and then none is made.

        Costs what one edit does: one look at the result tells whether all are as they were meant.
        """
        return attrs.evolve(self, contents=carried_out(self._contents, edits))

    def correct(self, corrections: Iterable[Correction]) -> tuple[Document, list[Refusal]]:
        """Rename options, change their values or remove them, in any number of sections, where their lines stand.

        Sections that copy an option follow. Returns the document with the corrections that change nothing else, and
        the others with the reason. Costs about what one edit does.
        """
        contents, refused = corrected(self._contents, corrections)
        return attrs.evolve(self, contents=contents), refused

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

        `file` is named as an include names it. Raises `EditRefused`, also for a section that has name and `type` of
        another.
        """
        before = self._contents
        leaf = before.named(file)
        leaf, index = sections.behind(before.find(after).body) if after else (leaf, len(leaf.tree.lines))
        edited = before.spliced([sections.insert(leaf, index, name, pairs, bases, template=is_template)])
        place = Place(leaf.path, index + 1)
        new = next(effects.unlike(before.outline, edited.outline), len(before.outline.entries))
        is_there = new < len(edited.outline.entries)
        if not is_there or not is_meant(edited.category(new), name, pairs, bases, is_template=is_template):
            raise EditRefused(f"[{name}] would not be read as it is meant", place=place, remedy="add it somewhere else")
        check_others(before, edited, place, new=new)
        check_unique(edited, new)
        return attrs.evolve(self, contents=edited)

    def remove_section(self, selector: Selector, *, comments: bool = False) -> Document:
        """Remove a section: its header, its lines and the comments among them, and what `(+)` adds to it.

        With `comments`, those directly above its header go too. Raises `EditRefused`, as where others copy it.
        """
        found = self._contents.find(selector)
        edited = self._contents.spliced(sections.remove(found.body, comments=comments))
        check_others(self._contents, edited, found.place, without=found.position)
        return attrs.evolve(self, contents=edited)

    def rename_section(self, selector: Selector, name: str) -> Document:
        """Give a section another name; raises `EditRefused`, as where others copy it by the old one."""
        found = self._contents.find(selector)
        edited = self._contents.spliced(sections.rename(found.body, name))
        check_others(self._contents, edited, found.place, without=found.position, new=found.position)
        if effects.said(edited.category(found.position)) != (name, *effects.said(found.category)[1:]):
            raise EditRefused(f"[{name}] would be another section", place=found.place, remedy="choose another name")
        check_unique(edited, found.position)
        return attrs.evolve(self, contents=edited)

    def save(self, *, patience: float = saving.PATIENCE) -> Document:
        """Write the files that were edited, and return the document as it is on the disk then.

        All are written aside first, with mode and owner of the old ones, and then renamed one after another. Waits
        up to `patience` seconds for others that save into the same folders. Raises `FilesChanged` if any file, or
        what a pattern stands for, is not as it was read; `EditRefused` if one cannot be written, and then none is;
        `SavedInPart` if a rename fails after others, or all are done and the disk does not confirm it. Blocks on the
        disk; without edits it does nothing.
        """
        edited = self.edited
        if not edited:
            return self
        with saving.locked(edited, patience):
            self.check_unchanged()
            Aside(edited).put_in_place()
        return self.saved

    def check_unchanged(self) -> None:
        """Raise `FilesChanged` if any file, or what a pattern stands for, is not as it was read; reads all of them."""
        saving.check_unchanged(self._stored.files, self._patterns)

    @property
    def saved(self) -> Document:
        """The document as it is when the files that were edited are written."""
        return attrs.evolve(self, stored=self._contents)

    def _put(
        self, selector: Selector, changes: Mapping[str, Sequence[str]], *, shared: bool, at_end: bool = False
    ) -> Document:
        before = self._contents
        found = before.find(selector)
        splices = [splice for key, values in changes.items() for splice in put(found.body, key, values, at_end=at_end)]
        edited = before.spliced(splices)
        confined = before.confined(found, splices)
        if confined is None:
            spared = effects.heirs(before.outline, found.category.name) if shared else ()
            check_others(before, edited, found.place, without=found.position, new=found.position, spared=spared)
            now = edited.category(found.position)
        else:
            now, _ = confined
            if all(len(each.lines) == each.stop - each.start for each in splices):
                edited = edited.knowing(before, found.position, now)
        check_options(found, now, changes)
        return attrs.evolve(self, contents=edited)
