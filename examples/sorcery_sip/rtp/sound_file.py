"""Sound files: WAV of 8000 16-bit samples a second, and bare `.sln` (the same without a header), `.ulaw`, `.alaw`."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator

import attrs

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.rtp.g711 import RATE, SILENCE, decode, encode, in_frames

__all__ = ["SUFFIXES", "Sound", "read_sound"]

SUFFIXES = (".wav", ".sln", ".ulaw", ".alaw")
"""What the names of the files end in that can be read; the first that exists is taken."""

_LAYOUT = struct.Struct("<HHIIHH")
"""Format, channels, samples per second, octets per second, octets per sample, bits per sample."""
_PLAIN = (1, 0xFFFE)
"""PCM; the second says so in more words."""


@attrs.frozen(eq=False)
class Sound:
    """A recording, ready in both kinds of G.711: an `AudioSource`."""

    ulaw: bytes
    alaw: bytes

    def frames(self, codec: str) -> Iterator[bytes]:
        """Yield it in frames of 20 ms. Raises `UnsupportedFormat` for a codec that is not G.711."""
        if codec not in SILENCE:
            raise UnsupportedFormat(f"{codec} cannot be made here, only ulaw and alaw")
        return in_frames((self.ulaw if codec == "ulaw" else self.alaw,), codec)


def read_sound(name: str, data: bytes) -> Sound:
    """Make a sound of what a file holds; its name says how to read it. Raises `SoundError`, naming the file."""
    if name.endswith(".ulaw"):
        return Sound(data, encode(decode(data, "ulaw"), "alaw"))
    if name.endswith(".alaw"):
        return Sound(encode(decode(data, "alaw"), "ulaw"), data)
    if not name.endswith((".wav", ".sln")):
        raise SoundError(f"{name}: no kind of sound file that can be read; it has to end in {', '.join(SUFFIXES)}")
    octets = _wav_samples(name, data) if name.endswith(".wav") else data
    samples = array("h", octets[: len(octets) & ~1])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(encode(samples, "ulaw"), encode(samples, "alaw"))


def _wav_samples(name: str, data: bytes) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SoundError(f"{name}: no WAV file")
    chunks = dict(_chunks(data))
    layout = chunks.get(b"fmt ", b"")
    if len(layout) < _LAYOUT.size or b"data" not in chunks:
        raise SoundError(f"{name}: a WAV file without its 'fmt ' or its 'data' chunk")
    kind, channels, rate, _, _, bits = _LAYOUT.unpack_from(layout)
    if (kind in _PLAIN, rate, bits, channels) != (True, RATE, 16, 1):
        raise SoundError(
            f"{name}: WAV format {kind}, {rate} samples/s, {bits} bit, {channels} channels; "
            f"it has to be format 1, {RATE} samples/s, 16 bit, 1 channel"
        )
    return chunks[b"data"]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and contents of what a WAV file consists of; a last one that is cut off as far as it goes."""
    begin = 12
    while begin + 8 <= len(data):
        size = int.from_bytes(data[begin + 4 : begin + 8], "little")
        yield data[begin : begin + 4], data[begin + 8 : begin + 8 + size]
        begin += 8 + size + size % 2
