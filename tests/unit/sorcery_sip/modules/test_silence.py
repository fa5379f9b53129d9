from __future__ import annotations

import logging

import pytest

from sorcery_sip.modules.silence import EVERY, QUIET, Silences

CONTACTS = "realtime ps_contacts"


@pytest.fixture
def silences() -> Silences:
    return Silences()


def test_of_many_refusals_the_first_is_an_error_and_the_others_are_for_those_who_look_closer(
    silences: Silences, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for number in range(3):
        silences.refused(CONTACTS, f"REGISTER {number}", 1000.0 + number)
    assert [(each.levelno, each.getMessage()) for each in caplog.records] == [
        (logging.ERROR, "REGISTER 0"),
        (logging.DEBUG, "REGISTER 1"),
        (logging.DEBUG, "REGISTER 2"),
    ]


def test_each_minute_a_line_tells_how_many_there_were(silences: Silences, caplog: pytest.LogCaptureFixture) -> None:
    for second in range(int(2 * EVERY) + 2):
        silences.refused(CONTACTS, f"REGISTER {second}", 1000.0 + second)
    assert caplog.messages == [
        "REGISTER 0",
        f"REGISTER 60; 60 requests were refused for {CONTACTS} since the last line",
        f"REGISTER 120; 60 requests were refused for {CONTACTS} since the last line",
    ]


def test_stores_are_counted_apart(silences: Silences, caplog: pytest.LogCaptureFixture) -> None:
    silences.refused(CONTACTS, "REGISTER", 1000.0)
    silences.refused("realtime ps_auths", "INVITE", 1000.0)
    assert caplog.messages == ["REGISTER", "INVITE"]


def test_it_is_over_when_requests_are_answered_and_none_was_refused_for_a_while(
    silences: Silences, caplog: pytest.LogCaptureFixture
) -> None:
    silences.refused(CONTACTS, "REGISTER", 1000.0)
    silences.answered(1000.5)  # one that needs no store
    silences.refused(CONTACTS, "REGISTER", 1007.0)
    caplog.clear()
    silences.answered(1007.0 + QUIET - 0.1)
    assert caplog.messages == []
    silences.answered(1007.0 + QUIET)
    silences.answered(1007.0 + 2 * QUIET)
    told = f"no request is refused for {CONTACTS} any more; 2 were from 00:16:40 to 00:16:47 UTC"
    assert caplog.messages == [told]


def test_what_begins_anew_is_told_anew(silences: Silences, caplog: pytest.LogCaptureFixture) -> None:
    silences.refused(CONTACTS, "REGISTER", 1000.0)
    silences.answered(1000.0 + QUIET)
    caplog.clear()
    silences.refused(CONTACTS, "REGISTER again", 1001.0 + QUIET)
    assert caplog.messages == ["REGISTER again"]
