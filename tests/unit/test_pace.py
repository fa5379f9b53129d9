from __future__ import annotations

import itertools

import pytest

from sorcery import pace


def test_all_items_come_in_order() -> None:
    assert list(pace.paced(range(100))) == list(range(100))
    assert list(pace.paced([])) == []


def test_it_pauses_once_per_millisecond_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pauses = itertools.count(0, 0.0004), []
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(pace.time, "sleep", pauses.append)
    list(pace.paced(range(16 * 30)))
    assert 7 <= len(pauses) <= 15
    assert all(0 < pause < pace.STRETCH for pause in pauses)


def test_short_work_is_not_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace.time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(pace.time, "sleep", lambda seconds: pytest.fail("paused"))
    list(pace.paced(range(1000)))
