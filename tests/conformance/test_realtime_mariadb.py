"""The wizard `realtime` on MariaDB does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, NullPool, create_engine

from sorcery import Sorcery
from sorcery.testing.conformance import HELD, NOT_UNICODE, TYPES, WizardConformance
from sorcery_migrations import upgrade


@pytest.fixture(scope="module")
def database(mariadb_socket: Path) -> Iterator[tuple[str, Connection]]:
    """Yield the address of a database with Asterisk's tables and the suite's own, and a connection to it."""
    name = f"conformance_{uuid4().hex}"
    address = f"mysql+pymysql://root@localhost/{{}}?unix_socket={mariadb_socket}"
    engine = create_engine(address.format("mysql"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        admin.exec_driver_sql(f"USE {name}")
        upgrade(address.format(name))
        for cls in TYPES:
            columns = "".join(f", `{option.name}` TEXT" for option in cls.__sorcery__.fields())
            table = (
                f"`{cls.__sorcery__.family}` (id VARCHAR(255) COLLATE utf8mb4_bin PRIMARY KEY{columns}, `@note` TEXT)"
            )
            admin.exec_driver_sql(f"CREATE TABLE {table}")
        yield address.format(name), admin
        admin.exec_driver_sql(f"DROP DATABASE {name}")


class TestRealtimeOnMariadb(WizardConformance):
    refused_texts = NOT_UNICODE | {" "}

    @pytest.fixture
    def sorcery(self, database: tuple[str, Connection]) -> Iterator[Sorcery]:
        url, admin = database
        with Sorcery.open(url, types=TYPES) as sorcery:
            yield sorcery
            families = [sorcery.types[name].__sorcery__.family for name in HELD]
        for family in families:
            admin.exec_driver_sql(f"DELETE FROM `{family}`")
