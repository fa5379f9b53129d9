"""Lists of `name=value` items in one text, as geolocation writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn

__all__ = ["Items", "NameValueList"]

_BLANKS = "".join(map(chr, range(1, 33)))
_QUOTES = "\"'"
_SPECIAL = frozenset("\\\"'")


@attrs.frozen(slots=True, repr=False)
class Items:
    """Names with their values in order; a name may come several times."""

    pairs: tuple[tuple[str, str], ...] = ()

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

    Quotes and backslashes guard commas and equal signs; a value that is not guarded ends at the next equal sign.
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
        return Items((*before.pairs, *found))

    def accept(self, value: Any) -> Items:
        """Take `Items`, a mapping of names to texts, or an iterable of (name, text), of what a text can express."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        found = []
        for pair in value.items() if isinstance(value, Mapping) else value:
            match pair:
                case (str() as name, str() as text):
                    found.append((name, text))
                case _:
                    raise Refused(f"{pair!r} is no item", f"pass {self.expects()}")
        items = Items(tuple(found))
        if self.parse(self.printed(items), self.zero, lambda problem, outcome: None) != items:
            raise Refused(f"{items!r} cannot be written", "leave out blanks behind names and values")
        return items

    def expects(self) -> str:
        return 'name="value" with commas between them, or a mapping of names to texts'

    def printed(self, value: Items) -> str:
        return ",".join(_written(name, text) for name, text in value)

    def texts(self, value: Items) -> tuple[str, ...]:
        """Write one line; nothing where there is no item."""
        return (self.printed(value),) if value else ()

    def pairs(self, name: str, value: Items) -> Iterable[tuple[str, str]]:
        """Return one pair per item, named after it."""
        return value.pairs or ((name, ""),)


def _split(text: str, separator: str) -> list[str]:
    """Split at separators outside quotes and not behind a backslash; each part loses blanks, quotes and backslashes."""
    parts, start, quote, position = [], 0, "", 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in _QUOTES:
            quote = char
        elif char == separator:
            parts.append(_bare(text[start:position]))
            start = position + 1
        position += 1
    return [*parts, _bare(text[start:])] if text else []


def _bare(part: str) -> str:
    part = part.strip(_BLANKS)
    if part[:1] in tuple(_QUOTES) and part[-1] == part[0]:
        part = part[1:-1].strip(_BLANKS)
    return _unescaped(part)


def _unescaped(part: str) -> str:
    kept, chars = [], iter(part)
    for char in chars:
        kept.append(next(chars, "") if char == "\\" else char)
    return "".join(kept)


def _written(name: str, value: str) -> str:
    """Write an item: in quotes where that will do, else with a backslash for each of the two readings."""
    is_plain = not _SPECIAL & {*name, *value} and not {"=", ","} & {*name}
    if is_plain and name == name.strip(_BLANKS) and value == value.strip(_BLANKS):
        return f'{name}="{value}"'
    inner = f"{_escaped(name)}={_escaped(value)}"
    return "".join(f"\\{char}" if char in "\\,\"'" else char for char in inner)


def _escaped(text: str) -> str:
    body = "".join(f"\\{char}" if char in "\\=\"'" else char for char in text)
    return f"\\{body}" if body[:1] in tuple(_BLANKS) else body
