"""What the PBX asks of the media of a channel, and of sounds: it knows neither RTP nor sockets."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Protocol, Self

import attrs

__all__ = ["AudioSource", "Dtmf", "MediaPort", "Playing", "Sounds"]


@attrs.frozen
class Dtmf:
    """One digit that the peer pressed: told when it begins, and when it has ended.

    `milliseconds` is how long it lasted, 0 while it has only begun. `relayed` says that the port it is connected
    to got it as well, with the audio, so that nobody has to send it there.
    """

    digit: str
    ended: bool
    milliseconds: int = 0
    relayed: bool = False


class AudioSource(Protocol):
    """Sound that a port can play."""

    def frames(self, codec: str) -> Iterator[bytes]:
        """Yield it from its beginning, in frames of 20 ms of a codec (`ulaw`, `alaw`); perhaps without end.

        Raises `UnsupportedFormat` where it cannot be had in that codec.
        """
        ...


class Playing(Protocol):
    """Something that is being played or sent; await it to learn how it ended.

    The result is True once all of it went out, False once it was stopped. Cancelling who awaits does not stop it.
    """

    def stop(self) -> None:
        """Stop it; one that has ended stays as it is."""
        ...

    def __await__(self) -> Generator[Any, None, bool]: ...


class MediaPort(Protocol):
    """Where the audio of one channel comes in and goes out. Nothing here blocks; all is called in the loop's thread."""

    @property
    def codec(self) -> str | None:
        """What is sent now, by Asterisk's name (`ulaw`, `g722`, …); None until that is agreed."""
        ...

    def connect(self, other: Self) -> None:
        """Let two ports hear one another, without transcoding; what either was connected to before is let go of.

        What a port plays goes before what it would relay.
        """
        ...

    def disconnect(self) -> None:
        """Part from the port that this one is connected to, if there is one."""
        ...

    def play(self, source: AudioSource) -> Playing:
        """Begin to play; what played before is stopped. Time passes also while the peer's address is not known.

        Raises `UnsupportedFormat` when the codec of the port is not one that we can make.
        """
        ...

    def echo(self, on: bool) -> None:
        """Send back what arrives, digits aside; or stop that."""
        ...

    def send_dtmf(self, digit: str, milliseconds: int = 100) -> Playing:
        """Send a digit (`0`-`9`, `*`, `#`, `A`-`D`), after those that are under way.

        Raises `UnsupportedFormat` when digits do not go with the audio here, or not in this codec.
        """
        ...

    def on_dtmf(self, callback: Callable[[Dtmf], None] | None) -> None:
        """Set who is told of each digit that arrives with the audio."""
        ...

    def on_timeout(self, callback: Callable[[], None] | None) -> None:
        """Set who is told, once, that nothing has come for as long as was agreed."""
        ...

    @property
    def statistics(self) -> Mapping[str, float]:
        """Packets, octets and losses both ways, and the jitter in seconds, by name."""
        ...

    def close(self) -> None:
        """Give back the sockets and stop all that plays. A second time does nothing."""
        ...


class Sounds(Protocol):
    """Where sounds come from: tones are made, and files are read."""

    def tone(self, text: str) -> AudioSource:
        """Return a tone, by its name (`ring`, `busy`, …) or in Asterisk's notation (`440+480/2000,0/4000`).

        Raises `SoundError`, saying what in the notation is wrong.
        """
        ...

    async def file(self, name: str, language: str = "en") -> AudioSource:
        """Return the sound of a file, named without its ending as in `Playback`; it is read in a thread.

        Raises `SoundError` where there is none, or none that we can read.
        """
        ...
