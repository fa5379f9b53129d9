from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.dialplan import ApplicationFailed, BadCall, Execution, Function, Scope, dialing, execution, walk
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server, dialplan_of
from tests.unit.sorcery_sip.pbx.fakes import run, technology, until


async def park(call: Execution, arguments: str) -> None:
    """Wait as long as the channel is there."""
    while not isinstance(await call.channel.read(), HangupRequested):
        pass


async def deaf(call: Execution, arguments: str) -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


async def press(call: Execution, arguments: str) -> None:
    call.press(arguments)


async def fail(call: Execution, arguments: str) -> None:
    raise ApplicationFailed("no luck")


async def broken(call: Execution, arguments: str) -> None:
    raise ZeroDivisionError


async def unallocated(call: Execution, arguments: str) -> None:
    call.channel.hangup_cause = Cause.UNALLOCATED
    call.channel.variables["DIALSTATUS"] = arguments


APPLICATIONS = {"Unallocated": unallocated, "Park": park, "Deaf": deaf, "Press": press, "Fail": fail, "Broken": broken}


def served(text: str, work: Callable[[Server, Channel], Awaitable[None]], exten: str = "x") -> list[str]:
    """Run a call while `work` does things to it; return its steps."""

    async def call() -> list[str]:
        server = Server(text, APPLICATIONS)
        channel = server.channel(exten)
        task = server.pbx.start(channel)
        await work(server, channel)
        await task
        assert channel.is_over
        assert len(server.channels) == 0
        return server.steps

    return run(call())


async def nothing(server: Server, channel: Channel) -> None:
    """Let it run."""


def test_a_call_starts_at_s_where_its_extension_is_not() -> None:
    assert served("[t]\nexten => s,1,NoOp(here)", nothing) == ["s@t:1 NoOp(here)"]
    assert served("[default]\nexten => s,1,NoOp(there)", nothing) == ["s@default:1 NoOp(there)"]
    assert served("[t]\nexten => i,1,NoOp(i)", nothing) == []


def test_a_hangup_while_an_application_waits_runs_h() -> None:
    async def leave(server: Server, channel: Channel) -> None:
        await until(lambda: server.steps)
        channel.post(HangupRequested(Cause.USER_BUSY))

    text = "[t]\nexten => x,1,Park\nsame => n,NoOp\nexten => h,1,NoOp(${HANGUPCAUSE})"
    assert served(text, leave) == ["x@t:1 Park()", "h@t:1 NoOp(17)"]


def test_an_application_that_does_not_see_the_hangup_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "HANGUP_GRACE", 0.01)

    async def leave(server: Server, channel: Channel) -> None:
        await until(lambda: server.steps)
        channel.post(HangupRequested())

    text = "[t]\nexten => x,1,Deaf\nsame => n,NoOp\nexten => h,1,NoOp(h)"
    assert served(text, leave) == ["x@t:1 Deaf()", "h@t:1 NoOp(h)"]


def test_a_redirection_breaks_off_what_runs() -> None:
    async def send(server: Server, channel: Channel) -> None:
        await until(lambda: server.steps)
        call = server.pbx.execution(channel)
        assert call is not None
        call.redirect("u", "y", 2)

    text = "[t]\nexten => x,1,Deaf\nsame => n,NoOp\n[u]\nexten => y,2,NoOp(there)"
    assert served(text, send) == ["x@t:1 Deaf()", "y@u:2 NoOp(there)"]


def test_a_cancelled_task_ends_the_channel() -> None:
    async def call() -> Channel:
        server = Server("[t]\nexten => x,1,Deaf", APPLICATIONS)
        channel = server.channel()
        task = server.pbx.start(channel)
        await until(lambda: server.steps)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return channel

    assert run(call()).is_over


def test_a_loop_without_an_end_leaves_time_to_others_and_ends_with_the_channel() -> None:
    async def leave(server: Server, channel: Channel) -> None:
        await until(lambda: len(server.steps) > 200)
        channel.post(HangupRequested())

    assert len(served("[t]\nexten => x,1,NoOp\nsame => n,Goto(x,1)", leave)) > 200


def test_an_endless_subroutine_ends_the_call() -> None:
    steps = served("[t]\nexten => x,1,Gosub(x,1)\nexten => h,1,NoOp(h)", nothing)
    assert len(steps) <= walk.MAX_FRAMES + 2
    assert steps[-1] == "h@t:1 NoOp(h)"


def test_a_failed_application_ends_the_call_and_h_runs() -> None:
    assert served("[t]\nexten => x,1,Fail\nsame => n,NoOp\nexten => h,1,NoOp(h)", nothing) == [
        "x@t:1 Fail()",
        "h@t:1 NoOp(h)",
    ]


def test_a_broken_application_ends_its_call_only_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def look(server: Server, channel: Channel) -> None:
        await until(lambda: channel.is_over)
        assert technology(channel).causes == [Cause.NORMAL_TEMPORARY_FAILURE]

    assert served("[t]\nexten => x,1,Broken\nsame => n,NoOp", look) == ["x@t:1 Broken()"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("status", "indication", "cause"),
    [
        ("BUSY", Indication.BUSY, Cause.USER_BUSY),
        ("CONGESTION", Indication.CONGESTION, Cause.NORMAL_CIRCUIT_CONGESTION),
        ("CHANUNAVAIL", Indication.CONGESTION, Cause.NORMAL_CIRCUIT_CONGESTION),
        ("NOANSWER", None, Cause.NORMAL_CLEARING),
        ("", None, Cause.NORMAL_CLEARING),
    ],
)
def test_a_call_without_steps_left_ends_as_its_last_dial_did(
    status: str, indication: Indication | None, cause: Cause
) -> None:
    async def look(server: Server, channel: Channel) -> None:
        await until(lambda: channel.is_over)
        assert technology(channel).log == ([] if indication is None else [indication])
        assert technology(channel).causes == [cause]

    served(f"[t]\nexten => x,1,Set(DIALSTATUS={status})", look)


def test_a_call_that_ends_as_its_last_dial_did_tells_no_cause_of_the_dial() -> None:
    async def look(server: Server, channel: Channel) -> None:
        await until(lambda: channel.is_over)
        assert technology(channel).causes == [Cause.NORMAL_CIRCUIT_CONGESTION]

    served("[t]\nexten => x,1,Unallocated(CHANUNAVAIL)", look)


def test_a_caller_who_dials_goes_to_the_extension_as_soon_as_it_is_clear() -> None:
    async def dial(server: Server, channel: Channel) -> None:
        await until(lambda: server.steps)
        channel.post(DtmfEnd("2"))
        channel.post(DtmfEnd("5"))

    text = "[t]\nexten => x,1,Press(1)\nexten => _1XX,1,NoOp(${EXTEN})\nexten => 12,1,NoOp"
    assert served(text, dial) == ["x@t:1 Press(1)", "125@t:1 NoOp(125)"]


def test_a_caller_who_stops_dialing_gets_what_he_dialed() -> None:
    text = (
        "[t]\nexten => x,1,Set(TIMEOUT(digit)=0.01)\nsame => n,Press(12)\nexten => _1XX,1,NoOp\nexten => 12,1,NoOp(12)"
    )
    assert served(text, nothing)[-1] == "12@t:1 NoOp(12)"


def test_a_wrong_number_goes_to_i_and_none_to_t() -> None:
    end = "exten => i,1,NoOp(${INVALID_EXTEN})\nexten => t,1,Hangup\nexten => 12,1,NoOp"
    assert served(f"[t]\nexten => x,1,Press(7)\n{end}", nothing)[-1] == "i@t:1 NoOp(7)"
    general = "[general]\nautofallthrough = no\n"
    waiting = f"{general}[t]\nexten => x,1,Set(TIMEOUT(response)=0.01)\n{end}"
    assert served(waiting, nothing) == ["x@t:1 Set(TIMEOUT(response)=0.01)", "t@t:1 Hangup()"]


def test_waitexten_waits_for_an_extension() -> None:
    async def dial(server: Server, channel: Channel) -> None:
        await until(lambda: server.steps)
        channel.post(DtmfEnd("5"))

    assert served("[t]\nexten => x,1,WaitExten(5)\nexten => 5,1,NoOp(five)", dial)[-1] == "5@t:1 NoOp(five)"


def test_a_time_limit_leads_to_the_extension_t_in_capitals_or_to_the_end() -> None:
    limit = "[t]\nexten => x,1,Set(TIMEOUT(absolute)=0.01)\nsame => n,Park"
    assert served(f"{limit}\nexten => T,1,NoOp(over)", nothing)[-1] == "T@t:1 NoOp(over)"
    assert served(limit, nothing)[-1] == "x@t:2 Park()"


class Coarse(asyncio.SelectorEventLoop):
    """Runs at once what is due soon, by a handle that knows no time: as uvloop does."""

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        return self.call_soon(callback, *args, context=context)


def test_the_time_left_is_told_even_of_a_limit_that_is_reached_at_once() -> None:
    async def left() -> float:
        server = Server("[t]")
        call = server.pbx.scope(server.channel())
        assert isinstance(call, Execution)
        call.limit(0.0001)
        return call.seconds_left

    with asyncio.Runner(loop_factory=Coarse) as runner:
        assert runner.run(left()) <= 0.0001


def test_a_call_goes_on_in_the_dialplan_of_a_reload() -> None:
    async def reload(server: Server, channel: Channel) -> None:
        await until(lambda: server.steps)
        server.dialplan = dialplan_of("[globals]\nG = new\n[t]\nexten => x,2,NoOp(${G})")
        call = server.pbx.execution(channel)
        assert call is not None
        call.redirect("t", "x", 2)

    assert served("[t]\nexten => x,1,Park", reload) == ["x@t:1 Park()", "x@t:2 NoOp(new)"]


def test_functions_may_take_their_time() -> None:
    async def slow(scope: Scope, arguments: str) -> str:
        await asyncio.sleep(0)
        if arguments == "bad":
            raise BadCall("no such thing")
        return f"<{arguments}>"

    async def steps() -> list[str]:
        server = Server(
            "[t]\nexten => x,1,Set(a=${SLOW(${SLOW(1)})})\nsame => n,NoOp(${a}${SLOW(bad)})",
            functions={"SLOW": Function(slow)},
        )
        await server.call()
        return server.steps

    assert run(steps()) == ["x@t:1 Set(a=<<1>>)", "x@t:2 NoOp(<<1>>)"]


def test_a_slow_function_cannot_be_read_where_nobody_waits(caplog: pytest.LogCaptureFixture) -> None:
    async def slow(scope: Scope, arguments: str) -> str:
        return "value"

    async def value() -> str:
        server = Server("[t]\nexten => x,1,Set(a=${EVAL(${b})})", functions={"SLOW": Function(slow)})
        channel = server.channel()
        channel.set_variable("b", "${SLOW(1)}")
        await server.pbx.start(channel)
        return channel.variables["a"]

    with caplog.at_level(logging.ERROR):
        assert run(value()) == ""
    assert "wait" in caplog.text


def test_a_subroutine_can_be_run_for_another_and_leaves_no_trace() -> None:
    async def values() -> tuple[str, str, tuple[str, str, int]]:
        server = Server("[sub]\nexten => s,1,Set(OUT=${ARG1}${ARG2})\nsame => n,Return(done)", APPLICATIONS)
        channel = server.channel()
        await server.pbx.run_subroutine(channel, "sub,s,1", ("a", "b"))
        assert "ARG1" not in channel.variables
        return (
            channel.variables["OUT"],
            channel.variables["GOSUB_RETVAL"],
            (channel.context, channel.exten, channel.priority),
        )

    assert run(values()) == ("ab", "done", ("t", "x", 1))


def test_a_subroutine_that_is_not_there_fails() -> None:
    async def work() -> None:
        server = Server("[t]\nexten => x,1,NoOp")
        with pytest.raises(ApplicationFailed, match="sub"):
            await server.pbx.run_subroutine(server.channel(), "sub,s,1")

    run(work())


def test_variables_with_underscores_are_inherited() -> None:
    async def inherited() -> dict[str, str]:
        channel = await Server("[t]\nexten => x,1,Set(_one=1)\nsame => n,Set(__all=2)\nsame => n,Set(own=3)").call()
        return channel.inherited_variables()

    assert run(inherited()) == {"one": "1", "__all": "2"}


def test_an_answered_channel_hears_that_it_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialing, "BUSY_SECONDS", 0.01)

    async def call() -> list[object]:
        server = Server("[t]\nexten => x,1,Set(DIALSTATUS=BUSY)")
        channel = server.channel(state=ChannelState.UP)
        await server.pbx.start(channel)
        return technology(channel).log

    assert run(call()) == [Indication.BUSY]
