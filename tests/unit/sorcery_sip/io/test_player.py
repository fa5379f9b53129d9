import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest

from sorcery_sip.io.player import Player
from sorcery_sip.io.wheel import Wheel

Steps = Generator[None, None, None]


def scene(play: Callable[[Wheel], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        wheel = Wheel(3600)
        try:
            async with asyncio.timeout(60):
                await play(wheel)
        finally:
            wheel.close()

    asyncio.run(run())


def steps(log: list[str], count: int = 2) -> Steps:
    try:
        for _ in range(count):
            log.append("step")
            yield
    finally:
        log.append("end")


def test_each_turn_is_a_step_and_the_last_one_ends_it() -> None:
    async def play(wheel: Wheel) -> None:
        log: list[str] = []
        player = Player(wheel, steps(log))
        for _ in range(2):
            wheel.turn()
        assert not player.is_over
        wheel.turn()
        assert player.is_over
        assert await player is True
        assert (log, len(wheel)) == (["step", "step", "end"], 0)

    scene(play)


def test_who_stops_it_lets_it_give_back_what_it_holds() -> None:
    async def play(wheel: Wheel) -> None:
        log: list[str] = []
        player = Player(wheel, steps(log))
        wheel.turn()
        player.stop()
        player.stop()
        assert await player is False
        assert (log, len(wheel)) == (["step", "end"], 0)

    scene(play)


def test_one_that_is_stopped_before_its_first_step_never_began() -> None:
    async def play(wheel: Wheel) -> None:
        log: list[str] = []
        player = Player(wheel, steps(log))
        player.stop()
        wheel.turn()
        assert await player is False
        assert log == []

    scene(play)


def test_who_waits_may_be_cancelled_and_it_goes_on() -> None:
    async def play(wheel: Wheel) -> None:
        player = Player(wheel, steps([]))

        async def wait() -> bool:
            return await player

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not player.is_over
        for _ in range(3):
            wheel.turn()
        assert await player is True

    scene(play)


def test_a_failure_is_told_to_who_waits() -> None:
    async def play(wheel: Wheel) -> None:
        def fails() -> Steps:
            yield
            raise ValueError("broken")

        player = Player(wheel, fails())
        for _ in range(2):
            wheel.turn()
        with pytest.raises(ValueError, match="broken"):
            await player
        assert len(wheel) == 0

    scene(play)
