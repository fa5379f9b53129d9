from __future__ import annotations

from sorcery_database import Fault
from sorcery_realtime.rerun import Rerun


def test_what_a_rival_was_preferred_to_begins_again_a_few_times_after_growing_pauses() -> None:
    slept: list[float] = []
    rerun = Rerun(sleep=slept.append, draw=lambda: 0.5)
    begun = [rerun.begins(Fault.RIVAL) for _ in range(7)]
    assert begun == [True] * 5 + [False] * 2
    assert slept == [0.01, 0.02, 0.04, 0.08, 0.16]


def test_nothing_else_begins_again() -> None:
    slept: list[float] = []
    rerun = Rerun(sleep=slept.append)
    assert not any(rerun.begins(fault) for fault in Fault if fault is not Fault.RIVAL)
    assert slept == []
