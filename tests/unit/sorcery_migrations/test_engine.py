"""Addresses select a driver, and what fails is named without a password."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event

from sorcery.errors import ConfigurationError, Unavailable
from sorcery_migrations import check, upgrade
from sorcery_migrations.engine import address, database_name, reading, writing


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///pbx.db", "sqlite"),
        ("postgresql://h/d", "postgresql+psycopg"),
        ("postgres://h/d", "postgresql+psycopg"),
        ("postgresql+pg8000://h/d", "postgresql+pg8000"),
        ("mysql://h/d", "mysql+pymysql"),
        ("mariadb://h/d", "mariadb+pymysql"),
    ],
)
def test_an_address_selects_its_driver(url: str, driver: str) -> None:
    assert address(url).drivername == driver


@pytest.mark.parametrize("url", ["pbx.db", "", "oracle://h/d", "redis://h", "mysql://bob:secret/d"])
def test_what_is_no_known_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="use sqlite:///path, postgresql://") as caught:
        address(url)
    assert caught.value.__cause__ is None
    assert "secret" not in str(caught.value)


def test_an_unescaped_at_sign_in_a_password_does_not_make_it_a_host_that_is_printed() -> None:
    with pytest.raises(ConfigurationError, match="more than one @; write %40") as caught:
        address("postgresql://bob:my@secret@h/d")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////srv/pbx.db", "sqlite database /srv/pbx.db"),
        ("sqlite://", "sqlite database :memory:"),
        ("postgresql://bob:secret@db.example:5433/pbx", "postgresql database 'pbx' at db.example:5433"),
        ("postgresql:///pbx?host=/run/pg&password=secret", "postgresql database 'pbx' at /run/pg"),
        ("mysql://bob:secret@/pbx", "mysql database 'pbx' at localhost"),
    ],
)
def test_a_database_is_named_by_kind_host_and_name_only(url: str, name: str) -> None:
    assert database_name(address(url)) == name


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


def test_a_file_that_another_program_writes_is_unavailable(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "pbx.db")
    other.execute("BEGIN IMMEDIATE")
    engine = create_engine(f"sqlite:///{tmp_path}/pbx.db", connect_args={"timeout": 0.01})
    with pytest.raises(Unavailable, match="database is locked"):
        upgrade(engine)
    engine.dispose()
    other.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pbx.db").write_text("[general]\n" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        check(f"sqlite:///{tmp_path}/pbx.db")


def test_a_driver_that_is_not_installed_is_named_with_the_extra_that_brings_it() -> None:
    with (
        pytest.raises(ConfigurationError, match=r"postgresql\+pg8000 .* install pysorcery\[postgresql\]"),
        reading("postgresql+pg8000://h/d"),
    ):
        pass


def test_a_statement_that_is_refused_undoes_the_whole_transaction(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"

    def change() -> None:
        with writing(url) as connection:
            connection.exec_driver_sql("CREATE TABLE kept (x INTEGER)")
            connection.exec_driver_sql("INSERT INTO missing VALUES (1)")

    with pytest.raises(ConfigurationError, match="refused: no such table"):
        change()
    with reading(url) as connection:
        assert connection.exec_driver_sql("SELECT name FROM sqlite_schema").all() == []


def test_a_caller_that_began_the_sqlite_transaction_itself_is_served(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/pbx.db")
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    assert upgrade(engine) == ["config_0001"]
    engine.dispose()
