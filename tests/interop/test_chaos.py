"""Phones register at 200 a second while the database is taken away in every way: nothing is said that is not so."""

from __future__ import annotations

import pytest

from tests.interop.chaos.run import run

pytestmark = pytest.mark.interop


@pytest.mark.timeout(300)
def test_what_phones_hear_is_what_the_database_holds_whatever_happens_to_it() -> None:
    outcome = run(seconds=60, rate=200, phones=1500)
    summary = outcome.summary()
    assert outcome.wrong == [], summary
    assert outcome.rate > 190, summary  # else it was less than was to be shown
    answered, ended = outcome.hung
    assert answered < 5, summary
    assert ended < 10, summary
