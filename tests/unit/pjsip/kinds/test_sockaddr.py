from __future__ import annotations

import socket
from typing import Any

import pytest

from sorcery.errors import InvalidObject
from sorcery.pjsip import Transport


@pytest.mark.parametrize(
    ("bind", "protocol", "printed"),
    [
        ("127.0.0.1", "udp", "127.0.0.1:5060"),
        ("127.0.0.1:0", "udp", "127.0.0.1:5060"),
        ("127.0.0.1", "tls", "127.0.0.1:5061"),
        ("::1", "tcp", "[::1]:5060"),
        ("[::1]:5070", "tcp", "[::1]:5070"),
        ("", "ws", "0.0.0.0:5060"),
        (":5070", "udp", "0.0.0.0:5070"),
        ("127.0.0.1:5070", "flow", "0.0.0.0:0"),
    ],
)
def test_a_bind_prints_address_and_port_and_is_written_as_it_was(bind: str, protocol: str, printed: str) -> None:
    transport = Transport("t", bind=bind, protocol=protocol)
    assert transport.text("bind") == printed
    assert ("bind", bind) in transport.settings()


def test_the_default_port_follows_the_protocol() -> None:
    transport = Transport("t", bind="127.0.0.1", protocol="flow")
    assert transport.evolve(protocol="tls").text("bind") == "127.0.0.1:5061"


def test_a_pair_is_taken_too() -> None:
    assert Transport("t", bind=("::1", 5070)).text("bind") == "[::1]:5070"  # type: ignore[arg-type]
    assert Transport("t", bind=("127.0.0.1", 5070)).text("bind") == "127.0.0.1:5070"  # type: ignore[arg-type]
    with pytest.raises(InvalidObject):
        Transport("t", bind=("127.0.0.1", -1))  # type: ignore[arg-type]


def test_a_host_name_is_looked_up_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(host: str, port: Any, **_: Any) -> list[Any]:
        assert host == "sip.example"
        return [(0, 0, 0, "", ("2001:db8::1", 0, 0, 0)), (0, 0, 0, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert Transport("t", bind="sip.example:5070").text("bind") == "192.0.2.1:5070"


@pytest.mark.parametrize(
    "bind", ["300.1.1.1", "127.0.0.1:70000", "127.0.0.1:sip", "*", "a b", "127.0.0.1:1,127.0.0.2:1"]
)
def test_what_is_no_address_is_refused(bind: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        Transport("t", bind=bind)
    assert (caught.value.option, caught.value.value) == ("bind", bind)


def test_every_transport_but_a_flow_needs_a_bind() -> None:
    assert Transport("t", protocol="flow").text("bind") == "0.0.0.0:0"
    with pytest.raises(InvalidObject):
        Transport("t", protocol="ws")
    with pytest.raises(InvalidObject):
        Transport("t", protocol="flow", external_media_address="192.0.2.1")
