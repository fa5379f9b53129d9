"""Addresses select a driver or a file, and are named without a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import ConfigurationError
from sorcery_database import address, argument, database_name, file_of, lacks_file, masked


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///pbx.db", "sqlite"),
        ("postgresql://h/d", "postgresql+psycopg"),
        ("postgres://h/d", "postgresql+psycopg"),
        ("postgresql+pg8000://h/d", "postgresql+pg8000"),
        ("mysql://h/d", "mysql+pymysql"),
        ("mysql+mysqldb://h/d", "mysql+mysqldb"),
        ("mariadb://h/d", "mariadb+pymysql"),
    ],
)
def test_an_address_selects_its_driver(url: str, driver: str) -> None:
    assert address(url).drivername == driver
    assert address(address(url)) == address(url)


@pytest.mark.parametrize(
    "url",
    ["pbx.db", "", "oracle://h/d", "redis://h", "mysql://bob:secret/d", "postgresql://bob:secret@h:port/d"],
)
def test_what_is_no_known_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="write sqlite:///path, postgresql://") as caught:
        address(url)
    assert caught.value.__cause__ is None
    assert "secret" not in str(caught.value)


def test_an_unescaped_at_sign_in_a_password_does_not_make_it_a_host_that_is_printed() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        address("postgresql://bob:my@secret@h/d")
    assert str(refusal.value) == "a database address has more than one @; write %40 for @ in a password"
    assert address("postgresql://bob:my%40secret@h/d").password == "my@secret"


@pytest.mark.parametrize("port", [0, 65536, 132426])
def test_a_port_that_there_is_none_of_is_refused(port: int) -> None:
    with pytest.raises(ConfigurationError, match=f"has the port {port}; write one from 1 to 65535"):
        address(f"postgresql://bob@h:{port}/d")


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


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/pbx.db?timeout=1", Path("/srv/pbx.db")),
        ("sqlite:///pbx.db", Path("pbx.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:pbx.db?mode=ro&uri=true", None),
        ("postgresql://h/d", None),
    ],
)
def test_an_sqlite_database_has_a_file(url: str, file: Path | None) -> None:
    assert file_of(address(url)) == file


def test_whether_a_file_is_missing_is_told_where_it_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "pbx.db").touch()
    missing = {
        name: lacks_file(address(f"sqlite:///{tmp_path}/{name}")) for name in ("pbx.db", "no", "pbx.db/no", "x" * 300)
    }
    assert missing == {"pbx.db": False, "no": True, "pbx.db/no": True, "x" * 300: False}
    assert not lacks_file(address("postgresql://h/d"))


def test_a_masked_address_can_be_typed_and_holds_no_secret() -> None:
    url = address("postgresql://u:hush@h:5433/pbx?password=hush2&host=h2")
    assert masked(url) == "postgresql://u:***@h:5433/pbx?host=h2"


def test_a_shell_takes_an_address_for_one_word() -> None:
    assert argument(address("postgresql://pbx@h:5433/pbx")) == "postgresql://pbx@h:5433/pbx"
    assert (
        argument(address("mysql://u@h/pbx?unix_socket=/run/my.sock"))
        == "'mysql://u@h/pbx?unix_socket=%2Frun%2Fmy.sock'"
    )


@pytest.mark.parametrize("url", ["sqlite:///caf\udce9.db", "postgresql://u:p\udcff@h/d", "postgresql://h/d?x=\udcff"])
def test_an_address_that_is_no_utf_8_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        address(url)
    assert str(refusal.value) == "a database address is not in UTF-8; save the file that it stands in as UTF-8"


@pytest.mark.parametrize(
    "url", ["sqlite://pbx.db", "sqlite://srv/pbx.db", "sqlite://u:pw@/pbx.db", "sqlite://:1/pbx.db"]
)
def test_an_sqlite_database_is_on_no_host(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        address(url)
    assert (
        str(refusal.value) == "the address of an SQLite database names no host; write three slashes: sqlite:///pbx.db"
    )
