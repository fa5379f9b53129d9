from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from sorcery_sip.pbx.applications import Services, applications
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import HangupRequested
from sorcery_sip.pbx.stasis import Destination, StasisApplications, StasisControl
from tests.unit.sorcery_sip.pbx.fakes import FakeCall, FakeSounds, FakeSubroutines, incoming, run


class Outside:
    """An application that lets each channel go at once."""

    def __init__(self, destination: Destination | None) -> None:
        self.destination, self.arguments = destination, list[str]()

    def entered(self, control: StasisControl, arguments: Sequence[str]) -> None:
        self.arguments = list(arguments)
        if self.destination is None:
            control.channel.post(HangupRequested())
        else:
            asyncio.get_running_loop().call_soon(control.leave, self.destination)

    def left(self, control: StasisControl) -> None:
        pass


async def perform(arguments: str, outside: Outside) -> FakeCall:
    stasis = StasisApplications()
    stasis.register("app", outside)
    call = FakeCall(incoming(Channels()))
    services = Services(FakeSounds(), {}, stasis, FakeSubroutines())
    await applications(services)["Stasis"](call, arguments)
    return call


def test_an_application_gets_its_arguments() -> None:
    outside = Outside(None)
    call = run(perform('app,one,"two,three"', outside))
    assert outside.arguments == ["one", "two,three"]
    assert call.channel.variables["STASISSTATUS"] == "SUCCESS"
    assert call.went == []


def test_the_dialplan_goes_on_where_the_application_says() -> None:
    call = run(perform("app", Outside(Destination("in", "200", 3))))
    assert call.went == [("in", "200", 3)]


@pytest.mark.parametrize("arguments", ["nobody,x", ""])
def test_an_application_that_is_not_connected_is_a_failure(arguments: str, caplog: pytest.LogCaptureFixture) -> None:
    call = run(perform(arguments, Outside(None)))
    assert call.channel.variables["STASISSTATUS"] == "FAILED"
    assert f"no application '{arguments.partition(',')[0]}' is connected" in caplog.text
