"""The sound of one call of a phone: one G.711 stream, its session descriptions, a tone to send, an ear."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery_sip.errors import NegotiationFailed, SdpError
from sorcery_sip.io.media import RtpPort
from sorcery_sip.pbx.media import AudioSource
from sorcery_sip.rtp.listening import ToneMeter
from sorcery_sip.rtp.settings import DtmfMode, Format, RtpSettings
from sorcery_sip.sdp import (
    CODECS,
    Codec,
    Connection,
    Direction,
    MediaDescription,
    Origin,
    SessionDescription,
    numbered,
    parse_sdp,
    read_codecs,
    rtp_attributes,
    write_sdp,
)
from sorcery_sip.sdp.offer_answer import (
    answered_codecs,
    codecs_to_answer,
    events_to_answer,
    events_to_offer,
    our_direction,
    peer_direction,
)

__all__ = ["Audio"]

_PROTOCOL = "RTP/AVP"


class Audio:
    """Offer, answer and apply descriptions, and tell the port what came of them. Use it in the thread of the loop.

    Whatever else a peer offers is declined. What cannot be agreed to raises `NegotiationFailed`, and changes nothing.
    """

    def __init__(self, port: RtpPort, codecs: Iterable[str], tone: AudioSource, session_id: int) -> None:
        """Begin with nothing agreed. `codecs` are Asterisk's names of G.711 (`ulaw`, `alaw`), best first."""
        self.port = port
        self.is_holding = False
        """Whether we take nothing in, from the next description on."""
        self.is_held = False
        """Whether the peer takes nothing in."""
        self._allowed = tuple([CODECS[name] for name in codecs])
        self._tone, self._plays = tone, False
        self._origin = Origin("-", session_id, session_id, port.local[0])
        self._lines: tuple[MediaDescription, ...] = ()
        self._codecs: tuple[Codec, ...] = ()
        self._codec, self._meter = "", ToneMeter()
        port.on_audio(self._hear)

    def offer(self) -> bytes:
        """Return an offer of all codecs; streams that were declined stay so."""
        self._codecs = numbered((*self._allowed, *events_to_offer(self._allowed)), self._codecs)
        direction = Direction.SENDONLY if self.is_holding else Direction.SENDRECV
        line = self._line(self._codecs, direction)
        others = [each.declined for each in self._lines]
        place = next((place for place, each in enumerate(self._lines) if not each.is_declined), 0)
        return self._write([*others[:place], line, *others[place + 1 :]])

    def answer(self, sdp: bytes) -> bytes:
        """Answer an offer, and let it count."""
        description = _read(sdp)
        place, offered = _sound_of(description)
        theirs = read_codecs(offered)
        sounds = codecs_to_answer(theirs, self._allowed, "remote")
        if not sounds:
            raise NegotiationFailed(488, f"none of the offered codecs is {' or '.join(c.name for c in self._allowed)}")
        codecs = (*sounds, *events_to_answer(theirs, sounds))
        direction = our_direction(peer_direction(offered), is_holding=self.is_holding)
        self._configure(offered, codecs, codecs, direction)
        line = self._line(codecs, direction)
        lines = [line if each == place else other.declined for each, other in enumerate(description.media)]
        return self._write(lines)

    def apply(self, sdp: bytes) -> None:
        """Let the answer to the last offer count."""
        description = _read(sdp)
        _, answered = _sound_of(description)
        pairs = answered_codecs(self._codecs, read_codecs(answered))
        ours, theirs = tuple([our for our, _ in pairs]), tuple([their for _, their in pairs])
        if all(codec.is_event for codec in ours):
            raise NegotiationFailed(488, "the answer has no codec of the offer")
        self._configure(answered, ours, theirs, our_direction(peer_direction(answered), is_holding=self.is_holding))

    def play(self) -> None:
        """Begin to send the tone, if that has not begun, as soon as a codec is agreed."""
        if not self._plays and self.port.codec is not None:
            self._plays = True
            self.port.play(self._tone)

    def listen(self) -> ToneMeter:
        """Forget what was heard; the meter that is returned hears what comes from now on."""
        self._meter = ToneMeter(self._codec or "ulaw")
        return self._meter

    @property
    def meter(self) -> ToneMeter:
        """What hears the peer."""
        return self._meter

    def _hear(self, codec: str, payload: bytes) -> None:
        if codec != self._codec:
            self._codec = codec
            self.listen()
        self._meter.feed(payload)

    def _line(self, codecs: tuple[Codec, ...], direction: Direction) -> MediaDescription:
        host, port = self.port.local
        return MediaDescription(
            media="audio",
            port=port,
            protocol=_PROTOCOL,
            formats=tuple([str(codec.payload_type) for codec in codecs]),
            connection=Connection(host, ":" in host),
            direction=direction,
            attributes=rtp_attributes(codecs, ptime=20),
        )

    def _write(self, lines: list[MediaDescription]) -> bytes:
        self._lines = tuple(lines)
        self._origin = self._origin.next
        return write_sdp(SessionDescription(origin=self._origin, media=self._lines))

    def _configure(
        self, peer: MediaDescription, ours: tuple[Codec, ...], theirs: tuple[Codec, ...], direction: Direction
    ) -> None:
        connection = peer.connection
        settings = RtpSettings(
            send={codec.payload_type: _format(codec) for codec in theirs},
            receive={codec.payload_type: _format(codec) for codec in ours},
            remote=None if connection is None else (connection.host, peer.port),
            sends=direction.sends,
            receives=direction.receives,
            dtmf=DtmfMode.EVENTS if any(codec.is_event for codec in ours) else DtmfMode.INBAND,
        )
        try:
            self.port.configure(settings)
        except ValueError as error:
            raise NegotiationFailed(488, str(error)) from error
        self._codecs, self.is_held = ours, not peer_direction(peer).receives


def _format(codec: Codec) -> Format:
    return Format(codec.name, codec.clock_rate, codec.channels)


def _read(sdp: bytes) -> SessionDescription:
    try:
        return parse_sdp(sdp)
    except SdpError as error:
        raise NegotiationFailed(488, str(error), code=399) from error


def _sound_of(description: SessionDescription) -> tuple[int, MediaDescription]:
    """Return the place of the first stream of sound, and the stream."""
    for place, media in enumerate(description.media):
        if media.media == "audio" and media.protocol == _PROTOCOL and not media.is_declined:
            return place, media
    raise NegotiationFailed(488, f"there is no stream of sound over {_PROTOCOL}")
