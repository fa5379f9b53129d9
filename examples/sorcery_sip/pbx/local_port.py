"""The media of a local channel: it has none of its own, and joins what lies at its two ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.pbx.media import AudioSource, Dtmf, MediaPort, Playing

__all__ = ["LocalPort"]


class LocalPort:
    """One end of a pair: what is connected to it hears what is connected to its `twin`."""

    def __init__(self, twin: LocalPort | None = None) -> None:
        self.twin: LocalPort = twin or LocalPort(self)
        self._partner: Any = None
        self._takes: Callable[[Dtmf], None] | None = None

    @property
    def codec(self) -> str | None:
        """What is sent to whoever is connected to the twin."""
        beyond = self._beyond
        return None if beyond is None else beyond.codec

    @property
    def statistics(self) -> Mapping[str, float]:
        """Nothing passes here: it passes between those who are joined."""
        return {}

    def connect(self, other: Any) -> None:
        """Join `other` to whoever is connected to the twin, now or later."""
        self.disconnect()
        self._partner = other
        if isinstance(other, LocalPort):
            other._partner = self
        here, there = self._here, self._beyond
        if here is not None and there is not None:
            here.connect(there)

    def disconnect(self) -> None:
        """Part from whoever is connected."""
        here, partner, self._partner = self._here, self._partner, None
        if isinstance(partner, LocalPort) and partner._partner is self:
            partner._partner = None
        if here is not None:
            here.disconnect()

    def play(self, source: AudioSource) -> Playing:
        """Play to whoever is connected to the twin; raises `UnsupportedFormat` while nobody is."""
        return self._hearer().play(source)

    def echo(self, on: bool) -> None:
        """Let whoever is connected to the twin hear itself."""
        beyond = self._beyond
        if beyond is not None:
            beyond.echo(on)

    def send_dtmf(self, digit: str, milliseconds: int = 100) -> Playing:
        """Send a digit to whoever is connected to the twin; raises `UnsupportedFormat` while nobody is."""
        return self._hearer().send_dtmf(digit, milliseconds)

    def on_dtmf(self, callback: Callable[[Dtmf], None] | None) -> None:
        """Do nothing: digits come as events of the channel."""

    def on_timeout(self, callback: Callable[[], None] | None) -> None:
        """Do nothing: those who are joined watch for that."""

    def close(self) -> None:
        """Part from whoever is connected."""
        self.disconnect()

    @property
    def _here(self) -> MediaPort | None:
        """Return the real port at this end; a ring of local ports has none."""
        passed: list[LocalPort] = []
        port = self._partner
        while isinstance(port, LocalPort) and port not in passed:
            passed.append(port)
            port = port.twin._partner
        return None if isinstance(port, LocalPort) else port

    @property
    def _beyond(self) -> MediaPort | None:
        """Return the real port at the twin's end."""
        return self.twin._here

    def _hearer(self) -> MediaPort:
        beyond = self._beyond
        if beyond is None:
            raise UnsupportedFormat("nobody is joined to the other end of this local channel yet")
        return beyond
