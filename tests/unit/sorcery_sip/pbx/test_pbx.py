from __future__ import annotations

import asyncio

import pytest

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan import ApplicationFailed, Function, Match
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.pbx import Pbx
from sorcery_sip.pbx.technology import CannotCall
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server, dialplan_of
from tests.unit.sorcery_sip.pbx.fakes import FakeDriver, run, until

TEXT = "[t]\nexten => 10,1,NoOp\nexten => x,1,WaitExten(100)"


def test_it_knows_which_extensions_there_are() -> None:
    pbx = Server(TEXT).pbx
    assert [pbx.exists("t", exten) for exten in ("10", "1", "2")] == [Match.EXISTS, Match.COULD, Match.NO]
    assert pbx.could_be_longer("t", "1")
    assert not pbx.could_be_longer("t", "10")


def test_a_channel_has_an_execution_until_it_ends() -> None:
    async def work() -> None:
        server = Server(TEXT)
        channel = server.channel()
        task = server.pbx.start(channel)
        assert server.pbx.execution(channel) is not None
        await until(lambda: server.steps)
        channel.request_hangup()
        await task
        await until(lambda: server.pbx.execution(channel) is None)

    run(work())


def test_closing_ends_all_calls_and_takes_no_more() -> None:
    async def work() -> None:
        server = Server(TEXT)
        channels = [server.channel() for _ in range(3)]
        for channel in channels:
            server.pbx.start(channel)
        await until(lambda: server.steps)
        await server.pbx.close()
        assert all(channel.is_over for channel in channels)
        seen = len(server.steps)
        late = server.channel()
        await server.pbx.start(late)
        assert late.is_over
        assert len(server.steps) == seen

    run(work())


def test_global_variables_outlive_a_reload_unless_they_are_to_be_cleared() -> None:
    server = Server("[globals]\nA = 1")
    server.pbx.variables["B"] = "2"
    server.dialplan = dialplan_of("[globals]\nA = 3")
    assert server.pbx.variables == {"A": "3", "B": "2"}
    server.dialplan = dialplan_of("[general]\nclearglobalvars = yes\n[globals]\nC = 4")
    assert server.pbx.variables == {"C": "4"}


def test_functions_and_applications_can_be_added() -> None:
    async def work() -> list[str]:
        server = Server("[t]\nexten => x,1,Mine(${MINE(a)})")
        said: list[str] = []

        async def mine(call: object, arguments: str) -> None:
            said.append(arguments)

        server.pbx.register_application("MINE", mine)
        server.pbx.register_function("MINE", Function(lambda scope, text: text * 2))
        await server.call()
        return said

    assert run(work()) == ["aa"]


def test_one_application_can_be_run_on_a_channel_without_a_dialplan() -> None:
    async def work() -> str:
        server = Server("")
        channel = server.channel()
        await server.pbx.run_application(channel, "set", "a=1")
        with pytest.raises(ApplicationFailed, match="Nope"):
            await server.pbx.run_application(channel, "Nope", "")
        return channel.variables["a"]

    assert run(work()) == "1"


def test_a_call_of_its_own_that_is_given_up_is_hung_up() -> None:
    async def work() -> None:
        pbx, driver = originating(channels := Channels())
        task = asyncio.create_task(pbx.originate("Fake/carol", context="t", exten="x"))
        await until(lambda: driver.made)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(channels) == 0

    run(work())


def originating(channels: Channels) -> tuple[Pbx, FakeDriver]:
    driver = FakeDriver(channels)
    dialplan = dialplan_of("[t]\nexten => x,1,Set(GLOBAL(SEEN)=${V} ${CHANNEL(state)})")
    return Pbx(lambda: dialplan, {"Fake": driver}, {}, channels=channels), driver


def test_a_call_of_its_own_enters_the_dialplan_when_it_is_answered() -> None:
    async def work() -> None:
        pbx, _ = originating(channels := Channels())
        channel = await pbx.originate("Fake/bob", context="t", exten="x", caller=Party("7"), variables={"V": "v"})
        await until(lambda: channel.is_over)
        assert pbx.variables["SEEN"] == "v Up"
        assert channel.connected == Party("7")
        assert len(channels) == 0

    run(work())


@pytest.mark.parametrize(
    ("resource", "cause"), [("Fake/carol", Cause.NO_ANSWER), ("Fake/gone", 3), ("None/x", Cause.CHAN_NOT_IMPLEMENTED)]
)
def test_a_call_of_its_own_that_fails_leaves_nothing_behind(resource: str, cause: int) -> None:
    async def work() -> None:
        pbx, _ = originating(channels := Channels())
        with pytest.raises(CannotCall) as raised:
            await pbx.originate(resource, context="t", exten="x", timeout=0.01)
        assert raised.value.cause == cause
        assert len(channels) == 0

    run(work())
