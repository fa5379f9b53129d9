"""Values of session descriptions."""

from __future__ import annotations

import pytest

from sorcery_sip.sdp import Connection, Direction, Origin


@pytest.mark.parametrize(
    ("direction", "sends", "receives", "reverse"),
    [
        (Direction.SENDRECV, True, True, Direction.SENDRECV),
        (Direction.SENDONLY, True, False, Direction.RECVONLY),
        (Direction.RECVONLY, False, True, Direction.SENDONLY),
        (Direction.INACTIVE, False, False, Direction.INACTIVE),
    ],
)
def test_a_direction_says_who_sends_and_what_the_other_side_calls_it(
    direction: Direction, sends: bool, receives: bool, reverse: Direction
) -> None:
    assert (direction.sends, direction.receives, direction.reverse) == (sends, receives, reverse)


def test_no_address_is_unspecified_in_both_families() -> None:
    assert Connection("0.0.0.0").is_unspecified
    assert Connection("::", is_ipv6=True).is_unspecified
    assert not Connection("192.0.2.1").is_unspecified


def test_the_next_origin_has_the_next_version() -> None:
    assert Origin("-", 1, 2, "192.0.2.1").next == Origin("-", 1, 3, "192.0.2.1")
