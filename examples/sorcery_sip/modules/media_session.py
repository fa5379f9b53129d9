"""The media of one call: its streams, the description in force, and what is being negotiated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from sorcery.pjsip import Endpoint
from sorcery.plain import plain
from sorcery_sip.errors import NegotiationFailed, NoPorts, SdpError
from sorcery_sip.modules.media_slots import Slot, Slots, Step, fill, in_place, places, streams_of
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.sdp_handlers import MediaStream, RemoteMedia, SdpHandler, Terms
from sorcery_sip.modules.sdp_rtp import RtpSocket, RtpStream
from sorcery_sip.sdp import CODECS, Codec, MediaDescription, Origin, SessionDescription, parse_sdp, write_sdp
from sorcery_sip.sdp.offer_answer import next_origin

__all__ = ["MediaSession"]

_LOG = logging.getLogger(__name__)
_FIRST_OFFER = ("audio", "video")


class MediaSession:
    """Negotiate the streams of one call, each by the handler of its media type.

    A negotiation that fails raises `NegotiationFailed` and changes nothing. Use it in the thread of the loop; it never
    blocks.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        handlers: Iterable[SdpHandler[Any]],
        address: Callable[[bool | None], MediaAddress],
        *,
        random: Random,
    ) -> None:
        """Begin without a stream. `address` returns where media is taken in; it is told whether that is to be IPv6."""
        self._endpoint, self._address, self._random = endpoint, address, random
        self._handlers = {handler.media: handler for handler in handlers}
        self._slots: Slots = ()
        self._offered: Slots = ()
        """What we offered last: a fork or a later response may answer it anew."""
        self._is_answered = False
        self._parked: tuple[MediaStream, ...] = ()
        """Streams that lost their place, whose ports wait for the next of their media type."""
        self._origin: Origin | None = None
        self._remote_origin: Origin | None = None
        self._last_offer: SessionDescription | None = None
        self._written = self._in_force = b""
        self._is_holding = self._is_closed = False
        self._direct: RemoteMedia | None = None
        self._peer: MediaSession | None = None

    # -- what is agreed

    @property
    def local_sdp(self) -> bytes:
        """What we said last, an offer that waits for its answer included; empty before that."""
        return self._written

    @property
    def audio(self) -> RtpSocket | None:
        """Where sound comes in and goes out; it stays while a fax has its place."""
        streams = (*self._streams("audio"), *streams_of(self._offered, "audio"), *self._parked)
        return next(
            (stream.port for stream in streams if isinstance(stream, RtpStream) and stream.local.media == "audio"), None
        )

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """What is agreed on, sound before pictures, digits left out."""
        streams = (*self._streams("audio"), *self._streams("video"))
        return tuple([codec for stream in streams if isinstance(stream, RtpStream) for codec in stream.sounds])

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the agreed codecs; empty until something is agreed."""
        return tuple([codec.name for codec in self.codecs])

    @property
    def dtmf(self) -> str:
        """How digits go: `rfc4733`, `inband`, `info` or `none`."""
        stream = self._sound
        return "none" if stream is None else stream.dtmf

    @property
    def remote_is_holding(self) -> bool:
        """Whether the peer takes no sound in."""
        stream = self._sound
        return stream is not None and stream.remote_is_holding

    @property
    def remote_media(self) -> RemoteMedia | None:
        """Where the peer takes sound in, and what; None while it does not."""
        stream = self._sound
        if stream is None or stream.remote is None:
            return None
        return RemoteMedia(stream.remote[0], stream.remote[1], stream.theirs)

    def shares_codec(self, other: MediaSession) -> bool:
        """Tell whether sound can be relayed between the two."""
        ours, theirs = self._sound, other._sound
        if ours is None or theirs is None:
            return False
        return not {codec.name for codec in ours.sounds}.isdisjoint([codec.name for codec in theirs.sounds])

    @property
    def _sound(self) -> RtpStream | None:
        return next((stream for stream in self._streams("audio") if isinstance(stream, RtpStream)), None)

    def _streams(self, media: str) -> Iterable[MediaStream]:
        return streams_of(self._slots, media)

    # -- offer and answer

    def answer(self, sdp: bytes | SessionDescription, codecs: Iterable[Codec | str] | None = None) -> bytes:
        """Answer an offer of the peer; what was agreed before counts no more. With `codecs` only those may be in it.

        Raises `NegotiationFailed`: 488 when nothing fits, 400 for what is no description (415 in a call with media),
        500 when there is no port.
        """
        try:
            return self._agree(self._read(sdp), codecs)
        except NegotiationFailed as error:
            _LOG.info("endpoint %r: offer refused with %d: %s", self._endpoint.id, error.status, plain(error.text))
            raise

    def _agree(self, description: SessionDescription, codecs: Iterable[Codec | str] | None) -> bytes:
        self.withdraw()
        family = next((m.connection.is_ipv6 for m in description.media if m.connection and not m.is_declined), None)
        terms = self._terms(family, codecs)
        slots = self._negotiate(self._answer, description.media, terms)
        self._remote_origin, self._last_offer = description.origin, description
        self._written = self._write(slots, terms)
        self._commit(slots)
        return self._written

    def answer_again(self, codecs: Iterable[Codec | str]) -> bytes:
        """Answer the last offer once more, with what the other leg has: for an answer that was not sent yet.

        Raises `NegotiationFailed` when that is nothing, or there was no offer.
        """
        if self._last_offer is None:
            raise NegotiationFailed(488, "there is no offer to answer")
        return self.answer(self._last_offer, codecs)

    def offer(
        self,
        codecs: Iterable[Codec | str] | None = None,
        *,
        media: Sequence[str] | None = None,
        all_codecs: bool = False,
    ) -> bytes:
        """Return an offer: of what is in use, or in a new call of all that the endpoint allows.

        `codecs` are those of the other leg, where there is one; `all_codecs` offers what is not in use too; `media`
        names other kinds of stream than those in use. Raises `NegotiationFailed` when there is nothing to offer, or no
        port.
        """
        self.withdraw()
        terms = self._terms(self._family(), codecs, all_codecs=all_codecs)
        wanted = list(media or dict.fromkeys(slot.line.media for slot in self._slots if slot.stream) or _FIRST_OFFER)
        slots = in_place(self._slots, self._negotiate(self._offer, places(self._slots, wanted), terms))
        self._offered, self._last_offer = slots, None
        self._written = self._write(slots, terms)
        return self._written

    def apply(self, sdp: bytes | SessionDescription) -> None:
        """Take the peer's answer to our last offer; another answer to the same one takes the place of the first.

        Without one it answers what is agreed, which a refresh and a new connected line offer again as it is.
        Raises `NegotiationFailed`: 488 when it does not fit, 400 or 415 for what is no description.
        """
        description = self._read(sdp)
        offered = self._offered = self._offered or self._slots
        if not offered:
            raise NegotiationFailed(488, "there is no offer that this could answer")
        if [slot.line.media for slot in offered] != [answered.media for answered in description.media]:
            raise NegotiationFailed(488, "the answer has other m= lines than the offer")
        terms = self._terms(self._family(), None)
        slots = self._negotiate(self._apply, description.media, terms, keep=offered)
        self._remote_origin, self._is_answered = description.origin, True
        self._commit(slots)

    def settle(self) -> None:
        """Expect no further answer to an offer that was answered: ports that it did not want are given back."""
        if self._is_answered:
            self._discard(self._offered)
            self._offered = ()

    def withdraw(self) -> None:
        """Forget an offer of ours that came to nothing; what was agreed before stays."""
        self._discard(self._offered)
        self._offered, self._is_answered, self._written = (), False, self._in_force

    def hold(self, on: bool) -> None:
        """Put the peer on hold, or resume, with the next description."""
        self._is_holding = on

    def direct(self, remote: RemoteMedia | None) -> None:
        """Have the peer's sound go past us from the next description on; None has it come back."""
        self._direct = remote

    # -- two legs

    def join(self, other: MediaSession) -> None:
        """Relay the pictures of two calls to one another, now and after each negotiation; sound is the bridge's."""
        self.part()
        other.part()
        self._peer, other._peer = other, self
        self._relay()

    def part(self) -> None:
        """End what `join` began."""
        peer, self._peer = self._peer, None
        if peer is not None:
            peer._peer = None
            for port in self._picture_ports():
                port.disconnect()

    def close(self) -> None:
        """Give back all ports; a second time does nothing, and nothing is agreed on any more."""
        self.part()
        self._is_closed = True
        streams = (*streams_of(self._slots), *streams_of(self._offered), *self._parked)
        self._slots, self._offered, self._parked = (), (), ()
        for stream in streams:
            stream.port.close()

    def _relay(self) -> None:
        if self._peer is not None:
            for ours, theirs in zip(self._picture_ports(), self._peer._picture_ports(), strict=False):
                ours.connect(theirs)

    def _picture_ports(self) -> list[RtpSocket]:
        return [stream.port for stream in self._streams("video") if isinstance(stream, RtpStream)]

    # -- one negotiation

    def _read(self, sdp: bytes | SessionDescription) -> SessionDescription:
        if isinstance(sdp, SessionDescription):
            return sdp
        try:
            return parse_sdp(sdp)
        except SdpError as error:
            raise NegotiationFailed(415 if self._slots else 400, str(error), code=399) from error

    def _terms(self, is_ipv6: bool | None, codecs: Iterable[Codec | str] | None, *, all_codecs: bool = False) -> Terms:
        address, direct = self._address(is_ipv6), self._direct
        if direct is not None and (":" in direct.host) is not address.is_ipv6:
            direct = None  # the two cannot reach one another
        return Terms(
            address=address,
            is_holding=self._is_holding,
            direct=direct,
            codecs=None if codecs is None else tuple(_known(codecs)),
            all_codecs=all_codecs,
        )

    def _family(self) -> bool | None:
        """Return the address family for an offer: that of the call, else `rtp_ipv6` has its say."""
        used = next((m.connection.is_ipv6 for slot in self._slots if (m := slot.line).connection is not None), None)
        return used if used is not None else self._endpoint.rtp_ipv6 or None

    def _negotiate(self, step: Step, lines: Iterable[MediaDescription], terms: Terms, keep: Slots = ()) -> Slots:
        """Return a slot per line, made by `step`; the ports of a negotiation that fails are closed, but for `keep`."""
        if self._is_closed:
            raise NegotiationFailed(488, "the media of the call are gone", code=399)
        slots: list[Slot] = []
        try:
            fill(slots, step, lines, terms)
        except (NoPorts, OSError) as error:
            self._discard(slots, keep)
            raise NegotiationFailed(500, f"no port for media: {error}", code=399) from error
        except NegotiationFailed:
            self._discard(slots, keep)
            raise
        return tuple(slots)

    def _answer(self, index: int, offered: MediaDescription, terms: Terms) -> MediaStream | None:
        handler = self._handlers.get(offered.media)
        return None if handler is None else handler.answer(offered, self._before(index, offered.media, terms), terms)

    def _offer(self, index: int, line: MediaDescription, terms: Terms) -> MediaStream | None:
        handler = self._handlers.get(line.media)
        return None if handler is None else handler.offer(self._before(index, line.media, terms), terms)

    def _apply(self, index: int, answered: MediaDescription, terms: Terms) -> MediaStream | None:
        stream = self._offered[index].stream
        return None if stream is None else self._handlers[answered.media].apply(stream, answered, terms)

    def _before(self, index: int, media: str, terms: Terms) -> MediaStream | None:
        """Return the stream whose port goes on: that of the slot, else one of the media type that lost its place."""
        stream = self._slots[index].stream if index < len(self._slots) else None
        if stream is not None and stream.local.media == media:
            return stream
        parked = [each for each in self._parked if each.local.media == media]
        return parked[terms.accepted] if terms.accepted < len(parked) else None

    def _write(self, slots: Slots, terms: Terms) -> bytes:
        """Write the slots as the next version; raises `NegotiationFailed` for what no line can hold."""
        endpoint = self._endpoint
        number = 0 if self._origin or self._remote_origin else self._random.getrandbits(31)
        origin = next_origin(self._origin, self._remote_origin, number)
        self._origin = Origin(endpoint.sdp_owner, origin.session_id, origin.version, terms.address.shown)
        lines = tuple([slot.line for slot in slots])
        try:
            return write_sdp(SessionDescription(origin=self._origin, name=endpoint.sdp_session, media=lines))
        except ValueError as error:
            self._discard(slots)
            raise NegotiationFailed(500, f"sdp_owner or sdp_session of {endpoint.id}: {error}", code=399) from error

    def _commit(self, slots: Slots) -> None:
        """Let what was negotiated count; streams that lost their place are paused, or closed where others have it."""
        before = (*streams_of(self._slots), *self._parked)
        ports = {id(stream.port) for stream in streams_of(slots)}
        gone = [stream for stream in before if id(stream.port) not in ports]
        self._parked = tuple([stream for stream in gone if not streams_of(slots, stream.local.media)])
        self._slots, self._in_force = slots, self._written
        for stream in self._parked:
            stream.pause()
        for stream in streams_of(slots):
            stream.begin()
        self._discard([Slot(stream.local, stream) for stream in gone], keep=self._offered)
        self._relay()

    def _discard(self, slots: Iterable[Slot], keep: Slots = ()) -> None:
        """Close the ports of what will not count, those that belong to the call aside."""
        kept = {id(stream.port) for stream in (*streams_of(self._slots), *self._parked, *streams_of(keep))}
        for stream in streams_of(slots):
            if id(stream.port) not in kept:
                stream.port.close()


def _known(codecs: Iterable[Codec | str]) -> Iterable[Codec]:
    """Return codecs, where they were named those that go in RTP."""
    for codec in codecs:
        if isinstance(codec, Codec):
            yield codec
        elif codec in CODECS:
            yield CODECS[codec]
