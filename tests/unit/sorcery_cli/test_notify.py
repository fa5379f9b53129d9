"""`db notify`: what each command prints, how it ends, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from sorcery_cli import main
from sorcery_migrations import upgrade


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path}/pbx.db"
    upgrade(address)
    return address


def test_on_says_which_tables_are_told_of(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "notify", "on", url]) == 0
    assert "ps_endpoints" in capsys.readouterr().out
    assert main(["--db", url, "db", "notify", "on", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert "ps_contacts" in data["tables"]
    assert data["statements"] == []


def test_status_ends_with_1_while_notices_are_off(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "notify", "status", url]) == 1
    assert "sorcery db notify on" in capsys.readouterr().out
    main(["db", "notify", "on", url])
    capsys.readouterr()
    assert main(["db", "notify", "status", url, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["on"] is True
    assert data["tables"]["ps_aors"] == "on"


def test_types_are_chosen_by_name(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "notify", "on", url, "--except", "contact", "--except", "subscription_persistence"]) == 0
    assert "ps_contacts" not in capsys.readouterr().out
    assert main(["db", "notify", "on", url, "--only", "aor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"] == ["ps_aors"]
    assert main(["db", "notify", "status", url]) == 0
    capsys.readouterr()
    assert main(["db", "notify", "on", url, "--all"]) == 0
    assert "ps_contacts" in capsys.readouterr().out


def test_tables_of_other_names_are_chosen_by_these(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("CREATE TABLE my_endpoints (id TEXT PRIMARY KEY)")
    assert main(["db", "notify", "on", url, "--only", "aor", "--table", "my_endpoints", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"] == ["ps_aors", "my_endpoints"]
    assert main(["db", "notify", "status", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["my_endpoints"] == "on"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--table", "my_endpoints", "--all"], "three choices"),
        (["--only", "aor", "--except", "contact"], "three choices"),
        (["--only", "acl"], "no table"),
        (["--only", "contakt"], "contact"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(
    url: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "notify", "on", url, *words]) == 2
    assert said in capsys.readouterr().err
    assert main(["db", "notify", "status", url]) == 1, "nothing was switched on"


def test_a_database_without_tables_is_refused_with_what_makes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "empty.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE others (id TEXT PRIMARY KEY)")
    url = f"sqlite:///{file}"
    for words in ([], ["--only", "aor"], ["--all"]):
        assert main(["db", "notify", "on", url, *words]) == 2
        assert f"run: sorcery db upgrade {url}" in capsys.readouterr().err
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("others",)]


def test_a_choice_of_tables_none_of_which_is_there_ends_with_1(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["db", "notify", "on", url, "--table", "ps_endpoint"]
    assert main(words) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sorcery: there is nothing to tell of: ps_endpoint (missing); ")
    assert main(["db", "notify", "status", url]) == 1, "no outbox was made"
    assert main(["db", "notify", "on", url, "--only", "aor"]) == 0
    capsys.readouterr()
    assert main([*words, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "configuration-error"
    assert main(["db", "notify", "status", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["ps_aors"] == "on", "the choice before is in force"


def test_a_choice_that_was_kept_and_whose_tables_are_gone_ends_with_1(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "notify", "on", url, "--only", "aor"]) == 0
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("DROP TABLE ps_aors")
    capsys.readouterr()
    assert main(["db", "notify", "on", url]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("told of: nothing\n", "not told of: ps_aors (missing)\n")


def test_off_is_off(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["db", "notify", "on", url])
    assert main(["db", "notify", "off", url]) == 0
    assert "notices are off" in capsys.readouterr().out
    assert main(["db", "notify", "off", url]) == 0
    assert "off already" in capsys.readouterr().out


def test_a_silent_database_ends_with_3(tmp_path: Path) -> None:
    assert main(["db", "notify", "status", f"sqlite:///{tmp_path}/none.db"]) == 3
