"""A client from PyPI, asyncari, builds itself from our description and steers calls: over sockets, in a process."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from sorcery_sip.pbx.events import DtmfEnd
from tests.unit.sorcery_sip.ari.board import Board, board
from tests.unit.sorcery_sip.pbx.fakes import media, run, technology, until

pytestmark = pytest.mark.interop

APPLICATION = Path(__file__).with_name("ari_application.py")
PAGE = Path(__file__).parents[2] / "docs/howto/ari.md"


def url(made: Board) -> str:
    return made.base.removesuffix("ari")


class Application:
    """A running application, and what it says."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def begin(cls, *command: str) -> Application:
        """Run Python with a command line."""
        return cls(await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE, stderr=PIPE))

    @classmethod
    async def of_url(cls, url: str, name: str, argument: str = "") -> Application:
        """Begin one of the applications beside this module."""
        return await cls.begin(str(APPLICATION), name, url, argument)

    async def says(self) -> list[str]:
        """Return the words of its next line."""
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        if not line:
            raise AssertionError(await self._errors())
        return line.split()

    async def stop(self) -> None:
        """End it."""
        self._process.terminate()
        await self._process.communicate()

    async def ends(self) -> None:
        """Wait for its good end."""
        errors = await self._errors()
        assert await self._process.wait() == 0, errors

    async def _errors(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()


def test_an_application_answers_plays_a_tone_and_hangs_up() -> None:
    async def scenario() -> None:
        async with board() as made:
            application = await Application.of_url(url(made), "answer", "tone:ring")
            assert await application.says() == ["ready"]
            caller = await made.call("100")
            assert await application.says() == ["call", caller.name, "one", "two"]
            await application.ends()
            await until(lambda: caller.is_over)
            assert technology(caller).log == ["answer"]
            assert technology(caller).causes == [16]
            assert [getattr(each.source, "name", "") for each in media(caller).played] == ["tone:ring"]

    run(scenario())


def test_an_application_calls_two_phones_and_lets_them_speak() -> None:
    async def scenario() -> None:
        async with board() as made:
            application = await Application.of_url(url(made), "join", "Fake/bob,Fake/bob")
            said = await application.says()
            first, second = made.fake.made
            assert said == ["bridged", second.name]
            assert media(first).partner is media(second)
            second.post(DtmfEnd("7"))
            assert await application.says() == ["key", "7"]
            await application.ends()
            await until(lambda: not len(made.channels))
            assert media(first).partner is None
            assert ("dtmf", "7", 100) in technology(first).log

    run(scenario())


def test_an_application_learns_why_something_is_refused() -> None:
    async def scenario() -> None:
        async with board() as made:
            application = await Application.of_url(url(made), "wrong")
            said = " ".join(await application.says())
            assert said == "refused Bridge type 'silly' is not served; use mixing or holding"
            await application.ends()

    run(scenario())


def test_the_application_of_the_page_answers_plays_and_hangs_up(tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    script = tmp_path / "hello.py"

    async def scenario() -> None:
        async with board({"default": ["100,1,Stasis(hello)"]}) as made:
            script.write_text(re.sub(r"# (asyncio.run.*)http://127.0.0.1:8088/", rf"\1{url(made)}", program))
            application = await Application.begin(str(script))
            try:
                await until(lambda: made.stasis.get("hello"))
                caller = await made.call("100")
                await until(lambda: caller.is_over)
            finally:
                await application.stop()
            assert technology(caller).log == ["answer"]
            assert [getattr(each.source, "name", "") for each in media(caller).played] == ["tone:ring"]

    run(scenario())
