"""Host names in `c=` lines."""

from __future__ import annotations

import pytest

from sorcery_sip.errors import SdpError
from sorcery_sip.modules.sdp_hosts import read_offer
from sorcery_sip.sdp import Connection

HEAD = "v=0\no=- 1 2 IN IP4 192.0.2.1\ns=-\nt=0 0\n"


def hosts(*connections: str) -> list[Connection | None]:
    streams = "".join(f"m=audio 6000 RTP/AVP 0\nc={connection}\n" for connection in connections)
    return [media.connection for media in read_offer((HEAD + streams).encode()).media]


def test_a_name_becomes_the_address_that_it_stands_for_and_addresses_stay() -> None:
    assert hosts("IN IP4 localhost", "IN IP4 192.0.2.1", "IN IP6 2001:db8::1") == [
        Connection("127.0.0.1"),
        Connection("192.0.2.1"),
        Connection("2001:db8::1", is_ipv6=True),
    ]


@pytest.mark.parametrize("name", ["a" * 70 + ".example", "-..-"])
def test_a_name_that_stands_for_nothing_stays(name: str) -> None:
    assert hosts(f"IN IP4 {name}") == [Connection(name)]


def test_what_is_no_description_is_an_error() -> None:
    with pytest.raises(SdpError):
        read_offer(b"x")


def test_a_declined_stream_needs_no_address() -> None:
    assert read_offer(f"{HEAD}m=audio 0 RTP/AVP 0\n".encode()).media[0].connection is None
