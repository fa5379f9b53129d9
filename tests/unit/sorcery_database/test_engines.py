"""An engine, or what is missing for one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import NullPool, text

from sorcery import ConfigurationError
from sorcery_database import address, new_engine


def test_an_engine_has_the_options_that_it_was_given(tmp_path: Path) -> None:
    engine = new_engine(address(f"sqlite:///{tmp_path}/pbx.db"), poolclass=NullPool)
    assert isinstance(engine.pool, NullPool)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize(
    ("url", "missing", "extra"),
    [
        ("postgresql://127.0.0.1:1/pbx", "psycopg", "postgresql"),
        ("postgresql+pg8000://127.0.0.1:1/pbx", "pg8000", "postgresql"),
        ("mysql://127.0.0.1:1/pbx", "pymysql", "mysql"),
        ("mariadb://127.0.0.1:1/pbx", "pymysql", "mysql"),
        ("sqlite+nothing:///pbx.db", "nothing", "realtime"),
    ],
)
def test_a_driver_that_is_not_installed_is_named_with_the_extra_that_brings_it(
    url: str, missing: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigurationError, match=rf"the driver of \w+\+{missing} .*install pysorcery\[{extra}\]"):
        new_engine(address(url))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_an_sqlite_database_that_would_be_gone_at_once_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="an SQLite database needs a file; write sqlite:///path"):
        new_engine(address(url))


@pytest.mark.parametrize(
    ("url", "encoding"),
    [
        ("postgresql://127.0.0.1:1/pbx", "utf8"),
        ("postgresql+psycopg://127.0.0.1:1/pbx?client_encoding=latin1", "latin1"),
        ("mysql://127.0.0.1:1/pbx", None),
    ],
)
def test_texts_of_postgresql_come_as_utf_8_unless_the_address_says_otherwise(url: str, encoding: str | None) -> None:
    assert new_engine(address(url)).url.query.get("client_encoding") == encoding
