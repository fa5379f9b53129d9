"""The doctor before a PostgreSQL that hangs, and one that has ended: who does not answer is named, and nothing else."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

import sorcery_migrations
from sorcery.doctor.chains import Diagnosis
from sorcery_cli.diagnosing import diagnose
from tests.interop.postgresql import Database, PostgreSQL

pytestmark = pytest.mark.interop


@contextmanager
def stopped(database: Database) -> Iterator[None]:
    """Stop the server as a debugger does: the kernel goes on accepting connections for it."""
    with psycopg.connect(database.dsn) as connection:
        stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text()
    server = int(stat.rpartition(")")[2].split()[1])
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


def only_broken(found: Diagnosis) -> str:
    """Return the name of the one link that all types in the database hang on."""
    (mending,) = found.mendings()
    assert mending.link.silent
    assert len(mending.chains) == sum(chain.title.partition(" = ")[2].startswith("realtime") for chain in found.chains)
    return mending.link.name


def test_who_does_not_answer_is_named_once_for_all_types() -> None:
    with PostgreSQL() as server:
        database = server.create_database()
        sorcery_migrations.upgrade(database.url)
        assert diagnose(database.url, names=("endpoint", "contact")).is_good
        with stopped(database):
            assert only_broken(diagnose(database.url)) == "protocol"
        assert diagnose(database.url, names=("endpoint", "contact")).is_good
        server.stop()
        assert only_broken(diagnose(database.url)) == "port"
        server.start()
        assert diagnose(database.url, names=("endpoint", "contact")).is_good
