"""G.711: sound in eight bits a sample, as u-law and A-law, by tables.

Samples are 16-bit numbers. Both laws cut each half of their range into eight segments of sixteen steps, each segment's
steps twice as wide as those of the one before; an octet names a step, and its first bit the half.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from functools import cache

from sorcery_sip.errors import UnsupportedFormat

__all__ = ["FRAME", "RATE", "SILENCE", "decode", "encode", "in_frames"]

RATE = 8000
"""Samples per second."""
FRAME = 160
"""Samples of 20 ms; as many octets."""
SILENCE = {"ulaw": b"\xff" * FRAME, "alaw": b"\xd5" * FRAME}
"""20 ms of nothing in each codec."""

_POSITIVE = 0x80
_LOUDEST = 1 << 15
_ULAW_BIAS = 132
_FLIP = bytes(octet ^ _POSITIVE for octet in range(256))


def encode(samples: Iterable[int], codec: str) -> bytes:
    """Return samples in a codec, `ulaw` or `alaw`. Raises `UnsupportedFormat` for any other."""
    return bytes(map(_octets(codec).__getitem__, samples))


def decode(octets: Iterable[int], codec: str) -> array[int]:
    """Return the samples of octets in a codec, `ulaw` or `alaw`. Raises `UnsupportedFormat` for any other."""
    return array("h", map(_samples(codec).__getitem__, octets))


@cache
def _octets(codec: str) -> bytes:
    """Return the octet of each sample: those of negative ones lie where Python's negative indexes look for them."""
    steps = sorted((_step(octet, codec)[0], octet) for octet in range(_POSITIVE, 256))
    ends = [*(least for least, _ in steps[1:]), _LOUDEST]
    louder = b"".join(bytes([octet]) * (end - max(least, 0)) for (least, octet), end in zip(steps, ends, strict=True))
    return louder + louder[::-1].translate(_FLIP)


@cache
def _samples(codec: str) -> tuple[int, ...]:
    """Return the sample of each octet: the middle of its step."""
    louder = [_step(octet, codec)[1] for octet in range(_POSITIVE, 256)]
    return (*(-sample for sample in louder), *louder)


def _step(octet: int, codec: str) -> tuple[int, int]:
    """Return where the step of an octet of the positive half begins, and its middle."""
    match codec:
        case "ulaw":
            segment, number = divmod(~octet & 0x7F, 16)
            least = ((number | 16) << (segment + 3)) - _ULAW_BIAS
            return least, least + (4 << segment)
        case "alaw":
            segment, number = divmod((octet ^ 0x55) & 0x7F, 16)
            least = (number | (16 if segment else 0)) << (max(segment, 1) + 3)
            return least, least + (4 << max(segment, 1))
    raise UnsupportedFormat(f"{codec} cannot be made here, only ulaw and alaw")


def in_frames(chunks: Iterable[bytes], codec: str) -> Iterator[bytes]:
    """Yield octets in frames of 20 ms, whatever pieces they come in; the last is filled up with silence."""
    rest = b""
    for chunk in chunks:
        octets = rest + chunk
        whole = len(octets) - len(octets) % FRAME
        for start in range(0, whole, FRAME):
            yield octets[start : start + FRAME]
        rest = octets[whole:]
    if rest:
        yield rest + SILENCE[codec][len(rest) :]
