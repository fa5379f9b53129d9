"""Payload numbers: what each means, and which one the other side has for the same."""

from __future__ import annotations

from collections.abc import Mapping

from sorcery_sip.rtp.settings import Format

__all__ = ["NOTHING", "OTHER", "SOUND", "kinds", "number_of", "relayed_numbers"]

NUMBERS = 128
"""There are so many payload numbers."""
NOTHING, SOUND, OTHER = range(3)


def number_of(wanted: Format, numbers: Mapping[int, Format]) -> int | None:
    """Return the number that stands for a format, None if there is none."""
    return next((number for number, known in numbers.items() if known == wanted), None)


def relayed_numbers(receive: Mapping[int, Format], send: Mapping[int, Format]) -> list[int]:
    """Return for each number that may arrive the one the other side knows the same format by; -1 for none."""
    theirs = {known: number for number, known in reversed(tuple(send.items()))}
    numbers = [-1] * NUMBERS
    for number, known in receive.items():
        numbers[number] = theirs.get(known, -1)
    return numbers


def kinds(receive: Mapping[int, Format]) -> bytes:
    """Return for each number what it stands for: `NOTHING`, `SOUND`, or `OTHER`, which is digits and noise."""
    table = bytearray(NUMBERS)
    for number, known in receive.items():
        table[number] = SOUND if known.is_audible else OTHER
    return bytes(table)
