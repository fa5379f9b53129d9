"""The wizard `memory_cache` in front of another one lets nobody notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import HELD, TYPES, WizardConformance


class CachedConformance(WizardConformance):
    cache: str

    @pytest.fixture
    def sorcery(self, tmp_path: Path) -> Iterator[Sorcery]:
        with Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3") as sorcery:
            for name in HELD:
                sorcery.map(name, "memory_cache", self.cache, caching=True)
                sorcery.map(name, "astdb", "conformance")
            yield sorcery


class TestCache(CachedConformance):
    cache = ""


class TestSmallCache(CachedConformance):
    cache = "maximum_objects=2"


class TestRememberingCache(CachedConformance):
    cache = "negative_lifetime=600,object_lifetime_maximum=600,serve_unavailable=600"


class TestImpatientCache(CachedConformance):
    cache = "object_lifetime_stale=1,object_lifetime_maximum=1"


class TestFullCache(CachedConformance):
    cache = "full_backend_cache=yes"


class TestImpatientFullCache(CachedConformance):
    cache = "full_backend_cache=yes,object_lifetime_stale=1,object_lifetime_maximum=1,serve_unavailable=600"
