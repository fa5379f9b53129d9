"""Lists of `name=value` items in one text, as geolocation writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn

__all__ = ["Items", "NameValueList"]

_BLANKS = "".join(map(chr, range(1, 33)))
_QUOTES = "\"'"


@attrs.frozen(slots=True, repr=False)
class Items:
    """Names with their values in order; a name may come several times."""

    pairs: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = attrs.field(default=(), eq=False)
    """The texts that they were read from, or are written as."""

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a name, case counts."""
        return tuple(value for known, value in self.pairs if known == name)

    def names(self) -> tuple[str, ...]:
        """Return the names in order, repeats included."""
        return tuple(name for name, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return f"Items({list(self.pairs)!r})"


class NameValueList(Kind[Items]):
    """A comma list of `name=value`; lines add up.

    Quotes, which nest, and backslashes guard commas and equal signs; else a value ends at the next equal sign.
    """

    zero = Items()

    def parse(self, text: str, before: Items, warn: Warn) -> Items:
        """Add the items; what follows a second equal sign is dropped with a warning."""
        found = []
        for item in _split(text, ","):
            name, *values = _split(item, "=") or [""]
            if len(values) > 1:
                warn(f"{item!r} has two equal signs", f"the value is {values[0]!r}; quote it if it has more to it")
            found.append((name, values[0] if values else ""))
        return Items((*before.pairs, *found), (*before.lines, text)) if found else before

    def accept(self, value: Any) -> Items:
        """Take `Items`, a mapping of names to texts, or an iterable of (name, text), of what a text can express."""
        if isinstance(value, Items):
            return value
        if not isinstance(value, Iterable):
            return super().accept(value)
        found = []
        for pair in value.items() if isinstance(value, Mapping) else value:
            match pair:
                case (str() as name, str() as text):
                    found.append((name, text))
                case _:
                    raise Refused(f"{pair!r} is no item", f"pass {self.expects()}")
        return Items(tuple(found), tuple(self._written(name, text) for name, text in found))

    def _written(self, name: str, value: str) -> str:
        """Return a line that reads as one item; raises `Refused` where there is none."""
        guarded = value.replace("\\", "\\" * 4)  # two readings each take half of the backslashes away
        for text in (f'{name}="{guarded}"', f"{name}='{guarded}'", f"{name}={guarded}"):
            if self.parse(text, self.zero, lambda problem, outcome: None).pairs == ((name, value),):
                return text
        raise Refused(f"{name}={value} cannot be written", "leave out outer blanks, and some quotes and backslashes")

    def expects(self) -> str:
        return 'name="value" with commas between them, or a mapping of names to texts'

    def printed(self, value: Items) -> str:
        return ",".join(f'{name}="{text}"' for name, text in value)

    def texts(self, value: Items) -> tuple[str, ...]:
        """Write the lines as they were read; of a caller's items each has its own."""
        return value.lines

    def pairs(self, name: str, value: Items) -> Iterable[tuple[str, str]]:
        """Return one pair per item, named after it."""
        return value.pairs or ((name, ""),)


def _split(text: str, separator: str) -> list[str]:
    """Split at separators outside quotes and not behind a backslash; each part loses blanks, quotes and backslashes.

    As in Asterisk, the character behind an escaped one is never taken for a backslash.
    """
    parts, start, quotes, position = [], 0, "", 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
        char = text[position : position + 1]
        if char in tuple(_QUOTES):
            quotes = quotes[:-1] if quotes[-1:] == char else quotes + char
        elif char == separator and not quotes:
            parts.append(_bare(text[start:position]))
            start = position + 1
        position += 1
    return [*parts, _bare(text[start:])] if text else []


def _bare(part: str) -> str:
    part = part.strip(_BLANKS)
    if part[:1] in tuple(_QUOTES) and part[-1] == part[0]:
        inner = part[1:-1]
        part = inner.strip(_BLANKS) or inner  # blanks alone stay, as in Asterisk
    kept, chars = [], iter(part)
    for char in chars:
        kept.append(next(chars, "") if char == "\\" else char)
    return "".join(kept)
