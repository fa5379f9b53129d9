from __future__ import annotations

import logging

import pytest

from sorcery_sip.pbx.channel import Channel
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server
from tests.unit.sorcery_sip.pbx.fakes import run


def after(*steps: str) -> Channel:
    lines = "\n".join(f"same => n,{step}" for step in steps)
    return run(Server(f"[t]\nexten => x,1,NoOp\n{lines}").call())


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("name", "Fake/phone-00000000"),
        ("state", "Ring"),
        ("channeltype", "Fake"),
        ("context", "t"),
        ("exten", "x"),
        ("uniqueid", "1700000000.0"),
        ("linkedid", "1700000000.0"),
        ("pjsip,call-id", ""),
    ],
)
def test_a_channel_tells_of_itself(item: str, expected: str) -> None:
    assert after(f"Set(a=${{CHANNEL({item})}})").variables["a"] == expected


def test_a_channel_takes_a_language_an_account_and_a_number_of_forwards() -> None:
    channel = after("Set(CHANNEL(language)=de)", "Set(CHANNEL(accountcode)=7)", "Set(CHANNEL(max_forwards)=3)")
    assert (channel.language, channel.account, channel.max_forwards) == ("de", "7", 3)


def test_a_time_limit_can_be_asked_for() -> None:
    steps = ("Set(TIMEOUT(absolute)=100)", "Set(a=${TIMEOUT(absolute)})", "Set(TIMEOUT(absolute)=0)")
    channel = after(*steps, "Set(b=${TIMEOUT(absolute)})")
    assert 90 < float(channel.variables["a"]) <= 100
    assert channel.variables["b"] == "0"


def test_what_is_not_known_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        after("NoOp(${TIMEOUT(x)})", "Set(TIMEOUT(digit)=x)", "Set(CHANNEL(x)=1)", "NoOp(${STACK_PEEK(1,e)})")
    assert len(caplog.records) == 4
