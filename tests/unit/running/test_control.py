"""Commands to a running process: who may give them, what comes back, and what becomes of the socket."""

from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import ConfigurationError, NotFound, Unavailable
from sorcery.errors import CommandRefused
from sorcery.running.control import LONGEST, Command, ControlServer, ask


def _broken() -> None:
    raise ZeroDivisionError("by nought")


def _no_json() -> object:
    return {1, 2}


def _missing() -> None:
    raise NotFound("aor", "bob")


def _silent() -> None:
    raise Unavailable("realtime ps_aors", "connection refused")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sorcery.ctl"


@pytest.fixture
def server(path: Path) -> Iterator[ControlServer]:
    commands: dict[str, Command] = {
        "echo": lambda text, times=1: text * times,
        "broken": _broken,
        "no json": _no_json,
        "missing": _missing,
        "silent": _silent,
    }
    with ControlServer(path, commands) as server:
        yield server


def test_a_command_is_answered(server: ControlServer) -> None:
    assert ask(server.path, "echo", text="ä\n", times=2) == "ä\nä\n"
    assert ask(server.path, "echo", text="") == ""


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        ("unheard", {}, "unknown command 'unheard'; use one of: broken, echo, missing, no json, silent"),
        ("echo", {}, "echo: missing a required argument: 'text'"),
        ("echo", {"text": "a", "colour": "red"}, "echo: got an unexpected keyword argument 'colour'"),
        ("missing", {}, "aor 'bob' does not exist"),
        ("broken", {}, "ZeroDivisionError: by nought"),
        ("no json", {}, "TypeError: Object of type set is not JSON serializable"),
    ],
)
def test_what_cannot_be_done_is_told(server: ControlServer, command: str, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(CommandRefused) as caught:
        ask(server.path, command, **arguments)
    assert str(caught.value) == told


def test_a_store_that_the_process_cannot_reach_is_unavailable_here_too(server: ControlServer) -> None:
    with pytest.raises(Unavailable) as caught:
        ask(server.path, "silent")
    assert (caught.value.store, caught.value.reason) == ("realtime ps_aors", "connection refused")


def test_nobody_listens(path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file or directory; is the process running"):
        ask(path, "echo")


@pytest.mark.parametrize("greeting", [b"pbx/4711/22.10.0\n", b"[]\n", b"{}\n", b"\xff\n"])
def test_a_socket_of_another_kind_is_told(path: Path, greeting: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()

        def greet() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(greeting)

        greeter = threading.Thread(target=greet)
        greeter.start()
        with pytest.raises(Unavailable, match="whoever listens there is no process of ours"):
            ask(path, "echo", text="a")
        greeter.join(30)


def test_only_its_owner_can_use_the_socket(server: ControlServer) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


def _talk(path: Path, *lines: bytes) -> list[Any]:
    """Send lines in one connection, and return the answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        connection.sendall(b"".join(lines))
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            return [json.loads(line) for line in stream]


@pytest.mark.parametrize(
    "line", [b"\n", b"hello\n", b"[]\n", b'{"command": 5}\n', b'{"command": "echo", "arguments": []}\n']
)
def test_a_line_that_is_no_request_is_refused_and_the_next_one_answered(server: ControlServer, line: bytes) -> None:
    good = b'{"command": "echo", "arguments": {"text": "a"}}\n'
    refused, answered = _talk(server.path, line, good)
    assert refused["error"]["kind"] == "refused"
    assert answered == {"result": "a"}


def test_a_request_without_end_is_refused(server: ControlServer) -> None:
    (refused,) = _talk(server.path, b"x" * (LONGEST + 1))
    assert "more than 65536 bytes" in refused["error"]["message"]


def test_a_command_that_takes_long_holds_nobody_up(path: Path) -> None:
    go, answers = threading.Event(), []
    commands = {"slow": lambda: go.wait(30), "quick": lambda: "here"}
    with ControlServer(path, commands):
        waiting = threading.Thread(target=lambda: answers.append(ask(path, "slow")))
        waiting.start()
        assert ask(path, "quick") == "here"
        assert answers == []
        go.set()
        waiting.join(30)
    assert answers == [True]


def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_asked(path: Path) -> None:
    go = threading.Event()
    with ControlServer(path, {"slow": lambda: go.wait(30)}):
        with pytest.raises(Unavailable, match="timed out"):
            ask(path, "slow", patience=0.05)
        go.set()


def test_the_socket_goes_with_the_server(server: ControlServer) -> None:
    server.close()
    assert not server.path.exists()
    server.close()


def test_the_socket_of_a_process_that_died_is_taken_over(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    with ControlServer(path, {"echo": lambda: "here"}):
        assert ask(path, "echo") == "here"


def test_two_processes_do_not_share_a_socket(server: ControlServer) -> None:
    with pytest.raises(ConfigurationError, match="another process listens"):
        ControlServer(server.path, {})
    assert ask(server.path, "echo", text="still here") == "still here"


def test_a_file_that_is_no_socket_stays(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(ConfigurationError, match=r"no control socket can be made: .*already in use"):
        ControlServer(path, {})
    assert path.read_text() == "precious"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"run/sorcery.ctl: no control socket can be made"):
        ControlServer(tmp_path / "run/sorcery.ctl", {})


def test_a_server_leaves_the_socket_of_its_successor(path: Path) -> None:
    first = ControlServer(path, {"who": lambda: "first"})
    path.unlink()
    with ControlServer(path, {"who": lambda: "second"}):
        first.close()
        assert ask(path, "who") == "second"
