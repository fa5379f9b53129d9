"""The phone itself: its socket, its registration, and who is called or calls."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from sorcery_sip.address import Address
from sorcery_sip.client import answered
from sorcery_sip.errors import HeaderError, UriError
from sorcery_sip.events import Event, RequestReceived
from sorcery_sip.io.media import MediaLoop, PortRange, open_rtp
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.message.messages import Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.reply import reply
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.message.via import bracketed
from sorcery_sip.phone.audio import Audio
from sorcery_sip.phone.call import Call
from sorcery_sip.phone.registration import Registration
from sorcery_sip.rtp.tones import parse_tone
from sorcery_sip.session import Challenged, Ended, OutgoingInvite, Profile, UserAgent
from sorcery_sip.stack import Stack

__all__ = ["Phone"]

_TRANSPORT = "udp"
_SIP_PORT = 5060
_ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, INFO"
_PROFILE = Profile(redirect_method="uri_pjsip", allow=_ALLOW, supported=())
_MEDIA_PORTS = (16384, 32767)
"""Below those that the system gives to clients of its own accord."""
_GOODBYE_SECONDS = 2.0


class Phone:
    """A SIP phone over UDP that plays one tone; use it as an async context manager, in one event loop.

    Entering opens its socket, and raises `OSError` where that cannot be. Leaving hangs up; a registration stays.
    """

    def __init__(
        self,
        user: str,
        password: str = "",
        server: tuple[str, int] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tone: int | str = 440,
        codecs: Sequence[str] = ("ulaw", "alaw"),
        answers: bool = True,
        media_ports: PortRange | None = None,
    ) -> None:
        """Describe it. `host` is our own IP address, as others reach it; port 0 takes a free one.

        `tone` is what callers hear, in Hz or in Asterisk's notation (raises `SoundError`); `codecs` are `ulaw` and
        `alaw`, best first. One that `answers` takes calls by itself; else `next_call` returns them ringing.
        """
        self.user, self.server = user, server
        self.address = Address(host, port, _TRANSPORT)
        """Where it is reached, once it is open."""
        self._password, self._answers = password, answers
        self._tone, self._codecs = parse_tone(str(tone)), tuple(codecs)
        self._ports = media_ports or PortRange(*_MEDIA_PORTS)
        self._random = random.SystemRandom()
        self._stack = Stack()
        self._shell = UdpShell(self._stack, self._on_event)
        self._agent = UserAgent(self._stack, self, random=self._random)
        self._shell.sessions = self
        self._incoming: asyncio.Queue[Call] = asyncio.Queue()
        self._calls: set[Call] = set()
        self._registration = Registration(user, password, self._stack, self._flush)

    @property
    def uri(self) -> SipUri:
        """Where others call it directly."""
        return SipUri(bracketed(self.address.host), self.user, self.address.port)

    async def register(self, expires: int = 3600) -> Response:
        """Register at the server for some seconds, 0 to end that, and return the final response, whatever it is.

        It is not refreshed by itself. Raises `NoResponse` after 32 s of silence, `OSError` when the server's name is
        not found, `ValueError` without a server.
        """
        server = self._domain()
        destination = await _resolve(server)
        return await self._registration.register(server, destination, self.uri, self.address, expires)

    async def dial(self, target: str) -> Call:
        """Call a user of the server, or a whole SIP URI; returns when the INVITE is on its way.

        Raises `UriError` for what is neither, and otherwise as `register`; `NoPorts` when all for media are in use.
        """
        uri = self._target(target)
        own = NameAddr(SipUri(bracketed(self.server[0]), self.user, self.server[1]) if self.server else self.uri)
        destination = await _resolve(uri)
        call = self._new_call()
        invite = OutgoingInvite(
            uri=uri,
            from_=own,
            to=NameAddr(uri),
            contact=NameAddr(self.uri),
            destinations=(destination,),
            sdp=call.offer(),
        )
        call.session = self._agent.outgoing(invite, _PROFILE, self._shell.now, data=call)
        self._calls.add(call)
        self._flush()
        return call

    async def call(self, target: str) -> Call:
        """Call and wait until it is answered; raises as `dial`, and `CallFailed` when it is not."""
        call = await self.dial(target)
        await call.answered()
        return call

    async def next_call(self) -> Call:
        """Wait for the next incoming call; it rings, or is answered already if this phone `answers`."""
        return await self._incoming.get()

    async def __aenter__(self) -> Self:
        self._media = MediaLoop()
        try:
            self.address = await self._shell.open(_TRANSPORT, *self.address[:2])
        except OSError:
            self._media.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        calls = tuple(self._calls)
        for call in calls:
            call.hang_up()
        with contextlib.suppress(TimeoutError):  # a peer that says nothing is left alone
            async with asyncio.timeout(_GOODBYE_SECONDS):
                for call in calls:
                    await call.ended()
        for call in tuple(self._calls):
            call.close()
        self._shell.close()
        self._media.close()

    # -- Network and Timed, for what stands on the stack

    def route(self, uri: SipUri, _transport: str | None) -> Address | None:
        """Return where a request goes: to the address in its URI; a name is not looked up."""
        host = uri.host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            socket.inet_pton(family, host)
        except OSError:
            return None
        return Address(host, uri.port or _SIP_PORT, _TRANSPORT)

    def local(self, _destination: Address) -> Address:
        """Return our address."""
        return self.address

    def next_deadline(self) -> float | None:
        """Return when `handle_deadline` has to be called."""
        return self._agent.next_deadline()

    def handle_deadline(self, now: float) -> None:
        """Let happen what is due by `now`."""
        self._agent.handle_deadline(now)
        self._tell()

    # -- events

    def _on_event(self, event: Event) -> None:
        if self._registration.handle(event):
            return
        if self._agent.handle(event, self._shell.now):
            self._tell()
        elif isinstance(event, RequestReceived):
            self._on_request(event)

    def _tell(self) -> None:
        """Give what sessions tell to their calls."""
        while (event := self._agent.next_event()) is not None:
            call: Call = event.session.data
            if isinstance(event, Challenged):
                self._on_challenged(event)
            else:
                call.happened(event)
                if isinstance(event, Ended):
                    self._calls.discard(call)
                    event.session.data = None  # else the two are a circle, which is freed late

    def _on_challenged(self, event: Challenged) -> None:
        session = event.session
        try:
            again = answered(event.request, event.response, self.user, self._password, secrets.token_hex(8))
        except HeaderError:
            again = None
        if again is None:
            session.give_up(self._shell.now)
            return
        names = ("Authorization", "Proxy-Authorization")
        fields = [(name, value) for name in names for value in again.headers.get_all(name)]
        session.authenticate(fields, self._shell.now)

    def _on_request(self, received: RequestReceived) -> None:
        """Answer a request that no session knows."""
        request = received.request
        if request.method == "INVITE" and request.to.tag is None:
            self._on_invite(received)
        elif request.method == "OPTIONS" and request.to.tag is None:
            self._stack.respond_statelessly(received, reply(request, 200, headers=(("Allow", _ALLOW),)))
        elif request.to.tag is not None or request.method == "CANCEL":
            self._stack.reject(received, 481)
        else:
            self._stack.reject(received, 405, headers=(("Allow", _ALLOW),))

    def _on_invite(self, received: RequestReceived) -> None:
        call = self._new_call()
        now, contact = self._shell.now, NameAddr(self.uri)
        try:
            call.session = self._agent.incoming(received, _PROFILE, now, contact=contact, data=call)
        except HeaderError:
            call.close()
            self._stack.reject(received, 400)
            return
        self._calls.add(call)
        call.ring(answers=self._answers)
        self._tell()
        if call.end is None:
            self._incoming.put_nowait(call)

    def _new_call(self) -> Call:
        port = open_rtp(self.address.host, self._ports, self._media)
        return Call(Audio(port, self._codecs, self._tone, self._random.getrandbits(31)), self._flush)

    def _flush(self) -> None:
        self._tell()
        self._shell.flush()

    # -- addresses

    def _domain(self) -> SipUri:
        if self.server is None:
            raise ValueError(f"phone {self.user!r} has no server; give it one, or a whole SIP URI to dial")
        return SipUri(bracketed(self.server[0]), port=self.server[1])

    def _target(self, target: str) -> SipUri:
        if ":" not in target:
            domain = self._domain()
            return SipUri(domain.host, target, domain.port)
        uri = parse_uri(target)
        if not isinstance(uri, SipUri):
            raise UriError(target, "write sip:user@host:port, or the name of a user alone")
        return uri


async def _resolve(uri: SipUri) -> Address:
    """Return the address that a URI names; asks the resolver for names. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    host, port = uri.host.strip("[]"), uri.port or _SIP_PORT
    found = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0][4]
    return Address(str(found[0]), port, _TRANSPORT)
