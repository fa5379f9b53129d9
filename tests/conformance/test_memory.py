"""The wizard `memory` does what every wizard does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import TYPES, WizardConformance


class TestMemory(WizardConformance):
    survives_reopening = False
    refused_texts = frozenset()

    @pytest.fixture
    def sorcery(self) -> Iterator[Sorcery]:
        with Sorcery.open("memory:", types=TYPES) as sorcery:
            yield sorcery
