"""Asterisk's PJSIP objects out of PostgreSQL, through its driver res_config_pgsql."""

from pathlib import Path

import psycopg
import pytest

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
