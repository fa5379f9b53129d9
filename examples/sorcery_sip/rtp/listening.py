"""Listening to sound: which digits are in it (ITU-T Q.24), and how much of it is one frequency."""

from __future__ import annotations

import collections
import math
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from operator import mul

from sorcery_sip.rtp.g711 import RATE, decode
from sorcery_sip.rtp.telephone_event import Heard
from sorcery_sip.rtp.tones import DTMF

__all__ = ["DtmfListener", "ToneMeter", "share"]

_BLOCK = 102
"""Samples that are looked at together: 12.75 ms, in which the nearest two frequencies of digits still differ."""
_QUIET = 100.0
"""Samples whose mean square is below that of this amplitude are silence."""
_PURE = 0.75
"""So much of the sound has to be the two frequencies: speech is not."""
_TWIST = 10.0
"""So much stronger one of the two may be."""

_DIGITS = {pair: digit for digit, pair in DTMF.items()}
_ROWS = tuple(sorted({row for row, _ in _DIGITS}))
_COLUMNS = tuple(sorted({column for _, column in _DIGITS}))


@cache
def _waves(frequency: int, samples: int) -> tuple[list[float], list[float]]:
    turns = [2 * math.pi * frequency * place / RATE for place in range(samples)]
    return [math.cos(turn) for turn in turns], [math.sin(turn) for turn in turns]


def _power(samples: Sequence[int], frequency: int) -> float:
    """Return the energy of one frequency in samples, in the terms of `_energy`."""
    cosine, sine = _waves(frequency, len(samples))
    in_phase: float = sum(map(mul, samples, cosine))
    across: float = sum(map(mul, samples, sine))
    return 2 * (in_phase * in_phase + across * across) / len(samples)


def _energy(samples: Sequence[int]) -> int:
    return sum(map(mul, samples, samples))


def share(samples: Sequence[int], frequency: int) -> float:
    """Return how much of the energy of samples (8000 a second) one frequency has: from 0 to 1; 0 for silence."""
    energy = _energy(samples)
    return _power(samples, frequency) / energy if energy else 0.0


class DtmfListener:
    """Tell the digits in a G.711 stream: one begins with the second block in a row that has it, and ends likewise."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._samples = array("h")
        self._last: str | None = None
        self._digit: str | None = None
        self._blocks = 0

    def feed(self, octets: bytes) -> tuple[Heard, ...]:
        """Take in what a packet carries; durations are samples."""
        self._samples.extend(decode(octets, self._codec))
        heard: list[Heard] = []
        whole = len(self._samples) - len(self._samples) % _BLOCK
        for begin in range(0, whole, _BLOCK):
            heard += self._block(_digit_in(self._samples[begin : begin + _BLOCK]))
        del self._samples[:whole]
        return tuple(heard)

    def _block(self, found: str | None) -> Iterable[Heard]:
        last, self._last = self._last, found
        self._blocks += 1
        if found == self._digit or found != last:
            return
        if self._digit is not None:
            yield Heard(self._digit, True, (self._blocks - 2) * _BLOCK)
        self._digit, self._blocks = found, 2
        if found is not None:
            yield Heard(found, False)


def _digit_in(samples: Sequence[int]) -> str | None:
    energy = _energy(samples)
    if energy < _QUIET * _QUIET / 2 * len(samples):
        return None
    row, row_power = _strongest(samples, _ROWS)
    column, column_power = _strongest(samples, _COLUMNS)
    if row_power + column_power < _PURE * energy or not 1 / _TWIST < row_power / column_power < _TWIST:
        return None
    return _DIGITS[row, column]


def _strongest(samples: Sequence[int], frequencies: Iterable[int]) -> tuple[int, float]:
    power, frequency = max((_power(samples, frequency), frequency) for frequency in frequencies)
    return frequency, power


class ToneMeter:
    """Tell which frequency arrives: keeps the last `milliseconds` of a G.711 stream."""

    def __init__(self, codec: str = "ulaw", milliseconds: int = 200) -> None:
        self._codec = codec
        self._octets: collections.deque[int] = collections.deque(maxlen=milliseconds * RATE // 1000)

    def feed(self, octets: bytes) -> None:
        """Take in what a packet carries."""
        self._octets.extend(octets)

    def share(self, frequency: int) -> float:
        """Return how much of the energy a frequency in Hz has, from 0 to 1; 0 until enough has come."""
        if len(self._octets) < (self._octets.maxlen or 0):
            return 0.0
        return share(decode(self._octets, self._codec), frequency)

    def heard(self, frequencies: Iterable[int]) -> int | None:
        """Return the one of some frequencies that more than half of the energy belongs to, None if there is none."""
        return next((frequency for frequency in frequencies if self.share(frequency) > 0.5), None)
