"""Calls without sockets, time and a dialplan: texts of messages in, messages out, channels to look at."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Callable
from typing import Any

from sorcery import Sorcery
from sorcery.pjsip import Endpoint, Transport
from sorcery_sip import Address, Request, Response, Stack
from sorcery_sip.events import RequestReceived
from sorcery_sip.io.ports import PortRange
from sorcery_sip.message import parse_datagram
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.application import build
from sorcery_sip.modules.caller_id import CallerId
from sorcery_sip.modules.calls import Calls
from sorcery_sip.modules.chan_pjsip import ChannelSupplement, PjsipTechnology
from sorcery_sip.modules.contract import LAST_PRIORITY, PASS, Decision, Fields, SessionSupplement
from sorcery_sip.modules.diversion import Diversion
from sorcery_sip.modules.dns import SystemNames
from sorcery_sip.modules.dtmf_info import DtmfInfo
from sorcery_sip.modules.in_dialog import Texts, Transfers, UnknownInfos
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.nat import NatSupplement
from sorcery_sip.modules.network import Listening, Network
from sorcery_sip.modules.pjsip_channel import Surroundings
from sorcery_sip.modules.resolver import Resolver
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.t38 import T38Supplement
from sorcery_sip.modules.targets import Target
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan.model import Match
from sorcery_sip.rtp.settings import RtpSettings
from sorcery_sip.session import UserAgent

OURS = Address("192.0.2.1", 5060, "udp")
PHONE = Address("192.0.2.7", 5062, "udp")
SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
)
Message = Request | Response


def in_loop(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test in an event loop, in which nothing is awaited."""

    @functools.wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        async def play() -> None:
            test(*arguments, **fixtures)

        asyncio.run(play())

    return run


class Tune:
    """A sound that plays until it is stopped."""

    is_over = False

    def stop(self) -> None:
        self.is_over = True


class Port:
    """A media port that remembers what it was told; `trouble` is raised where it is to make a sound."""

    codec = "ulaw"

    def __init__(self, ip: str, number: int) -> None:
        self.local, self.port = (ip, number), number
        self.settings: RtpSettings | None = None
        self.is_closed = False
        self.played: list[object] = []
        self.tunes: list[Tune] = []
        self.digits: list[str] = []
        self.trouble: Exception | None = None
        self.dtmf: Callable[[Any], None] | None = None
        self.timeout: Callable[[], None] | None = None

    def configure(self, settings: RtpSettings) -> None:
        self.settings = settings

    def on_dtmf(self, callback: Callable[[Any], None]) -> None:
        self.dtmf = callback

    def on_timeout(self, callback: Callable[[], None]) -> None:
        self.timeout = callback

    def play(self, source: object) -> Tune:
        if self.trouble is not None:
            raise self.trouble
        self.played.append(source)
        self.tunes.append(Tune())
        return self.tunes[-1]

    def send_dtmf(self, digit: str, milliseconds: int = 100) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.digits.append(digit)

    def disconnect(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True


class Tones:
    """Sounds that are their names."""

    def tone(self, text: str) -> Any:
        return text

    async def file(self, name: str, language: str = "en") -> Any:
        return name


class Extensions:
    """Extension 100 exists; what begins with 9 could become one."""

    def exists(self, context: str, exten: str, caller_number: str = "") -> Match:
        if (context, exten) == ("default", "100"):
            return Match.EXISTS
        return Match.COULD if exten.startswith("9") else Match.NO


class Starts(SessionSupplement):
    """Stands where the dialplan begins, and keeps the channels."""

    methods = frozenset({"INVITE"})
    priority = LAST_PRIORITY

    def __init__(self) -> None:
        self.channels: list[Channel] = []

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        if received.request.to.tag is None and session.channel is not None:
            self.channels.append(session.channel)
        return PASS


class Bench:
    """One server; `alice` at `PHONE` may call, if her endpoint is stored."""

    def __init__(self, sorcery: Sorcery) -> None:
        self.sorcery, self.now = sorcery, 0.0
        self.stack, self.settings = Stack(), Settings(sorcery)
        listening = {"udp": Listening(OURS, Transport.from_objectset("udp", [("bind", "192.0.2.1:5060")]))}
        self.network = Network(lambda: listening, Resolver(SystemNames()))
        self.agent = UserAgent(self.stack, self.network, random=random.Random(1))
        self.ports: list[Port] = []
        self.credentials: Fields | None = ()
        """What challenges are answered with; None: whoever answers them has a fault."""
        self.rtp = RtpPorts(None, self._open)
        self.calls = Calls(
            self.agent,
            self.network,
            self.settings,
            make=self._make,
            answer_challenge=self._answer_challenge,
            clock=lambda: self.now,
            changed=lambda: None,
        )
        self.notices: list[tuple[Channel, object]] = []
        self.later: list[tuple[float, Callable[[], None]]] = []
        t38 = T38Supplement(self.calls, self._call_later)
        channels = Channels()
        channels.observe(lambda channel, notice: self.notices.append((channel, notice)))
        self.surroundings = Surroundings(self.calls, channels, Tones(), t38)
        self.pbx = Starts()
        self.calls.use(
            (
                DtmfInfo(), CallerId(), ChannelSupplement(self.surroundings), t38, Diversion(), Texts(), Transfers(),
                UnknownInfos(), self.pbx, NatSupplement(self.network),
            )
        )  # fmt: skip
        self.application = build(sorcery, settings=self.settings, extensions=Extensions(), calls=self.calls)
        self._branches = 0

    # -- the peer

    def request(
        self,
        method: str = "INVITE",
        *,
        to: str = "<sip:100@pbx>",
        uri: str = "sip:100@pbx",
        cseq: int = 1,
        call_id: str = "call",
        branch: str = "",
        body: str = "",
        fields: dict[str, str] | None = None,
    ) -> str:
        """Return the text of a request of alice; an empty field is left out."""
        self._branches += 1
        default = {
            "Via": f"SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK{branch or self._branches}",
            "From": "<sip:alice@pbx>;tag=a",
            "To": to,
            "Call-ID": call_id,
            "CSeq": f"{cseq} {method}",
            "Contact": "<sip:alice@192.0.2.7:5062>",
            "Content-Type": "application/sdp" if body.startswith("v=0") else "",
        }
        lines = [f"{name}: {value}" for name, value in {**default, **(fields or {})}.items() if value]
        return "\r\n".join([f"{method} {uri} SIP/2.0", *lines, "", body])

    def answer_to(self, request: Message, status: int, *, body: str = "", fields: dict[str, str] | None = None) -> str:
        """Return the text of the phone's response to a request of ours."""
        tag = "" if request.to.tag or status == 100 else ";tag=b"
        lines = [
            f"SIP/2.0 {status} Reason",
            *(f"Via: {via}" for via in request.headers.get_all("Via")),
            f"From: {request.headers.get('From')}",
            f"To: {request.headers.get('To')}{tag}",
            f"Call-ID: {request.call_id}",
            f"CSeq: {request.cseq}",
            "Contact: <sip:bob@192.0.2.7:5062>",
        ]
        lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
        if body:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, "", body])

    def send(self, text: str, source: Address = PHONE) -> list[Message]:
        """Let the server take in a message, and return what it sends."""
        self.stack.receive(text.encode(), source, self.now)
        return self.sent()

    def sent(self) -> list[Message]:
        """Return what the server has sent since the last time."""
        found: list[Message] = []
        while True:
            while (event := self.stack.next_event()) is not None:
                if not isinstance(event, RequestReceived) or self.calls.owns(event):
                    self.calls.handle(event)
                else:
                    self.application.pipeline.run(event).hand_to(self.stack, self.now)
            self.calls.pump()
            sent = self.stack.to_send()
            if not sent:
                return found
            found += [parse_datagram(data) for data, _ in sent]

    def wait(self, seconds: float) -> list[Message]:
        """Let time pass, and return what the server sends meanwhile."""
        end, found = self.now + seconds, self.sent()
        while True:
            deadlines = [self.stack.next_deadline(), self.calls.next_deadline()]
            deadline = min((each for each in deadlines if each is not None), default=end)
            self.now = min(max(deadline, self.now), end)
            self.stack.handle_deadline(self.now)
            self.calls.handle_deadline(self.now)
            found += self.sent()
            if deadline >= end:
                return found

    # -- calls

    def call(self, **options: Any) -> Channel:
        """Let alice call 100 with an offer, and return the channel, which rings."""
        self.send(self.request(body=SDP, **options))
        return self.pbx.channels[-1]

    def answered(self, **options: Any) -> tuple[Channel, str]:
        """Let alice call 100, answer, and return the channel and our To with its tag."""
        channel = self.call(**options)
        channel.answer()
        (response,) = [each for each in self.sent() if isinstance(each, Response) and each.status == 200]
        to = str(response.to)
        self.send(self.request("ACK", to=to, **options))
        return channel, to

    def dial(self, endpoint: Endpoint, caller: Channel | None = None) -> tuple[Channel, Request]:
        """Call a phone of the endpoint at `PHONE`, and return the channel and the INVITE."""
        target = Target(endpoint=endpoint, uri=SipUri("192.0.2.7", "bob", 5062), routes=(), destinations=(PHONE,))
        session = self.calls.make(endpoint, PHONE)
        technology = PjsipTechnology(session, self.surroundings, target, caller)
        formats = caller.formats if caller is not None else ()
        channel = session.channel = self.surroundings.channels.create(endpoint.id, technology, formats=formats)
        technology.call()
        (invite,) = self.sent()
        assert isinstance(invite, Request)
        return channel, invite

    def heard(self, channel: Channel) -> list[object]:
        """Return what a channel was told: events, and changes of its state."""
        return [notice for told, notice in self.notices if told is channel]

    def close(self) -> None:
        """Stop observing."""
        self.application.close()

    def _make(self, endpoint: Endpoint, peer: Address, **attributes: Any) -> CallSession:
        return CallSession(
            endpoint=endpoint,
            settings=self.settings,
            media=MediaSession(
                endpoint,
                self.rtp.handlers(endpoint),
                lambda ipv6: self.network.media(endpoint, peer, ipv6=ipv6),
                random=random.Random(2),
            ),
            transport=self.network.settings(peer.transport),
            **attributes,
        )

    def _open(self, ip: str, ports: PortRange) -> Any:
        self.ports.append(Port(ip, 10000 + 2 * len(self.ports)))
        return self.ports[-1]

    async def _answer_challenge(self, session: CallSession, challenged: object) -> Fields:
        if self.credentials is None:
            raise RuntimeError("a fault")
        return self.credentials

    def _call_later(self, seconds: float, work: Callable[[], None]) -> Any:
        self.later.append((seconds, work))
        return type("Timer", (), {"cancel": lambda self: None})()


def session_of(channel: Channel) -> CallSession:
    """Return the call that a channel belongs to."""
    assert isinstance(channel.technology, PjsipTechnology)
    return channel.technology.session
