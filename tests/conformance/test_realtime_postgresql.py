"""The wizard `realtime` on PostgreSQL does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import HELD, NOT_UNICODE, TYPES, WizardConformance
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


class TestRealtimeOnPostgresql(WizardConformance):
    refused_texts = NOT_UNICODE | {" "}

    @pytest.fixture
    def sorcery(self, database: str) -> Iterator[Sorcery]:
        with Sorcery.open(database, types=TYPES) as sorcery:
            yield sorcery
            families = [sorcery.types[name].__sorcery__.family for name in HELD]
        with psycopg.connect(database) as connection:
            connection.execute(f"TRUNCATE {', '.join(map(str, families))}".encode())
