"""Digits as packets of their own (RFC 4733): what goes out for one, and which arrived."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["DIGITS", "EventDetector", "Heard", "event_payloads"]

DIGITS = "0123456789*#ABCD"
"""The digits, each at the place of its event number."""

_PAYLOAD = struct.Struct("!BBH")
_END = 0x80
_VOLUME = 10
"""How far below 0 dBm0 a digit is said to be."""
_LONGEST = 0xFFFF
_END_REPEATS = 3


def event_payloads(digit: str, duration: int, step: int) -> Iterator[bytes]:
    """Yield what to send, one payload per `step` ticks of the clock, for a digit that lasts `duration` ticks.

    All go under the timestamp of the digit's beginning; the end is said three times, for one may be lost. Raises
    `ValueError` for what is no digit.
    """
    event = DIGITS.index(digit)
    duration = min(max(duration, step), _LONGEST)
    for passed in range(step, duration, step):
        yield _PAYLOAD.pack(event, _VOLUME, passed)
    for _ in range(_END_REPEATS):
        yield _PAYLOAD.pack(event, _VOLUME | _END, duration)


class Heard(NamedTuple):
    """News of a digit: it begins, or it has ended after `duration` ticks of the clock."""

    digit: str
    ended: bool
    duration: int = 0


class EventDetector:
    """Tell the digits of a stream, each once: its packets come several times, and any of them may be lost.

    A digit whose end is lost ends when the next begins, or by `end`.
    """

    def __init__(self) -> None:
        self._digit: str | None = None
        self._timestamp = -1
        self._duration = 0
        self._before = 0  # what earlier segments of a very long digit lasted

    @property
    def is_open(self) -> bool:
        """Whether a digit has begun and not ended."""
        return self._digit is not None

    def feed(self, timestamp: int, payload: bytes) -> tuple[Heard, ...]:
        """Take in a packet; events that are no digits, and what is too short to be one, say nothing."""
        if len(payload) < _PAYLOAD.size:
            return ()
        event, flags, duration = _PAYLOAD.unpack_from(payload)
        if event >= len(DIGITS):
            return ()
        heard = self._begin(DIGITS[event], timestamp) if timestamp != self._timestamp else ()
        if self._digit is None:
            return heard
        self._duration = max(self._duration, duration)
        return (*heard, *self.end()) if flags & _END else heard

    def end(self) -> tuple[Heard, ...]:
        """Let the digit that is open end; what still comes of it says nothing."""
        if self._digit is None:
            return ()
        ended = Heard(self._digit, True, self._before + self._duration)
        self._digit = None
        return (ended,)

    def _begin(self, digit: str, timestamp: int) -> tuple[Heard, ...]:
        if self._timestamp >= 0 and (self._timestamp - timestamp) & 0xFFFFFFFF <= _LONGEST:
            return ()  # a packet of an earlier digit, overtaken by this one
        if self._digit == digit and (timestamp - self._timestamp) & 0xFFFFFFFF == _LONGEST:
            self._timestamp, self._before, self._duration = timestamp, self._before + _LONGEST, 0
            return ()  # one digit, too long for one duration (section 2.5.1.3)
        ended = self.end()
        self._digit, self._timestamp, self._before, self._duration = digit, timestamp, 0, 0
        return (*ended, Heard(digit, False))
