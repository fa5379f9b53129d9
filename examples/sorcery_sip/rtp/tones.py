"""Tones: Asterisk's notation for them, and their sound.

`480+620/500,0/500` is 500 ms of two frequencies, 500 ms of nothing, and again without end. `!` before an element plays
it only the first time round; `440*10` modulates; an element without a duration has no end.
"""

from __future__ import annotations

import itertools
import math
import re
from array import array
from collections.abc import Iterator
from functools import lru_cache

import attrs

from sorcery_sip.errors import SoundError, shorten
from sorcery_sip.rtp.g711 import RATE, SILENCE, encode, in_frames

__all__ = ["DTMF", "US_TONES", "Element", "Tone", "dtmf_tone", "parse_tone"]

US_TONES = {
    "dial": "350+440",
    "busy": "480+620/500,0/500",
    "ring": "440+480/2000,0/4000",
    "congestion": "480+620/250,0/250",
    "callwaiting": "440/300,0/10000",
    "dialrecall": "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440",
    "record": "1400/500,0/15000",
    "info": "!950/330,!1400/330,!1800/330,0",
    "stutter": "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440",
}
"""What North American networks play (ITU-T E.180), under the names of indications.conf."""

_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
DTMF = {digit: (_ROWS[place // 4], _COLUMNS[place % 4]) for place, digit in enumerate("123A456B789C*0#D")}
"""The two frequencies of each digit (ITU-T Q.23)."""

_AMPLITUDE = 8192
_SINE = array("h", (round(_AMPLITUDE * math.sin(2 * math.pi * step / RATE)) for step in range(RATE)))
"""One second of 1 Hz: a tone of f Hz takes each f-th sample of it."""
_ELEMENT = re.compile(r"(!)?\s*([0-9]{1,5})(?:\s*([+*])\s*([0-9]{1,5}))?\s*(?:/\s*([0-9]{1,9}))?", re.ASCII)


@attrs.frozen
class Element:
    """One piece of a tone: the frequencies in Hz, 0 for silence, and how long; 0 milliseconds are without end."""

    first: int
    second: int = 0
    milliseconds: int = 0
    is_modulated: bool = False

    def octets(self, codec: str) -> Iterator[bytes]:
        """Yield its sound, at most a second at a time."""
        second = _second(self.first, self.second, self.is_modulated, codec)
        if not self.milliseconds:
            yield from itertools.repeat(second)
        seconds, rest = divmod(self.milliseconds * RATE // 1000, RATE)
        yield from itertools.repeat(second, seconds)
        yield second[:rest]


@attrs.frozen
class Tone:
    """Elements that are played once, then others over and over, if there are any: an `AudioSource`."""

    once: tuple[Element, ...] = ()
    again: tuple[Element, ...] = ()

    def frames(self, codec: str) -> Iterator[bytes]:
        """Yield its sound in frames of 20 ms. Raises `UnsupportedFormat` for a codec that is not G.711."""
        encode((), codec)
        elements = itertools.chain(self.once, itertools.cycle(self.again))
        return in_frames(itertools.chain.from_iterable(element.octets(codec) for element in elements), codec)


@lru_cache(maxsize=64)
def parse_tone(text: str) -> Tone:
    """Read a tone in Asterisk's notation. Raises `SoundError`."""
    once, again = list[Element](), list[Element]()
    for part in re.split(r"[,|]", text):
        match = _ELEMENT.fullmatch(part.strip())
        if match is None:
            raise SoundError(f"tone {shorten(text)}: {shorten(part)} is no element; write 440+480/2000 or 0/500")
        mark, first, operator, second, milliseconds = match.groups()
        element = Element(int(first), int(second or 0), int(milliseconds or 0), operator == "*")
        if max(element.first, element.second) > RATE // 2:
            raise SoundError(f"tone {shorten(text)}: a frequency is at most {RATE // 2} Hz")
        (once if mark and not again else again).append(element)
    return Tone(tuple(once), tuple(again))


def dtmf_tone(digit: str, milliseconds: int) -> Tone:
    """Return the sound of a digit, once. Raises `KeyError` for what is no digit of `DTMF`."""
    return Tone(once=(Element(*DTMF[digit], milliseconds),))


@lru_cache(maxsize=64)
def _second(first: int, second: int, is_modulated: bool, codec: str) -> bytes:
    """Return one second of a sound; every whole number of Hz fits into it, so it can be repeated."""
    if not first and not second:
        return SILENCE[codec] * (RATE // len(SILENCE[codec]))
    one = [_SINE[place * first % RATE] for place in range(RATE)]
    other = [_SINE[place * second % RATE] for place in range(RATE)]
    if is_modulated:
        return encode((a * (_AMPLITUDE + b) // (2 * _AMPLITUDE) for a, b in zip(one, other, strict=True)), codec)
    return encode((a + b for a, b in zip(one, other, strict=True)), codec)
