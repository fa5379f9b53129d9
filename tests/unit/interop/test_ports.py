from __future__ import annotations

import os
import socket

import pytest

from tests.interop.ports import LOOPBACK, PAIRS, SHARES, Ports, share_of


def test_workers_of_one_run_share_all_ports_between_them() -> None:
    shares = [share_of(f"gw{number}") for number in range(SHARES)]
    assert sorted(pair for share in shares for pair in share) == list(PAIRS)
    assert share_of(None) == PAIRS


def test_nobody_gets_a_port_again_before_all_others_were_given_away() -> None:
    pairs = share_of("gw3")
    ports = Ports(pairs)
    assert len({ports.take() for _ in range(len(pairs) // 2)}) == len(pairs) // 2


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("taken", [0, 1])
def test_a_port_that_is_taken_is_not_given_away(kind: socket.SocketKind, taken: int) -> None:
    own = Ports(share_of(os.environ.get("PYTEST_XDIST_WORKER")))  # another worker may be about to bind one of his
    port, free = own.take(with_next=True), own.take(with_next=True)
    ports = Ports([port // 2, free // 2])
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind((LOOPBACK, port + taken))
        assert {ports.take(with_next=True) for _ in range(4)} == {free}
