"""Work that a loop hands to threads."""

from __future__ import annotations

import asyncio
import threading

import pytest

from sorcery import Unavailable
from sorcery.aio.loop import Threads, aside


def test_so_many_calls_wait_at_once_and_the_others_queue_up() -> None:
    async def main() -> list[str]:
        threads, both, go = Threads(2), threading.Barrier(3), threading.Event()

        def work() -> str:
            if not go.is_set():
                both.wait(60)
                assert go.wait(60)
            return threading.current_thread().name

        try:
            calls = [asyncio.ensure_future(threads.ask(work)) for _ in range(5)]
            await asyncio.to_thread(both.wait, 10)
            go.set()
            return await asyncio.gather(*calls)
        finally:
            threads.close()

    assert set(asyncio.run(main())) == {"sorcery-aio_0", "sorcery-aio_1"}


def test_arguments_and_errors_pass_through() -> None:
    async def main() -> None:
        threads = Threads(1)
        assert await threads.ask(sorted, [1, 3, 2], reverse=True) == [3, 2, 1]
        assert await threads.carry_out(sorted, [1, 3, 2], reverse=True) == [3, 2, 1]
        with pytest.raises(ZeroDivisionError):
            await threads.carry_out(divmod, 1, 0)
        threads.close()
        with pytest.raises(Unavailable, match="it was closed"):
            await threads.ask(sorted, [])

    asyncio.run(main())


def test_what_was_handed_over_before_the_end_is_carried_out() -> None:
    async def main() -> None:
        threads, go = Threads(1), threading.Event()
        first = asyncio.ensure_future(threads.carry_out(go.wait, 10))
        second = asyncio.ensure_future(threads.carry_out(sorted, [2, 1]))
        await asyncio.sleep(0)
        threads.close()
        go.set()
        assert await first is True
        assert await second == [1, 2]

    asyncio.run(main())


def test_what_a_cancelled_caller_was_to_get_is_discarded() -> None:
    discarded: list[str] = []
    done = threading.Event()

    def discard(made: str) -> None:
        discarded.append(made)
        done.set()

    async def main() -> None:
        threads, go = Threads(1), threading.Event()

        def make() -> str:
            assert go.wait(60)
            return "made"

        call = asyncio.ensure_future(threads.obtain(make, discard))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        go.set()
        threads.close()

    asyncio.run(main())
    assert done.wait(60)
    assert discarded == ["made"]


def test_aside_waits_for_nobody_else() -> None:
    async def main() -> str:
        return await aside(lambda: threading.current_thread().name)

    assert asyncio.run(main()).startswith("sorcery-aio")
