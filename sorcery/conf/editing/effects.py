"""What an edit must come to, compared with what it does come to: the result is parsed, and nothing else may differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sorcery.conf.model import Category, Variable
from sorcery.conf.outline import Outline
from sorcery.conf.text import fold

__all__ = ["Said", "by_key", "has_values", "heirs", "own", "said", "says_same", "unlike", "without"]

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


def without(category: Category, keys: Iterable[str]) -> Said:
    """Return what a section says but for some options; the keys are compared without case."""
    folded = set(map(fold, keys))
    name, template, bases, variables = said(category)
    return name, template, bases, [each for each in variables if fold(each[0]) not in folded]


def by_key(category: Category) -> Mapping[str, Sequence[Variable]]:
    """Return what a section says of each option, by its key without case."""
    found: dict[str, list[Variable]] = {}
    for each in category.variables:
        found.setdefault(fold(each.key), []).append(each)
    return found


def has_values(
    before: Sequence[Variable], after: Sequence[Variable], values: Sequence[str], *, is_joined: bool
) -> bool:
    """Tell whether an option has these values of its own, the last of them in force, and inherits the same as before.

    If `+=` added to it before (`is_joined`), what is inherited may have come back.
    """
    one, other = ([each.value for each in variables if each.inherited] for variables in (before, after))
    own = [each.value for each in after if not each.inherited]
    return own == list(values) and (not own or after[-1].value == own[-1]) and (is_joined or one == other)
