"""Which socket leads to a peer, what it sees of us, and where media is offered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sorcery.pjsip import Endpoint, Transport
from sorcery_sip import Address
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.dns import Naptr, Srv
from sorcery_sip.modules.network import Listening, MediaAddress, Network, is_outside
from sorcery_sip.modules.resolver import Resolver

LOCAL_NET = ["10.0.0.0/8", "127.0.0.0/8"]
OUTSIDE = Address("198.51.100.7", 5060, "udp")


class Hosts:
    """A hosts file; there are no name servers."""

    def __init__(self, **hosts: str) -> None:
        self._hosts = {name.replace("_", "."): address for name, address in hosts.items()}

    async def addresses(self, host: str) -> tuple[str, ...]:
        return (self._hosts[host],) if host in self._hosts else ()

    async def srv(self, name: str) -> tuple[Srv, ...]:
        return ()

    async def naptr(self, domain: str) -> tuple[Naptr, ...]:
        return ()


def listening(name: str, host: str, port: int = 5060, **options: Any) -> Listening:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    pairs = [("bind", bind), *((option, value) for option, value in options.items() if isinstance(value, str))]
    pairs += [(option, text) for option, value in options.items() if isinstance(value, list) for text in value]
    return Listening(Address(host, port, name), Transport.from_objectset(name, pairs))


def network(*sockets: Listening, hosts: Hosts | None = None, **changes: Any) -> Network:
    by_name = {each.address.transport: each for each in sockets}
    return Network(lambda: by_name, Resolver(hosts or Hosts()), **changes)


def uri(host: str, port: int | None = 5070) -> SipUri:
    return SipUri(host, "bob", port)


# -- the way to a peer


def test_a_request_goes_by_the_socket_of_its_family() -> None:
    known = network(listening("four", "127.0.0.1"), listening("six", "::1"))
    assert known.route(uri("192.0.2.1")) == Address("192.0.2.1", 5070, "four")
    assert known.route(uri("[2001:db8::1]")) == Address("2001:db8::1", 5070, "six")


def test_a_socket_that_is_named_is_taken_and_no_other() -> None:
    known = network(listening("one", "127.0.0.1"), listening("two", "127.0.0.1", 5062))
    assert known.route(uri("192.0.2.1"), "two") == Address("192.0.2.1", 5070, "two")
    assert known.route(uri("192.0.2.1"), "closed") is None
    assert known.route(uri("[2001:db8::1]"), "two") is None


def test_without_a_socket_of_the_family_nothing_leads_there() -> None:
    assert network(listening("four", "0.0.0.0")).route(uri("[2001:db8::1]")) is None


def test_of_several_sockets_the_one_at_the_interface_is_taken_then_the_one_for_all() -> None:
    other, all_, loopback = (
        listening("other", "192.0.2.99"),
        listening("all", "0.0.0.0"),
        listening("lo", "127.0.0.1"),
    )
    assert network(other, all_, loopback).route(uri("127.0.0.5")) == Address("127.0.0.5", 5070, "lo")
    assert network(other, all_).route(uri("127.0.0.5")) == Address("127.0.0.5", 5070, "all")


def test_a_name_is_looked_up_beside_and_known_the_next_time() -> None:
    async def main() -> None:
        known = network(listening("udp", "127.0.0.1"), hosts=Hosts(pbx_example="192.0.2.1"))
        assert known.route(uri("pbx.example")) is None
        assert await known.resolve(uri("pbx.example")) == (Address("192.0.2.1", 5070, "udp"),)
        assert known.route(uri("pbx.example")) == Address("192.0.2.1", 5070, "udp")

    asyncio.run(main())


# -- what a peer sees of us


def test_a_bound_address_is_seen_as_it_is() -> None:
    assert network(listening("udp", "192.0.2.99")).local(OUTSIDE) == Address("192.0.2.99", 5060, "udp")


def test_a_socket_for_all_addresses_is_seen_as_the_one_that_leads_to_the_peer() -> None:
    known = network(listening("udp", "0.0.0.0", 5066))
    assert known.local(Address("127.0.0.7", 5060, "udp")) == Address("127.0.0.1", 5066, "udp")


@pytest.mark.parametrize(
    ("peer", "seen"),
    [("198.51.100.7", ("203.0.113.1", 5099)), ("10.1.2.3", ("10.9.9.9", 5060)), ("127.0.0.1", ("10.9.9.9", 5060))],
)
def test_the_external_address_is_seen_outside_of_local_net(peer: str, seen: tuple[str, int]) -> None:
    socket = listening(
        "udp", "10.9.9.9", local_net=LOCAL_NET, external_signaling_address="203.0.113.1", external_signaling_port="5099"
    )
    assert network(socket).local(Address(peer, 5060, "udp"))[:2] == seen


def test_without_local_net_everybody_is_outside_and_the_port_stays() -> None:
    socket = listening("udp", "10.9.9.9", 5061, external_signaling_address="203.0.113.1")
    assert network(socket).local(Address("10.1.2.3", 5060, "udp")) == Address("203.0.113.1", 5061, "udp")


def test_the_interface_is_our_own_address_whatever_is_shown() -> None:
    socket = listening("udp", "10.9.9.9", external_signaling_address="203.0.113.1")
    assert network(socket).interface(OUTSIDE) == "10.9.9.9"
    assert network(listening("udp", "0.0.0.0")).interface(Address("127.0.0.7", 5060, "udp")) == "127.0.0.1"
    assert network().interface(Address("127.0.0.7", 5060, "gone")) == "127.0.0.1"


def test_an_external_host_name_is_shown_as_it_is_written() -> None:
    socket = listening("udp", "10.9.9.9", external_signaling_hostname="pbx.example")
    assert network(socket).local(OUTSIDE).host == "pbx.example"


def test_an_external_address_that_is_a_name_is_shown_as_the_address_once_that_is_known() -> None:
    async def main() -> None:
        now = 0.0
        socket = listening("udp", "10.9.9.9", external_signaling_address="pbx.example")
        known = network(socket, hosts=Hosts(pbx_example="203.0.113.1"), clock=lambda: now)
        assert known.local(OUTSIDE).host == "pbx.example"
        await known.resolve(SipUri("pbx.example", port=1))
        now = 60.0
        assert known.local(OUTSIDE).host == "203.0.113.1"

    asyncio.run(main())


def test_what_was_found_is_kept_until_a_socket_or_its_section_changes() -> None:
    sockets: Mapping[str, Listening] = {"udp": listening("udp", "10.9.9.9")}
    known = Network(lambda: sockets, Resolver(Hosts()), clock=lambda: 0.0)
    assert known.local(OUTSIDE) is known.local(OUTSIDE)
    sockets = {"udp": listening("udp", "10.9.9.9", external_signaling_address="203.0.113.1")}
    assert known.local(OUTSIDE).host == "203.0.113.1"


def test_a_peer_whose_socket_is_closed_sees_the_address_that_leads_to_it() -> None:
    assert network().local(Address("127.0.0.9", 5060, "gone")) == Address("127.0.0.1", 5060, "gone")


def test_a_name_is_outside_of_local_net() -> None:
    assert is_outside(listening("udp", "10.9.9.9", local_net=LOCAL_NET).settings, "pbx.example")


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")
def test_an_ipv6_socket_for_all_addresses_is_seen_as_the_one_that_leads_to_the_peer() -> None:
    assert network(listening("six", "::")).local(Address("::1", 5060, "six")).host == "::1"


def test_an_exception_from_local_net_is_outside() -> None:
    settings = listening("udp", "10.9.9.9", local_net=["10.0.0.0/8", "!10.1.0.0/16"]).settings
    assert [is_outside(settings, host) for host in ("10.2.0.1", "10.1.0.1", "192.0.2.1")] == [False, True, True]


# -- media

NAT: dict[str, Any] = {"local_net": LOCAL_NET, "external_media_address": "203.0.113.5"}


@pytest.mark.parametrize(
    ("options", "bind", "shown"),
    [
        ({}, "10.9.9.9", "10.9.9.9"),
        ({"media_address": "192.0.2.50"}, "", "192.0.2.50"),
        ({"media_address": "192.0.2.50", "bind_rtp_to_media_address": True}, "192.0.2.50", "192.0.2.50"),
        ({"media_address": "media.example", "bind_rtp_to_media_address": True}, "", "media.example"),
    ],
)
def test_media_is_taken_in_where_the_endpoint_says(options: dict[str, Any], bind: str, shown: str) -> None:
    known = network(listening("udp", "10.9.9.9"))
    assert known.media(Endpoint(id="bob", **options), OUTSIDE) == MediaAddress(bind, shown)


def test_a_socket_for_all_addresses_binds_media_to_none() -> None:
    known = network(listening("udp", "0.0.0.0"))
    found = known.media(Endpoint(id="bob"), Address("127.0.0.9", 5060, "udp"))
    assert found == MediaAddress("", "127.0.0.1")


def test_media_of_another_family_is_taken_in_at_an_address_of_that_family_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sorcery_sip.modules.network._interface_to", lambda host: "2001:db8::5" if ":" in host else "")
    known = network(listening("udp", "192.0.2.99"))
    assert known.media(Endpoint(id="bob"), OUTSIDE, ipv6=True) == MediaAddress("", "2001:db8::5")
    monkeypatch.setattr("sorcery_sip.modules.network._interface_to", lambda host: "")
    assert known.media(Endpoint(id="bob"), OUTSIDE, ipv6=True) == MediaAddress("192.0.2.99", "192.0.2.99")


def test_external_media_address_is_shown_outside_for_an_address_that_lies_inside() -> None:
    known = network(listening("udp", "10.9.9.9", **NAT))
    bob = Endpoint(id="bob")
    assert known.media(bob, OUTSIDE) == MediaAddress("10.9.9.9", "203.0.113.5")
    assert known.media(bob, Address("10.1.1.1", 5060, "udp")).shown == "10.9.9.9"
    assert known.shown_media("192.0.2.77", OUTSIDE) == "192.0.2.77"  # the other leg's own, which is outside already
    assert known.shown_media("10.3.3.3", OUTSIDE) == "203.0.113.5"


def test_without_local_net_external_media_address_replaces_every_address() -> None:
    known = network(listening("udp", "192.0.2.99", external_media_address="203.0.113.5"))
    assert known.shown_media("198.51.100.9", OUTSIDE) == "203.0.113.5"


def test_a_closed_socket_has_no_settings() -> None:
    known = network(listening("udp", "10.9.9.9"))
    assert known.settings("udp") is not None
    assert known.settings("gone") is None
