import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from sorcery_sip.io.wheel import Wheel


def scene(play: Callable[[Wheel], Coroutine[Any, Any, None]], interval: float = 0.01) -> None:
    async def run() -> None:
        wheel = Wheel(interval)
        try:
            async with asyncio.timeout(60):
                await play(wheel)
        finally:
            wheel.close()

    asyncio.run(run())


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_members_are_called_again_and_again_until_they_leave() -> None:
    async def play(wheel: Wheel) -> None:
        calls: list[int] = []

        def member() -> None:
            calls.append(1)
            if len(calls) == 3:
                wheel.remove(member)

        wheel.add(member)
        await until(lambda: len(calls) == 3)
        wheel.turn()
        assert (len(calls), len(wheel)) == (3, 0)

    scene(play)


def test_a_wheel_that_was_empty_turns_again() -> None:
    async def play(wheel: Wheel) -> None:
        calls: list[str] = []

        def member() -> None:
            calls.append("x")
            wheel.remove(member)

        for count in (1, 2):
            wheel.add(member)
            await until(lambda: len(calls) >= count)  # noqa: B023 - asked while the count is this one

    scene(play)


def test_a_member_that_another_removes_is_not_called_in_that_turn() -> None:
    async def play(wheel: Wheel) -> None:
        calls: list[str] = []

        def second() -> None:
            calls.append("second")

        wheel.add(lambda: wheel.remove(second))
        wheel.add(second)
        wheel.turn()
        assert calls == []

    scene(play)


def test_a_member_that_fails_leaves_and_the_others_are_called() -> None:
    async def play(wheel: Wheel) -> None:
        faults: list[dict[str, Any]] = []
        calls: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))

        def fails() -> None:
            raise RuntimeError("broken")

        def works() -> None:
            calls.append("x")

        wheel.add(fails)
        wheel.add(works)
        wheel.turn()
        wheel.turn()
        assert [str(fault["exception"]) for fault in faults] == ["broken"]
        assert len(calls) == 2

    scene(play)


def test_turns_that_were_missed_are_made_up_for_but_not_all() -> None:
    async def play(wheel: Wheel) -> None:
        loop = asyncio.get_running_loop()
        calls: list[str] = []
        counts: list[int] = []

        def member() -> None:
            calls.append("x")
            if len(calls) == 1:
                loop.call_soon(lambda: counts.append(len(calls)))  # before any turn but this

        wheel.add(member)
        held_up = loop.time() + 0.5
        while loop.time() < held_up:
            pass
        await until(lambda: counts)
        assert counts == [6]

    scene(play)


def test_a_closed_wheel_calls_nobody() -> None:
    async def play(wheel: Wheel) -> None:
        calls: list[str] = []
        wheel.add(lambda: calls.append("x"))
        wheel.close()
        wheel.turn()
        assert calls == []

    scene(play)


class Coarse(asyncio.SelectorEventLoop):
    """Runs at once what is due within half a millisecond, by a handle that knows no time: as uvloop does."""

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:  # type: ignore[override]
        if when - self.time() < 0.0005:
            return self.call_soon(callback, *args, context=context)
        return super().call_at(when, callback, *args, context=context)


def test_turns_that_are_due_at_once_do_not_stop_the_wheel() -> None:
    async def play() -> None:
        wheel, calls, faults = Wheel(0.0001), list[str](), list[object]()
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        wheel.add(lambda: calls.append("x"))
        async with asyncio.timeout(60):
            await until(lambda: len(calls) > 3 or faults)
        wheel.close()
        assert faults == []

    with asyncio.Runner(loop_factory=Coarse) as runner:
        runner.run(play())
