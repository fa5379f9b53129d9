"""What an edit must come to, compared with what it does come to: the result is parsed, and nothing else may differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sorcery.conf.model import Category, Variable
from sorcery.conf.outline import Outline
from sorcery.conf.text import fold

__all__ = ["Options", "Said", "has_values", "heirs", "own", "said", "says_same", "unlike"]

Said = tuple[str, bool, tuple[str, ...], list[tuple[str, str, str, bool]]]


def said(category: Category) -> Said:
    """Return what a section says, wherever it stands: name, template mark, bases, and its variables in order."""
    variables = [(each.key, each.value, each.operator, each.inherited) for each in category.variables]
    return category.name, category.template, category.bases, variables


def says_same(before: Outline, old: int, after: Outline, new: int) -> bool:
    """Tell whether a section, by its positions before and after an edit, says what it said."""
    one, other = before.entries[old], after.entries[new]
    if isinstance(one, int) and isinstance(other, int) and before.fingerprint(one) == after.fingerprint(other):
        return True
    return said(before.read(one)) == said(after.read(other))


def unlike(before: Outline, after: Outline, without: int | None = None, new: int | None = None) -> Iterator[int]:
    """Iterate over the positions, before an edit, of sections that say something else after it.

    One section before and one after it may be left out of the comparison. Where one vanished or came besides, the
    last position is one that does not exist.
    """
    olds = [position for position in range(len(before.entries)) if position != without]
    news = [position for position in range(len(after.entries)) if position != new]
    for old, now in zip(olds, news, strict=False):
        if not says_same(before, old, after, now):
            yield old
    if len(olds) != len(news):
        yield len(before.entries)


def heirs(outline: Outline, name: str) -> Collection[str]:
    """Return the names of the sections that copy one of this name, or one that does, without case."""
    copied = {fold(name)}
    categories = [outline.read(entry) for entry in outline.entries]
    for category in categories:  # a base stands before those that copy it
        if any(fold(base) in copied for base in category.bases):
            copied.add(fold(category.name))
    return copied


def own(category: Category, key: str) -> list[str]:
    """Return the values of an option that stand in the section itself; the key is compared without case."""
    folded = fold(key)
    return [each.value for each in category.variables if fold(each.key) == folded and not each.inherited]


class Options:
    """What a section says, by option: keys are compared without case."""

    def __init__(self, category: Category) -> None:
        self._category = category
        self._folded = [(fold(each.key), each) for each in category.variables]
        self._by_key: dict[str, list[Variable]] = {}
        for folded, each in self._folded:
            self._by_key.setdefault(folded, []).append(each)

    def all(self, key: str) -> Sequence[Variable]:
        """Return the variables of an option, in order; the key is folded."""
        return self._by_key.get(key, ())

    def without(self, keys: Collection[str]) -> Said:
        """Return what the section says but for some options, whose keys are folded."""
        own, others = self._category, (each for key, each in self._folded if key not in keys)
        variables = [(each.key, each.value, each.operator, each.inherited) for each in others]
        return own.name, own.template, own.bases, variables


def has_values(
    before: Sequence[Variable], after: Sequence[Variable], values: Sequence[str], *, is_joined: bool
) -> bool:
    """Tell whether an option has these values of its own, the last of them in force, and inherits the same as before.

    If `+=` added to it before (`is_joined`), what is inherited may have come back.
    """
    one, other = ([each.value for each in variables if each.inherited] for variables in (before, after))
    own = [each.value for each in after if not each.inherited]
    return own == list(values) and (not own or after[-1].value == own[-1]) and (is_joined or one == other)
