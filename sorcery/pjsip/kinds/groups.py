"""Call and pickup groups: by number, and by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sorcery.kinds import Kind, Names, Refused, Warn, split_names
from sorcery.pjsip.kinds.cscan import scan_integer

__all__ = ["GroupNames", "GroupNumbers"]

_HIGHEST = 63
_RANGE = re.compile(r"\s*[+-]?[0-9]+-(.*)", re.DOTALL)


class GroupNumbers(Kind[tuple[int, ...]]):
    """Numbers from 0 to 63 and ranges of them, kept sorted; bad pieces are skipped."""

    zero: tuple[int, ...] = ()

    def parse(self, text: str, before: tuple[int, ...], warn: Warn) -> tuple[int, ...]:
        """Gather the numbers; an empty piece stands for the number before it, or 0."""
        found: set[int] = set()
        low = high = 0
        for piece in text.split(",") if text else ():
            if piece.strip():
                first = scan_integer(piece)
                if first is None:
                    warn(f"{piece!r} is no group", "it is skipped")
                    continue
                second = _RANGE.match(piece)
                last = scan_integer(second[1]) if second else None
                low, high = first, first if last is None else last
            else:
                high = low
            if low < 0 or high > _HIGHEST or low > high:
                warn(f"{piece!r} is not within 0 to {_HIGHEST}", "what is outside is skipped")
            found.update(range(max(low, 0), min(high, _HIGHEST) + 1))
        return tuple(sorted(found))

    def accept(self, value: Any) -> tuple[int, ...]:
        """Take an iterable of ints."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        numbers = tuple(value)
        for number in numbers:
            if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= _HIGHEST:
                raise Refused(f"{number!r} is no group", f"pass ints from 0 to {_HIGHEST}")
        return tuple(sorted(set(numbers)))

    def expects(self) -> str:
        return f"numbers from 0 to {_HIGHEST} and ranges, for instance 1-3,5"

    def printed(self, value: tuple[int, ...]) -> str:
        return ", ".join(map(str, value))


class GroupNames(Names):
    """Case-sensitive names without repeats. Asterisk prints them in the order of a hash, we as written."""

    def __init__(self) -> None:
        super().__init__(separator=", ")

    def parse(self, text: str, before: tuple[str, ...], warn: Warn) -> tuple[str, ...]:
        """Split the list; a text of commas only is refused, the empty one clears."""
        names = tuple(dict.fromkeys(split_names(text)))
        if text and not names:
            raise Refused("holds no name", "write names with commas between them, or nothing")
        return names

    def accept(self, value: Any) -> tuple[str, ...]:
        """Take an iterable of names."""
        return tuple(dict.fromkeys(super().accept(value)))
