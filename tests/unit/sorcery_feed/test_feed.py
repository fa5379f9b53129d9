"""Several neighbours at once: each has its own thread and its own troubles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from sorcery_feed import Feed, Pair
from tests.unit.sorcery_feed.fakes import FakeChanges, FakePositions, FakeTarget, entry

SECONDS = 60


def pair(target: FakeTarget) -> tuple[FakeChanges, Pair]:
    changes = FakeChanges()
    return changes, Pair(source="db", changes=changes, target=target, positions=FakePositions())


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_one_that_is_down_holds_up_only_itself() -> None:
    up, down = FakeTarget(), FakeTarget()
    down.is_down, down.name = True, "fake://down"
    (changes, one), (_, other) = pair(up), pair(down)
    feed = Feed([one, other])
    thread = threading.Thread(target=feed.run)
    thread.start()
    try:
        eventually(lambda: up.told == ["expire all"])
        changes.add(entry("a"))
        eventually(lambda: "expire ps_endpoints a" in up.told)
    finally:
        feed.stop()
        thread.join(SECONDS)
    assert not thread.is_alive()
    assert (up.is_closed, down.is_closed) == (True, True)
    text = feed.figures_text()
    assert 'sorcery_feed_up{source="db",target="fake://neighbour"} 1' in text
    assert 'sorcery_feed_up{source="db",target="fake://down"} 0' in text


def test_a_defect_of_one_ends_all_and_is_raised() -> None:
    broken = FakeTarget()
    broken.answers = [ZeroDivisionError("a defect")]
    (_, one), (_, other) = pair(FakeTarget()), pair(broken)
    with pytest.raises(ZeroDivisionError, match="a defect"):
        Feed([one, other]).run()


def test_somebody_may_write_figures_meanwhile() -> None:
    _, one = pair(FakeTarget())
    feed, ticks = Feed([one]), list[str]()

    def tick() -> None:
        ticks.append(feed.figures_text())
        feed.stop()

    feed.run(tick, every=0.01)
    assert len(ticks) == 2  # the last one when all is done
