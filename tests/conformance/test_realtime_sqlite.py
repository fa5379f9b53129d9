"""The wizard `realtime` on SQLite does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import NOT_UNICODE, TYPES, Outage, OutageConformance, WizardConformance


class TestRealtimeOnSqlite(WizardConformance, OutageConformance):
    takes_repeated = False
    refused_texts = NOT_UNICODE | {" "}

    @pytest.fixture
    def sorcery(self, database: Path) -> Iterator[Sorcery]:
        with Sorcery.open(f"sqlite:///{database}", types=TYPES) as sorcery:
            yield sorcery

    @pytest.fixture
    def outage(self, database: Path) -> Outage:
        @contextmanager
        def outage() -> Iterator[None]:
            good = database.read_bytes()
            database.write_bytes(b"no database any more" * 1000)
            yield
            database.write_bytes(good)

        return outage
