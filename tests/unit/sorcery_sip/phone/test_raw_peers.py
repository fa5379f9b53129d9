"""What a phone answers to a peer that writes its messages by hand."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from sorcery_sip.address import Address
from sorcery_sip.errors import CallFailed
from sorcery_sip.io.media import PortRange
from sorcery_sip.message import Request, Response, parse_datagram
from sorcery_sip.phone import Phone

AUDIO = "m=audio 4000 RTP/AVP 0\n"
OFFER = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"


class Peer:
    """A bare socket that talks to one phone."""

    def __init__(self, phone: Address) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._phone = phone

    def send(self, method: str, *headers: str, body: str = "", number: int = 1, to_tag: str = "") -> None:
        """Send a request of one call."""
        body = body.replace("\n", "\r\n")
        tag = f";tag={to_tag}" if to_tag else ""
        branch = f"{'INVITE' if method == 'CANCEL' else method}{number}"
        lines = [
            f"{method} sip:bob@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{branch}",
            "From: <sip:raw@127.0.0.1>;tag=a",
            f"To: <sip:bob@127.0.0.1>{tag}",
            "Call-ID: raw",
            f"CSeq: {number} {method}",
            "Max-Forwards: 70",
            *headers,
            *(["Content-Type: application/sdp"] if body.startswith("v=") else []),
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        self._socket.sendto("\r\n".join(lines).encode(), self._phone[:2])

    def refuse(self, request: Request, *headers: str) -> None:
        """Refuse a request of the phone with 401."""
        names = ("Via", "From", "To", "Call-ID", "CSeq")
        lines = ["SIP/2.0 401 No", *(f"{name}: {request.headers.get(name)}" for name in names), *headers, "", ""]
        self._socket.sendto("\r\n".join(lines).encode(), self._phone[:2])

    async def response(self, least: int = 200) -> Response:
        """Return the next response with at least that status."""
        while True:
            message = await self.message()
            if isinstance(message, Response) and message.status >= least:
                return message

    async def message(self) -> Request | Response:
        """Return the next message."""
        return parse_datagram(await asyncio.get_running_loop().sock_recv(self._socket, 65536))

    @property
    def contact(self) -> str:
        return f"Contact: <sip:raw@127.0.0.1:{self.port}>"

    def close(self) -> None:
        self._socket.close()


def run(scenario: Callable[[Phone, Peer], Awaitable[None]], *, answers: bool = True) -> None:
    async def bounded() -> None:
        ports = PortRange(16384, 16484)
        free = len(ports)
        async with asyncio.timeout(30), Phone("bob", media_ports=ports, answers=answers) as phone:
            peer = Peer(phone.address)
            try:
                await scenario(phone, peer)
            finally:
                peer.close()
        assert len(ports) == free

    asyncio.run(bounded())


@pytest.mark.parametrize(
    ("method", "to_tag", "status"),
    [("OPTIONS", "", 200), ("MESSAGE", "", 405), ("BYE", "x", 481), ("INFO", "x", 481), ("CANCEL", "", 481)],
)
def test_requests_outside_calls_get_answers(method: str, to_tag: str, status: int) -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        peer.send(method, to_tag=to_tag)
        response = await peer.response()
        assert response.status == status
        assert ("invite" in response.tokens("Allow")) is (status in (200, 405))

    run(scenario)


@pytest.mark.parametrize(
    "sdp",
    [
        "v=0\nnonsense\n",
        OFFER + "m=audio 4000 RTP/AVP 9\n",
        OFFER + "m=audio 4000 RTP/SAVP 0\n",
        OFFER + "m=audio 0 RTP/AVP 0\n",
        OFFER + "m=video 4000 RTP/AVP 96\na=rtpmap:96 VP8/90000\n",
        OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP6 ::1") + AUDIO,
        OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 no.address.invalid") + AUDIO,
    ],
    ids=["no description", "no codec", "SRTP", "declined", "no sound", "other family", "name"],
)
def test_an_offer_that_cannot_be_agreed_to_is_refused_with_488(sdp: str) -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        peer.send("INVITE", peer.contact, body=sdp)
        assert (await peer.response()).status == 488

    run(scenario)


def test_an_invite_without_contact_makes_no_call() -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        peer.send("INVITE", body=OFFER + AUDIO)
        assert (await peer.response()).status == 400

    run(scenario)


def test_what_is_not_sound_is_declined_in_its_place() -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        video = "m=video 4002 RTP/AVP 96\na=rtpmap:96 VP8/90000\n"
        peer.send("INVITE", peer.contact, body=OFFER + video + AUDIO)
        response = await peer.response()
        assert response.status == 200
        lines = [line.split() for line in response.body.decode().splitlines() if line.startswith("m=")]
        assert lines[0] == ["m=video", "0", "RTP/AVP", "96"]
        assert [lines[1][0], *lines[1][2:]] == ["m=audio", "RTP/AVP", "0"]
        peer.send("ACK", to_tag=response.to.tag or "")

    run(scenario)


def test_an_invite_without_an_offer_gets_ours_and_its_ack_brings_the_answer() -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        peer.send("INVITE", peer.contact)
        response = await peer.response()
        assert b"m=audio" in response.body
        peer.send("ACK", body=OFFER + AUDIO, to_tag=response.to.tag or "")
        call = await phone.next_call()
        await call.answered()
        async with asyncio.timeout(60):
            while not call.statistics["sent"]:
                await asyncio.sleep(0.02)

    run(scenario)


def test_digits_in_info_arrive() -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        peer.send("INVITE", peer.contact, body=OFFER + AUDIO)
        tag = (await peer.response()).to.tag or ""
        peer.send("ACK", to_tag=tag)
        call = await phone.next_call()
        relay = "Content-Type: application/dtmf-relay"
        peer.send("INFO", relay, body="Signal=5\nDuration=160\n", number=2, to_tag=tag)
        assert (await peer.response()).status == 200
        assert await call.digits.get() == "5"

    run(scenario)


def test_a_caller_whose_cancel_comes_while_it_rings_is_let_go_of() -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        peer.send("INVITE", peer.contact, body=OFFER + AUDIO)
        call = await phone.next_call()
        peer.send("CANCEL")
        told = {(response := await peer.response()).cseq.method: response.status for _ in range(2)}
        assert told == {"CANCEL": 200, "INVITE": 487}
        assert (await call.ended()).status == 487

    run(scenario, answers=False)


def test_a_phone_that_is_left_asks_a_silent_peer_only_for_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery_sip.phone.phone._GOODBYE_SECONDS", 0.1)

    async def scenario(phone: Phone, peer: Peer) -> None:
        await phone.dial(f"sip:raw@127.0.0.1:{peer.port}")
        message = await peer.message()
        assert isinstance(message, Request)
        assert message.method == "INVITE"

    run(scenario)


def test_a_challenge_that_cannot_be_read_is_a_refusal() -> None:
    async def scenario(phone: Phone, peer: Peer) -> None:
        call = await phone.dial(f"sip:raw@127.0.0.1:{peer.port}")
        invite = await peer.message()
        assert isinstance(invite, Request)
        peer.refuse(invite, 'WWW-Authenticate: Digest realm="r')
        with pytest.raises(CallFailed) as refused:
            await call.answered()
        assert refused.value.status == 401

    run(scenario)
