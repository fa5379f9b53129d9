"""What a cache finds is told in the order of all changes, also while a reload is under way."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sorcery import Registry, Sorcery
from sorcery.testing.faults import Faults, FaultyWizard
from sorcery.testing.types import TYPES, Widget

Event = tuple[Widget | None, Widget | None]
"""New and old."""

ONE, TWO, THREE = (Widget(id="a", size=size) for size in (1, 2, 3))


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    faults.lift()


@pytest.fixture(params=["", "full_backend_cache=yes"])
def stacked(request: pytest.FixtureRequest, faults: Faults, tmp_path: Path) -> Iterator[tuple[Sorcery, Sorcery]]:
    """Yield a system with a cache, which fails on command, and one that changes its store behind it."""
    registry = Registry()
    registry.register("memory_cache", functools.partial(FaultyWizard, Registry().factory("memory_cache")(), faults))
    with (
        Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3", registry=registry) as sorcery,
        Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3") as beside,
    ):
        sorcery.map(Widget, "memory_cache", request.param, caching=True)
        for system in (sorcery, beside):
            system.map(Widget, "astdb", "x")
        sorcery.create(ONE)
        assert sorcery.retrieve_all(Widget) == [ONE]
        yield sorcery, beside
        faults.lift()


@pytest.mark.parametrize(
    ("change", "events"),
    [
        (lambda sorcery: sorcery.update(THREE), [(TWO, ONE), (THREE, TWO)]),
        (lambda sorcery: sorcery.delete(TWO), [(TWO, ONE), (None, TWO)]),
    ],
    ids=["update", "delete"],
)
def test_what_a_reload_found_is_told_before_a_change_that_comes_after(
    stacked: tuple[Sorcery, Sorcery], faults: Faults, change: Callable[[Sorcery], object], events: list[Event]
) -> None:
    sorcery, beside = stacked
    heard: list[Event] = []
    sorcery.observe(
        Widget,
        created=lambda new: heard.append((new, None)),
        updated=lambda new, old: heard.append((new, old)),
        deleted=lambda old: heard.append((None, old)),
    )
    beside.update(TWO)
    found = faults.hang("reconcile", after=True)
    reload = threading.Thread(target=sorcery.reload)
    reload.start()
    found.wait()
    assert sorcery.retrieve_by_id(Widget, "a") == TWO
    change(sorcery)
    found.lift()
    reload.join(30)
    assert heard == events
