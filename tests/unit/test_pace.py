from __future__ import annotations

import itertools

import pytest

from sorcery import pace


def test_all_items_come_in_order() -> None:
    assert list(pace.paced(range(100))) == list(range(100))
    assert list(pace.paced([])) == []


@pytest.mark.parametrize(("threads", "least", "most"), [(2, 7, 15), (1, 0, 0)])
def test_it_pauses_after_each_stretch_of_work_if_others_may_wait(
    monkeypatch: pytest.MonkeyPatch, threads: int, least: int, most: int
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: threads)
    clock, pauses = itertools.count(0, 0.0004), list[float]()
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr("time.sleep", pauses.append)
    list(pace.paced(range(16 * 30)))
    assert least <= len(pauses) <= most
    assert all(0 < pause < pace.STRETCH for pause in pauses)


def test_short_work_is_not_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("paused"))
    list(pace.paced(range(1000)))
