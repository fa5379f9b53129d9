from __future__ import annotations

import logging

import pytest

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.functions.parties import REASONS
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server
from tests.unit.sorcery_sip.pbx.fakes import run, technology


def after(*steps: str) -> Channel:
    lines = "\n".join(f"same => n,{step}" for step in steps)
    return run(Server(f"[t]\nexten => x,1,NoOp\n{lines}").call(caller="100"))


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("CALLERID(num)=12", Party("12")),
        ("CALLERID(num)=", Party(number_valid=True)),
        ("CALLERID(name)=Al", Party("100", "Al")),
        ('CALLERID(all)="Al Ice" <12>', Party("12", "Al Ice", name_valid=True)),
        ("CALLERID(all)=Al <12>", Party("12", "Al")),
        ("CALLERID(all)=+12 34", Party("+1234", name_valid=True)),
        ("CALLERID(all)=Alice", Party("", "Alice", number_valid=True)),
        ("CALLERID(pres)=prohib", Party("100", presentation="prohib")),
        ("CALLERID(num-valid)=0", Party("100", number_valid=False)),
        ("CALLERID(name-valid)=1", Party("100", name_valid=True)),
        ("CALLERID(pres)=nonsense", Party("100")),
        ("CALLERID(nonsense)=1", Party("100")),
    ],
)
def test_the_caller_can_be_set(assignment: str, expected: Party) -> None:
    assert after(f"Set({assignment})").caller == expected


def test_the_number_that_was_called_and_who_passed_the_call_on() -> None:
    channel = after("Set(CALLERID(rdnis)=7)", "Set(a=${CALLERID(dnid)}|${CALLERID(rdnis)}|${REDIRECTING(from-num)})")
    assert channel.variables["a"] == "x|7|7"


def test_the_connected_party_is_told_once_all_is_set() -> None:
    channel = after("Set(CONNECTEDLINE(num,i)=9)", "Set(CONNECTEDLINE(name)=Nine)", "Set(a=${CONNECTEDLINE(all)})")
    assert channel.variables["a"] == '"Nine" <9>'
    assert technology(channel).log == [(Indication.CONNECTED_LINE, Party("9", "Nine"))]


def test_a_redirection_has_a_reason_by_asterisks_name() -> None:
    channel = after(
        "Set(REDIRECTING(from-num,i)=5)",
        "Set(REDIRECTING(to-name,i)=Six)",
        "Set(REDIRECTING(count,i)=2)",
        "Set(REDIRECTING(reason)=cfb)",
        "Set(a=${REDIRECTING(reason)}${REDIRECTING(count)}${REDIRECTING(to-name)})",
    )
    assert (channel.redirecting.from_.number, channel.redirecting.reason) == ("5", REASONS["cfb"])
    assert channel.variables["a"] == "cfb2Six"
    assert technology(channel).log == [(Indication.REDIRECTING, channel.redirecting)]


def test_what_cannot_be_set_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        after("Set(REDIRECTING(count)=many)", "Set(CALLERID(pres)=x)", "NoOp(${CALLERID(x)}${REDIRECTING(x)})")
    assert [record.message.count("write") for record in caplog.records] == [1, 1, 1, 1]
