"""What the description of an INVITE costs: read once, answered once, and an offer of ours with its answer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery.pjsip import Endpoint
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.rtp.settings import RtpSettings
from sorcery_sip.sdp import parse_sdp

CALLS = 2_000
OFFER = (
    b"v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)


class Port:
    """A port without sockets: what these cost is measured where they are made."""

    def __init__(self, ip: str) -> None:
        self.local = (ip, 10000)

    def configure(self, settings: RtpSettings) -> None:
        """Take the settings."""

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def call() -> Callable[[], MediaSession]:
    """Return a function that makes the media of a call."""
    rtp = RtpPorts(None, lambda ip, _: Port(ip))  # type: ignore[arg-type, return-value]
    endpoint = Endpoint.from_objectset("alice", [("allow", "ulaw,alaw,g722")])
    address, chance = MediaAddress("", "127.0.0.1"), random.Random(1)
    return lambda: MediaSession(endpoint, rtp.handlers(endpoint), lambda _: address, random=chance)


def microseconds(benchmark: BenchmarkFixture) -> None:
    if benchmark.stats is not None:
        benchmark.extra_info["microseconds each"] = round(benchmark.stats.stats.median / CALLS * 1e6, 1)


@pytest.mark.benchmark(group="sdp", timer=time.process_time)
def test_reading_2000_offers(benchmark: BenchmarkFixture) -> None:
    read = benchmark(lambda: [parse_sdp(OFFER) for _ in range(CALLS)])
    assert read[-1].media[0].formats == ("0", "8", "101")
    microseconds(benchmark)


@pytest.mark.benchmark(group="sdp", timer=time.process_time)
def test_answering_2000_offers(benchmark: BenchmarkFixture, call: Callable[[], MediaSession]) -> None:
    offer = parse_sdp(OFFER)
    answers = benchmark(lambda: [call().answer(offer) for _ in range(CALLS)])
    assert b"RTP/AVP 0 8 101" in answers[-1]
    microseconds(benchmark)


@pytest.mark.benchmark(group="sdp", timer=time.process_time)
def test_2000_offers_of_ours_and_their_answers(benchmark: BenchmarkFixture, call: Callable[[], MediaSession]) -> None:
    answer = parse_sdp(OFFER)

    def negotiate() -> MediaSession:
        for _ in range(CALLS):
            media = call()
            media.offer()
            media.apply(answer)
        return media

    assert benchmark(negotiate).formats == ("ulaw", "alaw")
    microseconds(benchmark)
