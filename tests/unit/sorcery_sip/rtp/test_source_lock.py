from sorcery_sip.rtp.source_lock import SourceLock

PHONE, NAT, OTHER = ("192.0.2.1", 4000), ("198.51.100.7", 33333), ("203.0.113.9", 9)


def test_the_expected_source_is_let_in_at_once_and_then_nobody_else() -> None:
    lock = SourceLock({PHONE})
    assert lock.admits(PHONE, 1)
    assert not any(lock.admits(OTHER, sequence) for sequence in range(20))
    assert lock.admits(PHONE, 2)


def test_another_source_is_let_in_after_some_packets_in_a_row() -> None:
    lock = SourceLock({PHONE})
    assert [lock.admits(NAT, sequence) for sequence in (0xFFFE, 0xFFFF, 0, 1, 2)] == [False, False, False, True, True]


def test_packets_that_are_not_in_a_row_do_not_qualify() -> None:
    lock = SourceLock({PHONE})
    assert not any(lock.admits(NAT, sequence) for sequence in (1, 2, 3, 5, 6, 7, 9))


def test_two_sources_that_take_turns_do_not_qualify() -> None:
    lock = SourceLock({PHONE})
    assert not any(lock.admits(source, sequence) for sequence in range(9) for source in (NAT, OTHER))


def test_the_expected_source_comes_in_while_another_qualifies() -> None:
    lock = SourceLock({PHONE})
    assert not lock.admits(NAT, 1)
    assert lock.admits(PHONE, 7)
    assert not any(lock.admits(NAT, sequence) for sequence in range(2, 9))


def test_the_expected_source_comes_in_though_another_has_qualified() -> None:
    lock = SourceLock({PHONE})
    for sequence in range(4):
        lock.admits(NAT, sequence)
    assert lock.admits(PHONE, 1)
    assert not lock.admits(NAT, 4)


def test_a_probation_of_one_packet_lets_the_first_in() -> None:
    assert SourceLock((), probation=1).admits(NAT, 1)


def test_without_a_lock_everybody_is_let_in() -> None:
    lock = SourceLock({PHONE}, strict=False)
    assert all(lock.admits(source, 1) for source in (PHONE, NAT, OTHER, PHONE))


def test_what_an_ipv6_socket_adds_to_an_address_does_not_matter() -> None:
    assert SourceLock({("2001:db8::1", 4000)}).admits(("2001:db8::1", 4000, 0, 2), 1)
