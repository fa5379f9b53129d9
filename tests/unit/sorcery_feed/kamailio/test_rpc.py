"""Calls and their answers, over each way."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery.errors import Unavailable
from sorcery_feed import RpcAddress
from sorcery_feed.kamailio.rpc import RpcClient, RpcRefused
from tests.unit.sorcery_feed.kamailio.peer import Peer, Refusal, running_datagrams, running_http


@pytest.fixture(params=["udp", "unix", "http"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    if request.param == "http":
        with running_http() as made:
            yield made
    else:
        with running_datagrams(tmp_path / "s" if request.param == "unix" else None) as made:
            yield made


def refusing(method: str, parameters: list[str]) -> object:
    raise Refusal("Ongoing reload")


def test_a_call_brings_its_result(peer: Peer) -> None:
    peer.answer = lambda method, parameters: {"method": method, "parameters": parameters}
    client = RpcClient(RpcAddress.parse(peer.address), 60)
    assert client.call("ul.lookup", "location", "alice") == {
        "method": "ul.lookup",
        "parameters": ["location", "alice"],
    }
    assert client.call("core.version") == {"method": "core.version", "parameters": []}
    client.close()


def test_an_error_is_told(peer: Peer) -> None:
    peer.answer = refusing
    client = RpcClient(RpcAddress.parse(peer.address), 60)
    with pytest.raises(RpcRefused) as told:
        client.call("dispatcher.reload")
    assert (told.value.code, told.value.reason) == (500, "Ongoing reload")
    client.close()


@pytest.mark.parametrize("late", [b'{"jsonrpc": "2.0", "id": 1, "result": "an earlier one"}', b"\xff", b"[]"])
def test_what_is_no_answer_to_this_call_is_passed_over(late: bytes) -> None:
    with running_datagrams() as peer:
        peer.late = late
        client = RpcClient(RpcAddress.parse(peer.address), 60)
        assert client.call("core.version") == "ok"
        client.close()


def test_one_that_says_nothing_is_given_up() -> None:
    with running_datagrams() as peer:
        peer.answer = None
        client = RpcClient(RpcAddress.parse(peer.address), 0.1)
        with pytest.raises(Unavailable, match=r"said nothing for 0\.1 s"):
            client.call("core.version")
        peer.answer = lambda method, parameters: "ok"
        again = RpcClient(RpcAddress.parse(peer.address), 60)
        assert again.call("core.version") == "ok"
        again.close()


def test_a_port_where_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="refused"):
        RpcClient(RpcAddress("udp", "127.0.0.1", port), 60).call("core.version")


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        RpcClient(RpcAddress("unix", path=str(tmp_path / "none")), 60).call("core.version")


def test_a_web_server_of_another_kind() -> None:
    with running_http() as peer:
        peer.answer = None
        with pytest.raises(Unavailable, match=r"HTTP status 500, and no answer of JSON-RPC"):
            RpcClient(RpcAddress.parse(peer.address), 60).call("core.version")
