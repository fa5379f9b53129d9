"""Lists of names: those that keep the text they were written as, and those that print one pair per name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from sorcery.kinds import Kind, Names, References, Refused, Warn, exchanged, split_names
from sorcery.pjsip.kinds.containers import NameCollection

__all__ = [
    "AppNames",
    "CollectedNames",
    "CollectedReferences",
    "ListedReferences",
    "NameText",
    "WrittenNames",
    "WrittenReferences",
    "listed",
]

_LONGEST_APP = 73


def listed(name: str, texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return one pair per text, or one with an empty text where there is none, as Asterisk prints lists."""
    return tuple((name, text) for text in texts) or ((name, ""),)


@attrs.frozen(slots=True, weakref_slot=False)
class NameText(NameCollection):
    """A comma list that is kept as it was written; iterates as names."""

    text: str = ""
    trimmed: bool = attrs.field(default=True, repr=False)
    """Whether blanks around a name are no part of it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the text, in order."""
        if self.trimmed:
            return split_names(self.text)
        return tuple(self.text.split(",")) if self.text else ()

    def __str__(self) -> str:
        return self.text


class WrittenNames(Kind[NameText]):
    """A comma list that prints as it was written; a later line replaces the earlier list."""

    def __init__(self, *, trimmed: bool = True) -> None:
        self.trimmed = trimmed
        self.zero = NameText("", trimmed)

    def parse(self, text: str, before: NameText, warn: Warn) -> NameText:
        """Keep the text."""
        return NameText(text, self.trimmed)

    def accept(self, value: Any) -> NameText:
        """Take an iterable of names."""
        if isinstance(value, NameText):
            return NameText(value.text, self.trimmed)
        if not isinstance(value, Iterable):
            return super().accept(value)
        return NameText(",".join(Names().accept(value)), self.trimmed)

    def expects(self) -> str:
        return "a list of names, or one text with commas between them"


class WrittenReferences(WrittenNames):
    """The ids of objects of another type, printed as they were written."""

    def names(self, value: NameText) -> tuple[str, ...]:
        """Return the ids."""
        return value.names

    def renamed(self, value: NameText, old: str, new: str | None) -> NameText:
        """Put an id in the place of another; a text that does not hold the old one stays as it was written."""
        return self.accept(exchanged(value.names, old, new)) if old in value.names else value


class AppNames(WrittenNames):
    """Names of applications, none of them empty or longer than Asterisk has room for."""

    def parse(self, text: str, before: NameText, warn: Warn) -> NameText:
        """Keep the text; an empty one names none."""
        for name in map(str.strip, text.split(",")) if text else ():
            if not name or len(name.encode("utf-8", "surrogatepass")) > _LONGEST_APP:
                raise Refused(f"{name!r} is no application name", f"write 1 to {_LONGEST_APP} characters per name")
        return super().parse(text, before, warn)

    def accept(self, value: Any) -> NameText:
        """Take an iterable of names."""
        return self.convert(super().accept(value).text)


class CollectedNames(Names):
    """A comma list of names of which lines add up; one that is there already is not added again."""

    def __init__(self) -> None:
        super().__init__(adds=True)

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Add the names."""
        names = super().parse(text, before, warn)
        unique = tuple(dict.fromkeys(names))
        if unique != names:
            warn("names something twice", "it counts once")
        return unique

    def accept(self, value: Any) -> tuple[str, ...]:
        """Take an iterable of names."""
        return tuple(dict.fromkeys(super().accept(value)))

    def joined(self, before: tuple[str, ...], value: tuple[str, ...]) -> tuple[str, ...]:
        """Add the names, as lines do."""
        return tuple(dict.fromkeys((*before, *value)))


class CollectedReferences(CollectedNames):
    """Names that may be ids of other objects; lines add up as those of names do."""

    def names(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names."""
        return value

    def renamed(self, value: tuple[str, ...], old: str, new: str | None) -> tuple[str, ...]:
        """Put a name in the place of another; one that is there already is not added again."""
        return self.accept(exchanged(value, old, new))


class ListedReferences(References):
    """The ids of objects of another type, printed one by one."""

    def pairs(self, name: str, value: tuple[str, ...]) -> Iterable[tuple[str, str]]:
        """Return one pair per id."""
        return listed(name, value)
