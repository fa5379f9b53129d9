"""`reload`, `prune` and `cache`: what a running process is told, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.environment import control_socket
from sorcery.pjsip import Aor, Endpoint
from sorcery.running.commands import commands
from sorcery.running.control import ControlServer

Run = Any

SORCERY = """\
[res_pjsip]
endpoint/cache = memory_cache,object_lifetime_stale=600
endpoint = realtime,ps_endpoints
aor/cache = memory_cache,name=everything,full_backend_cache=yes
aor = realtime,ps_aors
auth = config,pjsip.conf,criteria=type=auth
"""


@pytest.fixture
def process(directory: Path, url: str) -> Iterator[Sorcery]:
    """Return the `Sorcery` of a process that listens for commands; `alice` lies in its database and its caches."""
    (directory / "sorcery.conf").write_text(SORCERY)
    (directory / "extconfig.conf").write_text("[settings]\nps_endpoints => sqlite3,pbx\nps_aors => sqlite3,pbx\n")
    (directory / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    with Sorcery.open(directory) as sorcery, ControlServer(control_socket(directory), commands(sorcery)):
        sorcery.create(Endpoint(id="alice", context="inside"))
        sorcery.create(Aor(id="alice"))
        assert sorcery.retrieve_by_id(Endpoint, "alice")
        assert sorcery.retrieve_all(Aor)
        yield sorcery


@pytest.fixture
def elsewhere(process: Sorcery, url: str) -> Iterator[Sorcery]:
    """Return what another process sees of the database."""
    with Sorcery.open(url) as sorcery:
        yield sorcery


def test_reload_prints_what_came_of_it(run: Run, process: Sorcery, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=auth\nusername=bob\npassword=b\n")
    done = run("-C", directory, "reload")
    assert (done.code, done.out) == (0, "created auth: bob\n")
    assert process.retrieve_by_id("auth", "bob") is not None
    assert run("-C", directory, "reload").out == "nothing changed\n"


def test_reload_is_exit_1_where_something_is_wrong(run: Run, process: Sorcery, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=auth\nusername=bob\nauth_type=magic\n")
    text, data = run("-C", directory, "reload"), run("-C", directory, "reload", "--json")
    assert text.code == data.code == 1
    assert "auth 'bob', option auth_type='magic'" in text.out
    assert [finding["option"] for finding in data.json["findings"]] == ["auth_type"]


def test_prune_drops_what_vanished_and_tells(run: Run, process: Sorcery, elsewhere: Sorcery, directory: Path) -> None:
    heard: list[object] = []
    process.observe(Endpoint, deleted=heard.append)
    alice = process.retrieve_by_id(Endpoint, "alice")
    assert run("-C", directory, "prune", "endpoint", "alice").out == "nothing changed\n"
    elsewhere.delete(Endpoint(id="alice"))
    assert process.retrieve_by_id(Endpoint, "alice") == alice
    assert run("-C", directory, "prune", "endpoint", "alice").out == "deleted endpoint: alice\n"
    assert process.retrieve_by_id(Endpoint, "alice") is None
    assert heard == [alice]


def test_prune_takes_what_changed(run: Run, process: Sorcery, elsewhere: Sorcery, directory: Path) -> None:
    elsewhere.update(Endpoint(id="alice", context="outside"))
    assert run("-C", directory, "prune", "endpoint", "alice", "--json").json["updated"] == {"endpoint": ["alice"]}
    found = process.retrieve_by_id(Endpoint, "alice")
    assert found is not None
    assert found.context == "outside"


def test_prune_refuses_a_type_that_is_none(run: Run, process: Sorcery, directory: Path) -> None:
    done = run("-C", directory, "prune", "endpiont", "alice")
    assert done.code == 1
    assert "unknown object type 'endpiont'" in done.err


def test_caches_are_shown(run: Run, process: Sorcery, directory: Path) -> None:
    shown = run("-C", directory, "cache", "show", "--json").json
    assert sorted(each["name"] for each in shown) == ["everything", "res_pjsip/endpoint"]
    (one,) = run("-C", directory, "cache", "show", "res_pjsip/endpoint", "--json").json
    assert one["options"]["object_lifetime_stale"] == 600
    assert one["figures"]["entries"] == 1
    text = run("-C", directory, "cache", "show").out
    assert "res_pjsip/endpoint" in text
    assert "full_backend_cache" in text


def test_a_process_without_caches_says_so(run: Run, directory: Path) -> None:
    with Sorcery.open(directory) as sorcery, ControlServer(control_socket(directory), commands(sorcery)):
        assert run("-C", directory, "cache", "show").out == "no caches\n"
        assert run("-C", directory, "cache", "show", "--json").json == []
        assert run("-C", directory, "cache", "figures").out == ""


def test_what_a_cache_holds_is_listed(run: Run, process: Sorcery, directory: Path) -> None:
    (entry,) = run("-C", directory, "cache", "dump", "res_pjsip/endpoint", "--json").json
    assert entry["id"] == "alice"
    assert 0 < entry["stale_in"] <= 600
    assert entry["expires_in"] is None
    assert "never" in run("-C", directory, "cache", "dump", "res_pjsip/endpoint").out


def test_one_entry_or_all_expire(run: Run, process: Sorcery, directory: Path) -> None:
    words = ("-C", directory, "cache", "expire", "res_pjsip/endpoint")
    assert run(*words, "bob").out == "0 expired\n"
    assert run(*words, "alice", "--json").json == {"expired": 1}
    assert run(*words).out == "0 expired\n"
    assert run("-C", directory, "cache", "dump", "res_pjsip/endpoint", "--json").json == []


def test_what_cannot_be_is_refused(run: Run, process: Sorcery, directory: Path) -> None:
    one = run("-C", directory, "cache", "expire", "everything", "alice")
    other = run("-C", directory, "cache", "populate", "res_pjsip/endpoint")
    unknown = run("-C", directory, "cache", "dump", "res_pjsip/auth")
    assert one.code == other.code == unknown.code == 1
    assert "there is no cache 'res_pjsip/auth'; there are: everything, res_pjsip/endpoint" in unknown.err


def test_stale_entries_are_read_anew(run: Run, process: Sorcery, elsewhere: Sorcery, directory: Path) -> None:
    assert run("-C", directory, "cache", "stale", "res_pjsip/endpoint", "alice").out == "1 stale\n"
    (entry,) = run("-C", directory, "cache", "dump", "res_pjsip/endpoint", "--json").json
    assert entry["stale_in"] == 0


def test_a_full_cache_is_populated(run: Run, process: Sorcery, elsewhere: Sorcery, directory: Path) -> None:
    elsewhere.create(Aor(id="bob"))
    assert len(process.retrieve_all(Aor)) == 1
    assert run("-C", directory, "cache", "populate", "everything").out == "2 held\n"
    assert len(process.retrieve_all(Aor)) == 2


def test_figures_are_what_prometheus_reads(run: Run, process: Sorcery, directory: Path) -> None:
    out = run("-C", directory, "cache", "figures").out
    assert 'sorcery_cache_entries{cache="res_pjsip/endpoint"} 1\n' in out


def test_without_a_running_process_exit_is_3(run: Run, directory: Path) -> None:
    words: tuple[Any, ...]
    for words in (("reload",), ("prune", "aor", "a"), ("cache", "show")):
        done = run("-C", directory, *words)
        assert done.code == 3
        assert (
            f"{directory / 'sorcery.ctl'} is unavailable: No such file or directory; is the process running" in done.err
        )


def test_the_socket_can_be_named(run: Run, process: Sorcery, directory: Path) -> None:
    assert run("--db", "sqlite:///pbx.db", "reload", "--socket", directory / "sorcery.ctl").code == 0
    unnamed = run("--db", "sqlite:///pbx.db", "reload")
    assert unnamed.code == 2
    assert "names no running process" in unnamed.err


def test_the_socket_lies_where_asterisk_has_its_own(run: Run, tmp_path: Path, directory: Path) -> None:
    (directory / "asterisk.conf").write_text(f"[directories]\nastrundir => {tmp_path}/run\n")
    assert f"{tmp_path}/run/sorcery.ctl is unavailable" in run("-C", directory, "reload").err
