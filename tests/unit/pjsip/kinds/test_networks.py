from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from sorcery.kinds import Refused
from sorcery.pjsip import Transport
from sorcery.pjsip.kinds.networks import LocalNetworks, parse_address, parse_network, split_host_port


@pytest.mark.parametrize(
    ("text", "printed", "short"),
    [
        ("10.1.2.3/8", "10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("192.0.2.1", "192.0.2.1/255.255.255.255", "192.0.2.1/32"),
        ("!10.1.0.0/16", "!10.1.0.0/255.255.0.0", "!10.1.0.0/16"),
        (
            "203.0.113.126/255.0.255.0",
            "203.0.113.0/255.0.255.0",
            "203.0.113.0/255.0.255.0",
        ),
        ("2001:db8::1/32", "2001:db8::/ffff:ffff::", "2001:db8::/32"),
        ("::ffff:192.0.2.1", "192.0.2.1/255.255.255.255", "192.0.2.1/32"),
        ("10/8", "0.0.0.0/255.0.0.0", "0.0.0.0/8"),
    ],
)
def test_a_network_prints_its_mask_as_an_address_and_is_written_short(text: str, printed: str, short: str) -> None:
    network = parse_network(text)
    assert (str(network), network.short) == (printed, short)
    assert parse_network(network.short) == network


@pytest.mark.parametrize(
    "text", ["", "!", "host", "10.0.0.1/33", "10.0.0.1/x", "10.0.0.1:5060", "! 10.0.0.1", "::1/129", "10.0.0.1/ffff::"]
)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_network(text)


def test_a_port_is_taken_where_it_may_be() -> None:
    assert str(parse_network("[2001:db8::1]:5060", ports=True)).startswith("[2001:db8::1]:5060/")
    assert parse_network("192.0.2.1:70000", ports=True).port == 4464
    with pytest.raises(Refused):
        parse_network("192.0.2.1:sip", ports=True)


def test_membership_goes_by_family_and_mask() -> None:
    network = parse_network("10.0.0.0/8")
    assert "10.255.0.1" in network
    assert "11.0.0.1" not in network
    assert "::10.0.0.1" not in network
    assert "nonsense" not in network


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("h:1", "h", "1"),
        ("[::1]:1", "::1", "1"),
        ("[::1]", "::1", ""),
        ("::1", "::1", ""),
        ("h", "h", ""),
        ("[::1", "[::1", ""),
    ],
)
def test_host_and_port_are_split(text: str, host: str, port: str) -> None:
    assert split_host_port(text) == (host, port)


def test_addresses_are_read_as_the_c_library_does() -> None:
    assert str(parse_address("0x7f000001")) == "127.0.0.1"
    assert str(parse_address("127.1")) == "127.0.0.1"
    assert parse_address("fe80::1%eth0") is None
    assert parse_address("1.2.3.4 x") is None


def test_local_networks_add_up_and_an_empty_line_clears() -> None:
    kind = LocalNetworks()
    networks = kind.convert(["10.0.0.0/8", parse_network("!10.1.0.0/16")])
    assert kind.texts(networks) == ("10.0.0.0/8,!10.1.0.0/16",)
    assert [text for _, text in kind.pairs("local_net", networks)] == ["10.0.0.0/255.0.0.0", "!10.1.0.0/255.255.0.0"]
    assert kind.convert("") == ()


def test_a_network_is_one_of_the_standard_library_unless_its_mask_has_holes() -> None:
    assert parse_network("!10.1.0.0/16").network == ip_network("10.1.0.0/16")
    assert parse_network("2001:db8::/32").network == ip_network("2001:db8::/32")
    assert parse_network("192.0.2.7").network == ip_network("192.0.2.7/32")
    with pytest.raises(ValueError, match="holes"):
        _ = parse_network("10.0.0.0/255.0.255.0").network


def test_networks_are_taken_as_the_standard_library_has_them() -> None:
    networks = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    transport = Transport("t", bind="127.0.0.1").evolve(local_net=networks)
    assert dict(transport.settings())["local_net"] == "10.0.0.0/8,fd00::/8"


def test_the_last_network_that_holds_an_address_says_whether_it_is_local() -> None:
    transport = Transport("t", bind="127.0.0.1", local_net="10.0.0.0/8,!10.1.0.0/16,10.1.2.3")
    local = {address: transport.is_local(address) for address in ("10.2.0.1", "10.1.0.1", "10.1.2.3", "192.0.2.1")}
    assert local == {"10.2.0.1": True, "10.1.0.1": False, "10.1.2.3": True, "192.0.2.1": False}
    assert transport.is_local(ip_address("::ffff:10.2.0.1"))
    with pytest.raises(ValueError, match="no address"):
        transport.is_local("pbx.example")
