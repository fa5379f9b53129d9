"""The same offers to a running Asterisk and to our media sessions, with the same endpoints: the same answers."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.message import Response, parse_datagram
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.sdp import MediaDescription, parse_sdp
from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

SILENCE = 30.0
"""Seconds after which there is no answer: to write its own, Asterisk looks up the name of the machine, which may take
five or ten where no name server answers."""
ENDPOINTS = {
    "plain": "allow=ulaw,alaw,g722,opus",
    "remote": "allow=ulaw,alaw,g722\nincoming_call_offer_pref=remote",
    "first": "allow=ulaw,alaw\nincoming_call_offer_pref=local_first",
    "preferred": "allow=alaw,ulaw\npreferred_codec_only=yes",
    "framed": "allow=ulaw:30,alaw:40",
    "ptime": "allow=ulaw:30,alaw\nuse_ptime=yes",
    "info": "allow=ulaw\ndtmf_mode=info",
    "auto": "allow=ulaw\ndtmf_mode=auto",
    "inband": "allow=ulaw\ndtmf_mode=inband",
    "avpf": "allow=ulaw\nuse_avpf=yes",
    "received": "allow=ulaw\nmedia_use_received_transport=yes",
    "sdes": "allow=ulaw\nmedia_encryption=sdes",
    "optimistic": "allow=ulaw\nmedia_encryption=sdes\nmedia_encryption_optimistic=yes",
    "nothing": "allow=!all",
    "video": "allow=ulaw,vp8,h264",
    "two": "allow=ulaw,alaw\nmax_audio_streams=2",
    "g726": "allow=g726,g726aal2",
    "mux": "allow=ulaw\nrtcp_mux=yes",
    "rare": "allow=gsm,g729,ilbc,siren7,amr,speex16,slin16,slin44",
}
HEAD = "v=0\no=- 5 7 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
AUDIO = "m=audio 6000 RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
VIDEO = "m=video 7000 RTP/AVP 99 100\na=rtpmap:99 H264/90000\na=rtpmap:100 VP8/90000\n"
PLAIN = [
    HEAD + AUDIO,
    HEAD + AUDIO.replace("0 8 101", "8 0 101"),
    HEAD + AUDIO + "a=ptime:40\n",
    *[HEAD + AUDIO + f"a={direction}\n" for direction in ("sendrecv", "sendonly", "recvonly", "inactive")],
    HEAD + "a=sendonly\n" + AUDIO,
    HEAD + AUDIO + "c=IN IP4 0.0.0.0\n",
    HEAD + AUDIO + AUDIO.replace("6000", "6002"),
    HEAD + AUDIO + VIDEO,
    HEAD + VIDEO + AUDIO,
    HEAD + AUDIO + "m=application 9 UDP/BFCP *\n",
    HEAD + AUDIO + "a=rtcp-mux\n",
    HEAD + "m=audio 6000 RTP/AVP 3\n",
    HEAD + "m=audio 6000 RTP/AVP 101\na=rtpmap:101 telephone-event/8000\n",
    HEAD + "m=audio 0 RTP/AVP 0\n",
    HEAD + "m=audio 6000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/16000\n",
    HEAD + "m=audio 6000 RTP/AVP 0 100 101\na=rtpmap:100 telephone-event/8000\na=rtpmap:101 telephone-event/8000\n",
    HEAD + "m=audio 6000 RTP/AVP 96 97\na=rtpmap:96 PCMU/8000\na=rtpmap:97 PCMU/8000\n",
]
PROTOCOLS = ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "UDP/TLS/RTP/SAVPF", "TCP/RTP/AVP", "udp"]
CASES = [
    *[("plain", offer) for offer in PLAIN],
    *[(name, offer) for name in ENDPOINTS if name != "plain" for offer in (PLAIN[0], PLAIN[2], PLAIN[9], PLAIN[10])],
    *[("plain", HEAD + f"m=audio 6000 {protocol} 0\n") for protocol in PROTOCOLS[:4]],
    *[("plain", HEAD + AUDIO.replace("RTP/AVP", protocol) + AUDIO) for protocol in PROTOCOLS],
    *[
        (name, HEAD + f"m=audio 6000 {protocol} 0\n{AUDIO if name == 'optimistic' else ''}")
        for name in ("avpf", "sdes", "optimistic")
        for protocol in PROTOCOLS
    ],
    *[("received", HEAD + f"m=audio 6000 {protocol} 0\n") for protocol in ("RTP/AVP", "RTP/AVPF")],
    ("mux", HEAD + AUDIO + "a=rtcp-mux\n"),
    ("g726", HEAD + "m=audio 6000 RTP/AVP 96 97\na=rtpmap:96 G726-32/8000\na=rtpmap:97 AAL2-G726-32/8000\n"),
    *[
        ("rare", f"{HEAD}m=audio 6000 RTP/AVP 99\na=rtpmap:99 {rtpmap}\n")
        for rtpmap in (
            "GSM/8000",
            "iLBC/8000\na=fmtp:99 mode=30",
            "G7221/16000\na=fmtp:99 bitrate=32000",
            "speex/16000",
        )
    ],
    *[("rare", f"{HEAD}m=audio 6000 RTP/AVP 99\na=rtpmap:99 {rtpmap}\n") for rtpmap in ("L16/16000", "x/8000", "gsm")],
    ("rare", HEAD + "m=audio 6000 RTP/AVP 18\na=fmtp:18 annexb=yes\n"),
    ("plain", HEAD + "m=audio 6000 RTP/AVP 120\na=rtpmap:120 OPUS/48000/2\n"),
    ("plain", HEAD + "m=audio 6000 RTP/AVP 120\na=rtpmap:120 opus/48000\n"),
    ("plain", HEAD + "m=audio 6000 RTP/AVP 9\na=rtpmap:9 G722/16000\n"),
    ("plain", HEAD + "m=audio 6000 RTP/AVP " + " ".join(str(number) for number in range(80)) + "\n"),
    *[
        ("plain", broken)
        for broken in (
            *("hello", HEAD, HEAD + AUDIO + "garbage\n", HEAD.replace("v=0", "v=1") + AUDIO),
            *[HEAD.replace(line, "") + AUDIO for line in ("o=- 5 7 IN IP4 127.0.0.1\n", "s=-\n", "t=0 0\n", "v=0\n")],
            *[HEAD.replace("c=IN IP4 127.0.0.1\n", c) + AUDIO for c in ("", "c=IN IP5 127.0.0.1\n", "c=IN IP4\n")],
            *[HEAD + AUDIO.replace("6000", port) for port in ("x", "70000", "6000/2")],
            *[HEAD + f"m=audio 6000 RTP/AVP{formats}\n" for formats in ("", " 0 99", " 0 128", " 0 x")],
            *[HEAD + AUDIO + line for line in ("a=\n", "y=x\n", "b\n", "m=audio\n")],
            HEAD + "m=audio 6000 RTP/AVP 0 99\na=rtpmap:99\n",
            HEAD.replace("o=- 5 7", "o=- x 7") + AUDIO,
            HEAD.replace("o=- 5 7", "o=- 99999999999999 4294967295") + AUDIO,
        )
    ],
]


class Caller:
    """Sends INVITEs in the name of an endpoint; a call that is answered is ended at once."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.settimeout(SILENCE)
        self._target, self._calls = (LOOPBACK, port), 0

    def close(self) -> None:
        self._socket.close()

    def ask(self, name: str, offer: str) -> Response:
        """Return the final response to an offer."""
        self._calls += 1
        self._send("INVITE", name, f"<sip:100@{LOOPBACK}>", 1, offer.replace("\n", "\r\n").encode())
        while True:
            response = parse_datagram(self._socket.recv(65535))
            if isinstance(response, Response) and response.status >= 200 and f"-{self._calls}@" in response.call_id:
                break
        self._send("ACK", name, str(response.to), 2 if response.is_success else 1)
        if response.is_success:
            self._send("BYE", name, str(response.to), 3)
        return response

    def _send(self, method: str, name: str, to: str, number: int, body: bytes = b"") -> None:
        host, port = self._socket.getsockname()
        lines = [
            f"{method} sip:100@{LOOPBACK}:{self._target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{self._calls}{method if number > 1 else ''};rport",
            f"From: <sip:{name}@{LOOPBACK}>;tag={self._calls}",
            f"To: {to}",
            f"Call-ID: offer-{self._calls}@{host}:{port}",
            f"CSeq: {number if method == 'BYE' else 1} {method}",
            f"Contact: <sip:{name}@{host}:{port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._socket.sendto("\r\n".join([*lines, "", ""]).encode() + body, self._target)


@pytest.fixture(scope="module")
def asterisk(asterisk_root: Path) -> Iterator[Caller]:
    port = free_port()
    sections = [f"[t]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n"]
    sections += [f"[{name}]\ntype=endpoint\ncontext=default\n{options}\n" for name, options in ENDPOINTS.items()]
    dialplan = "[default]\nexten => 100,1,Answer()\n same => n,Wait(5)\n"
    with Asterisk(asterisk_root, {"pjsip.conf": "\n".join(sections), "extensions.conf": dialplan}):
        caller = Caller(port)
        yield caller
        caller.close()


class Port:
    """A port that nothing comes to."""

    def __init__(self, ip: str) -> None:
        self.local = (ip, 10000)

    def configure(self, settings: object) -> None:
        """Take the settings."""

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture(scope="module")
def rtp() -> RtpPorts:
    def open_rtp(ip: str, _: object) -> Any:
        return Port(ip)

    return RtpPorts(None, open_rtp)


def session(rtp: RtpPorts, name: str) -> MediaSession:
    pairs = [(key, value) for key, _, value in (line.partition("=") for line in ENDPOINTS[name].split("\n"))]
    endpoint = Endpoint.from_objectset(name, pairs)
    address = MediaAddress("", LOOPBACK)
    return MediaSession(endpoint, rtp.handlers(endpoint), lambda _: address, random=random.Random(1))


def ours(rtp: RtpPorts, name: str, offer: str) -> tuple[int, object]:
    try:
        return 200, read(session(rtp, name).answer(offer.encode()))
    except NegotiationFailed as refusal:
        return refusal.status, None


def read(answer: bytes) -> object:
    """Return what of an answer does not depend on who wrote it."""
    description = parse_sdp(answer)
    return description.name, description.origin.session_id, [line(media) for media in description.media]


def line(media: MediaDescription) -> object:
    if media.is_declined:
        return media.media, media.protocol, media.formats
    said = {pair for pair in media.attributes if pair[0] in ("rtpmap", "fmtp", "ptime", "maxptime", "rtcp-mux")}
    host = media.connection.host if media.connection is not None else ""
    return media.media, media.protocol, media.formats, host, media.direction, said


@pytest.mark.parametrize(("name", "offer"), CASES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(CASES)])
def test_an_offer_is_answered_as_asterisk_answers_it(asterisk: Caller, rtp: RtpPorts, name: str, offer: str) -> None:
    response = asterisk.ask(name, offer)
    expected = (response.status, read(response.body) if response.is_success else None)
    assert ours(rtp, name, offer) == expected


def offered(written: bytes) -> object:
    """Return what an offer says, but for the numbers of digits, which Asterisk gives out by turns."""
    lines = []
    for media in parse_sdp(written).media:
        maps = dict(value.split(" ", 1) for name, value in media.attributes if name == "rtpmap" and value)
        codecs = [(maps[number], "" if "telephone" in maps[number] else number) for number in media.formats]
        said = [pair for pair in media.attributes if pair[0] in ("ptime", "maxptime", "rtcp-mux")]
        lines.append((media.media, media.protocol, codecs, media.direction, said))
    return lines


@pytest.mark.parametrize("name", [name for name in ENDPOINTS if name not in ("nothing", "sdes")])
def test_an_invite_without_an_offer_gets_asterisk_s_offer(asterisk: Caller, rtp: RtpPorts, name: str) -> None:
    assert offered(session(rtp, name).offer()) == offered(asterisk.ask(name, "").body)
