"""The texts of new files: what they hold is read back as it was meant, whatever the address says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL

from sorcery.conf import Category, read_outline
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.site import site_of
from sorcery_cli.initial.wanted import wanted_files

HOME = Path("/nowhere/pbx")


def section(backend: str, file: str, name: str) -> Category:
    """Return a section of a file that is wanted beside an Asterisk."""
    files = {each.name: each for each in wanted_files(site_of(HOME, backend, ["asterisk"]))}
    content = files[file].text.encode("utf-8", "surrogateescape")
    conf = read_outline(HOME / file, content=content).conf()
    assert not conf.messages
    found = conf.category(name)
    assert found is not None
    return found


def said(category: Category) -> dict[str, str]:
    return {each.key: each.value for each in category.variables}


def address(password: str) -> str:
    return URL.create("postgresql", "pbx", password, "db", 5433, "pbx").render_as_string(hide_password=False)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip).filter(bool))
def test_a_password_is_read_back_as_it_is(password: str) -> None:
    url = address(password)
    assert section(url, "res_pgsql.conf", "general").first("dbpass") == password
    assert section(url, "databases.conf", "pbx").first("url") == url


@pytest.mark.parametrize("password", ["first\nsecond", " s3cret", "s3cret ", "nul\0"])
def test_a_password_that_no_line_holds_is_refused_and_not_told(password: str) -> None:
    with pytest.raises(Misuse, match="dbpass cannot be written") as refused:
        section(address(password), "res_pgsql.conf", "general")
    assert password not in str(refused.value)


def test_a_database_of_mariadb_is_a_data_source() -> None:
    backend = "mysql://pbx:p%3Bw@db:3307/calls"
    assert said(section(backend, "res_odbc.conf", "pbx")) == {
        "enabled": "yes",
        "dsn": "pbx",
        "username": "pbx",
        "password": "p;w",
        "pre-connect": "yes",
    }
    assert said(section(backend, "odbc.ini", "pbx")) == {
        "Driver": "MariaDB Unicode",
        "Server": "db",
        "Port": "3307",
        "Database": "calls",
        "OPTIONS": "2",
    }
    assert section(backend, "extconfig.conf", "settings").first("ps_endpoints") == "odbc,pbx"


@pytest.mark.parametrize(
    "url",
    ["postgresql://pbx:s3cret@db:5433/calls", "postgresql:///calls?host=db&port=5433&user=pbx&password=s3cret"],
)
def test_a_login_may_stand_behind_the_question_mark(url: str) -> None:
    found = {each.name: each for each in wanted_files(site_of(HOME, url, ["asterisk"]))}
    assert (found["databases.conf"].secret, found["res_pgsql.conf"].secret) == (True, True)
    assert said(section(url, "res_pgsql.conf", "general")) == {
        "dbhost": "db",
        "dbport": "5433",
        "dbname": "calls",
        "dbuser": "pbx",
        "dbpass": "s3cret",
        "requirements": "warn",
    }


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("postgresql://u@db/d", "db"),
        ("postgresql://u@/d?host=/run/postgresql", "/run/postgresql"),
        ("postgresql://u@/d", None),
    ],
)
def test_a_server_is_named_by_host_or_folder(url: str, host: str | None) -> None:
    assert section(url, "res_pgsql.conf", "general").first("dbhost") == host


def test_an_sqlite_file_counts_from_the_directory() -> None:
    assert section("sqlite:///pbx.db", "res_config_sqlite3.conf", "pbx").first("dbfile") == f"{HOME}/pbx.db"
    assert section("sqlite:////srv/pbx.db", "res_config_sqlite3.conf", "pbx").first("dbfile") == "/srv/pbx.db"
    assert section("sqlite:///pbx.db", "databases.conf", "pbx").first("url") == "sqlite:///pbx.db"
