"""Payload numbers: what each means, and which one the other side has for the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sorcery_sip.rtp.settings import Format

__all__ = ["NUMBERS", "number_of", "relayed_numbers", "table"]

NUMBERS = 128
"""There are so many payload numbers."""


def number_of(wanted: Format, numbers: Mapping[int, Format]) -> int | None:
    """Return the number that stands for a format, None if there is none."""
    return next((number for number, known in numbers.items() if known == wanted), None)


def relayed_numbers(receive: Mapping[int, Format], send: Mapping[int, Format]) -> list[int]:
    """Return for each number that may arrive the one the other side knows the same format by; -1 for none."""
    theirs = {known: number for number, known in reversed(tuple(send.items()))}
    return [theirs.get(receive[number], -1) if number in receive else -1 for number in range(NUMBERS)]


def table(numbers: Iterable[int]) -> bytes:
    """Return 1 at each of some numbers, and 0 at all others."""
    marks = bytearray(NUMBERS)
    for number in numbers:
        marks[number] = 1
    return bytes(marks)
