"""What fails is named without a password, and leaves nothing half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event

from sorcery.errors import ConfigurationError, Unavailable
from sorcery_database import address
from sorcery_migrations import adopt, check, notices, upgrade
from sorcery_migrations import engine as engine_module
from sorcery_migrations.engine import reading, writing

REVISIONS = ["config_0001", "config_0002"]


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_is_not_there_is_unavailable(scheme: str) -> None:
    with pytest.raises(Unavailable, match=f"{scheme} database 'pbx' at 127.0.0.1:1 is unavailable") as caught:
        upgrade(f"{scheme}://bob:secret@127.0.0.1:1/pbx")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_database_that_is_not_there_is_unavailable(postgresql_url: str) -> None:
    with pytest.raises(Unavailable, match='database "nowhere" does not exist'):
        check(str(address(postgresql_url).set(database="nowhere")))


def test_a_file_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="unable to open database file"):
        upgrade(f"sqlite:///{tmp_path}/no/folder/pbx.db")


@pytest.mark.parametrize("call", [check, upgrade])
def test_a_file_that_cannot_be_looked_at_is_unavailable(tmp_path: Path, call: Callable[[str], object]) -> None:
    with pytest.raises(Unavailable, match="unable to open database file"):
        call(f"sqlite:///{tmp_path}/{'x' * 300}")


def test_a_file_that_another_program_writes_is_unavailable(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "pbx.db")
    other.execute("BEGIN IMMEDIATE")
    engine = create_engine(f"sqlite:///{tmp_path}/pbx.db", connect_args={"timeout": 0.01})
    with pytest.raises(Unavailable, match="database is locked"):
        upgrade(engine)
    engine.dispose()
    other.close()


@pytest.mark.parametrize("server", ["postgresql_url", "mariadb_url"])
def test_a_table_that_somebody_else_uses_is_not_waited_for_while_all_wait_behind(
    server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = request.getfixturevalue(server)
    upgrade(url)
    notices.install(url)
    monkeypatch.setattr(engine_module, "TABLE_PATIENCE", 1)
    holder = create_engine(address(url), poolclass=NullPool)
    with holder.begin() as other:
        other.exec_driver_sql("ALTER TABLE ps_aors DROP COLUMN voicemail_extension")
    with holder.begin() as other:
        other.exec_driver_sql("DELETE FROM ps_aors")
        for call in (adopt, notices.remove):
            with pytest.raises(Unavailable, match="another program keeps a lock there"):
                call(url)
    assert adopt(url) != []
    notices.remove(url)


def test_who_may_not_make_tables_is_told_whose_address_is_needed(postgresql_url: str) -> None:
    url = address(postgresql_url).update_query_dict({"options": "-c role=pg_read_all_data"})
    with pytest.raises(ConfigurationError, match="permission denied for schema public; name the owner of the tables"):
        upgrade(url.render_as_string(hide_password=False))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pbx.db").write_text("[general]\n" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        check(f"sqlite:///{tmp_path}/pbx.db")


def test_a_statement_that_is_refused_undoes_the_whole_transaction(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    execute(url, "CREATE TABLE kept (x INTEGER)")
    with pytest.raises(ConfigurationError, match="refused: no such table"):
        execute(url, "CREATE TABLE undone (x INTEGER)", "INSERT INTO missing VALUES (1)")
    with reading(url) as connection:
        assert connection.exec_driver_sql("SELECT name FROM sqlite_schema").all() == [("kept",)]


def execute(target: str | Engine, *statements: str) -> None:
    with writing(target) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_run_that_fails_leaves_no_file_that_was_not_there(tmp_path: Path) -> None:
    for number in range(2):
        with pytest.raises(ConfigurationError):
            execute(f"sqlite:///{tmp_path}/pbx.db", "CREATE TABLE undone (x INTEGER)", "SELECT nothing")
        assert [path.name for path in tmp_path.iterdir()] == ["pbx.db"] * number
        (tmp_path / "pbx.db").touch()  # an empty file of somebody else's stays


def test_a_caller_whose_run_failed_can_go_on_with_its_connections(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/pbx.db")
    with pytest.raises(ConfigurationError):
        execute(engine, "SELECT nothing")
    assert upgrade(engine) == REVISIONS
    assert check(f"sqlite:///{tmp_path}/pbx.db") == []
    engine.dispose()


def test_a_database_that_would_be_gone_at_once_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="an SQLite database needs a file"):
        upgrade("sqlite://")


def test_one_migration_of_a_mariadb_database_waits_for_another_and_lets_go_whatever_happens(
    mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "PATIENCE", 0)
    engine = create_engine(address(mariadb_url), pool_size=1)  # which keeps its connection
    with writing(engine), pytest.raises(Unavailable, match="another migration has not ended for 0 s"):
        upgrade(mariadb_url)
    with pytest.raises(ConfigurationError, match="refused"):
        execute(engine, "SELECT nothing")
    assert upgrade(mariadb_url) == REVISIONS
    engine.dispose()


def test_a_caller_that_began_the_sqlite_transaction_itself_is_served(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/pbx.db")
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    assert upgrade(engine) == REVISIONS
    engine.dispose()
