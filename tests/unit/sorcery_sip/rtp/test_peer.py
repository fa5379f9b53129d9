import attrs

from sorcery_sip.rtp.peer import Peer
from sorcery_sip.rtp.settings import RtpSettings

PHONE, NAT, OTHER = ("192.0.2.1", 4000), ("198.51.100.7", 33333), ("203.0.113.9", 9)
PLAIN = RtpSettings(remote=PHONE)
SYMMETRIC = RtpSettings(remote=PHONE, symmetric=True)


def peer(settings: RtpSettings) -> Peer:
    made = Peer()
    made.configure(settings)
    return made


def learn(of: Peer, source: tuple[str, int], packets: int = 4) -> None:
    for sequence in range(packets):
        of.admits(source, sequence)


def test_packets_go_where_the_peer_wants_them() -> None:
    assert (peer(PLAIN).destination, peer(PLAIN).rtcp_destination) == (PHONE, ("192.0.2.1", 4001))


def test_rtcp_goes_where_the_peer_says_or_with_the_rest() -> None:
    assert peer(attrs.evolve(PLAIN, remote_rtcp=OTHER)).rtcp_destination == OTHER
    assert peer(attrs.evolve(PLAIN, remote_rtcp=OTHER, rtcp_mux=True)).rtcp_destination == PHONE


def test_no_port_comes_after_the_last() -> None:
    assert peer(RtpSettings(remote=("192.0.2.1", 65535))).rtcp_destination is None


def test_without_an_address_nothing_goes_anywhere() -> None:
    nowhere = peer(RtpSettings(symmetric=True))
    learn(nowhere, NAT)
    assert (nowhere.source, nowhere.destination, nowhere.rtcp_destination) == (NAT, None, None)


def test_a_direction_that_forbids_sending_stops_rtp_alone() -> None:
    held = peer(attrs.evolve(SYMMETRIC, sends=False))
    learn(held, NAT)
    assert held.destination is None
    assert held.rtcp_destination is not None


def test_symmetric_rtp_goes_back_to_where_packets_come_from() -> None:
    behind = peer(SYMMETRIC)
    learn(behind, NAT, 3)
    assert behind.destination == PHONE
    learn(behind, NAT)
    assert behind.destination == NAT


def test_without_symmetric_rtp_packets_go_on_to_the_announced_address() -> None:
    behind = peer(PLAIN)
    learn(behind, NAT)
    assert (behind.source, behind.destination) == (NAT, PHONE)


def test_a_shared_port_takes_rtcp_along() -> None:
    behind = peer(attrs.evolve(SYMMETRIC, rtcp_mux=True))
    learn(behind, NAT)
    assert behind.rtcp_destination == NAT


def test_a_new_negotiation_of_the_same_address_keeps_the_source() -> None:
    behind = peer(SYMMETRIC)
    learn(behind, NAT)
    behind.configure(SYMMETRIC)
    assert (behind.source, behind.destination) == (NAT, NAT)
    assert behind.admits(NAT, 77)
    assert not behind.admits(OTHER, 1)


def test_a_new_negotiation_lets_the_peer_move() -> None:
    behind = peer(SYMMETRIC)
    learn(behind, NAT)
    behind.configure(SYMMETRIC)
    learn(behind, OTHER)
    assert behind.destination == OTHER


def test_another_address_is_learnt_anew() -> None:
    behind = peer(SYMMETRIC)
    learn(behind, NAT)
    behind.configure(attrs.evolve(SYMMETRIC, remote=OTHER))
    assert (behind.source, behind.destination) == (None, OTHER)


def test_rtcp_is_taken_from_the_hosts_of_the_peer_only() -> None:
    behind = peer(SYMMETRIC)
    learn(behind, NAT)
    assert behind.admits_rtcp((NAT[0], 44444))
    assert behind.admits_rtcp((PHONE[0], 4001))
    assert not behind.admits_rtcp(OTHER)
    assert peer(attrs.evolve(PLAIN, strict=False)).admits_rtcp(OTHER)


def test_symmetric_rtcp_goes_back_to_where_it_came_from() -> None:
    behind = peer(SYMMETRIC)
    learn(behind, NAT)
    behind.admits_rtcp((NAT[0], 44444))
    assert behind.rtcp_destination == (NAT[0], 44444)


def test_rtcp_of_a_peer_that_is_not_symmetric_does_not_move_it() -> None:
    plain = peer(PLAIN)
    plain.admits_rtcp((PHONE[0], 44444))
    assert plain.rtcp_destination == (PHONE[0], 4001)
