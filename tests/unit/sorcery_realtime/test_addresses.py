from __future__ import annotations

import pytest

from sorcery import ConfigurationError
from sorcery_realtime.addresses import address, database_name, masked, target


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///a.db", "sqlite"),
        ("postgres://h/d", "postgresql+psycopg"),
        ("postgresql://h/d", "postgresql+psycopg"),
        ("mysql://h/d", "mysql+pymysql"),
        ("mariadb://h/d", "mariadb+pymysql"),
        ("mysql+mysqldb://h/d", "mysql+mysqldb"),
    ],
)
def test_an_address_selects_its_driver(url: str, driver: str) -> None:
    assert address(url).drivername == driver


@pytest.mark.parametrize("url", ["oracle://h/d", "nonsense", "postgresql://u:pw@h:port/d"])
def test_a_bad_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        address(url)
    assert "sqlite:///path" in str(refusal.value)
    assert "pw" not in str(refusal.value)


def test_an_unescaped_at_sign_in_a_password_does_not_make_it_a_host_that_is_printed() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        address("postgresql://u:pw@hush@h/d")
    assert str(refusal.value) == "a database address has more than one @; write %40 for @ in a password"
    assert address("postgresql://u:pw%40hush@h/d").password == "pw@hush"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_needs_a_file(url: str) -> None:
    with pytest.raises(ConfigurationError, match="needs a file"):
        address(url)


def test_an_sqlite_file_is_never_made_by_opening_it() -> None:
    assert target(address("sqlite:////tmp/a b.db?timeout=1")).query == {"timeout": "1", "mode": "rw", "uri": "true"}
    assert target(address("sqlite:////tmp/a b.db")).database == "file:/tmp/a%20b.db"


def test_names_and_masked_addresses_hold_no_secret() -> None:
    url = address("postgresql://u:hush@h:5433/pbx?password=hush2&host=h2")
    assert database_name(url) == "postgresql database 'pbx' at h:5433"
    assert masked(url) == "postgresql://u:***@h:5433/pbx?host=h2"
