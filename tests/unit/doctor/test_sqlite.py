"""Looking into SQLite files leaves them, and what lies beside them, as they were."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from sorcery.doctor import sqlite
from sorcery.doctor.sqlite import asked, check_header
from sorcery.steps import Broken


@pytest.fixture(params=["delete", "wal"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a database with one row, of either kind of journal."""
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {request.param}")
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.commit()
    return path


def test_rows_are_read_and_nothing_is_left_behind(file: Path) -> None:
    before = file.read_bytes()
    check_header(file, "")
    assert asked(file, "SELECT a FROM t") == [(1,)]
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == ["x.db"]


def test_what_a_writer_has_not_moved_out_of_its_log_is_read_too(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("INSERT INTO t VALUES (2)")
        assert asked(file, "SELECT count(*) FROM t") == [(2,)]


def test_a_lock_is_told_with_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAIT", 0.05)
    monkeypatch.setattr(sqlite, "holders", lambda path: "asterisk (process 7)")
    file = tmp_path / "x.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE t (a)")
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Broken, match=r"locked for more than 0\.05 s, by asterisk \(process 7\)") as told:
            asked(file, "SELECT a FROM t")
    assert told.value.silent


def test_a_log_beside_it_that_this_user_may_not_read_is_no_damage(
    poor: Callable[[], AbstractContextManager[None]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:  # which everybody may walk to
        Path(folder).chmod(0o755)
        file = Path(folder, "x.db")
        with closing(sqlite3.connect(file, isolation_level=None)) as writer:
            writer.execute("PRAGMA journal_mode = wal")
            writer.execute("CREATE TABLE t (a)")
            for each in Path(folder).iterdir():
                each.chmod(0o644 if each == file else 0)
            with poor(), pytest.raises(Broken) as told:
                asked(file, "SELECT a FROM t")
    assert f"{file}-wal" in told.value.mending
    assert "copy" not in told.value.mending


def test_what_is_damaged_or_something_else_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(b"SQLite format 3\0" + b"x" * 4096)
    check_header(file, "")
    with pytest.raises(Broken) as told:
        asked(file, "SELECT 1 FROM sqlite_master")
    assert (told.value.silent, told.value.mending) == (False, "put a good copy in its place")
    file.write_text("[general]\n")
    with pytest.raises(Broken, match="no SQLite database"):
        check_header(file, "put a good copy there")
