"""How long rows take to become objects: one by id, a phone's contacts by prefix, and a whole table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery import Sorcery
from sorcery.pjsip import Contact, Endpoint
from sorcery_migrations import upgrade

USERS = 40_000


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sorcery]:
    """Open an SQLite database of many users; each row is a copy of one that was written through the wizard."""
    path = tmp_path_factory.mktemp("realtime") / "pbx.db"
    upgrade(f"sqlite:///{path}")
    with Sorcery.open(f"sqlite:///{path}") as opened:
        opened.create(
            Endpoint(id="u0", context="internal", allow="!all,g722,alaw", auth="u0", aors="u0", direct_media=False)
        )
        opened.create(Contact(id="u0;@ab", uri="sip:u0@192.0.2.1:5060;ob", expiration_time=1760000000, endpoint="u0"))
        multiply(path, "ps_endpoints", "'u' || n")
        multiply(path, "ps_contacts", "'u' || n || ';@ab'")
        yield opened


def multiply(path: Path, table: str, key: str) -> None:
    """Fill a table with copies of its one row under other ids."""
    with sqlite3.connect(path) as database:
        names = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})") if name != "id"]
        columns = ", ".join(f'"{name}"' for name in names)
        database.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {USERS - 1}) "
            f"INSERT INTO {table} (id, {columns}) SELECT {key}, {columns} FROM {table}, numbers"
        )
    database.close()


@pytest.mark.benchmark(group="realtime")
def test_one_endpoint_by_id(benchmark: BenchmarkFixture, system: Sorcery) -> None:
    found = benchmark(system.retrieve_by_id, Endpoint, "u20000")
    assert found.context == "internal"


@pytest.mark.benchmark(group="realtime")
def test_one_absent_endpoint(benchmark: BenchmarkFixture, system: Sorcery) -> None:
    assert benchmark(system.retrieve_by_id, Endpoint, "nobody") is None


@pytest.mark.benchmark(group="realtime")
def test_contacts_of_one_phone_by_prefix(benchmark: BenchmarkFixture, system: Sorcery) -> None:
    found = benchmark(system.retrieve_by_prefix, Contact, "u20000;@")
    assert [contact.id for contact in found] == ["u20000;@ab"]


@pytest.mark.benchmark(group="realtime-all")
def test_40000_endpoints(benchmark: BenchmarkFixture, system: Sorcery) -> None:
    found = benchmark.pedantic(system.retrieve_all, (Endpoint,), rounds=3)  # type: ignore[no-untyped-call]
    assert len(found) == USERS
