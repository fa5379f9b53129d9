"""The chain to a process of ours: whether it answers, and runs on what the files say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.doctor import process
from sorcery.doctor.chains import Chain, Link, State
from sorcery.doctor.process import process_chain
from sorcery.running.commands import commands
from sorcery.running.control import ControlServer

PJSIP = "[alice]\ntype=aor\nmax_contacts=2\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "pjsip.conf").write_text(PJSIP)
    return tmp_path


@pytest.fixture
def running(directory: Path) -> Iterator[tuple[Sorcery, Path]]:
    """Yield a system, and the socket of the process that runs on it."""
    with Sorcery.open(directory) as s, ControlServer(directory / "ctl", commands(s)) as server:
        yield s, server.path


def broken(chain: Chain) -> Link:
    found = chain.first_broken
    assert found is not None
    return found


def test_a_process_that_is_up_to_date(running: tuple[Sorcery, Path]) -> None:
    chain = process_chain(running[1])
    assert chain.state is State.GOOD
    assert [link.name for link in chain.links] == ["socket", "answer", "configuration", "loading", "caches"]


def test_a_reload_that_is_due(running: tuple[Sorcery, Path], directory: Path) -> None:
    (directory / "pjsip.conf").write_text(PJSIP + "\n; more\n")
    found = broken(process_chain(running[1]))
    assert (found.name, found.mending) == ("configuration", f"run: sorcery reload --socket {running[1]}")
    assert str(directory / "pjsip.conf") in found.text
    running[0].reload()
    assert process_chain(running[1]).state is State.GOOD


def test_a_file_that_came_after_the_start(running: tuple[Sorcery, Path], directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor = config,pjsip.conf,criteria=type=aor\n")
    found = broken(process_chain(running[1]))
    assert str(directory / "sorcery.conf") in found.text


def test_objects_that_it_keeps_because_theirs_are_bad(running: tuple[Sorcery, Path], directory: Path) -> None:
    (directory / "pjsip.conf").write_text(PJSIP.replace("=2", "=two"))
    running[0].reload()
    found = broken(process_chain(running[1]))
    assert (found.name, "max_contacts" in found.text) == ("loading", True)


def test_a_socket_that_a_process_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    found = broken(process_chain(path))
    assert (found.name, found.silent, found.text) == ("answer", True, "nobody listens there any more")


def test_a_process_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WAIT", 0.1)
    path = tmp_path / "ctl"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        found = broken(process_chain(path))
    assert (found.name, found.silent) == ("answer", True)
    assert "does not answer" in found.text


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_no_socket(tmp_path: Path, is_there: bool) -> None:
    path = tmp_path / "ctl"
    if is_there:
        path.touch()
    assert broken(process_chain(path)).name == "socket"


@pytest.mark.parametrize("command", ["reload", "status"])
def test_a_process_of_another_release(tmp_path: Path, command: str) -> None:
    with ControlServer(tmp_path / "ctl", {command: lambda: {"pid": 1}}) as server:
        found = broken(process_chain(server.path))
    assert (found.name, found.mending) == ("answer", "restart it")


def test_a_process_that_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def talk() -> None:
            with listening.accept()[0] as connection:
                connection.recv(1000)
                connection.sendall(b"hello\n")

        talker = threading.Thread(target=talk)
        talker.start()
        found = broken(process_chain(path))
        talker.join()
    assert (found.name, found.silent) == ("answer", True)
    assert (found.text, found.mending) == ("whoever listens there is no process of ours", "name the socket of one")
