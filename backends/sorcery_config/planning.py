"""What the lines of a section have to be, so that it gives an object: as few of them change as can."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sorcery.conf.text import fold
from sorcery.draft import Draft
from sorcery.errors import InvalidObject
from sorcery.objects import Object
from sorcery.options import MISSING, Option

__all__ = ["Chosen", "Inexpressible", "Line", "planned"]

Line = tuple[str, str]
"""An option's name, and its text."""

Changes = dict[str, list[str]]
"""Texts by the name of an option: one line each; no text takes the option's lines away."""


Chosen = dict[Hashable, Changes]
"""How attributes were written: by attribute, values, and the lines that were there."""
MANY = 1000
"""Choices that are kept: those that come again and again are among the first."""

T = TypeVar("T")


class Inexpressible(Exception):
    """An object that no lines of a section give, for what it copies from others or for its type's rules."""

    def __init__(self, options: Iterable[str]) -> None:
        self.options = tuple(options)
        super().__init__(", ".join(self.options))


def planned(
    start: Draft, own: Sequence[Line], old: Object | None, new: Object, chosen: Chosen | None = None
) -> Changes:
    """Return how the own lines of a section change, so that it gives an object.

    `start` is what the section copies from others, `old` the object that it gives now, None where it gives none.
    `chosen` is kept from one section to the next: many of them often change alike. Raises `Inexpressible`.
    """
    plan = _Plan(start, own, new, {} if chosen is None else chosen)
    if old is None:
        plan.give_up_bad_lines()
    plan.change(plan.different(old) if old is not None else plan.misread())
    if misread := plan.misread():  # what rules made of it
        plan.change(misread, pinned=True)
        if missing := plan.misread():
            raise Inexpressible(missing)
    return plan.changes


class _Plan:
    """The lines of one section while they change."""

    def __init__(self, start: Draft, own: Sequence[Line], new: Object, chosen: Chosen) -> None:
        self._start, self._own, self._new, self._known = start, list(own), new, chosen
        self._type = new.__sorcery__
        self.changes: Changes = {}

    def give_up_bad_lines(self) -> None:
        """Take away what no object can have."""
        draft = self._start.fork(self._new.id)
        for name, text in tuple(self._own):
            try:
                draft.apply(name, text)
            except InvalidObject:
                self._take({name: []})

    def different(self, old: Object) -> list[str]:
        """Return the attributes, and extended fields, in which the new object differs from another."""
        if old == self._new:
            return []
        names = [name for name in self._type.positions if getattr(old, name) != getattr(self._new, name)]
        before, after = dict(old.extended), dict(self._new.extended)
        return names + [name for name in {**before, **after} if before.get(name) != after.get(name)]

    def misread(self) -> list[str]:
        """Return the attributes, and extended fields, that the lines as they are now do not give."""
        draft = self._start.fork(self._new.id)
        for name, text in self._own:
            draft.apply(name, text)
        try:
            return self.different(draft.finish())
        except InvalidObject:  # before all lines are there, rules may refuse it
            names = [name for name in self._type.positions if draft[name] != getattr(self._new, name)]
            return names + [name for name, text in self._new.extended if draft.extended.get(name) != text]

    def change(self, names: Iterable[str], *, pinned: bool = False) -> None:
        """Change the lines of some attributes and extended fields; `pinned` writes also what would be inherited."""
        changes: Changes = {}
        own = self._by_attribute()
        for name in names:
            if name.startswith("@"):
                text = dict(self._new.extended).get(name)
                inherited = self._start.extended.get(name)
                changes[name] = [] if text is None or (text == inherited and not pinned) else [text]
            else:
                changes |= self._chosen(name, own.get(name, ()), pinned=pinned)  # no two have a line in common
        self._take(changes)

    def _chosen(self, attribute: str, own: Sequence[Line], *, pinned: bool) -> Changes:
        """Return how to write an attribute: what was chosen before where all was the same, or else the best way."""
        wanted = getattr(self._new, attribute)
        case = attribute, pinned, wanted, self._start[attribute], tuple(own)
        try:
            if case in self._known:
                return self._known[case]
        except TypeError:  # a value without a hash
            return self._best(attribute, wanted, own, pinned=pinned)
        found = self._best(attribute, wanted, own, pinned=pinned)
        if len(self._known) < MANY:
            self._known[case] = found
        return found

    def _best(self, attribute: str, wanted: Any, own: Sequence[Line], *, pinned: bool) -> Changes:
        """Return how to write an attribute: not at all, or else in the way that changes the fewest lines.

        Nothing for what no lines of its own give: a rule may make it of others.
        """
        used = self._used(own)
        cleared: Changes = {name: [] for name, _ in used}
        if not pinned and self._gives(own, cleared, attribute, wanted):
            return cleared
        ways = [dict(way) for way in _distinct(list(way.items()) for way in self._ways(attribute, wanted, used))]
        ways.sort(key=lambda way: _cost(own, way))
        good = (way for way in ways if self._gives(own, way, attribute, wanted))
        written = (way for way in ways if self._writes(own, way, attribute, wanted))
        return next(itertools.chain(good, written), {})

    def _gives(self, own: Sequence[Line], changes: Changes, attribute: str, wanted: Any) -> bool:
        return bool(self._outcome(_applied(own, changes), attribute) == wanted)

    def _writes(self, own: Sequence[Line], changes: Changes, attribute: str, wanted: Any) -> bool:
        """Tell whether lines give a value that is written as the wanted one: a rule completes it, e.g. by a port."""
        fields = [each for each in self._type.setting[attribute] if each.is_field]
        found = self._outcome(_applied(own, changes), attribute)
        if found is _REFUSED or found is MISSING:
            return False
        return bool(lines := _lines(fields, wanted)) and _lines(fields, found) == lines

    def _ways(self, attribute: str, wanted: Any, used: Sequence[tuple[str, Option]]) -> Iterator[Changes]:
        """Yield ways to write an attribute, which may give its value or not; the plain ones first."""
        options, cleared = self._type.setting[attribute], {name: list[str]() for name, _ in used}
        fields = [each for each in options if each.is_field]
        for name, option in used:
            if not option.is_family:
                yield {name: [text for _, text in option.kind.lines(option.name, wanted)]}
        for lines in _distinct(self._bodies(options, fields, wanted, self._start[attribute])):
            changes = self._spelled(lines, used)
            yield changes
            if cleared:
                yield cleared | changes

    @staticmethod
    def _bodies(
        options: Sequence[Option], fields: Sequence[Option], wanted: Any, before: Any
    ) -> Iterator[Sequence[Line]]:
        """Yield lines that give a value alone, item by item, behind what is inherited, or in its place."""
        main = next(each for each in options if not each.is_alias)
        whole = _lines(fields, wanted)
        yield whole
        inherited = [] if before is MISSING else _lines(fields, before)
        yield [line for line in whole if line not in inherited]
        if isinstance(wanted, tuple):
            yield [line for item in wanted for line in _lines(fields, (item,))]
            if isinstance(before, tuple) and wanted[: len(before)] == before:
                yield _lines(fields, wanted[len(before) :])
        if not main.is_family:
            yield [(main.name, text) for text in main.kind.overriding(wanted)]
            yield [(main.name, ""), *whole]

    def _by_attribute(self) -> Mapping[str, Sequence[Line]]:
        """Return the lines of each attribute."""
        found: dict[str, list[Line]] = {}
        for line in self._own:
            option = None if line[0].startswith("@") else self._type.option(line[0])
            if option is not None:
                found.setdefault(option.attribute, []).append(line)
        return found

    def _used(self, own: Iterable[Line]) -> list[tuple[str, Option]]:
        """Return the options that lines of an attribute are of, as they are spelled there, each once."""
        found: dict[str, tuple[str, Option]] = {}
        for name, _ in own:
            option = self._type.option(name)
            assert option is not None
            found.setdefault(fold(name), (name, option))
        return list(found.values())

    @staticmethod
    def _spelled(lines: Iterable[Line], used: Iterable[tuple[str, Option]]) -> Changes:
        """Return lines as changes, named as the section names the options already."""
        spelling = {fold(name): name for name, _ in used}
        changes: Changes = {}
        for name, text in lines:
            changes.setdefault(spelling.get(fold(name), name), []).append(text)
        return changes

    def _outcome(self, lines: Iterable[Line], attribute: str) -> Any:
        """Return what its lines make of an attribute, or what nothing is equal to where one is refused."""
        draft = self._start
        for count, (name, text) in enumerate(lines):
            draft = draft if count else draft.fork(self._new.id)
            try:
                draft.apply(name, text)
                draft.follow_references()
            except InvalidObject:
                return _REFUSED
        return draft[attribute]

    def _take(self, changes: Mapping[str, Sequence[str]]) -> None:
        self._own = _applied(self._own, changes)
        for name, texts in changes.items():
            self.changes[name] = list(texts)


_REFUSED = object()


def _distinct(values: Iterable[T]) -> list[T]:
    """Return each value once: there are few."""
    found: list[T] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _cost(own: Sequence[Line], changes: Changes) -> tuple[int, int]:
    """Return how many lines come and go, and how long those are that are there then."""
    lines = sum(_distance(_texts(own, name), texts) for name, texts in changes.items())
    return lines, sum(len(text) for texts in changes.values() for text in texts)


def _texts(lines: Iterable[Line], name: str) -> list[str]:
    folded = fold(name)
    return [text for other, text in lines if fold(other) == folded]


def _distance(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines come and go where texts give way to others."""
    if not old or not new:
        return len(old) + len(new)
    same = sum(block.size for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return len(old) + len(new) - 2 * same


def _lines(options: Iterable[Option], value: Any) -> list[Line]:
    return [line for option in options for line in option.kind.lines(option.name, value)]


def _applied(lines: Sequence[Line], changes: Mapping[str, Sequence[str]]) -> list[Line]:
    """Return lines after changes: those of an option are reused in order, more of them follow its last, or all."""
    places: dict[str, list[int]] = {}
    for at, (name, _) in enumerate(lines):
        places.setdefault(fold(name), []).append(at)
    slots = [[line] for line in lines]  # what comes in the place of each, and behind all
    end: list[Line] = []
    for name, texts in changes.items():
        own = places.get(fold(name), ())
        for at, text in zip(own, texts, strict=False):
            slots[at] = [(lines[at][0], text)]
        for at in own[len(texts) :]:
            slots[at] = []
        behind = slots[own[-1]] if own else end
        behind += [(name, text) for text in texts[len(own) :]]
    return [*itertools.chain.from_iterable(slots), *end]
