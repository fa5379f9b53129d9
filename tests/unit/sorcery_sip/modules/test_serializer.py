"""One thing after the other."""

from __future__ import annotations

import asyncio
import logging

import pytest

from sorcery_sip.modules.serializer import Serializer


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_idle_it_runs_work_at_once_and_without_a_task() -> None:
    async def scenario() -> None:
        done: list[int] = []
        Serializer().run(lambda: done.append(1))
        assert done == [1]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


def test_work_waits_for_what_is_awaited_before_it() -> None:
    async def scenario() -> None:
        done: list[str] = []
        gate = asyncio.Event()

        async def slow(name: str) -> None:
            await gate.wait()
            done.append(name)

        serializer = Serializer()
        serializer.run(lambda: slow("first"))
        serializer.run(lambda: done.append("second"))
        serializer.run(lambda: slow("third"))
        serializer.run(lambda: done.append("fourth"))
        await settle()
        assert done == []
        gate.set()
        await settle()
        assert done == ["first", "second", "third", "fourth"]
        serializer.run(lambda: done.append("fifth"))
        assert done[-1] == "fifth"

    asyncio.run(scenario())


def test_work_that_work_asks_for_comes_after_it() -> None:
    async def scenario() -> None:
        done: list[int] = []
        serializer = Serializer()

        def outer() -> None:
            serializer.run(lambda: done.append(2))
            done.append(1)

        serializer.run(outer)
        assert done == [1, 2]

    asyncio.run(scenario())


def test_work_that_fails_is_logged_and_the_next_is_done(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        done: list[int] = []

        async def fails() -> None:
            await asyncio.sleep(0)
            raise ValueError("awaited")

        def raises() -> None:
            raise ValueError("at once")

        serializer = Serializer()
        serializer.run(raises)
        serializer.run(fails)
        serializer.run(lambda: done.append(1))
        await settle()
        assert done == [1]

    with caplog.at_level(logging.ERROR):
        asyncio.run(scenario())
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["at once", "awaited"]
