"""Sound files: WAV of 8000 16-bit samples a second, and bare `.sln` (the same without a header), `.ulaw`, `.alaw`."""

from __future__ import annotations

import io
import sys
import wave
from array import array
from collections.abc import Iterator

import attrs

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.rtp.g711 import RATE, SILENCE, decode, encode, in_frames

__all__ = ["SUFFIXES", "Sound", "read_sound"]

SUFFIXES = (".wav", ".sln", ".ulaw", ".alaw")
"""What the names of the files end in that can be read; the first that exists is taken."""


@attrs.frozen(eq=False)
class Sound:
    """A recording, ready in both kinds of G.711: an `AudioSource`."""

    ulaw: bytes
    alaw: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.ulaw) / RATE

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
    try:
        with wave.open(io.BytesIO(data)) as file:
            found = (file.getframerate(), file.getsampwidth() * 8, file.getnchannels())
            samples: bytes = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise SoundError(f"{name}: no WAV file of plain samples: {error or 'it ends too early'}") from error
    if found != (RATE, 16, 1):
        rate, bits, channels = found
        raise SoundError(f"{name}: {rate} samples/s, {bits} bit, {channels} channels; it has to be {RATE}, 16 bit, 1")
    return samples
