"""The wizard `realtime` on PostgreSQL does what every wizard does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from sorcery import Sorcery, Unavailable
from sorcery.testing.conformance import HELD, NOT_UNICODE, TYPES, Outage, OutageConformance, WizardConformance
from sorcery_migrations import upgrade


@pytest.fixture(scope="module")
def database(postgresql_server: str) -> Iterator[str]:
    """Yield the address of a database with Asterisk's tables and the suite's own."""
    name = f"conformance_{uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        url = postgresql_server.replace("/postgres?", f"/{name}?")
        upgrade(url)
        with psycopg.connect(url) as connection:
            for cls in TYPES:
                columns = "".join(f', "{option.name}" TEXT' for option in cls.__sorcery__.fields())
                table = f'{cls.__sorcery__.family} (id TEXT PRIMARY KEY{columns}, "@note" TEXT)'
                connection.execute(f"CREATE TABLE {table}".encode())
        yield url
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class TestRealtimeOnPostgresql(WizardConformance, OutageConformance):
    refused_texts = NOT_UNICODE | {" "}

    @pytest.fixture
    def sorcery(self, database: str) -> Iterator[Sorcery]:
        with Sorcery.open(database, types=TYPES) as sorcery:
            yield sorcery
            families = [sorcery.types[name].__sorcery__.family for name in HELD]
        with psycopg.connect(database) as connection:
            connection.execute(f"TRUNCATE {', '.join(map(str, families))}".encode())

    @pytest.fixture
    def outage(self, sorcery: Sorcery, database: str, postgresql_server: str) -> Outage:
        name = conninfo_to_dict(database)["dbname"]

        @contextmanager
        def outage() -> Iterator[None]:
            with psycopg.connect(postgresql_server, autocommit=True) as admin:
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
                admin.execute(
                    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", (name,)
                )
                yield
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
            wait_for_an_answer(sorcery)

        return outage


def wait_for_an_answer(sorcery: Sorcery) -> None:
    """Return when the database is known to answer again: somebody looks within two seconds."""
    deadline = time.monotonic() + 30
    while True:
        try:
            sorcery.retrieve_by_id(TYPES[0], "absent")
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        else:
            return
