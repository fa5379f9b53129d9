"""One RTP stream on its sockets: what arrives is counted, relayed and listened to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

import attrs

from sorcery_sip.errors import ParseError
from sorcery_sip.io.hearing import Hearing
from sorcery_sip.io.media_loop import MediaLoop
from sorcery_sip.io.player import Player
from sorcery_sip.io.ports import plain_address
from sorcery_sip.io.rtcp_port import RtcpPort
from sorcery_sip.io.talking import Talking
from sorcery_sip.pbx.media import AudioSource, Dtmf
from sorcery_sip.rtp.incoming import IncomingStream
from sorcery_sip.rtp.outgoing import OutgoingStream, Translation
from sorcery_sip.rtp.packet import HEADER, is_rtcp, parse_rtp
from sorcery_sip.rtp.payload_map import NOTHING, SOUND, kinds, relayed_numbers
from sorcery_sip.rtp.peer import Peer
from sorcery_sip.rtp.rtcp import translate_rtcp
from sorcery_sip.rtp.settings import NOTHING_AGREED, TELEPHONE_EVENT, RtpSettings
from sorcery_sip.rtp.source_lock import Source

__all__ = ["RtpPort"]

_COMFORT_NOISE, _LEVEL = 13, b"\x7f"
"""The number of comfort noise (RFC 3389), and noise that nobody hears."""

_MOST_DIGITS = 100
"""So many may wait: by INFO they come faster than they can be sent."""

_Header = tuple[int, int, int, int, int]


class RtpPort:
    """Where one stream of a call comes in and goes out: the `MediaPort` of a channel, and the sockets below it.

    Nothing blocks; everything happens in the thread of the loop. What is malformed, unknown, or from a source that is
    not let in, is dropped and counted. `give_back` is called once, when it is closed.
    """

    def __init__(
        self,
        sockets: tuple[socket.socket, socket.socket],
        local: tuple[str, int],
        media: MediaLoop,
        give_back: Callable[[], None],
    ) -> None:
        self.local = local
        """IP address and port; RTCP has the port after it."""
        self.settings = NOTHING_AGREED
        self.peer = Peer()
        self.incoming = IncomingStream()
        self.outgoing = OutgoingStream(*map(media.chance.getrandbits, (32, 16, 32)))
        self.rtcp = RtcpPort(sockets, self.peer, (self.incoming, self.outgoing), media)
        self._media, self._clock, self._give_back = media, media.clock, give_back
        self._sockets, self._rtp = sockets, sockets[0]
        self._buffer, self._view = media.buffer, memoryview(media.buffer)
        self._hearing = Hearing()
        self._talking = Talking(self.outgoing, self._clock, self._send)
        self._kinds, self._number = kinds({}), -1
        self._dropped = 0
        self._partner: RtpPort | None = None
        self._target: RtpPort | None = None  # who gets what arrives: the partner, or with an echo this port itself
        self._way: Translation | None = None  # how packets are rewritten for the target
        self._echoes = self._is_closed = self._listens = False
        self._player: Player | None = None
        self._digits: set[Player] = set()
        self._on_timeout: Callable[[], None] | None = None
        self._alive: float | None = None
        media.watch(self._rtp, self._receive)
        media.checks.add(self._check)

    @property
    def port(self) -> int:
        """The number of the RTP port."""
        return self.local[1]

    @property
    def codec(self) -> str | None:
        """What is sent now, by Asterisk's name; None until that is agreed."""
        return self._talking.codec.name if self._talking.codec is not None else None

    def configure(self, settings: RtpSettings) -> None:
        """Take what a negotiation came to; a relay goes on without a break.

        Raises `ValueError` when an address of it is no IP address, or of the other family than the port.
        """
        family = self._rtp.family
        remote, remote_rtcp = plain_address(settings.remote, family), plain_address(settings.remote_rtcp, family)
        if (remote, remote_rtcp) != (settings.remote, settings.remote_rtcp):
            settings = attrs.evolve(settings, remote=remote, remote_rtcp=remote_rtcp)
        self.settings = settings
        self.peer.configure(settings)
        self.rtcp.is_shared = settings.rtcp_mux
        self._kinds = kinds(settings.receive if settings.receives else {})
        self._talking.settings, self._talking.codec = settings, settings.codec
        if settings.codec is not None:
            self.incoming.clock_rate = self.outgoing.clock_rate = settings.codec.clock_rate
        self._listens = self._hearing.configure(settings)
        self._number, self._alive = -1, self._clock()
        self._route()
        if self._partner is not None:
            self._partner._route()

    def connect(self, other: RtpPort) -> None:
        """Let two ports hear one another; what either was connected to before is let go of."""
        if self._partner is not other:
            self.disconnect()
            other.disconnect()
            self._partner, other._partner = other, self
            self._route()
            other._route()

    def disconnect(self) -> None:
        """Part from the port that this one is connected to, if there is one."""
        partner, self._partner = self._partner, None
        if partner is not None:
            partner._partner = None
            partner._route()
            self._route()

    def echo(self, on: bool) -> None:
        """Send back what arrives, digits aside, while the port is not connected; or stop that."""
        self._echoes = on
        self._route()

    def play(self, source: AudioSource) -> Player:
        """Begin to play; what played before is stopped. Raises `UnsupportedFormat`."""
        steps = self._talking.sound(source)
        if self._player is not None:
            self._player.stop()
        self._player = Player(self._media.players, steps)
        return self._player

    def send_dtmf(self, digit: str, milliseconds: int = 100) -> Player:
        """Send a digit after those under way.

        Raises `UnsupportedFormat`; `ValueError` for what is no digit, and where too many wait already.
        """
        self._digits = {player for player in self._digits if not player.is_over}
        if len(self._digits) >= _MOST_DIGITS:
            raise ValueError(f"{_MOST_DIGITS} digits wait to be sent already")
        player = Player(self._media.players, self._talking.digit(digit, milliseconds))
        self._digits.add(player)
        return player

    def on_dtmf(self, callback: Callable[[Dtmf], None] | None) -> None:
        """Set who is told of each digit that arrives with the audio."""
        self._hearing.on_dtmf = callback

    def on_audio(self, callback: Callable[[str, bytes], None] | None) -> None:
        """Set who gets all sound that arrives: the codec's name, and the payload of each packet."""
        self._hearing.on_audio = callback
        self._listens = self._hearing.configure(self.settings)

    def on_timeout(self, callback: Callable[[], None] | None) -> None:
        """Set who is told, once after each negotiation, that nothing has come for as long as was agreed."""
        self._on_timeout = callback

    @property
    def statistics(self) -> Mapping[str, float]:
        """Packets, octets and losses both ways, and times in seconds, by name; `dropped` is what was not taken in."""
        return self.rtcp.reporter.statistics | {"dropped": self._dropped + self.rtcp.dropped}

    def close(self) -> None:
        """Give back the sockets and stop all that plays. A second time does nothing."""
        if self._is_closed:
            return
        self._is_closed, self._alive = True, None
        for player in (self._player, *self._digits):
            if player is not None:
                player.stop()
        self.echo(False)
        self.disconnect()
        self._media.checks.remove(self._check)
        for bound in self._sockets:
            self._media.forget(bound)
            bound.close()
        self._give_back()
        self._hearing.on_dtmf = self._hearing.on_audio = self._on_timeout = None
        self._talking.close()

    def _route(self) -> None:
        """Find out what becomes of packets that arrive; a way that stays the same is kept, with its numbering."""
        target = self._target = self._partner or (self if self._echoes else None)
        self.rtcp.pass_on = self._pass_on_rtcp if self._partner is not None else None
        if target is None:
            self._way = None
            return
        send = target.settings.send
        if target is self:
            send = {number: known for number, known in send.items() if known.name != TELEPHONE_EVENT}
        numbers = relayed_numbers(self.settings.receive, send)
        way = Translation(target.outgoing, numbers, keeps_names=target is not self)
        if self._way is None or not self._way.is_like(way):
            self._way = way

    def _receive(self) -> None:
        """Take one packet out of the socket; nearly all are sound from a known source, and go straight on."""
        buffer, peer = self._buffer, self.peer
        try:
            size, source = self._rtp.recvfrom_into(buffer)
        except OSError:  # taken out already, or closed meanwhile
            return
        header: _Header = HEADER.unpack_from(buffer)
        number = header[1] & 0x7F
        kind = self._kinds[number]
        if kind == NOTHING or size < HEADER.size or header[0] & 0xC0 != 0x80:
            self._receive_unknown(size, source)
        elif source != peer.source and not peer.admits(source, header[2]):
            self._dropped += 1
        elif kind == SOUND:
            now = self._clock()
            self.incoming.count(header[2], header[3], header[4], size - HEADER.size, now)
            relayed = self._target is not None and self._relay(size, header, now)
            if number != self._number or self._listens:
                self._hear(number, size, relayed)
        else:
            self._receive_other(size, header)

    def _relay(self, size: int, header: _Header, now: float) -> bool:
        """Send what lies in the buffer to the target; False when it has no use for it."""
        target, way = self._target, self._way
        if target is None or way is None or (destination := target.peer.destination) is None:
            return False
        if not way.apply(self._buffer, size, header, now):
            return False
        try:
            target._rtp.sendto(self._view[:size], destination)
        except OSError:  # a full buffer, or no way there: as good as lost on the way
            target._dropped += 1
        return True

    def _hear(self, number: int, size: int, relayed: bool) -> None:
        """Listen to the sound in the buffer, and follow the peer to another codec."""
        known = self.settings.receive[number]
        if number != self._number:
            self._number = number
            if self.settings.follow_codec and known in self.settings.send.values():
                self._talking.codec = known
        if self._listens:
            try:
                self._hearing.sound(known, parse_rtp(self._view[:size]).payload, relayed=relayed)
            except ParseError:
                self._dropped += 1

    def _receive_other(self, size: int, header: _Header) -> None:
        """Take in a digit, or comfort noise."""
        now, known = self._clock(), self.settings.receive[header[1] & 0x7F]
        try:
            packet = parse_rtp(self._view[:size])
        except ParseError:
            self._dropped += 1
            return
        self.incoming.count_event(header[2], header[4], len(packet.payload), now)
        relayed = self._relay(size, header, now)
        if known.name == TELEPHONE_EVENT:
            self._hearing.event(known, packet, now, relayed=relayed)

    def _receive_unknown(self, size: int, source: Source) -> None:
        """Drop what was not agreed on, unless it is RTCP that shares the port.

        RTP of the peer is a sign of life all the same, and shows where it is: noise that keeps a NAT open, or what it
        sends while it is held.
        """
        flags, second, sequence = HEADER.unpack_from(self._buffer)[:3]
        if is_rtcp(second):
            if self.rtcp.is_shared and size >= HEADER.size - 4:
                self.rtcp.take_in(bytes(self._view[:size]), source)
                return
        elif (
            size >= HEADER.size and flags & 0xC0 == 0x80 and self.settings.remote and self.peer.admits(source, sequence)
        ):
            self.incoming.time = self._clock()
        self._dropped += 1

    def _pass_on_rtcp(self, data: bytes) -> None:
        """Send the peer's RTCP to the partner's, in terms of the streams there. Raises `ParseError`."""
        partner = self._partner
        if partner is None or self._way is None or partner._way is None:
            return
        names = {self.outgoing.ssrc: partner.incoming.ssrc or 0, self.incoming.ssrc or 0: partner.outgoing.ssrc}
        partner.rtcp.send(translate_rtcp(data, names, self._way.timestamp_offset, -partner._way.sequence_offset))

    def _send(self, talker: object, number: int, timestamp: int, payload: bytes) -> None:
        if self.peer.destination is not None:
            packet = self.outgoing.packet(talker, number, timestamp, payload, self._clock())
            try:
                self._rtp.sendto(packet, self.peer.destination)
            except OSError:  # as good as lost on the way
                self._dropped += 1

    def _check(self) -> None:
        """Look after the port, once a second: is the peer alive, are reports or a sign of life due?"""
        now, settings = self._clock(), self.settings
        self.rtcp.check(now)
        if settings.keepalive and now - (self.outgoing.time or self._alive or now) >= settings.keepalive:
            self._send(self, _COMFORT_NOISE, self.outgoing.position(now), _LEVEL)
        self._hearing.check(now)
        limit = settings.hold_timeout if settings.is_held else settings.timeout
        if limit and self._alive is not None and now - max(self._alive, self.incoming.time) >= limit:
            self._alive = None
            if self._on_timeout is not None:
                self._on_timeout()
