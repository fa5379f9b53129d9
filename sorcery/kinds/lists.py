"""Kinds that hold several names: comma lists, flags, references."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sorcery.kinds.base import Kind, Refused, Warn

__all__ = ["Flags", "Names", "References", "exchanged", "split_names"]


def split_names(text: str) -> tuple[str, ...]:
    """Split a comma list; each item is trimmed, empty items are dropped, order and repeats are kept."""
    return tuple([item for part in text.split(",") if (item := part.strip())])


def exchanged(names: Iterable[str], old: str, new: str | None) -> tuple[str, ...]:
    """Return names with one in the place of another, wherever that stands, or without it for None."""
    exchanged = (new if each == old else each for each in names)
    return tuple(each for each in exchanged if each is not None)


class Names(Kind[tuple[str, ...]]):
    """A comma list of names; a later line replaces the earlier list, or adds to it with `adds=True`."""

    zero: tuple[str, ...] = ()

    def __init__(self, *, adds: bool = False, separator: str = ",") -> None:
        self.adds, self.separator = adds, separator

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Split the list."""
        items = split_names(text)
        return before + items if self.adds else items

    def accept(self, value: Any) -> tuple[str, ...]:
        """Take an iterable of names."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        items = tuple(value)
        for item in items:
            if not isinstance(item, str) or "," in item or item != item.strip() or not item:
                raise Refused(f"{item!r} cannot be a name in a list", "pass texts without commas or outer blanks")
        return items

    def expects(self) -> str:
        return "a list of names, or one text with commas between them"

    def printed(self, value: tuple[str, ...]) -> str:
        return self.separator.join(value)


class References(Names):
    """The ids of objects of another type."""

    def names(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """Return the ids."""
        return value

    def renamed(self, value: tuple[str, ...], old: str, new: str | None) -> tuple[str, ...]:
        """Put an id in the place of another, wherever it stands."""
        return self.accept(exchanged(value, old, new))


class Flags(Names):
    """A comma list of some of a few words, in any case, without repeats; order is kept."""

    def __init__(self, *words: str, skip_empty: bool = True) -> None:
        super().__init__()
        self.words, self.skip_empty = words, skip_empty

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Read the words; an unknown one refuses the whole value."""
        if not text.strip():
            return ()
        parts = [part.strip().lower() for part in text.split(",")]
        return self.accept([part for part in parts if part or not self.skip_empty])

    def accept(self, value: Any) -> tuple[str, ...]:
        """Take an iterable of the words."""
        words = tuple(value) if isinstance(value, Iterable) else super().accept(value)
        for word in words:
            if word not in self.words:
                raise Refused(f"{word!r} is none of the words", f"write any of {', '.join(self.words)}")
        return tuple(dict.fromkeys(words))

    def expects(self) -> str:
        return f"any of {', '.join(self.words)}, with commas between them"
