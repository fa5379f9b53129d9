"""Host names in `c=` lines."""

from __future__ import annotations

import socket

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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names that are looked up; each stands for 192.0.2.9."""
    names: list[str] = []

    def look_up(host: str, *_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("192.0.2.9", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def test_a_name_may_end_in_a_digit(asked: list[str]) -> None:
    assert hosts("IN IP4 media1") == [Connection("192.0.2.9")]


def test_each_name_is_looked_up_once_and_none_for_a_declined_stream(asked: list[str]) -> None:
    assert hosts("IN IP4 one.example", "IN IP4 one.example") == [Connection("192.0.2.9")] * 2
    read_offer(f"{HEAD}m=audio 0 RTP/AVP 0\nc=IN IP4 two.example\n".encode())
    assert asked == ["one.example"]


def test_what_is_no_description_is_an_error() -> None:
    with pytest.raises(SdpError):
        read_offer(b"x")


def test_a_declined_stream_needs_no_address() -> None:
    assert read_offer(f"{HEAD}m=audio 0 RTP/AVP 0\n".encode()).media[0].connection is None
