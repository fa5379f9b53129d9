"""Type of service: the byte that marks packets for the network."""

from __future__ import annotations

from typing import Any

from sorcery.kinds import Integer, Refused, Warn
from sorcery.pjsip.kinds.cscan import scan_integer, wrapped

__all__ = ["TypeOfService"]

_NAMES = {
    **{f"cs{i}": i << 5 for i in range(8)},
    **{f"af{i}{j}": (i << 5) + (j << 3) for i in range(1, 5) for j in range(1, 4)},
    "ef": 184,
}


class TypeOfService(Integer):
    """A number modulo 256, or the name of a DSCP (RFC 4594); `whole` clears the two bits below the DSCP."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__(0, 255)
        self.whole = whole

    def parse(self, text: str, before: int, warn: Warn) -> int:
        """Read the number, whatever follows it, or the name."""
        number = scan_integer(text, any_base=True)
        if number is None:
            number = _NAMES.get(text.lower())
        if number is None:
            raise Refused("is no type of service", f"write {self.expects()}")
        tos = wrapped(number, 8)
        if self.whole and tos & 3:
            warn(f"{tos} is no whole DSCP", f"it becomes {tos & ~3}")
            tos &= ~3
        return tos

    def accept(self, value: Any) -> int:
        """Take an int from 0 to 255."""
        tos = super().accept(value)
        if self.whole and tos & 3:
            raise Refused(f"{tos} is no whole DSCP", "pass a multiple of 4")
        return tos

    def expects(self) -> str:
        return "a number from 0 to 255, or one of cs0-cs7, af11-af43, ef"
