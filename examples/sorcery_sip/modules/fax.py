"""The fax of one call: its `m=image` streams over UDPTL, and whether they count (ITU-T T.38 annex D)."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol, Self

import attrs

from sorcery.pjsip import Endpoint
from sorcery_sip.modules.resolver import ip_version
from sorcery_sip.modules.sdp_handlers import Terms
from sorcery_sip.modules.t38_parameters import T38Parameters
from sorcery_sip.sdp import Connection, MediaDescription

__all__ = ["Fax", "FaxState", "FaxStream", "OpenUdptl", "Outcome", "UdptlPort", "address_of"]

MAX_DATAGRAM = 400
"""What we say of ourselves where neither the endpoint nor the other leg says more, in octets."""


class UdptlPort(Protocol):
    """A socket that fax datagrams come and go by."""

    @property
    def local(self) -> tuple[str, int]:
        """Return what it is bound to."""

    def configure(self, remote: tuple[str, int] | None, *, symmetric: bool = False) -> None:
        """Say where the peer is, and whether it may prove to be elsewhere."""

    def connect(self, other: Self) -> None:
        """Hand on what comes to another port, and the other way round."""

    def disconnect(self) -> None:
        """Stop that."""

    def close(self) -> None:
        """Give the socket back; may be called twice."""


OpenUdptl = Callable[[str], UdptlPort]
"""Opens a port at an address of ours. Raises `OSError` when none is free."""


class FaxState(enum.Enum):
    """How far a call is on its way from audio to fax."""

    AUDIO = "audio"
    ASKED = "the peer wants to fax, and waits"
    OFFERED = "the peer was asked to fax"
    FAX = "fax"


class Outcome(enum.Enum):
    """What became of a stream."""

    BEGUN = enum.auto()
    """It counts, and nothing of it was known before: the peer began with it."""
    ACCEPTED = enum.auto()
    ENDED = enum.auto()


@attrs.frozen(slots=True)
class _Port:
    """The socket of a fax, which tells when the media session lets go of it."""

    fax: Fax = attrs.field(repr=False)
    socket: UdptlPort

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
        self.fax.lost(self)


@attrs.frozen(slots=True)
class FaxStream:
    """One stream, as offered or as agreed."""

    local: MediaDescription
    port: _Port
    remote: tuple[str, int] | None = None
    """Where the peer takes fax in; None while it has not said."""
    theirs: T38Parameters = attrs.field(factory=T38Parameters)
    """What the peer can do, as far as the endpoint's options let it; the error correction is the one agreed on."""

    remote_is_holding = False

    def begin(self) -> None:
        """Let what was agreed count."""
        fax = self.port.fax
        self.port.socket.configure(self.remote, symmetric=fax.endpoint.t38_udptl_nat)
        fax.begun(self)

    def pause(self) -> None:
        """Stop: audio took the place."""
        self.port.socket.disconnect()
        self.port.fax.lost(self.port)


class Fax:
    """Make the image streams of a call where `t38_udptl` allows them, and follow what becomes of them.

    A media session asks it as its handler of `image`. `tell` is called with each outcome.
    """

    media = "image"

    def __init__(self, endpoint: Endpoint, open_port: OpenUdptl) -> None:
        self.endpoint, self._open_port = endpoint, open_port
        self.state = FaxState.AUDIO
        self.wanted = T38Parameters()
        """What the other leg can do: what our descriptions say."""
        self.stream: FaxStream | None = None
        """The one that counts."""
        self.tell: Callable[[Outcome], None] = _nobody
        self._other: Fax | None = None

    # -- as the handler of a media type

    def answer(self, offered: MediaDescription, before: FaxStream | None, terms: Terms) -> FaxStream | None:
        """Return what answers an offered stream; None for one that is no fax, a second one, or one not allowed.

        Raises `NoPorts` and `OSError` when there is no port.
        """
        remote = address_of(offered)
        if not self.endpoint.t38_udptl or remote is None or terms.accepted:
            return None
        theirs = self.limited(T38Parameters.parse(offered))
        if self.state is FaxState.ASKED:
            theirs = theirs.corrected_as(self.wanted)
        port = self._port(before, terms, is_ipv6=":" in remote[0])
        ours = self.wanted.common(theirs).corrected_as(theirs, always=True)
        return FaxStream(self._described(port, terms, ours, offered.protocol), port, remote, theirs)

    def offer(self, before: FaxStream | None, terms: Terms) -> FaxStream | None:
        """Return a stream to offer, None where the endpoint may not have one; raises as `answer`."""
        if not self.endpoint.t38_udptl:
            return None
        port = self._port(before, terms, is_ipv6=":" in terms.address.shown)
        theirs = self.limited(self.wanted)
        return FaxStream(self._described(port, terms, theirs, "udptl"), port, None, theirs)

    def apply(self, offered: FaxStream, answered: MediaDescription, terms: Terms) -> FaxStream | None:
        """Return the stream that an answer makes of the one offered, None when it declines, or is no fax."""
        remote = address_of(answered)
        if remote is None or (":" in remote[0]) is not (":" in offered.port.socket.local[0]):
            return None
        theirs = self.limited(T38Parameters.parse(answered)).corrected_as(offered.theirs)
        return attrs.evolve(offered, remote=remote, theirs=theirs)

    def limited(self, theirs: T38Parameters) -> T38Parameters:
        """Return what somebody can do as far as the endpoint's options let it.

        Datagrams are relayed as they are, so the error correction is the same on both legs, or there is none.
        """
        allowed = theirs.error_correction == self.endpoint.t38_udptl_ec
        return attrs.evolve(
            theirs,
            error_correction=theirs.error_correction if allowed else "none",
            max_datagram=self.endpoint.t38_udptl_maxdatagram or theirs.max_datagram,
        )

    def _described(self, port: _Port, terms: Terms, ours: T38Parameters, protocol: str) -> MediaDescription:
        limit = self.endpoint.t38_udptl_maxdatagram or self.wanted.max_datagram or MAX_DATAGRAM
        return MediaDescription(
            media="image",
            port=port.socket.local[1],
            protocol=protocol,
            formats=("t38",),
            connection=Connection(terms.address.shown, ":" in terms.address.shown),
            attributes=attrs.evolve(ours, max_datagram=limit).attributes(),
        )

    def _port(self, before: FaxStream | None, terms: Terms, *, is_ipv6: bool) -> _Port:
        """Return the port of the fax that had the place, a new one where there was none, or of another family."""
        if before is not None and (":" in before.port.socket.local[0]) is is_ipv6:
            return before.port
        host = terms.address.bind
        if self.endpoint.t38_bind_udptl_to_media_address:
            host = self.endpoint.media_address
        if ip_version(host) != (6 if is_ipv6 else 4):
            host = "::" if is_ipv6 else "0.0.0.0"
        return _Port(self, self._open_port(host))

    # -- as the fax of a call

    def join(self, other: Fax | None) -> None:
        """Relay between this fax and that of the other leg, from when both count; None: no longer."""
        if other is None and self.stream is not None:
            self.stream.port.socket.disconnect()
        self._other = other
        self._connect()

    def leave(self) -> None:
        """Part from the other leg, and tell nobody any more: the call is over."""
        self.join(None)
        self.tell = _nobody

    def begun(self, stream: FaxStream) -> None:
        """Learn that a stream counts."""
        before, self.state, self.stream = self.state, FaxState.FAX, stream
        self._connect()
        if before is FaxState.OFFERED:
            self.tell(Outcome.ACCEPTED)
        elif before is FaxState.AUDIO:
            self.tell(Outcome.BEGUN)

    def lost(self, port: _Port) -> None:
        """Learn that a port is used no more: if it is that of the fax, the fax is over."""
        if self.stream is not None and self.stream.port is port:
            self.state, self.stream = FaxState.AUDIO, None
            self.tell(Outcome.ENDED)

    def _connect(self) -> None:
        other = self._other
        if other is not None and self.stream is not None and other.stream is not None:
            self.stream.port.socket.connect(other.stream.port.socket)


def address_of(media: MediaDescription) -> tuple[str, int] | None:
    """Return where a stream of T.38 over UDPTL is taken in; None for one that is none, or declined, or at a name."""
    is_fax = media.media == "image" and media.protocol.lower() == "udptl" and "t38" in map(str.lower, media.formats)
    host = "" if media.connection is None else media.connection.host
    if not is_fax or media.is_declined or ip_version(host) is None or "%" in host:  # a zone means nothing to us
        return None
    return host, media.port


def _nobody(outcome: Outcome) -> None:
    """Tell nobody: the call has not begun."""
