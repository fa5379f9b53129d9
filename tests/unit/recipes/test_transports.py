"""Sockets: what each protocol needs."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery import InvalidObject
from sorcery.pjsip import Transport
from sorcery.recipes import transport
from tests.unit.recipes.systems import CERTIFICATE, KEY


def test_udp_needs_nothing() -> None:
    (made,) = transport("udp")
    assert made == Transport("udp", bind="0.0.0.0")
    assert transport("udp").notes == ()


def test_tls_is_one_that_peers_take() -> None:
    (made,) = transport("tls", protocol="tls", bind="0.0.0.0:5071", certificate=CERTIFICATE, key=KEY).of(Transport)
    assert (made.method, made.cert_file, made.priv_key_file) == ("tlsv1_2", CERTIFICATE, KEY)
    with pytest.raises(InvalidObject, match="a certificate and its key"):
        transport("tls", protocol="tls")
    with pytest.raises(InvalidObject, match="cert_file"):
        transport("tls", protocol="tls", certificate="/nowhere", key=KEY)


def test_behind_a_router_the_private_networks_are_inside() -> None:
    (made,) = transport("udp", external="198.51.100.1").of(Transport)
    assert made.external_media_address == made.external_signaling_address == "198.51.100.1"
    assert [network.short for network in made.local_net] == ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    (other,) = transport("udp", external="198.51.100.1", local=("10.1.0.0/16",)).of(Transport)
    assert [network.short for network in other.local_net] == ["10.1.0.0/16"]


@pytest.mark.parametrize("protocol", ["udp", "tcp", "ws", "wss"])
def test_what_would_be_dropped_in_silence_is_refused(protocol: Any) -> None:
    with pytest.raises(InvalidObject, match=f"over {protocol} it shows no certificate"):
        transport("a", protocol=protocol, certificate=CERTIFICATE, key=KEY)
    with pytest.raises(InvalidObject, match="name the external address too"):
        transport("a", protocol=protocol, local=("10.0.0.0/8",))


@pytest.mark.parametrize(("protocol", "needed"), [("ws", "bindport"), ("wss", "tlscertfile")])
def test_websockets_need_something_of_another_file(protocol: Any, needed: str) -> None:
    (note,) = transport("w", protocol=protocol).notes
    assert "http.conf" in note
    assert needed in note
