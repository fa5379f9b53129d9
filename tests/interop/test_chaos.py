"""Phones register at 200 a second while the database is taken away in every way: nothing is said that is not so."""

from __future__ import annotations

import pytest

from tests.interop.chaos.run import run

pytestmark = pytest.mark.interop
RATE = 200
REAL = 0.6 * RATE
"""What of it a slow machine has to bring about too: with less it would be another test."""


@pytest.mark.timeout(300)
def test_what_phones_and_provisioners_hear_is_what_the_database_holds_whatever_happens_to_it() -> None:
    outcome = run(seconds=60, rate=RATE, phones=1500, stacks=2, policies=("fail", "wait", "queue"))
    summary = outcome.summary()
    assert outcome.wrong == [], summary
    assert outcome.rate >= REAL, summary
    assert any(map(outcome.waited, outcome.windows)), summary
    queued = [each for each in outcome.changes if any(one.begun < each.started < one.ended for one in outcome.windows)]
    assert any(each.outcome == 200 for each in queued), summary
    answered, ended = outcome.hung
    assert answered < 5, summary
    assert ended < 20, summary
