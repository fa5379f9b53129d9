"""The wizard `json` does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import HELD, TYPES, Outage, OutageConformance, WizardConformance


class TestJson(WizardConformance, OutageConformance):
    """The whole suite, on one file for all types."""

    refused_texts = frozenset()  # JSON keeps every text

    @pytest.fixture
    def sorcery(self, tmp_path: Path) -> Iterator[Sorcery]:
        """Map every type of the suite to the wizard, found by its entry point."""
        with Sorcery.open("memory:", types=TYPES) as sorcery:
            for name in HELD:
                sorcery.map(name, "json", str(tmp_path / "objects.json"))
            yield sorcery

    @pytest.fixture
    def outage(self, tmp_path: Path) -> Outage:
        """Let the file be no JSON for a while."""
        file = tmp_path / "objects.json"

        @contextmanager
        def outage() -> Iterator[None]:
            good = file.read_bytes()
            file.write_bytes(b"{")
            yield
            file.write_bytes(good)

        return outage
