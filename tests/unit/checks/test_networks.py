"""Networks found by an address: as going through all of them would find them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorcery.checks.networks import Deciding, NetworkIndex
from sorcery.pjsip.kinds.matches import SourceMatch
from sorcery.pjsip.kinds.networks import Network, parse_network

TEXTS = st.builds(
    lambda sign, host, port, mask: f"{sign}10.0.0.{host}{port}/{mask}",
    st.sampled_from(["", "", "!"]),
    st.integers(0, 15),
    st.sampled_from(["", "", ":5060", ":5070"]),
    st.sampled_from(["32", "31", "30", "28", "8", "255.255.255.5"]),
) | st.sampled_from(["2001:db8::/32", "!2001:db8::1/128", "2001:db8::1", "::/0"])
NETWORKS = st.lists(TEXTS.map(lambda text: parse_network(text, ports=True)), max_size=8)


@given(NETWORKS, TEXTS, st.sampled_from([0, 5060, 5070]))
def test_the_last_network_that_holds_an_address_decides(networks: list[Network], asked: str, port: int) -> None:
    network = parse_network(asked, ports=True)
    match = SourceMatch(literal=tuple(networks))
    assert Deciding(networks).matches(network, port) is match.matches(network.address, port)


@given(NETWORKS, TEXTS)
def test_an_index_finds_all_networks_around_the_widest_first(networks: list[Network], asked: str) -> None:
    network = parse_network(asked, ports=True)
    index = NetworkIndex[list[Network]]()
    for each in networks:
        index.setdefault(each, []).append(each)
    found = [each for group in index.around(network) for each in group]
    assert sorted(map(str, found)) == sorted(str(each) for each in networks if each.holds(network.address))
    assert [int(each.mask) for each in found] == sorted(int(each.mask) for each in found)
