import errno
import random
import socket

import pytest

from sorcery_sip.errors import NoPorts
from sorcery_sip.io.ports import PortRange, bind_pair, bind_single, plain_address


def nothing(port: int) -> None:
    return None


def take(ports: PortRange) -> int:
    return ports.take(nothing)[0]


def test_all_pairs_of_a_range_are_used_once_and_then_there_are_none() -> None:
    ports = PortRange(10001, 10007)
    assert {take(ports) for _ in range(len(ports))} == {10002, 10004, 10006}
    with pytest.raises(NoPorts, match="10001 to 10007"):
        take(ports)


def test_a_port_that_was_given_back_is_used_last() -> None:
    ports = PortRange(10000, 10099)
    first = take(ports)
    ports.give_back(first)
    assert len(ports) == 50
    assert [take(ports) for _ in range(50)][-1] == first


def test_nobody_can_foresee_the_order() -> None:
    one, other = (PortRange(10000, 10999, random.Random(seed)) for seed in (1, 2))
    assert [take(one) for _ in range(9)] != [take(other) for _ in range(9)]


@pytest.mark.parametrize(("first", "last"), [(10000, 10000), (10001, 10002), (9, 1), (0, 10), (65530, 65536)])
def test_a_range_without_a_pair_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match=f"{first} to {last}"):
        PortRange(first, last)


def test_ports_that_others_have_are_passed_over() -> None:
    ports = PortRange(10000, 10005)
    taken = take(PortRange(10000, 10005, random.Random(1)))

    def bind(port: int) -> str:
        if port == taken:
            raise OSError(errno.EADDRINUSE, "in use")
        return "bound"

    found = [ports.take(bind) for _ in range(2)]
    assert {port for port, _ in found} == {10000, 10002, 10004} - {taken}
    with pytest.raises(NoPorts):
        ports.take(bind)
    assert len(ports) == 1


def test_an_address_that_is_not_ours_is_told_and_uses_up_nothing() -> None:
    ports = PortRange(10000, 10099)
    with pytest.raises(OSError, match=r"."):
        ports.take(lambda port: bind_single("192.0.2.1", port))
    assert len(ports) == 50


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_a_pair_is_a_port_and_the_one_after_it(ip: str) -> None:
    _, (rtp, rtcp) = PortRange(20000, 29999).take(lambda port: bind_pair(ip, port))
    with rtp, rtcp:
        assert rtp.getsockname()[1] + 1 == rtcp.getsockname()[1]
        assert not rtp.getblocking()


def test_half_a_pair_is_not_kept() -> None:
    def bind(port: int) -> int:
        with bind_single("127.0.0.1", port + 1), pytest.raises(OSError, match="in use"):
            bind_pair("127.0.0.1", port)
        bind_single("127.0.0.1", port).close()
        return port

    PortRange(20000, 29999).take(bind)


@pytest.mark.parametrize(
    ("address", "family", "plain"),
    [
        (("192.0.2.1", 4000), socket.AF_INET, ("192.0.2.1", 4000)),
        (("2001:DB8:0:0::1", 4000), socket.AF_INET6, ("2001:db8::1", 4000)),
        (("0.0.0.0", 4000), socket.AF_INET, None),
        (("::", 4000), socket.AF_INET6, None),
        (("192.0.2.1", 0), socket.AF_INET, None),
        (None, socket.AF_INET, None),
    ],
)
def test_addresses_are_written_as_sockets_do(
    address: tuple[str, int] | None, family: int, plain: tuple[str, int] | None
) -> None:
    assert plain_address(address, family) == plain


@pytest.mark.parametrize(
    ("address", "what"),
    [
        (("::1", 4000), "'::1' is no IPv4 address"),
        (("host.example", 4000), "'host.example' is no IPv4 address"),
        (("192.0.2.1", 65536), "65536 is no port"),
        (("192.0.2.1", -1), "-1 is no port"),
    ],
)
def test_addresses_that_nothing_can_be_sent_to_are_refused(address: tuple[str, int], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        plain_address(address, socket.AF_INET)
