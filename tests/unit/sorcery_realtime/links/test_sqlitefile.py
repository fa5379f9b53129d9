"""An SQLite file: each way in which it can be wrong, named first, and mended by what is said."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery.doctor.chains import Chain, Link, State
from sorcery.steps import Broken
from sorcery_cli import main
from sorcery_realtime.links import sqlitefile

Look = Callable[..., Chain]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pbx.db"


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def broken(look: Look, file: Path) -> Link:
    found = look(url(file)).first_broken
    assert found is not None
    return found


def carry_out(mending: str) -> None:
    """Run the command of ours that a mending names."""
    words = shlex.split(mending.partition("run: ")[2])
    assert words[0] == "sorcery"
    assert main(words[1:]) == 0


@pytest.mark.parametrize("content", [None, b""])
def test_a_file_that_is_not_there_or_empty_is_made(file: Path, look: Look, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)
    found = broken(look, file)
    assert (found.name, found.text) == (
        ("file", "there is no such file") if content is None else ("header", "it is empty")
    )
    carry_out(found.mending)
    assert look(url(file)).state is State.GOOD


def test_a_folder_that_is_not_there_is_made_too(tmp_path: Path, look: Look) -> None:
    assert f"mkdir -p {tmp_path}/no && " in broken(look, tmp_path / "no/pbx.db").mending


def test_what_is_no_database(file: Path, look: Look) -> None:
    file.write_text("[general]\n")
    found = broken(look, file)
    assert (found.name, found.text) == ("header", "it is no SQLite database")
    file.unlink()
    carry_out(found.mending)
    assert look(url(file)).state is State.GOOD


def test_a_folder_in_its_place(file: Path, look: Look) -> None:
    file.mkdir()
    assert broken(look, file).text == "it is no file"


def test_a_damaged_database(file: Path, look: Look) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert broken(look, file).name == "answer"


def test_a_lock_of_somebody_else(file: Path, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery.doctor.sqlite.WAIT", 0.05)
    sorcery_migrations.upgrade(url(file))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    found = broken(look, file)
    assert (found.name, found.silent) == ("answer", True)
    assert "locked" in found.text
    other.execute("ROLLBACK")
    other.close()
    assert look(url(file)).state is State.GOOD


def test_a_file_that_cannot_be_written_keeps_no_registrations(
    file: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorcery_migrations.upgrade(url(file))

    def refuse(path: Path, mode: int, why: str = "") -> None:
        if mode & 2:
            raise Broken("ann may not write it", "let her")

    monkeypatch.setattr(sqlitefile, "check_access", refuse)
    found = broken(look, file)
    assert (found.name, found.mending) == ("writing", "let her")
    assert "registrations" in found.text
    assert look(url(file), "endpoint").state is State.LIMITED


def test_a_table_that_is_not_there_is_made(file: Path, look: Look) -> None:
    sorcery_migrations.upgrade(url(file))
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE ps_contacts")
    connection.close()
    found = broken(look, file)
    assert (found.name, found.text) == ("table", "there is no table ps_contacts")
    carry_out(found.mending)
    assert look(url(file)).state is State.GOOD


def test_a_row_that_holds_no_object(file: Path, look: Look) -> None:
    sorcery_migrations.upgrade(url(file))
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', '99999999999')")
    connection.close()
    found = look(url(file), "aor").first_broken
    assert found is not None
    assert (found.name, str(found.place)) == ("objects", "ps_aors row a")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_nothing_is_written(file: Path, look: Look, journal: str) -> None:
    sorcery_migrations.upgrade(url(file))
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.close()
    before = file.read_bytes()
    look(url(file))
    assert file.read_bytes() == before
    assert sorted(each.name for each in file.parent.iterdir()) == ["pbx.db"]
