"""User agents on a network and a clock that exist only here."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import attrs

from sorcery_sip.address import Address
from sorcery_sip.events import RequestReceived
from sorcery_sip.message import Headers, NameAddr, Request, Response, SipUri, Via, parse_datagram, reply, write
from sorcery_sip.message.uri import Uri
from sorcery_sip.session import (
    Accepted,
    Ended,
    InviteSession,
    OutgoingInvite,
    Profile,
    SessionEvent,
    UserAgent,
)
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.timers import DEFAULT_TIMERS, Timers

LATENCY = 0.01
OFFER, ANSWER = b"v=0 offer", b"v=0 answer"

E = TypeVar("E", bound=SessionEvent)
Fate = Callable[[Request | Response], Iterable[float]]
"""How long each copy of a message is under way; none at all means that it is lost."""


@attrs.frozen
class Sent:
    at: float
    source: Address
    destination: Address
    message: Request | Response

    @property
    def what(self) -> str:
        message = self.message
        return message.method if isinstance(message, Request) else f"{message.status} {message.cseq.method}"


class Wire:
    """Carries messages from peer to peer, and lets time pass."""

    def __init__(self, fate: Fate | None = None) -> None:
        self.now = 0.0
        self.fate: Fate = fate or (lambda message: (LATENCY,))
        self.log: list[Sent] = []
        self.peers: dict[Address, Peer | Raw] = {}
        self._flying: list[tuple[float, int, bytes, Address, Address]] = []
        self._order = itertools.count()

    def peer(self, name: str, **options: Any) -> Peer:
        peer = Peer(self, name, Address(f"192.0.2.{len(self.peers) + 1}", 5060), **options)
        self.peers[peer.address] = peer
        return peer

    def raw(self) -> Raw:
        raw = Raw(self, Address(f"192.0.2.{len(self.peers) + 1}", 5060))
        self.peers[raw.address] = raw
        return raw

    def carry(self, data: bytes, source: Address, destination: Address) -> None:
        message = parse_datagram(data)
        self.log.append(Sent(self.now, source, destination, message))
        for delay in self.fate(message):
            heapq.heappush(self._flying, (self.now + delay, next(self._order), data, source, destination))

    def run(self, seconds: float = 0.5) -> None:
        """Let so much time pass."""
        until = self.now + seconds
        while (at := self._next()) is not None and at <= until:
            self._advance(at)
        self.now = until
        self._settle()

    def quiesce(self, limit: float = 100_000.0) -> None:
        """Let time pass until nothing more will happen by itself."""
        until = self.now + limit
        while (at := self._next()) is not None:
            assert at <= until, "it never ends"
            self._advance(at)

    def seen(self, *names: str) -> list[str]:
        """Return what was sent so far, all of it or what bears these names."""
        return [sent.what for sent in self.log if not names or sent.what in names]

    def messages(self, what: str) -> list[Any]:
        return [sent.message for sent in self.log if sent.what == what]

    def times(self, what: str) -> list[float]:
        return [round(sent.at, 3) for sent in self.log if sent.what == what]

    def _next(self) -> float | None:
        self._settle()
        times = [self._flying[0][0]] if self._flying else []
        for peer in self.peers.values():
            times += [at for at in peer.deadlines() if at is not None]
        return max(self.now, min(times)) if times else None

    def _advance(self, at: float) -> None:
        self.now = at
        while self._flying and self._flying[0][0] <= at:
            _, _, data, source, destination = heapq.heappop(self._flying)
            peer = self.peers.get(destination)
            if peer is not None:
                peer.receive(data, source)
        for peer in self.peers.values():
            peer.wake()

    def _settle(self) -> None:
        for peer in self.peers.values():
            peer.pump()


class Peer:
    """A stack, a user agent, and what they told."""

    def __init__(
        self, wire: Wire, name: str, address: Address, *, waits: Timers = DEFAULT_TIMERS, seed: int = 1, **profile: Any
    ) -> None:
        self.wire, self.name, self.address = wire, name, address
        self.stack = Stack(waits)
        self.agent = UserAgent(self.stack, self, random=random.Random(f"{name}{seed}"), timers=waits)
        self.profile = Profile(**profile)
        self.contact = NameAddr(SipUri(address.host, name, address.port))
        self.events: list[SessionEvent] = []
        self.sessions: list[InviteSession] = []
        self.ended: list[Ended] = []
        self.react: Callable[[SessionEvent], None] = lambda event: None
        self.on_call: Callable[[InviteSession], None] = lambda session: None
        self.on_stray: Callable[[RequestReceived], None] = self._take_call

    def route(self, uri: SipUri, transport: str | None) -> Address | None:
        return Address(uri.host, uri.port or 5060, transport or "udp") if uri.host[0].isdigit() else None

    def local(self, destination: Address) -> Address:
        return self.address

    def call(self, *to: Peer | Raw, sdp: bytes | None = OFFER, data: Any = None, **options: Any) -> InviteSession:
        target: Uri = SipUri(to[0].address.host, "them", to[0].address.port)
        assert isinstance(target, SipUri)
        invite = OutgoingInvite(
            uri=target,
            from_=NameAddr(SipUri("here", self.name)),
            to=NameAddr(target),
            contact=self.contact,
            destinations=tuple(peer.address for peer in to),
            sdp=sdp,
            **options,
        )
        session = self.agent.outgoing(invite, self.profile, self.wire.now, data=data)
        self.sessions.append(session)
        return session

    @property
    def session(self) -> InviteSession:
        return self.sessions[-1]

    def take(self, kind: type[E]) -> E:
        """Return the oldest event of that kind and forget it; fails when there is none."""
        self.wire._settle()
        found = next((event for event in self.events if type(event) is kind), None)
        assert found is not None, f"{self.name}: no {kind.__name__} in {self.told()}"
        self.events.remove(found)
        assert isinstance(found, kind)
        return found

    def told(self) -> list[str]:
        self.wire._settle()
        return [type(event).__name__ for event in self.events]

    def receive(self, data: bytes, source: Address) -> None:
        self.stack.receive(data, source, self.wire.now)
        self.pump()

    def deadlines(self) -> tuple[float | None, float | None]:
        return self.stack.next_deadline(), self.agent.next_deadline()

    def wake(self) -> None:
        self.stack.handle_deadline(self.wire.now)
        self.pump()
        self.agent.handle_deadline(self.wire.now)
        self.pump()

    def pump(self) -> None:
        while (event := self.stack.next_event()) is not None:
            if not self.agent.handle(event, self.wire.now) and isinstance(event, RequestReceived):
                self.on_stray(event)
        while (told := self.agent.next_event()) is not None:
            self.events.append(told)
            if isinstance(told, Ended):
                self.ended.append(told)
            self.react(told)
        for data, destination in self.stack.to_send():
            self.wire.carry(data, self.address, destination)

    def left_over(self) -> dict[str, int]:
        """Return what should be gone after the last call."""
        core = self.agent._core
        return {
            "sessions": len(self.agent),
            "dialogs": len(core.dialogs),
            "invites": len(core.invites),
            "waiting": len(core.waiting),
            "deadlines": len(core.deadlines),
            "transactions": len(self.stack),
        }

    def _take_call(self, event: RequestReceived) -> None:
        request = event.request
        if request.method == "INVITE" and request.to.tag is None:
            session = self.agent.incoming(event, self.profile, self.wire.now, contact=self.contact)
            self.sessions.append(session)
            self.on_call(session)
        else:
            self.stack.reject(event, 481)


class Raw:
    """A peer without a stack: the test says what it sends."""

    def __init__(self, wire: Wire, address: Address) -> None:
        self.wire, self.address = wire, address
        self.inbox: list[Request | Response] = []

    def receive(self, data: bytes, source: Address) -> None:
        self.inbox.append(parse_datagram(data))

    def request(self, what: str) -> Request:
        """Return the last request of that method that came."""
        found = [m for m in self.inbox if isinstance(m, Request) and m.method == what]
        assert found, [m.method if isinstance(m, Request) else m.status for m in self.inbox]
        return found[-1]

    def response(self, what: str) -> Response:
        """Return the last response of that kind ("200 INVITE") that came."""
        found = [m for m in self.inbox if isinstance(m, Response) and f"{m.status} {m.cseq.method}" == what]
        assert found, [m.method if isinstance(m, Request) else m.status for m in self.inbox]
        return found[-1]

    def say(self, message: Request | Response, to: Peer) -> None:
        self.wire.carry(write(message), self.address, to.address)

    def answer(
        self,
        request: Request,
        status: int,
        *headers: tuple[str, str],
        tag: str = "raw",
        sdp: bytes | None = None,
        contact: bool = True,
    ) -> None:
        """Answer a request of a peer."""
        fields = [*headers]
        if contact:
            fields.insert(0, ("Contact", f"<sip:them@{self.address}>"))
        if sdp is not None:
            fields.append(("Content-Type", "application/sdp"))
        peer = next(p for p in self.wire.peers.values() if p.address.host == request.via.host)
        assert isinstance(peer, Peer)
        self.say(reply(request, status, headers=fields, body=sdp or b"", to_tag=tag), peer)

    def ask(
        self,
        method: str,
        to: Peer,
        *headers: tuple[str, str],
        cseq: int = 1,
        tag: str | None = None,
        from_tag: str | None = "raw",
        sdp: bytes | None = None,
        body: bytes = b"",
        content_type: str = "",
        branch: str = "",
        call_id: str = "raw-call",
    ) -> Request:
        """Send a request of our own, and return it; `tag` is the peer's."""
        target = SipUri(to.address.host, "them", to.address.port)
        fields = [
            ("From", f"<sip:raw@there>;tag={from_tag}"),
            ("To", str(NameAddr(target) if tag is None else NameAddr(target).with_tag(tag))),
            ("Call-ID", call_id),
            ("CSeq", f"{cseq} {method}"),
            *headers,
        ]
        if "Contact" not in dict(headers):
            fields.append(("Contact", f"<sip:raw@{self.address}>"))
        if sdp is not None:
            fields.append(("Content-Type", "application/sdp"))
        if content_type:
            fields.append(("Content-Type", content_type))
        via = Via.create(self.address.host, self.address.port, branch or f"{method}{cseq}{len(self.wire.log)}")
        request = Request(method, target, Headers(fields), sdp or body).with_via(via)
        self.say(request, to)
        return request

    def deadlines(self) -> tuple[float | None, ...]:
        return ()

    def wake(self) -> None:
        """Nothing to do: the test acts."""

    def pump(self) -> None:
        """Nothing to do: the test acts."""


def established(wire: Wire, alice: Peer, bob: Peer) -> tuple[InviteSession, InviteSession]:
    """Let alice call bob, who answers; return both sessions. What was told on the way is forgotten."""
    hers = alice.call(bob)
    wire.run(0.1)
    his = bob.session
    his.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    alice.take(Accepted)
    alice.events.clear()
    bob.events.clear()
    wire.log.clear()
    return hers, his
