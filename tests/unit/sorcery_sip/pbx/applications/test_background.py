from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sorcery_sip.pbx.applications import Services, applications
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.stasis import StasisApplications
from tests.unit.sorcery_sip.ari.board import board
from tests.unit.sorcery_sip.pbx.fakes import (
    FakeCall,
    FakeSounds,
    FakeSubroutines,
    incoming,
    media,
    run,
    settle,
    until,
)

SERVICES = Services(FakeSounds("hello", "bye"), {}, StasisApplications(), FakeSubroutines())


def background(arguments: str, *steps: Callable[[FakeCall], object], quick: bool = False) -> FakeCall:
    """Run it on a caller, and let steps happen meanwhile, one after the other."""

    async def scenario() -> FakeCall:
        call = FakeCall(incoming(Channels(), context="menu"), ("menu", "5"), ("other", "6"))
        media(call.channel).is_quick = quick
        running = asyncio.ensure_future(applications(SERVICES)["BackGround"](call, arguments))
        for step in steps:
            await settle()
            step(call)
        await running
        return call

    return run(scenario())


def press(digit: str) -> Callable[[FakeCall], object]:
    return lambda call: call.channel.post(DtmfEnd(digit))


def played(call: FakeCall) -> list[object]:
    return [getattr(playing.source, "name", "") for playing in media(call.channel).played]


def test_a_digit_ends_the_sounds_and_begins_an_extension() -> None:
    call = background("hello&bye", press("7"))
    assert call.channel.is_up
    assert call.pressed == "7"
    assert played(call) == ["hello"]
    assert call.channel.context == "menu"


def test_the_extension_may_be_in_another_context() -> None:
    call = background("hello,m,,other", press("5"), press("6"))
    assert (call.pressed, call.channel.context) == ("6", "other")


def test_only_an_extension_may_count() -> None:
    assert background("hello,m", press("7"), press("5")).pressed == "5"


def test_a_caller_who_listens_goes_on() -> None:
    call = background("hello&bye", quick=True)
    assert call.pressed == ""
    assert played(call) == ["hello", "bye"]
    assert call.channel.variables["BACKGROUNDSTATUS"] == "SUCCESS"


def test_a_hang_up_ends_it() -> None:
    call = background("hello&bye", lambda call: call.channel.post(HangupRequested()))
    assert played(call) == ["hello"]


@pytest.mark.parametrize(("arguments", "heard"), [("missing&hello", ["hello"]), ("", [])])
def test_what_is_missing_has_failed(arguments: str, heard: list[str]) -> None:
    call = background(arguments, quick=True)
    assert call.channel.variables["BACKGROUNDSTATUS"] == "FAILED"
    assert played(call) == heard


@pytest.mark.parametrize(("options", "heard"), [("n", ["hello"]), ("s", [])])
def test_before_the_answer(options: str, heard: list[str]) -> None:
    call = background(f"hello,{options}", quick=True)
    assert not call.channel.is_up
    assert played(call) == heard


def test_a_menu_of_a_dialplan_is_dialed_into() -> None:
    contexts = {"default": ["100,1,BackGround(hello)", "100,n,WaitExten(5)", "57,1,Set(CHOSEN=57)", "57,n,Wait(60)"]}

    async def scenario() -> str:
        async with board(contexts) as made:
            channel = await made.call("100")
            media(channel).is_quick = False
            await until(lambda: media(channel).played)
            channel.post(DtmfEnd("5"))
            channel.post(DtmfEnd("7"))
            await until(lambda: "CHOSEN" in channel.variables)
            return channel.variables["CHOSEN"]

    assert run(scenario()) == "57"
