from __future__ import annotations

import socket

import pytest

from tests.interop import ports
from tests.interop.ports import LOOPBACK, SHARES, free_port


def test_workers_of_one_run_never_get_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for worker in range(SHARES):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{worker}")
        found.append({free_port() for _ in range(20)})
    assert len(set.union(*found)) == sum(map(len, found))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("taken", [0, 1])
def test_a_port_that_is_taken_is_not_given_away(
    monkeypatch: pytest.MonkeyPatch, kind: socket.SocketKind, taken: int
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    port = free_port(with_next=True)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")  # whose ports are others
    free = free_port(with_next=True)
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    monkeypatch.setattr(ports, "PAIRS", [port // 2, free // 2])
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind((LOOPBACK, port + taken))
        assert {free_port(with_next=True) for _ in range(20)} == {free}
