from sorcery_sip.address import Address


def test_prints_as_host_and_port() -> None:
    assert str(Address("192.0.2.1", 5060)) == "192.0.2.1:5060"


def test_an_ipv6_address_is_printed_in_brackets() -> None:
    assert str(Address("2001:db8::1", 5061, "udp6")) == "[2001:db8::1]:5061"


def test_the_same_peer_behind_two_sockets_is_two_addresses() -> None:
    assert Address("192.0.2.1", 5060, "lan") != Address("192.0.2.1", 5060, "wan")
