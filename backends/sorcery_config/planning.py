"""What the lines of a section have to be, so that it gives an object: as few of them change as can."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sorcery.conf.text import fold
from sorcery.draft import Draft
from sorcery.errors import InvalidObject
from sorcery.objects import Object
from sorcery.options import MISSING, Option

__all__ = ["Inexpressible", "Line", "planned"]

Line = tuple[str, str]
"""An option's name, and its text."""

Changes = dict[str, list[str]]
"""Texts by the name of an option: one line each; no text takes the option's lines away."""


class Inexpressible(Exception):
    """An object that no lines of a section give, for what it copies from others or for its type's rules."""

    def __init__(self, options: Iterable[str]) -> None:
        self.options = tuple(options)
        super().__init__(", ".join(self.options))


def planned(start: Draft, own: Sequence[Line], old: Object | None, new: Object) -> Changes:
    """Return how the own lines of a section change, so that it gives an object.

    `start` is what the section copies from others, `old` the object that it gives now, None where it gives none.
    Raises `Inexpressible`.
    """
    plan = _Plan(start, own, new)
    plan.give_up_bad_lines()
    plan.change(plan.different(old) if old is not None else plan.misread())
    plan.change(plan.misread(), pinned=True)  # what rules made of it
    if missing := plan.misread():
        raise Inexpressible(missing)
    return plan.changes


class _Plan:
    """The lines of one section while they change."""

    def __init__(self, start: Draft, own: Sequence[Line], new: Object) -> None:
        self._start, self._own, self._new = start, list(own), new
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
        for name in names:
            if name.startswith("@"):
                text = dict(self._new.extended).get(name)
                inherited = self._start.extended.get(name)
                self._take({name: [] if text is None or (text == inherited and not pinned) else [text]})
            else:
                self._take(self._chosen(name, pinned=pinned))

    def _chosen(self, attribute: str, *, pinned: bool) -> Changes:
        """Return how to write an attribute: not at all, or else in the way that changes the fewest lines.

        Nothing for what no lines of its own give: a rule may make it of others.
        """
        wanted, used = getattr(self._new, attribute), self._used(attribute)
        cleared: Changes = {name: [] for name, _ in used}
        if not pinned and self._gives(cleared, attribute, wanted):
            return cleared
        ways = list(self._ways(attribute, wanted, used))
        good = [way for way in ways if self._gives(way, attribute, wanted)]
        good = good or [way for way in ways if self._writes(way, attribute, wanted)]
        return min(good, key=self._cost, default={})

    def _gives(self, changes: Changes, attribute: str, wanted: Any) -> bool:
        return bool(self._outcome(_applied(self._own, changes), attribute) == wanted)

    def _writes(self, changes: Changes, attribute: str, wanted: Any) -> bool:
        """Tell whether lines give a value that is written as the wanted one: a rule completes it, e.g. by a port."""
        fields = [each for each in self._type.options.values() if each.attribute == attribute and each.is_field]
        found = self._outcome(_applied(self._own, changes), attribute)
        if found is _REFUSED or found is MISSING:
            return False
        return bool(lines := _lines(fields, wanted)) and _lines(fields, found) == lines

    def _cost(self, changes: Changes) -> tuple[int, int]:
        """Return how many lines come and go, and how long those are that are there then."""
        lines = sum(_distance(_texts(self._own, name), texts) for name, texts in changes.items())
        return lines, sum(len(text) for texts in changes.values() for text in texts)

    def _ways(self, attribute: str, wanted: Any, used: Sequence[tuple[str, Option]]) -> Iterator[Changes]:
        """Yield ways to write an attribute, which may give its value or not; the plain ones first."""
        options = [each for each in self._type.options.values() if each.attribute == attribute]
        fields, cleared = [each for each in options if each.is_field], {name: list[str]() for name, _ in used}
        for name, option in used:
            if not option.is_family:
                yield {name: [text for _, text in option.kind.lines(option.name, wanted)]}
        for lines in self._bodies(options, fields, wanted, self._start[attribute]):
            changes = self._spelled(lines, used)
            yield changes
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

    def _used(self, attribute: str) -> list[tuple[str, Option]]:
        """Return the options of an attribute that have lines, as they are spelled there, each once."""
        found: dict[str, tuple[str, Option]] = {}
        for name, _ in self._own:
            option = None if name.startswith("@") else self._type.option(name)
            if option is not None and option.attribute == attribute:
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
        """Return what lines make of an attribute; None, which no line gives, where one is refused."""
        draft = self._start.fork(self._new.id)
        for name, text in lines:
            option = None if name.startswith("@") else self._type.option(name)
            if option is not None and option.attribute == attribute:
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


def _texts(lines: Iterable[Line], name: str) -> list[str]:
    return [text for other, text in lines if fold(other) == fold(name)]


def _distance(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines come and go where texts give way to others."""
    same = sum(block.size for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return len(old) + len(new) - 2 * same


def _lines(options: Iterable[Option], value: Any) -> list[Line]:
    return [line for option in options for line in option.kind.lines(option.name, value)]


def _applied(lines: Sequence[Line], changes: Mapping[str, Sequence[str]]) -> list[Line]:
    """Return lines after changes: those of an option are reused in order, more of them follow its last, or all."""
    result = list(lines)
    for name, texts in changes.items():
        places = [at for at, (other, _) in enumerate(result) if fold(other) == fold(name)]
        for at, text in zip(places, texts, strict=False):
            result[at] = result[at][0], text
        behind = places[-1] + 1 if places else len(result)
        result[behind:behind] = [(name, text) for text in texts[len(places) :]]
        for at in reversed(places[len(texts) :]):
            del result[at]
    return result
