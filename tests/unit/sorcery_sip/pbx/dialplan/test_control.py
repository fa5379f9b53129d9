from __future__ import annotations

import logging

import pytest

from sorcery_sip.pbx.channel import Channel
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server
from tests.unit.sorcery_sip.pbx.dialplan.facts import CALLS
from tests.unit.sorcery_sip.pbx.fakes import run, technology


async def steps(text: str) -> list[str]:
    server = Server(text)
    await server.call()
    return server.steps


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_the_steps_that_it_takes_in_asterisk(name: str) -> None:
    dialplan, expected = CALLS[name]
    assert run(steps(dialplan)) == expected


@pytest.mark.parametrize(
    ("arguments", "cause"), [("17", 17), ("USER_BUSY", 17), ("call_rejected", 21), ("", 16), ("300", 16), ("x", 16)]
)
def test_hangup_takes_a_number_or_a_name(arguments: str, cause: int) -> None:
    async def ended() -> Channel:
        return await Server(f"[t]\nexten => x,1,Hangup({arguments})\nsame => n,NoOp").call()

    assert technology(run(ended())).causes == [cause]


def test_the_names_of_applications_have_no_case() -> None:
    assert run(steps("[t]\nexten => x,1,nOoP(a)")) == ["x@t:1 nOoP(a)"]


def test_words_go_to_the_log_and_cannot_break_its_lines(caplog: pytest.LogCaptureFixture) -> None:
    text = "[t]\nexten => x,1,Log(WARNING,${URIDECODE(a%0Ab)})\nsame => n,Verbose(1,loud)\nsame => n,Verbose(9,low)"
    with caplog.at_level(logging.INFO):
        run(steps(text))
    assert "'a\\nb'" in caplog.text
    assert "loud" in caplog.text
    assert "low" not in caplog.text
    assert [record.levelno for record in caplog.records if "a\\nb" in record.getMessage()] == [logging.WARNING]


def test_gotoiftime_looks_at_the_clock() -> None:
    text = "[t]\nexten => x,1,GotoIfTime(*,sat-sun,*,*?a:b)\nsame => 10(a),NoOp(weekend)\nsame => 20(b),NoOp(work)"
    assert run(steps(text))[-1] == "x@t:20 NoOp(work)"


def test_a_bad_time_ends_the_call() -> None:
    assert run(steps("[t]\nexten => x,1,GotoIfTime(25:00-26:00,*,*,*?2)\nsame => 2,NoOp")) == [
        "x@t:1 GotoIfTime(25:00-26:00,*,*,*?2)"
    ]
