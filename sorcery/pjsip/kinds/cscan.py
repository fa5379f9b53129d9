"""Numbers as C's `scanf` reads them: leading digits count, what follows them does not."""

from __future__ import annotations

import re

__all__ = ["LEAST_64", "MOST_64", "scan_integer", "wrapped"]

_DECIMAL = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")
_ANY_BASE = re.compile(r"[ \t\n\v\f\r]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0(?![xXbB])[0-7]*)|([1-9][0-9]*))")
_BASES = (16, 2, 8, 10)
LEAST_64, MOST_64 = -(1 << 63), (1 << 63) - 1


def scan_integer(text: str, *, any_base: bool = False) -> int | None:
    """Return the number that `text` begins with, or None; `any_base` knows `0x1f`, `0b11` and octal `017` too.

    What is beyond 64 bits is the largest or smallest number of 64 bits.
    """
    if not any_base:
        found = _DECIMAL.match(text)
        return None if found is None else _clamped(int(found[1][:32]))
    found = _ANY_BASE.match(text)
    if found is None:
        return None
    sign, *spelled = found.groups()
    digits, base = next((digits, base) for digits, base in zip(spelled, _BASES, strict=True) if digits)
    size = _clamped(int(digits[:64], base))
    return -size if sign == "-" else size


def wrapped(number: int, bits: int = 32) -> int:
    """Return the number as an unsigned one of that many bits keeps it."""
    return number & ((1 << bits) - 1)


def _clamped(number: int) -> int:
    return max(LEAST_64, min(MOST_64, number))
