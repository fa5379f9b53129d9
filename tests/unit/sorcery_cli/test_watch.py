"""`watch`: a line per change while it runs, what each holds, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sorcery import ObjectEvent, Registry, Sorcery
from sorcery.pjsip import Auth, Endpoint
from sorcery_cli.context import Session
from sorcery_cli.watch import event_data
from sorcery_memory import MemorySpace, MemoryWizard

RUN = "from sorcery_cli import main; raise SystemExit(main())"
WHEN = datetime(2026, 11, 25, 22, 30, 1, 250_000, UTC)
AUTH = Auth(id="alice", username="alice", password="open sesame")


# What a line holds


def test_a_created_object_is_told_with_all_its_options() -> None:
    data = event_data(ObjectEvent("created", AUTH), WHEN)
    assert (data["time"], data["type"], data["id"], data["change"]) == (
        "2026-11-25T22:30:01.250Z",
        "auth",
        "alice",
        "created",
    )
    assert data["options"]["username"] == "alice"
    assert data["options"].keys() == {name for name, _ in AUTH.objectset()}


def test_an_updated_object_is_told_with_what_changed_and_null_where_no_text_is_left() -> None:
    old = Endpoint(id="alice", allow="ulaw", extended={"@note": "old"})
    event = ObjectEvent("updated", old.evolve(context="inside", extended={}), old)
    assert event_data(event, WHEN)["options"] == {"context": "inside", "@note": None}


def test_an_updated_object_that_nobody_knew_before_is_told_with_all_its_options() -> None:
    event = ObjectEvent("updated", AUTH, AUTH)
    assert event_data(event, WHEN)["options"].keys() == {name for name, _ in AUTH.objectset()}


def test_a_deleted_object_has_no_options() -> None:
    assert event_data(ObjectEvent("deleted", AUTH), WHEN)["options"] == {}


def test_passwords_are_masked_unless_asked_for_and_their_change_is_still_told() -> None:
    event = ObjectEvent("updated", AUTH.evolve(password="other"), AUTH)
    assert event_data(event, WHEN, secrets=True)["options"] == {"password": "other"}
    masked = event_data(event, WHEN)["options"]
    assert list(masked) == ["password"]
    assert "other" not in str(masked)
    assert "open sesame" not in str(event_data(ObjectEvent("created", AUTH), WHEN))


# The command


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sorcery]:
    """A system that shares the memory of its auths with the one that the command is to look at."""
    space, registry = MemorySpace(), Registry()
    registry.register("shared", lambda: MemoryWizard(space))
    with (
        Sorcery.open("memory:", registry=registry) as looked_at,
        Sorcery.open("memory:", registry=registry) as others,
    ):
        for sorcery in (looked_at, others):
            sorcery.map("auth", "shared")
        monkeypatch.setattr(Session, "open", lambda session: looked_at)
        yield others


@contextmanager
def writing(others: Sorcery) -> Iterator[None]:
    """Let others create auths all the time: the first ones before the command listens, the next ones after."""
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.wait(0.01):
            number += 1
            others.create(Auth(id=f"a{number}", username="alice", password="open sesame"))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_line_per_change_until_the_count_is_reached(run: Any, others: Sorcery) -> None:
    with writing(others):
        result = run("watch", "auth", "--count", "2")
    assert result.code == 0
    first, second = (json.loads(line) for line in result.out.splitlines())
    assert [(line["change"], line["type"]) for line in (first, second)] == [("created", "auth")] * 2
    assert int(second["id"][1:]) == int(first["id"][1:]) + 1
    assert "open sesame" not in result.out
    assert result.err == "watching auth\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well(run: Any, others: Sorcery, number: signal.Signals) -> None:
    before = signal.getsignal(number)

    def kill() -> None:
        while signal.getsignal(number) in (before, signal.default_int_handler):  # which every command has
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    killer = threading.Thread(target=kill)
    killer.start()
    result = run("watch", "auth")
    killer.join()
    assert (result.code, result.out) == (0, "")
    assert signal.getsignal(number) is before


def test_it_says_of_which_types_nothing_will_be_seen(run: Any, others: Sorcery) -> None:
    with writing(others):
        result = run("watch", "auth", "endpoint", "--secrets", "--count", "1")
    assert json.loads(result.out)["options"]["password"] == "open sesame"
    assert result.err.splitlines() == ["not watched: endpoint (memory gives no notice of changes)", "watching auth"]


def test_where_nothing_can_be_watched_it_says_so(run: Any, directory: Path) -> None:
    result = run("-C", directory, "watch", "contact")
    assert result.code == 2
    assert "nothing tells of changes of contact: the wizard astdb gives no notice" in result.err


def test_an_unknown_type_is_misuse(run: Any, directory: Path) -> None:
    result = run("-C", directory, "watch", "endpiont")
    assert result.code == 2
    assert "did you mean endpoint?" in result.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_running_command_tells_of_an_edited_file_at_once_and_a_signal_ends_it(
    directory: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-c", RUN, "-C", str(directory), "watch", "aor", "contact"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stderr.readline() == "not watched: contact (astdb gives no notice of changes)\n"
        assert running.stderr.readline() == "watching aor\n"
        file = directory / "pjsip.conf"
        file.write_text(file.read_text().replace("max_contacts=2", "max_contacts=3"))
        line = json.loads(running.stdout.readline())  # it is here while the command goes on
        running.send_signal(number)
        assert running.wait(30) == 0
        assert running.stdout.read() == ""
        assert running.stderr.read() == ""
    assert (line["type"], line["id"], line["change"], line["options"]) == (
        "aor",
        "alice",
        "updated",
        {"max_contacts": "3"},
    )
