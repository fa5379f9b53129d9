"""A fax through the stack as people run it: two phones go over to T.38, and their datagrams reach one another."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery_sip import Request, Response, reply
from sorcery_sip.message import parse_datagram, write
from sorcery_sip.sdp import parse_sdp
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

SILENCE = 10.0
CONF = f"""\
[system]
type=system
disable_rport=yes
[udp]
type=transport
protocol=udp
bind={LOOPBACK}:{{port}}
[alice]
type=endpoint
allow=ulaw
context=calls
direct_media=no
t38_udptl=yes
[bob]
type=endpoint
aors=bob
allow=ulaw
direct_media=no
t38_udptl=yes
[bob]
type=aor
contact=sip:bob@{LOOPBACK}:{{phone}}
"""


def sdp(line: str, port: int, version: int = 1) -> bytes:
    head = f"v=0\r\no=- 1 {version} IN IP4 {LOOPBACK}\r\ns=-\r\nc=IN IP4 {LOOPBACK}\r\nt=0 0\r\n"
    return f"{head}m={line.format(port=port)}\r\n".encode()


class Fax:
    """A phone that faxes: a socket for SIP, one for the fax, and what it said last."""

    AUDIO, IMAGE = "audio {port} RTP/AVP 0", "image {port} udptl t38"

    def __init__(self, server: int) -> None:
        self._server = (LOOPBACK, server)
        self._sip, self.fax = _socket(), _socket()
        self.port: int = self._sip.getsockname()[1]
        self._cseq, self._to = 0, f"<sip:100@{LOOPBACK}>"

    def offer(self, line: str) -> None:
        """Send an INVITE, the first or another, that offers one stream at the fax's port."""
        self._cseq += 1
        self._send("INVITE", sdp(line, self.fax.getsockname()[1], self._cseq))

    def answered(self) -> Response:
        """Wait for the final response to the offer, and acknowledge it."""
        while True:
            message = parse_datagram(self._sip.recv(65535))
            if isinstance(message, Response) and message.is_final:
                self._to = message.headers.get("To") or ""
                self._send("ACK", b"")
                return message

    def asked(self) -> Request:
        """Wait for a request that is no ACK, and accept an INVITE with one stream of the kind that it offers."""
        while True:
            data, source = self._sip.recvfrom(65535)
            message = parse_datagram(data)
            if isinstance(message, Request) and message.method == "INVITE":
                media = parse_sdp(message.body).media[0].media
                line = self.IMAGE if media == "image" else self.AUDIO
                headers = [("Contact", f"<sip:bob@{LOOPBACK}:{self.port}>"), ("Content-Type", "application/sdp")]
                body = sdp(line, self.fax.getsockname()[1])
                self._sip.sendto(write(reply(message, 200, headers=headers, body=body, to_tag="b")), source)
                return message

    def _send(self, method: str, body: bytes) -> None:
        lines = [
            f"{method} sip:100@{LOOPBACK}:{self._server[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {LOOPBACK}:{self.port};branch=z9hG4bK{method}{self._cseq}",
            f"From: <sip:alice@{LOOPBACK}>;tag=a",
            f"To: {self._to}",
            f"Call-ID: fax-{self.port}",
            f"CSeq: {self._cseq} {method}",
            f"Contact: <sip:alice@{LOOPBACK}:{self.port}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto("\r\n".join([*lines, "", ""]).encode() + body, self._server)

    def close(self) -> None:
        self._sip.close()
        self.fax.close()


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((LOOPBACK, 0))
    made.settimeout(SILENCE)
    return made


@pytest.fixture
def phones(tmp_path: Path) -> Iterator[tuple[Fax, Fax]]:
    """Run the stack, where 100 calls bob."""
    port = free_port()
    alice, bob = Fax(port), Fax(port)
    (tmp_path / "pjsip.conf").write_text(CONF.format(port=port, phone=bob.port))
    (tmp_path / "extensions.conf").write_text("[calls]\nexten => 100,1,Dial(PJSIP/bob)\n")
    try:
        with SipStack(tmp_path):
            yield alice, bob
    finally:
        alice.close()
        bob.close()


def test_two_phones_go_over_to_fax_and_their_datagrams_cross(phones: tuple[Fax, Fax]) -> None:
    alice, bob = phones
    alice.offer(Fax.AUDIO)
    invite = bob.asked()
    assert "rport" not in invite.via.params  # disable_rport
    assert alice.answered().status == 200
    alice.offer(Fax.IMAGE)
    offered = parse_sdp(bob.asked().body).media[0]
    answer = alice.answered()
    answered = parse_sdp(answer.body).media[0]
    assert (answer.status, offered.media, answered.media) == (200, "image", "image")
    alice.fax.sendto(b"\x00\x01from alice", (LOOPBACK, answered.port))
    assert bob.fax.recv(2048) == b"\x00\x01from alice"
    bob.fax.sendto(b"\x00\x02from bob", (LOOPBACK, offered.port))
    assert alice.fax.recv(2048) == b"\x00\x02from bob"
