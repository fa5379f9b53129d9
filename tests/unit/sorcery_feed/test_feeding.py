"""Order, retries, losses, gaps and restarts of one neighbour and one database."""

from __future__ import annotations

import logging
import threading

import pytest

from sorcery.errors import ConfigurationError, Unavailable
from sorcery_feed import Feeding, Figures, TellingRefused
from sorcery_feed.feeding import ATTEMPTS, LATEST, QUIET, RENEWAL, ROOM
from tests.unit.sorcery_feed.fakes import FakeChanges, FakePositions, FakeTarget, entry

NOW = 1002.0
REFUSAL = TellingRefused("fake", "expire", "not now")
LOSS = Unavailable("fake", "hung up in the middle")


class Bench:
    """A feeding, and a clock that a test moves."""

    def __init__(self, changes: FakeChanges, target: FakeTarget, positions: FakePositions) -> None:
        self.moment = 50.0
        self.stop = threading.Event()
        self.figures = Figures("a database", target.name, clock=lambda: NOW)
        self.feeding = Feeding(changes, target, positions, self.figures, clock=lambda: self.moment)

    def turn(self, times: int = 1) -> float:
        for _ in range(times):
            pause = self.feeding.turn(self.stop)
        return pause

    @property
    def counts(self) -> dict[str, int]:
        return self.figures.shown().counts


@pytest.fixture
def bench(changes: FakeChanges, target: FakeTarget, positions: FakePositions) -> Bench:
    """One that was fed before, up to the first entry."""
    positions.kept.append("0")
    return Bench(changes, target, positions)


def test_changes_are_told_in_their_order_and_the_position_is_kept_behind_them(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("a"), entry("b"), entry("c"))
    assert bench.turn() == 0.0
    assert target.told == ["expire ps_endpoints a", "expire ps_endpoints b", "expire ps_endpoints c"]
    assert positions.kept == ["0", "3"]


def test_an_object_that_changed_several_times_is_told_once_and_counted_for_each(
    bench: Bench, changes: FakeChanges, target: FakeTarget
) -> None:
    changes.add(entry("a", at=1000.0), entry("b", at=1001.0), entry("a", at=1001.5))
    bench.turn()
    assert target.told == ["expire ps_endpoints b", "expire ps_endpoints a"]
    shown = bench.figures.shown()
    assert (shown.counts["done"], sum(shown.buckets), shown.seconds) == (2, 3, 2.0 + 1.0 + 0.5)


def test_who_was_never_fed_starts_at_the_end_and_reads_all_anew(
    changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("old"))
    bench = Bench(changes, target, positions)
    bench.turn()
    assert (target.told, positions.kept, bench.counts["gaps"]) == (["expire all"], ["1"], 1)


def test_after_a_restart_it_goes_on_behind_what_was_answered(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("a"))
    bench.turn()
    changes.add(entry("b"))
    Bench(changes, target, positions).turn()
    assert target.told == ["expire ps_endpoints a", "expire ps_endpoints b"]


def test_a_trimmed_outbox_makes_the_neighbour_read_all_anew(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("a"), entry("b"))
    changes.trimmed = 2
    bench.turn()
    assert target.told == ["expire all"]
    assert positions.kept[-1] == "2"
    assert bench.counts["gaps"] == 1


def test_a_command_that_is_lost_on_the_way_is_told_again_and_nothing_is_kept_before(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("a"), entry("b"))
    target.answers = [LOSS]
    assert bench.turn() > 0
    assert positions.kept == ["0"]
    assert (target.is_closed, target.connections) == (True, 1)
    assert bench.turn() == 0.0
    assert target.told == ["expire ps_endpoints a", "expire ps_endpoints a", "expire ps_endpoints b"]
    assert (target.connections, positions.kept, bench.counts["retried"]) == (2, ["0", "2"], 1)


def test_who_is_down_is_tried_more_and_more_seldom_and_that_is_told_once(
    bench: Bench, changes: FakeChanges, target: FakeTarget, caplog: pytest.LogCaptureFixture
) -> None:
    target.is_down = True
    changes.add(entry("a", at=1000.0))
    with caplog.at_level(logging.INFO, "sorcery.feed"):
        pauses = [bench.turn() for _ in range(10)]
        assert pauses[:3] == [0.25, 0.5, 1.0]
        assert pauses[-1] == LATEST
        shown = bench.figures.shown()
        assert (shown.up, shown.behind) == (False, 2.0)
        target.is_down = False
        bench.turn()
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "fake://neighbour is unavailable: nobody there; trying again",
        "fake://neighbour answers again",
    ]
    assert (bench.figures.shown().up, bench.figures.shown().behind) == (True, 0.0)
    target.is_down = True
    changes.add(entry("b"))
    assert bench.turn() == 0.25


def test_a_refused_command_waits_while_others_go_on(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("a"), entry("b"))
    target.answers = [REFUSAL]
    bench.turn(2)
    assert target.told == ["expire ps_endpoints a", "expire ps_endpoints b"]
    assert positions.kept == ["0"]
    bench.moment += 1
    bench.turn()
    assert target.told[2:] == ["expire ps_endpoints a"]
    assert positions.kept == ["0", "2"]


def test_a_command_that_is_always_refused_is_given_up_and_told(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions, caplog: pytest.LogCaptureFixture
) -> None:
    changes.add(entry("a"))
    target.answers = [REFUSAL] * 100
    for _ in range(20):
        bench.turn()
        bench.moment += 60
    assert len(target.told) == ATTEMPTS
    assert (bench.counts["refused"], bench.counts["retried"]) == (1, ATTEMPTS - 1)
    assert positions.kept[-1] == "1"
    assert "given up after" in caplog.text


def test_what_costs_more_comes_once_in_a_while_and_behind_the_caches(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("g", table="ps_globals"), entry("h", table="ps_globals"))
    bench.turn()
    assert target.told == ["expire ps_globals g", "expire ps_globals h", "reload res_pjsip.so"]
    changes.add(entry("g", table="ps_globals"), entry("a"))
    bench.turn()
    assert target.told[3:] == ["expire ps_globals g", "expire ps_endpoints a"]
    assert positions.kept == ["0", "2"]
    bench.moment += 5
    bench.turn()
    assert target.told[5:] == ["reload res_pjsip.so"]
    assert positions.kept == ["0", "2", "4"]


def test_a_wait_is_no_longer_than_until_what_is_due(bench: Bench, changes: FakeChanges) -> None:
    changes.add(entry("g", table="ps_globals"))
    bench.turn()
    changes.add(entry("g", table="ps_globals"))
    bench.turn()
    bench.moment += 4
    bench.turn()
    assert changes.waits[-1] == 1.0


def test_a_silent_database_does_not_keep_what_was_read_from_being_told(
    bench: Bench, changes: FakeChanges, target: FakeTarget, caplog: pytest.LogCaptureFixture
) -> None:
    changes.add(entry("a"))
    target.answers = [REFUSAL]
    bench.turn()
    changes.failure = Unavailable("a database", "gone")
    bench.moment += 1
    assert bench.turn() > 0
    assert target.told == ["expire ps_endpoints a"] * 2
    bench.turn()
    changes.failure = None
    changes.add(entry("b"))
    bench.turn()
    assert target.told[2:] == ["expire ps_endpoints b"]
    assert [record.message for record in caplog.records] == [
        "fake://neighbour: a database is unavailable: gone; trying again",
        "fake://neighbour: a database answers again",
    ]


def test_an_outbox_that_is_removed_meanwhile_is_waited_for(
    bench: Bench, changes: FakeChanges, target: FakeTarget
) -> None:
    bench.turn()
    changes.failure = ConfigurationError("the database tells of no changes")
    assert bench.turn() > 0
    changes.failure = None
    changes.add(entry("a"))
    bench.turn()
    assert target.told == ["expire ps_endpoints a"]


def test_it_ends_after_the_command_under_way(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes.add(entry("a"), entry("b"))
    carry_out = target.carry_out

    def stopping(command: object) -> None:
        carry_out(command)  # type: ignore[arg-type]
        bench.stop.set()

    monkeypatch.setattr(target, "carry_out", stopping)
    bench.feeding.run(bench.stop)
    assert target.told == ["expire ps_endpoints a"]
    assert positions.kept == ["0"]
    assert target.is_closed
    assert changes.is_closed


def test_no_more_is_read_than_there_is_room_for(bench: Bench, changes: FakeChanges, target: FakeTarget) -> None:
    changes.add(*(entry(str(number)) for number in range(3 * ROOM)))
    target.answers = [REFUSAL] * (3 * ROOM)
    bench.turn(3)
    assert len(target.told) == ROOM
    bench.moment += 1
    target.answers = []
    bench.turn(4)
    assert len(set(target.told)) == 3 * ROOM


def test_without_room_it_rests_until_something_is_due(bench: Bench, changes: FakeChanges, target: FakeTarget) -> None:
    changes.add(*(entry(str(number)) for number in range(2 * ROOM)))
    target.answers = [REFUSAL] * ROOM
    assert bench.turn() > 0, "else it would turn round and round: there is word of more"
    assert changes.waits == []


def test_a_position_is_kept_though_something_always_waits(
    bench: Bench, changes: FakeChanges, target: FakeTarget, positions: FakePositions
) -> None:
    changes.add(entry("g", table="ps_globals"))
    bench.turn()
    for number in range(4):
        changes.add(entry("g", table="ps_globals"), entry(str(number)))
        bench.turn()
        bench.moment += 3
    assert "reload res_pjsip.so" in target.told[1:]
    assert int(positions.kept[-1]) > 1
    waiting = changes.entries[int(positions.kept[-1]) :]
    assert any(each.table == "ps_globals" for each in waiting), "what was not told is told after a restart"


def test_a_position_that_cannot_be_kept_is_kept_later(
    bench: Bench, changes: FakeChanges, positions: FakePositions, caplog: pytest.LogCaptureFixture
) -> None:
    positions.failure = OSError(28, "No space left on device")
    changes.add(entry("a"))
    bench.turn(2)
    positions.failure = None
    bench.turn()
    assert positions.kept == ["0", "1"]
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "[Errno 28] No space left on device; trying again",
        "the file of positions answers again",
    ]


def test_a_position_moves_now_and_then_although_nothing_is_told(bench: Bench, positions: FakePositions) -> None:
    bench.turn(3)
    assert positions.kept == ["0"]
    bench.moment += RENEWAL
    bench.turn()
    assert positions.kept == ["0", "0"]


def test_the_outbox_is_trimmed_now_and_then_up_to_what_was_read(bench: Bench, changes: FakeChanges) -> None:
    changes.add(entry("a"))
    bench.turn(2)
    assert changes.trims == []
    bench.moment += RENEWAL
    bench.turn(2)
    assert changes.trims == ["1"]


def test_who_had_nothing_to_be_told_is_asked_whether_he_is_there(bench: Bench, target: FakeTarget) -> None:
    bench.turn(2)
    assert target.pings == 0
    bench.moment += QUIET
    bench.turn(2)
    assert target.pings == 1
    target.is_down = True
    bench.moment += QUIET
    assert bench.turn() > 0
    assert not bench.figures.shown().up
