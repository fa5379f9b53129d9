"""`sorcery writes`: what waits for a database that is down, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth
from sorcery_cli import main
from sorcery_migrations import upgrade

SECRET = "open-sesame"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a directory whose database is not there yet, as if it were down."""
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\nauth = realtime,ps_auths\naor = realtime,ps_aors\n[writes]\nauth = all,queue\naor = all,queue\n"
    )
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_auths => odbc,pbx\nps_aors => odbc,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{tmp_path}/pbx.db\n")
    return tmp_path


def run(site: Path, *words: str) -> int:
    return main(["-C", str(site), *words])


def queue_two(site: Path) -> None:
    assert run(site, "create", "auth", "alice", "username=alice", f"password={SECRET}") == 0
    assert run(site, "create", "aor", "alice") == 0


def test_where_nothing_waits_it_says_so(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site, "writes", "list") == 0
    assert capsys.readouterr().out == "nothing waits\n"


def test_a_change_that_is_queued_says_so_and_is_listed_without_its_secret(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_two(site)
    assert "queued in realtime ps_auths" in capsys.readouterr().out
    assert run(site, "writes", "list", "--json") == 0
    text = capsys.readouterr().out
    assert SECRET not in text
    listed = json.loads(text)
    assert [(each["number"], each["state"], each["changes"]) for each in listed] == [
        (1, "waiting", [{"op": "create", "type": "auth", "id": "alice"}]),
        (2, "waiting", [{"op": "create", "type": "aor", "id": "alice"}]),
    ]
    assert run(site, "writes", "list") == 0
    assert "create auth alice" in capsys.readouterr().out


def test_replay_stores_what_waits_or_says_that_the_store_is_silent(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_two(site)
    capsys.readouterr()
    assert run(site, "writes", "replay") == 3
    said = capsys.readouterr()
    assert said.out == "0 stored, 0 refused, 2 left\n"
    assert "there is no such file" in said.err
    upgrade(f"sqlite:///{site}/pbx.db")
    assert run(site, "writes", "replay", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"stored": 2, "refused": 0, "left": 0, "reason": ""}
    with Sorcery.open(site) as s:
        (alice,) = s.retrieve_all(Auth)
        assert alice.password.reveal() == SECRET
        assert s.retrieve_by_id(Aor, "alice") == Aor("alice")


def test_what_is_refused_is_listed_with_its_reason_and_tried_again_or_dropped(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_two(site)
    upgrade(f"sqlite:///{site}/pbx.db")
    with Sorcery.open(f"sqlite:///{site}/pbx.db") as s:
        s.create(Aor("alice", max_contacts=9))
    capsys.readouterr()
    assert run(site, "writes", "replay") == 1
    assert capsys.readouterr().out == "1 stored, 1 refused, 0 left\n"
    assert run(site, "writes", "list", "--json") == 1
    (refused,) = json.loads(capsys.readouterr().out)
    assert (refused["number"], refused["state"]) == (2, "refused")
    assert "aor 'alice' exists already" in refused["reason"]
    with Sorcery.open(f"sqlite:///{site}/pbx.db") as s:
        s.delete(Aor("alice"))
    assert run(site, "writes", "retry", "2") == 0
    assert run(site, "writes", "replay") == 0
    assert run(site, "writes", "list") == 0


def test_an_entry_that_is_dropped_is_gone_and_one_that_is_not_there_is_not_found(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_two(site)
    assert run(site, "writes", "drop", "1", "9") == 1  # and nothing is done
    capsys.readouterr()
    assert run(site, "writes", "list", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert run(site, "writes", "drop", "1", "2", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"dropped": 2}
    capsys.readouterr()
    assert run(site, "writes", "drop", "1") == 1
    assert capsys.readouterr().err == "sorcery: entry '1' does not exist\n  `sorcery writes list` lists them\n"
    assert run(site, "writes", "retry", "7", "--json") == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "not-found"
    assert run(site, "writes", "list") == 0
