"""`sorcery shadow`: what a running process counted, and a whole comparison."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.environment import control_socket
from sorcery.pjsip import Endpoint
from sorcery.running.commands import commands
from sorcery.running.control import ControlServer

PATIENCE = 60.0


@pytest.fixture
def shadowed(directory: Path, url: str) -> Path:
    """Return a directory whose endpoints and auths have a database for a second store."""
    (directory / "sorcery.conf").write_text("[shadow]\nendpoint = realtime,ps_endpoints\nauth = realtime,ps_auths\n")
    (directory / "extconfig.conf").write_text("[settings]\nps_endpoints => sqlite3,pbx\nps_auths => sqlite3,pbx\n")
    (directory / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    with Sorcery.open(url) as database:
        database.create(Endpoint(id="alice", context="sales"))
    return directory


@pytest.fixture
def process(shadowed: Path) -> Iterator[Sorcery]:
    """Return the `Sorcery` of a process that listens for commands."""
    with Sorcery.open(shadowed) as s, ControlServer(control_socket(shadowed), commands(s)):
        yield s


def asked(process: Sorcery) -> None:
    assert process.retrieve_by_id("endpoint", "alice") is not None
    assert process.retrieve_by_id("auth", "alice") is not None
    assert process.shadow is not None
    assert process.shadow.settle(PATIENCE)


def test_what_was_counted_is_shown(run: Any, process: Sorcery, shadowed: Path) -> None:
    before = run("-C", shadowed, "shadow")
    assert (before.code, "0 questions compared" in before.out) == (0, True)
    asked(process)
    text = run("-C", shadowed, "shadow")
    assert text.code == 1
    assert text.out.startswith("endpoint = realtime,ps_endpoints\n  1 questions compared, 0 agreed\n")
    assert "  endpoint alice: another in the second one\n" in text.out
    assert "    context: inside, second store: sales\n" in text.out
    assert "  auth alice: only in the type's own store\n" in text.out
    assert "sesame" not in text.out
    data = run("-C", shadowed, "shadow", "endpoint", "--json")
    assert (data.code, list(data.json), data.json["endpoint"]["kinds"]["differs"]) == (1, ["endpoint"], 1)
    assert data.json["endpoint"]["options"]["context"] == 1


def test_counts_are_printed_for_prometheus(run: Any, process: Sorcery, shadowed: Path) -> None:
    asked(process)
    out = run("-C", shadowed, "shadow", "--figures").out
    assert 'sorcery_shadow_compared_total{type="endpoint"} 1\n' in out
    assert 'sorcery_shadow_differences_total{type="endpoint",kind="differs"} 1\n' in out
    assert 'sorcery_shadow_options_total{type="endpoint",option="context"} 1\n' in out
    assert "# TYPE sorcery_shadow_shadow_seconds_total counter\n" in out


def test_counting_begins_anew_when_told_to(run: Any, process: Sorcery, shadowed: Path) -> None:
    asked(process)
    assert run("-C", shadowed, "shadow", "--reset").out == "counting anew\n"
    assert run("-C", shadowed, "shadow").code == 0


def test_a_type_without_a_second_store_is_refused(run: Any, process: Sorcery, shadowed: Path) -> None:
    told = run("-C", shadowed, "shadow", "aor")
    assert (told.code, told.out) == (1, "")
    assert "'aor' has no second store; these have: auth, endpoint" in told.err


def test_both_stores_are_compared_as_a_whole_without_a_process(run: Any, shadowed: Path, url: str) -> None:
    found = run("-C", shadowed, "shadow", "--compare")
    assert found.code == 1
    assert "~ endpoint alice\n    context: sales -> inside\n" in found.out
    assert found.out.endswith("to make the second stores alike: create 1 auth; update 1 endpoint\n")
    assert "sesame" not in found.out
    data = run("-C", shadowed, "shadow", "endpoint", "--compare", "--json").json
    assert [(each["op"], each["id"]) for each in data["changes"]] == [("update", "alice")]
    assert run("copy", "endpoint", "auth", "--from", shadowed, "--to", url).code == 0
    after = run("-C", shadowed, "shadow", "--compare")
    assert (after.code, after.out) == (0, "no differences\n")


@pytest.mark.parametrize(
    ("lines", "words", "told"),
    [
        ("[shadow]\naor = astdb,next\n", ("endpoint", "--compare"), "endpoint has no second store; these have: aor"),
        ("", ("--compare",), "no type has a second store that can be used"),
        ("[shadow]\naor = realtime,nowhere\n", ("--compare",), "no database holds the family nowhere"),
        ("", ("--compare", "--reset"), "do not go together"),
        ("", ("aor", "--reset"), "--reset is about all types; leave aor out"),
        ("", ("aor", "--figures"), "--figures is about all types; leave aor out"),
    ],
)
def test_what_cannot_be_compared_is_misuse(run: Any, directory: Path, lines: str, words: Any, told: str) -> None:
    (directory / "sorcery.conf").write_text(lines)
    result = run("-C", directory, "shadow", *words)
    assert (result.code, result.out) == (2, "")
    assert told in result.err


def test_what_prometheus_reads_is_no_json(run: Any, directory: Path) -> None:
    result = run("-C", directory, "shadow", "--figures", "--json")
    assert (result.code, result.json["error"]["kind"]) == (2, "misuse")


def test_an_address_has_no_shadow(run: Any, url: str) -> None:
    assert run("--db", url, "shadow", "--compare").code == 2


def test_check_tells_of_lines_that_cannot_be_used(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[shadow]\nendpoint = realtime,nowhere\nsample = 2\n")
    result = run("-C", directory, "check")
    assert result.code == 1
    assert "[unusable-shadow]" in result.out
    assert "no database holds the family nowhere; endpoint has no second store" in result.out
    assert "this is no part of all questions" in result.out
