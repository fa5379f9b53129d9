from __future__ import annotations

from sorcery_sip.pbx.dialplan import Function, Match
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server, dialplan_of
from tests.unit.sorcery_sip.pbx.fakes import run, until

TEXT = "[t]\nexten => 10,1,NoOp\nexten => x,1,WaitExten(100)"


def test_it_knows_which_extensions_there_are() -> None:
    pbx = Server(TEXT).pbx
    assert [pbx.exists("t", exten) for exten in ("10", "1", "2")] == [Match.EXISTS, Match.COULD, Match.NO]


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
