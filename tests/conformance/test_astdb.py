"""The wizard `astdb` does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import HELD, TYPES, Outage, OutageConformance, WizardConformance


class TestAstdb(WizardConformance, OutageConformance):
    @pytest.fixture
    def sorcery(self, tmp_path: Path) -> Iterator[Sorcery]:
        with Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3") as sorcery:
            for name in HELD:
                sorcery.map(name, "astdb", "conformance")
            yield sorcery

    @pytest.fixture
    def outage(self, tmp_path: Path) -> Outage:
        file = tmp_path / "astdb.sqlite3"

        @contextmanager
        def outage() -> Iterator[None]:
            good = file.read_bytes()
            file.write_bytes(b"no database any more" * 1000)
            yield
            file.write_bytes(good)

        return outage
