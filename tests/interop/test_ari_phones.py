"""Applications outside steer calls of real phones through `sorcery-sip`: ARI on one side, SIP and RTP on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from sorcery_sip.phone import Phone
from tests.interop import pbx
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.test_ari_client import Application
from tests.unit.sorcery_sip.pbx.fakes import run

pytestmark = pytest.mark.interop

EXTENSIONS = """\
exten => 700,1,Stasis(app,one,two)
 same => n,NoOp(${STASISSTATUS})
 same => n,Hangup()
"""
ALICE_TONE, BOB_TONE = 440, 620


class Running(NamedTuple):
    """A running server with its REST interface."""

    pbx: pbx.Pbx
    url: str

    async def applications(self, count: int) -> None:
        """Wait until so many applications are connected."""
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.url}ari/applications?api_key=alice:secret") as response:
                    if len(await response.json()) == count:
                        return
                await asyncio.sleep(0.02)

    async def channels(self) -> list[str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}ari/channels?api_key=alice:secret") as response,
        ):
            return [channel["name"] for channel in await response.json()]


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    port = free_port()
    (folder / "http.conf").write_text(f"[general]\nenabled=yes\nbindport={port}\n")
    (folder / "ari.conf").write_text("[general]\n[alice]\ntype=user\npassword=secret\n")
    server = pbx.running(folder, "alice", "bob", extensions=EXTENSIONS)
    started = await asyncio.to_thread(server.__enter__)
    try:
        yield Running(started, f"http://{LOOPBACK}:{port}/")
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


@asynccontextmanager
async def phones(server: Running) -> AsyncIterator[tuple[Phone, Phone]]:
    """Register alice's and bob's phones."""
    async with AsyncExitStack() as stack:
        made = []
        for name, tone in (("alice", ALICE_TONE), ("bob", BOB_TONE)):
            phone = await stack.enter_async_context(Phone(name, pbx.PASSWORD, server.pbx.server, tone=tone))
            assert (await phone.register()).status == 200
            made.append(phone)
        yield made[0], made[1]


def test_a_caller_hears_what_an_application_plays_and_is_hung_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as server, phones(server) as (alice, _):
            application = await Application.of_url(server.url, "answer", "tone:!480/2000")
            assert await application.says() == ["ready"]
            call = await alice.call("700")
            said = await application.says()
            assert said[0] == "call"
            assert said[1].startswith("PJSIP/alice-")
            assert said[2:] == ["one", "two"]
            await call.hear(480)
            assert (await call.ended()).by == "remote"
            await application.ends()
            await server.applications(0)
            assert await server.channels() == []

    run(scenario(), seconds=60)


def test_two_phones_that_an_application_calls_hear_one_another(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as server, phones(server) as (alice, bob):
            application = await Application.of_url(server.url, "join", "PJSIP/alice,PJSIP/bob")
            first, second = await alice.next_call(), await bob.next_call()
            assert (await application.says())[0] == "bridged"
            await first.hear(BOB_TONE)
            await second.hear(ALICE_TONE)
            await second.press("7")
            assert await application.says() == ["key", "7"]
            await first.ended()
            await second.ended()
            await application.ends()
            assert await server.channels() == []

    run(scenario(), seconds=60)


def test_without_its_application_a_call_goes_on_in_the_dialplan(tmp_path: Path) -> None:
    async def scenario() -> str:
        server = pbx.running(tmp_path, "alice", extensions=EXTENSIONS)
        started = await asyncio.to_thread(server.__enter__)
        try:
            async with Phone("alice", pbx.PASSWORD, started.server) as alice:
                call = await alice.dial("700")
                assert (await call.ended()).status == 603
                return started.stack.log()
        finally:
            with pytest.raises(AssertionError):  # it looks for errors in the log
                await asyncio.to_thread(server.__exit__, None, None, None)

    assert "no application 'app' is connected" in run(scenario(), seconds=60)
