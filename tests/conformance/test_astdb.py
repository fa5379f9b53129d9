"""The wizard `astdb` does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import HELD, TYPES, WizardConformance


class TestAstdb(WizardConformance):
    @pytest.fixture
    def sorcery(self, tmp_path: Path) -> Iterator[Sorcery]:
        with Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3") as sorcery:
            for name in HELD:
                sorcery.map(name, "astdb", "conformance")
            yield sorcery
