"""Many options corrected at once, wherever they stand: the sections that copy one follow, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from sorcery.conf.editing.checks import not_own
from sorcery.conf.editing.contents import Contents, Found
from sorcery.conf.editing.effects import says_same
from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.options import put, rename
from sorcery.conf.editing.tree import Splice
from sorcery.conf.model import Category, Variable
from sorcery.conf.text import fold

__all__ = ["Correction", "Refusal", "corrected"]

Origin = tuple[str, int, str]
"""What a variable and the copies of it have in common: file, line and key."""


@attrs.frozen(slots=True, kw_only=True)
class Correction:
    """What is to become of an option that stands in a section itself: all of its lines there."""

    section: int
    """Which of the document's sections, counted from 0."""
    key: str
    name: str | None = None
    """Another name for it."""
    values: Sequence[str] | None = attrs.field(default=None, repr=False)
    """Another value for each of its lines, or no value, and they go."""


Refusal = tuple[Correction, EditRefused]


@attrs.frozen(slots=True, eq=False)
class _Section:
    """A section that is corrected: it may have many lines, and as many corrections."""

    found: Found
    own: Mapping[str, Sequence[Variable]]
    """The variables that stand in the section itself, by their keys without case."""

    @classmethod
    def at(cls, contents: Contents, position: int) -> _Section:
        """Take apart the section at a position."""
        found = contents.at(position)
        own: dict[str, list[Variable]] = {}
        for each in found.category.variables:
            if not each.inherited:
                own.setdefault(fold(each.key), []).append(each)
        return cls(found, own)


@attrs.frozen(slots=True, eq=False)
class _Planned:
    """A correction with the lines that change, and what is to become of the variables that come from them."""

    correction: Correction
    found: Found
    splices: Sequence[Splice]
    becomes: Mapping[Origin, tuple[str, str] | None]
    """Key and value, or None for those that go."""


def corrected(before: Contents, corrections: Iterable[Correction]) -> tuple[Contents, list[Refusal]]:
    """Return the contents after corrections, without those that cannot be made, and why these cannot.

    Costs a look or two at the result, and some more for each that breaks the file.
    """
    planned: list[_Planned] = []
    refused: list[Refusal] = []
    sections: dict[int, _Section] = {}
    for correction in corrections:
        if (section := sections.get(correction.section)) is None:
            section = sections[correction.section] = _Section.at(before, correction.section)
        try:
            planned.append(_planned(before, section, correction))
        except EditRefused as error:
            refused.append((correction, error))
    edited, _, others = _sifted(before, planned)
    return edited, [*refused, *others]


def _sifted(before: Contents, planned: Sequence[_Planned]) -> tuple[Contents, Sequence[_Planned], list[Refusal]]:
    """Return the contents after those corrections that can be made together, which these are, and the others."""
    if not planned:
        return before, planned, []
    try:
        edited = before.spliced(dict.fromkeys(splice for each in planned for splice in each.splices))
        astray = list(_astray(before, edited, planned))
    except EditRefused as error:  # it broke the file: no section can tell which of them is to blame
        return _halved(before, planned, error)
    if not astray:
        return edited, planned, []
    rest, blamed = _apart(before, planned, astray)
    if not blamed:
        return _halved(before, planned, _refusal(before, planned[0], astray))
    edited, good, refused = _sifted(before, rest)
    return edited, good, [*refused, *((each.correction, _refusal(before, each, astray)) for each in blamed)]


def _halved(
    before: Contents, planned: Sequence[_Planned], error: EditRefused
) -> tuple[Contents, Sequence[_Planned], list[Refusal]]:
    """Look for those that cannot be made in either half."""
    if len(planned) == 1:
        return before, (), [(planned[0].correction, error)]
    middle = len(planned) // 2
    first, good, refused = _sifted(before, planned[:middle])
    second, others, more = _sifted(before, planned[middle:])
    if not (refused or more):  # each half can be made, and not both
        return first, good, [(each.correction, error) for each in others]
    if not good or not others:
        return (first if good else second), [*good, *others], [*refused, *more]
    edited, together, rest = _sifted(before, [*good, *others])
    return edited, together, [*refused, *more, *rest]


def _planned(before: Contents, section: _Section, correction: Correction) -> _Planned:
    """Find the lines; raises `EditRefused`, as for an option that is inherited."""
    found, own = section.found, section.own.get(fold(correction.key))
    if not own:
        raise not_own(before, found, correction.key)
    if correction.values is None:
        name = correction.name or correction.key
        wanted: Sequence[tuple[str, str] | None] = [(name, each.value) for each in own]
        splices = rename(found.body, correction.key, name)
    else:
        keys = [each.key for each in own]
        wanted = list(zip(keys, correction.values, strict=True)) if correction.values else [None] * len(own)
        splices = put(found.body, correction.key, correction.values, at_end=False)
    becomes = {_origin(each): new for each, new in zip(own, wanted, strict=True)}
    return _Planned(correction, found, splices, becomes)


def _origin(variable: Variable) -> Origin:
    return variable.file, variable.line, variable.key


def _astray(before: Contents, edited: Contents, planned: Sequence[_Planned]) -> Iterator[int]:
    """Yield the positions of sections that do not say what they should; the last one may be one that does not exist."""
    becomes = {origin: new for each in planned for origin, new in each.becomes.items()}
    meant = {each.found.position for each in planned}
    old, new = before.outline, edited.outline
    for position in range(min(len(old.entries), len(new.entries))):
        if position not in meant and says_same(old, position, new, position):
            continue
        if _said(before.category(position), becomes) != _said(edited.category(position), {}):
            yield position
    if len(old.entries) != len(new.entries):
        yield len(old.entries)


def _said(category: Category, becomes: Mapping[Origin, tuple[str, str] | None]) -> object:
    """Return what a section says once its variables have become what is meant."""
    pairs = ((each, becomes.get(_origin(each), (each.key, each.value))) for each in category.variables)
    variables = [(*pair, each.operator, each.inherited) for each, pair in pairs if pair is not None]
    return category.name, category.template, category.bases, variables


def _apart(
    before: Contents, planned: Sequence[_Planned], astray: Iterable[int]
) -> tuple[list[_Planned], list[_Planned]]:
    """Return those that no section which goes astray has a variable of, and those to blame, if there are any."""
    there = [position for position in astray if position < len(before.outline.entries)]
    origins = {_origin(each) for position in there for each in before.category(position).variables}
    blamed = [each for each in planned if not origins.isdisjoint(each.becomes)]
    rest = [each for each in planned if origins.isdisjoint(each.becomes)]
    return rest, blamed


def _refusal(before: Contents, planned: _Planned, astray: Sequence[int]) -> EditRefused:
    others = [position for position in astray if position != planned.found.position]
    reason = f"{planned.correction.key} of [{planned.found.category.name}] would not be read as it is meant"
    if others and others[0] < len(before.outline.entries):
        category = before.category(others[0])
        reason = f"[{category.name}] ({before.place(category)}) would change with it"
    return EditRefused(reason, place=planned.found.place, remedy="edit the file by hand")
