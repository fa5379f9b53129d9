"""`db`: tables made, adopted, checked and printed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest


def drop(database: Path, table: str) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(f"DROP TABLE {table}")
    connection.close()


def test_upgrade_makes_the_tables_once(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    first, again = run("db", "upgrade", url, "--json"), run("db", "upgrade", url)
    assert (first.code, first.json["role"]) == (0, "config")
    assert first.json["applied"] != []
    assert (again.code, again.out) == (0, "the config tables are at the newest revision\n")
    assert run("--db", url, "create", "aor", "a").code == 0


@pytest.mark.parametrize("form", ["before", "behind", "argument", "environment"])
def test_the_database_may_be_named_in_each_way(run: Any, url: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {
        "before": ("--db", url, "db", "check"),
        "behind": ("db", "check", "--db", url),
        "argument": ("db", "check", url),
        "environment": ("db", "check"),
    }[form]
    if form == "environment":
        monkeypatch.setenv("SORCERY_TARGET", url)
    assert (run(*words).code, run(*words).out) == (0, "nothing found\n")


def lay_out(directory: Path, databases: dict[str, str], families: dict[str, str]) -> None:
    lines = [f"{family} => sqlite3,{name}" for family, name in families.items()]
    (directory / "extconfig.conf").write_text("\n".join(["[settings]", *lines, ""]), encoding="utf-8")
    sections = [f"[{name}]\nurl = {url}\n" for name, url in databases.items()]
    (directory / "databases.conf").write_text("\n".join(sections), encoding="utf-8")


def test_a_directory_stands_for_the_database_that_its_families_lie_in(run: Any, tmp_path: Path) -> None:
    lay_out(tmp_path, {"pbx": "sqlite:///pbx.db", "other": "sqlite:///o.db"}, {"ps_aors": "pbx", "ps_auths": "pbx"})
    assert run("-C", str(tmp_path), "db", "upgrade").code == 0
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["pbx.db"]
    assert run("-C", str(tmp_path), "db", "notify", "on").code == 0
    assert run("-C", str(tmp_path), "db", "notify", "status").code == 0


def test_a_directory_of_several_databases_names_them(run: Any, tmp_path: Path) -> None:
    databases = {"a": "postgresql://u:sesame@127.0.0.1:1/a", "b": "sqlite:///b.db"}
    lay_out(tmp_path, databases, {"ps_aors": "a", "ps_auths": "b"})
    result = run("-C", str(tmp_path), "db", "upgrade")
    assert (result.code, result.out) == (2, "")
    assert "has several databases: a (postgresql://u:********@127.0.0.1:1/a), b (sqlite:///" in result.err
    assert "sesame" not in result.err


def test_a_directory_without_a_database_is_told_what_it_lacks(run: Any, tmp_path: Path) -> None:
    result = run("-C", str(tmp_path), "db", "check")
    assert (result.code, result.out) == (2, "")
    assert f"no database of {tmp_path} is known" in result.err
    assert "databases.conf" in result.err


def test_a_directory_that_nobody_named_stands_for_no_database(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, {"pbx": "sqlite:///pbx.db"}, {"ps_aors": "pbx"})
    monkeypatch.delenv("SORCERY_TARGET", raising=False)
    monkeypatch.setattr("sorcery_cli.command.DEFAULT_DIRECTORY", str(tmp_path))
    monkeypatch.setattr("sorcery_cli.database.DEFAULT_DIRECTORY", str(tmp_path))
    assert "no database is named" in run("db", "upgrade").err


def test_check_reports_and_adopt_mends(run: Any, url: str, database: Path) -> None:
    drop(database, "ps_aors")
    found = run("db", "check", url, "--json")
    assert (found.code, [each["rule"] for each in found.json]) == (1, ["missing-table"])
    text = run("db", "check", url)
    assert text.out.splitlines()[-1] == "1 error, 0 warnings"
    adopted = run("db", "adopt", url, "--json")
    assert (adopted.code, adopted.json["statements"][0].startswith("CREATE TABLE ps_aors (")) == (0, True)
    assert run("db", "check", url).code == 0
    assert run("db", "adopt", url).out == "nothing is missing\n"


def test_adopt_prints_what_it_did(run: Any, url: str, database: Path) -> None:
    drop(database, "ps_aors")
    assert run("db", "adopt", url).out.startswith("CREATE TABLE ps_aors (")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mysql"])
def test_sql_prints_a_script_and_connects_to_nothing(run: Any, kind: str) -> None:
    text, data = run("db", "sql", f"{kind}://"), run("db", "sql", f"{kind}://", "--json")
    assert (text.code, data.code) == (0, 0)
    assert "CREATE TABLE ps_endpoints" in text.out
    assert data.json["sql"].strip() == text.out.strip()


def test_the_script_makes_the_tables(run: Any, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "new.db")
    connection.executescript(run("db", "sql", "sqlite://").out)
    connection.close()
    assert run("db", "check", f"sqlite:///{tmp_path}/new.db").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("db", "upgrade"), "no database is named"),
        (("--db", "memory:", "db", "upgrade"), "no database is named"),
        (("-C", "/dev/null/none", "db", "upgrade"), "/dev/null/none: no such directory"),
        (("db", "upgrade", "u:sesame@host"), "is no database address"),
        (("db", "check", "sqlite:///a.db", "--db", "sqlite:///b.db"), "two databases are named"),
        (("db", "check", "oracle://u:sesame@host/x"), "'oracle'"),
        (("db", "check", "sqlite:///a.db", "--role", "accounts"), "config"),
    ],
)
def test_a_command_line_that_names_no_database_is_misuse(run: Any, words: tuple[str, ...], told: str) -> None:
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert "sesame" not in result.err


def test_a_database_that_is_not_there_is_exit_3(run: Any, tmp_path: Path) -> None:
    result = run("db", "check", f"sqlite:///{tmp_path}/no.db")
    assert (result.code, result.out) == (3, "")
    assert "there is no such file" in result.err
    assert not (tmp_path / "no.db").exists()


def test_a_server_that_does_not_answer_is_exit_3_and_no_password_is_told(run: Any) -> None:
    for words in (("db", "check"), ("show", "aor")):
        result = run("--db", "postgresql://u:sesame@127.0.0.1:1/pbx", *words, "--json")
        assert result.code == 3
        assert result.json["error"]["kind"] == "unavailable"
        assert "127.0.0.1" in result.err
        assert "sesame" not in result.err + result.out


def test_tables_that_are_not_asterisks_are_exit_1(run: Any, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    with connection:
        connection.execute("CREATE TABLE ps_aors (name TEXT)")
    connection.close()
    result = run("db", "upgrade", f"sqlite:///{tmp_path}/other.db")
    assert result.code == 1
    assert "ps_aors" in result.err


def test_all_roles_are_made_checked_and_undone(run: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    made = run("db", "upgrade", url, "--role", "all", "--json")
    assert [each["role"] for each in made.json] == ["config", "voicemail", "cdr", "queue_log"]
    assert made.json[2]["applied"] == ["cdr_0001"]
    assert run("db", "check", url, "--role", "all").out == "nothing found\n"
    undone = run("db", "downgrade", url, "--role", "cdr")
    assert (undone.code, undone.out) == (0, "undone cdr_0001\n")
    assert run("db", "check", url, "--role", "cdr").code == 1
    assert run("db", "check", url).code == 0


def test_a_downgrade_keeps_rows_unless_it_is_told_otherwise(run: Any, url: str, database: Path) -> None:
    assert run("--db", url, "create", "aor", "kept").code == 0
    refused = run("db", "downgrade", url)
    assert refused.code == 1
    assert "holds rows" in refused.err
    assert run("db", "check", url).code == 0
    assert run("db", "downgrade", url, "--with-rows").code == 0
    assert run("db", "check", url).code == 1


def test_one_revision_for_all_roles_is_misuse(run: Any, url: str) -> None:
    assert run("db", "downgrade", url, "--role", "all", "--revision", "cdr_0001").code == 2


def test_a_release_does_not_miss_what_is_newer_than_it(run: Any, url: str, database: Path) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("ALTER TABLE ps_contacts DROP COLUMN qualify_2xx_only")
    connection.close()
    assert run("db", "check", url, "--target", "asterisk:22.1").code == 0
    assert run("--target", "asterisk:20", "db", "check", url).code == 1
    (found,) = run("db", "check", url, "--target", "asterisk:22.2", "--json").json
    assert (found["rule"], found["option"]) == ("missing-column", "qualify_2xx_only")


def test_the_script_for_a_database_that_exists_completes_it(run: Any, url: str, database: Path) -> None:
    assert run("db", "sql", url, "--from-existing").out.strip() == ""
    drop(database, "ps_aors")
    script = run("db", "sql", url, "--from-existing").out
    assert run("db", "check", url).code == 1
    connection = sqlite3.connect(database)
    connection.executescript(script)
    connection.close()
    assert run("db", "check", url).code == 0
