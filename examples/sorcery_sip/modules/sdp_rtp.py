"""Streams of sound and of pictures over RTP: what is offered, what is answered, and what the socket is told of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Protocol

import attrs

from sorcery_sip.errors import NegotiationFailed, shorten
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_options import RtpOptions
from sorcery_sip.modules.sdp_handlers import Terms
from sorcery_sip.pbx.media import MediaPort
from sorcery_sip.rtp.settings import DtmfMode, Format, RtpSettings
from sorcery_sip.sdp import Codec, Connection, Direction, MediaDescription, numbered, read_codecs, rtp_attributes
from sorcery_sip.sdp.offer_answer import (
    answered_codecs,
    codecs_to_answer,
    codecs_to_offer,
    events_to_answer,
    events_to_offer,
    our_direction,
    peer_direction,
)

__all__ = ["RtpHandler", "RtpSocket", "RtpStream"]


class RtpSocket(MediaPort, Protocol):
    """A pair of sockets for RTP and RTCP, or one for both."""

    local: tuple[str, int]
    """The IP address and the port of RTP."""

    def configure(self, settings: RtpSettings) -> None:
        """Let what was agreed count."""


@attrs.frozen(slots=True, eq=False, kw_only=True)
class RtpStream:
    """A stream as offered or agreed."""

    local: MediaDescription
    port: RtpSocket
    codecs: tuple[Codec, ...]
    """What it carries, digits included, with the numbers that the peer is to use."""
    settings: RtpSettings
    remote: tuple[str, int] | None = None
    """Where the peer takes it in."""
    theirs: tuple[Codec, ...] = ()
    """What it carries, with the numbers that the peer wants."""
    dtmf: str = "none"
    """How digits go: `rfc4733`, `inband`, `info` or `none`."""
    remote_is_holding: bool = False

    @property
    def sounds(self) -> tuple[Codec, ...]:
        """The codecs without the digits."""
        return tuple([codec for codec in self.codecs if not codec.is_event])

    def begin(self) -> None:
        """Let what was agreed count."""
        self.port.configure(self.settings)

    def pause(self) -> None:
        """Send nothing and expect nothing; the port stays open."""
        self.port.configure(RtpSettings(sends=False, receives=False))


class RtpHandler:
    """Makes the streams of one media type, `audio` or `video`, of one call."""

    def __init__(self, options: RtpOptions, open_port: Callable[[MediaAddress], RtpSocket]) -> None:
        self.media = options.media
        self._options, self._open_port = options, open_port

    def answer(self, offered: MediaDescription, before: RtpStream | None, terms: Terms) -> RtpStream | None:
        """Return what answers an offered stream, None where no codec of it is allowed or there are enough streams.

        Raises `NegotiationFailed` for another profile, for SRTP and for a host that is no address; `NoPorts` and
        `OSError` when there is no port.
        """
        options = self._options
        if terms.accepted >= options.limit or not options.profile.accepts(offered.protocol):
            return None
        theirs = read_codecs(offered, g726_is_aal2=options.g726_is_aal2)
        sounds = codecs_to_answer(_limited(theirs, terms), options.allowed, options.incoming_preference)
        if not sounds:
            return None
        events = events_to_answer(theirs, sounds) if options.wants_events and not terms.accepted else ()
        their_direction = peer_direction(offered)
        direction = our_direction(their_direction, is_holding=terms.is_holding)
        ptime = self._ptime(offered, sounds)
        remote = _remote(offered, terms.address.is_ipv6)
        port = self._port(before, terms)
        codecs = (*sounds, *events)
        mux = options.rtcp_mux and "rtcp-mux" in offered
        return RtpStream(
            local=self._line(offered.protocol, codecs, direction, ptime, mux, port, terms),
            port=port,
            codecs=codecs,
            settings=self._settings(offered, remote, codecs, codecs, direction, ptime, mux, terms),
            remote=remote,
            theirs=codecs,
            dtmf=self._dtmf(codecs),
            remote_is_holding=not their_direction.receives,
        )

    def offer(self, before: RtpStream | None, terms: Terms) -> RtpStream | None:
        """Return a stream to offer, None where no codec may be; raises as `answer`."""
        options = self._options
        sounds = self._offered_sounds(before, terms)
        if terms.accepted >= options.limit or not sounds:
            return None
        protocol = options.profile.protocol if before is None else before.local.protocol
        events = events_to_offer(sounds) if options.wants_events and not terms.accepted else ()
        known = terms.direct.codecs if terms.direct is not None else before.codecs if before is not None else ()
        codecs = numbered((*sounds, *events), known)
        direction = Direction.SENDONLY if terms.is_holding else Direction.SENDRECV
        port = self._port(before, terms)
        return RtpStream(
            local=self._line(protocol, codecs, direction, _shortest(sounds), options.rtcp_mux, port, terms),
            port=port,
            codecs=codecs,
            settings=RtpSettings() if before is None else before.settings,
        )

    def apply(self, offered: RtpStream, answered: MediaDescription, terms: Terms) -> RtpStream | None:
        """Return the stream that an answer makes of an offered one, None where it has no codec of the offer."""
        if not self._options.profile.accepts(answered.protocol):
            return None
        pairs = answered_codecs(offered.codecs, read_codecs(answered, g726_is_aal2=self._options.g726_is_aal2))
        ours, theirs = tuple([our for our, _ in pairs]), tuple([their for _, their in pairs])
        sounds = tuple([codec for codec in ours if not codec.is_event])
        if not sounds:
            return None
        their_direction = peer_direction(answered)
        direction = our_direction(their_direction, is_holding=not offered.local.direction.receives)
        remote = _remote(answered, ":" in offered.port.local[0])
        mux = "rtcp-mux" in offered.local and "rtcp-mux" in answered
        ptime = self._ptime(answered, sounds)
        return attrs.evolve(
            offered,
            codecs=ours,
            settings=self._settings(answered, remote, ours, theirs, direction, ptime, mux, terms),
            remote=remote,
            theirs=theirs,
            dtmf=self._dtmf(ours),
            remote_is_holding=not their_direction.receives,
        )

    def _offered_sounds(self, before: RtpStream | None, terms: Terms) -> tuple[Codec, ...]:
        options = self._options
        if terms.codecs is None and before is not None and not terms.all_codecs:
            sounds = before.sounds
        else:
            sounds = codecs_to_offer(options.allowed, terms.codecs, options.outgoing_preference)
        return sounds if terms.direct is None else codecs_to_offer(sounds, terms.direct.codecs)

    def _port(self, before: RtpStream | None, terms: Terms) -> RtpSocket:
        """Return the port of the stream that had the place, a new one where there was none, or of another family."""
        if before is not None and (":" in before.port.local[0]) is terms.address.is_ipv6:
            return before.port
        return self._open_port(terms.address)

    def _ptime(self, theirs: MediaDescription, sounds: tuple[Codec, ...]) -> int:
        """Return the milliseconds per packet that we send: the peer's wish where `use_ptime` lets it decide."""
        wish = (theirs.get("ptime") or "") if self._options.use_ptime else ""
        if wish.isascii() and wish.isdigit() and len(wish) < 4 and int(wish) >= 10:
            return min(int(wish), *[codec.maxptime for codec in sounds])
        return _shortest(sounds)

    def _dtmf(self, codecs: Iterable[Codec]) -> str:
        mode = self._options.dtmf_mode
        if not self._options.wants_events:
            return mode
        if any(codec.is_event for codec in codecs):
            return "rfc4733"
        return {"auto": "inband", "auto_info": "info"}.get(mode, "none")

    def _line(
        self,
        protocol: str,
        codecs: tuple[Codec, ...],
        direction: Direction,
        ptime: int,
        mux: bool,
        port: RtpSocket,
        terms: Terms,
    ) -> MediaDescription:
        """Return what we write: our address, or that of the far end where media goes there directly."""
        direct = terms.direct if self.media == "audio" else None
        host, number = (terms.address.shown, port.local[1]) if direct is None else (direct.host, direct.port)
        attributes = rtp_attributes(codecs, ptime)
        return MediaDescription(
            media=self.media,
            port=number,
            protocol=protocol,
            formats=tuple([str(codec.payload_type) for codec in codecs]),
            connection=Connection(host, ":" in host),
            direction=direction,
            attributes=(*attributes, ("rtcp-mux", None)) if mux and direct is None else attributes,
        )

    def _settings(
        self,
        peer: MediaDescription,
        remote: tuple[str, int] | None,
        ours: tuple[Codec, ...],
        theirs: tuple[Codec, ...],
        direction: Direction,
        ptime: int,
        mux: bool,
        terms: Terms,
    ) -> RtpSettings:
        """Return what the socket has to know. Media that goes past us is not missed."""
        options, is_direct = self._options, terms.direct is not None
        send = {codec.payload_type: Format(codec.name, codec.clock_rate, codec.channels) for codec in theirs}
        receive = {codec.payload_type: Format(codec.name, codec.clock_rate, codec.channels) for codec in ours}
        return RtpSettings(
            send=send,
            receive=send | receive,  # a peer that uses the numbers of its own answer is understood too
            remote=remote,
            remote_rtcp=_remote_rtcp(peer, remote),
            rtcp_mux=mux,
            sends=direction.sends,
            receives=direction.receives,
            symmetric=options.symmetric,
            strict=options.conf.strict,
            probation=options.conf.probation,
            follow_codec=options.follow_codec,
            dtmf=_DTMF_MODES.get(self._dtmf(ours), DtmfMode.OUTSIDE),
            ptime=ptime or 20,
            timeout=0 if is_direct else options.timeout,
            hold_timeout=0 if is_direct else options.hold_timeout,
            keepalive=0 if is_direct else options.keepalive,
        )


_DTMF_MODES = {"rfc4733": DtmfMode.EVENTS, "inband": DtmfMode.INBAND}


def _limited(codecs: tuple[Codec, ...], terms: Terms) -> tuple[Codec, ...]:
    if terms.codecs is None:
        return codecs
    names = {codec.name for codec in terms.codecs}
    return tuple([codec for codec in codecs if codec.name in names])


def _remote(media: MediaDescription, is_ipv6: bool) -> tuple[str, int] | None:
    """Return where the peer takes the stream in, None while it wants nothing.

    Raises `NegotiationFailed` for a host that is no IP address, or of the family that we have no address of.
    """
    connection = media.connection
    if connection is None or connection.is_unspecified:
        return None
    try:
        address = ipaddress.ip_address(connection.host)
    except ValueError:
        raise NegotiationFailed(488, f"{shorten(connection.host)} in a c= line is no address that is known") from None
    if (address.version == 6) is not is_ipv6:
        raise NegotiationFailed(488, f"media cannot be sent to {address}: we have no IPv{address.version} address")
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise NegotiationFailed(488, f"{shorten(connection.host)} in a c= line has a zone, which means nothing to us")
    return address.compressed, media.port


def _shortest(sounds: Iterable[Codec]) -> int:
    """Return the packet time that every codec of a stream bears."""
    return min(codec.ptime for codec in sounds)


def _remote_rtcp(media: MediaDescription, remote: tuple[str, int] | None) -> tuple[str, int] | None:
    """Return where the peer takes RTCP in when it says so (RFC 3605); an address that is another is not believed."""
    port = (media.get("rtcp") or "").partition(" ")[0]
    if remote is None or not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        return None
    return remote[0], int(port)
