"""Asterisk's PJSIP objects out of PostgreSQL, through its driver res_config_pgsql."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from sorcery import Sorcery, StoreRefused
from sorcery.pjsip import Endpoint
from sorcery_migrations import upgrade
from tests.interop.asterisk import Asterisk
from tests.interop.postgresql import Database

pytestmark = pytest.mark.interop

REALTIME = {
    "extconfig.conf": "[settings]\nps_endpoints => pgsql,interop\n",
    "sorcery.conf": "[res_pjsip]\nendpoint=realtime,ps_endpoints\n",
}


def test_a_new_database_is_empty_and_takes_connections_over_tcp(postgresql: Database) -> None:
    with psycopg.connect(postgresql.dsn) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == []


def test_asterisk_reads_its_endpoints_from_the_database(asterisk_root: Path, postgresql: Database) -> None:
    with psycopg.connect(postgresql.dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE ps_endpoints (id text UNIQUE NOT NULL, context text, allow text, mailboxes text)"
        )
        connection.execute("INSERT INTO ps_endpoints VALUES ('alice', 'inside', 'ulaw,alaw', NULL)")
        files = REALTIME | {"res_pgsql.conf": postgresql.res_pgsql_conf}
        with Asterisk(asterisk_root, files) as asterisk:
            alice = asterisk.ari_get("endpoint", "alice")
            assert alice is not None
            assert (alice["context"], alice["allow"]) == ("inside", "(ulaw|alaw)")
            assert asterisk.ari_get("endpoint", "bob") is None

            connection.execute("UPDATE ps_endpoints SET context = 'elsewhere'")
            alice = asterisk.ari_get("endpoint", "alice")
            assert alice is not None
            assert alice["context"] == "elsewhere"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_names_come_back_from_a_database_of_another_encoding(postgresql: Database, encoding: str) -> None:
    other = replace(postgresql, name=f"{postgresql.name}_{encoding.lower()}")
    with psycopg.connect(postgresql.dsn, autocommit=True) as connection:
        made = f"CREATE DATABASE {other.name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        connection.execute(made.encode())
    upgrade(other.url)
    with Sorcery.open(other.url) as s:
        s.create(Endpoint("bob", callerid='"Müller" <100>'))
        with pytest.raises(StoreRefused) if encoding == "LATIN1" else nullcontext():
            s.create(Endpoint("carol", callerid='"漢" <101>'))
    with Sorcery.open(other.url) as s:
        names = {each.id: each.callerid.name for each in s.retrieve_all(Endpoint)}
    assert names == {"bob": "Müller"} | ({"carol": "漢"} if encoding == "SQL_ASCII" else {})
