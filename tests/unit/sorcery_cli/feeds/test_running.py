"""`sorcery feed`: over a real outbox and an Asterisk that only answers; what a command line may not say."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_cli import main
from sorcery_migrations import notices
from tests.manager import Manager, running_manager

SECONDS = 60
SECRET = "geheim"


@pytest.fixture
def manager() -> Iterator[Manager]:
    with running_manager() as made:
        made.answer = lambda action: "Response: Success\r\nActionID: {id}\r\n\r\n"
        yield made


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that tells of its changes."""
    url = f"sqlite:///{tmp_path}/pbx.db"
    sorcery_migrations.upgrade(url)
    notices.install(url)
    return url


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FEED_SECRET", SECRET)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))


def target(manager: Manager) -> str:
    return f"ami://feed:env:FEED_SECRET@127.0.0.1:{manager.port}"


def expired(manager: Manager) -> list[tuple[str, str]]:
    return [(each["Cache"], each.get("Object", "")) for each in manager.heard if "Expire" in each["Action"]]


def beside(work: Callable[[], None]) -> threading.Thread:
    """Do something while the command runs, and end it then as a service manager does."""

    def done() -> None:
        try:
            work()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=done)
    thread.start()
    return thread


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_change_reaches_a_neighbour_and_is_remembered(
    url: str, manager: Manager, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "feed.prom"
    words = ["--db", url, "feed", "run", "--to", target(manager), "--cache", "endpoint=mine"]

    def change(id: str) -> None:
        eventually(lambda: ("mine", "") in expired(manager) or id != "alice")
        with Sorcery.open(url) as s:
            s.create(Endpoint(id=id))
        eventually(lambda: ("mine", id) in expired(manager))

    for id in ("alice", "bob"):
        thread = beside(lambda id=id: change(id))  # type: ignore[misc]
        assert main([*words, "--metrics", str(figures)]) == 0
        thread.join(SECONDS)
    assert expired(manager).count(("mine", "")) == 1  # the second run went on
    assert "sorcery_feed_done_total" in figures.read_text()
    assert main(["--db", url, "feed", "status"]) == 0
    said = capsys.readouterr()
    assert "up to date" in said.out
    assert f"feeding ami://feed@127.0.0.1:{manager.port} from sqlite database" in said.err
    with Sorcery.open(url) as s:
        s.create(Endpoint(id="carol"))
    assert main(["--db", url, "feed", "status", "--json"]) == 1
    (standing,) = json.loads(capsys.readouterr().out)
    assert (standing["target"], standing["complete"]) == (f"ami://feed@127.0.0.1:{manager.port}", True)
    assert standing["waiting_since"].endswith("Z")


def test_nobody_was_fed_yet(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--db", url, "feed", "status"]) == 1
    assert capsys.readouterr().out == "nobody was fed from here\n"


AMI = "ami://feed:env:FEED_SECRET@127.0.0.1:1"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--to", "asterisk"], "--to: an AMI address cannot be read; write ami://USER@HOST:PORT"),
        (["--to", f"ami://feed:{SECRET}@h"], "is seen by all who list processes; write env:NAME or file:PATH in its"),
        (["--to", "ami://feed@h"], "no password of feed is known; write :env:NAME or :file:PATH behind the user"),
        (["--to", f"kamailio-rpc://feed:{SECRET}@h:x"], "this is no address of a Kamailio"),
        (["--to", "ami://feed:env:NO_SUCH@h"], "the environment holds no NO_SUCH"),
        (["--to", "kamailio-rpc://h"], "this is no address of a Kamailio"),
        (["--to", AMI, "--cache", "endpoint"], "--cache endpoint: write it as TYPE=NAME"),
        (["--to", AMI, "--cache", "phone=x"], "--cache: phone is no type; use one of: "),
        (["--to", AMI, "--kamailio-htable", "=x"], "--kamailio-htable =x: write it as TABLE=NAME"),
        (["--to", AMI, "--metrics", "figures"], "write HOST:PORT, PORT for loopback, or the path of a file"),
        (["--to", AMI, "--metrics", "h:70000"], "a port is at most 65535"),
        (["--to", AMI, "--metrics", "/no/such/feed.prom"], "there is no folder /no/such"),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_is_told(
    url: str, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--db", url, "feed", "run", *words]) == 2
    said = capsys.readouterr().err
    assert reason in said
    assert SECRET not in said


def test_a_password_in_the_clear_is_taken_from_who_insists(url: str, manager: Manager) -> None:
    thread = beside(lambda: eventually(lambda: any(each["Action"] == "Login" for each in manager.heard)))
    address = f"ami://feed:{SECRET}@127.0.0.1:{manager.port}"
    assert main(["--db", url, "feed", "run", "--to", address, "--clear-password"]) == 0
    thread.join(SECONDS)
    assert manager.heard[0]["Secret"] == SECRET


def test_a_password_of_manager_conf_is_found(url: str, manager: Manager, tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "manager.conf").write_text("[feed]\nsecret=of the file\n")
    (etc / "extconfig.conf").write_text("[settings]\nps_endpoints => sqlite3,pbx\n")
    (etc / "databases.conf").write_text(f"[pbx]\nurl={url}\n")
    thread = beside(lambda: eventually(lambda: any(each["Action"] == "Login" for each in manager.heard)))
    assert main(["-C", str(etc), "feed", "run", "--to", f"ami://feed@127.0.0.1:{manager.port}"]) == 0
    thread.join(SECONDS)
    assert manager.heard[0]["Secret"] == "of the file"


@pytest.mark.parametrize(
    ("target", "code", "reason"),
    [
        ("memory:", 2, "nothing on disk at all tells of changes"),
        ("sqlite:///{folder}/none.db", 2, "there is no such file"),
        ("sqlite:///{folder}/mute.db", 1, "tells of no changes; run: sorcery db notify on"),
        ("postgresql://u:geheim@127.0.0.1:1/pbx", 3, "is unavailable"),
    ],
)
def test_a_database_that_tells_of_nothing_is_told(
    target: str, code: int, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sorcery_migrations.upgrade(f"sqlite:///{tmp_path}/mute.db")
    assert main(["--db", target.format(folder=tmp_path), "feed", "run", "--to", AMI]) == code
    said = capsys.readouterr().err
    assert reason in said
    assert SECRET not in said
    assert not (tmp_path / "none.db").exists()


def test_a_directory_without_a_database_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(tmp_path), "feed", "run", "--to", AMI]) == 2
    assert "no family lies in a database whose address is known" in capsys.readouterr().err
