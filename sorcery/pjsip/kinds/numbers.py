"""Numbers with a rule of their own."""

from __future__ import annotations

import re
from typing import Any

from sorcery.kinds import Integer, Refused, Warn
from sorcery.pjsip.kinds.cscan import LEAST_64, MOST_64, scan_integer, wrapped

__all__ = ["AlwaysOne", "ScannedInteger", "Timestamp"]

_SECONDS = re.compile(r"\s*([+-]?[0-9]+)(?:\.[0-9]*)?")


class AlwaysOne(Integer):
    """Any unsigned number, which becomes 1."""

    def parse(self, text: str, before: int, warn: Warn) -> int:
        """Read the number and replace it."""
        if Integer().parse(text, before, warn) != 1:
            warn(f"{text} has no effect", "it is always 1")
        return 1

    def accept(self, value: Any) -> int:
        """Take 1."""
        if super().accept(value) != 1:
            raise Refused("has no effect", "leave it out")
        return 1

    def expects(self) -> str:
        return "1"


class ScannedInteger(Integer):
    """The decimal digits that a text begins with; a negative number wraps around."""

    def parse(self, text: str, before: int, warn: Warn) -> int:
        """Read the digits."""
        number = scan_integer(text)
        if number is None:
            raise Refused("begins with no number", f"write {self.expects()}")
        if text != str(wrapped(number)):
            warn(f"{text!r} is read as {wrapped(number)}", "write that")
        return wrapped(number)


class Timestamp(Integer):
    """Whole seconds since 1970-01-01 00:00 UTC; a fraction is read and dropped."""

    def __init__(self) -> None:
        super().__init__(LEAST_64, MOST_64)

    def parse(self, text: str, before: int, warn: Warn) -> int:
        """Read the seconds."""
        found = _SECONDS.match(text)
        if found is None:
            raise Refused("is no time", f"write {self.expects()}")
        return self.accept(int(found[1][:32]))

    def expects(self) -> str:
        return "seconds since 1970"
