"""A client from PyPI steers calls of real softphones: with the application of the page on ARI, and by originating."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop import pbx
from tests.interop.baresip import Baresip
from tests.interop.test_ari_client import Application
from tests.interop.test_ari_phones import running
from tests.unit.sorcery_sip.pbx.fakes import run

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("baresip")]


def test_a_softphone_hears_what_an_application_plays_and_is_hung_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as server:
            with Baresip("alice", pbx.PASSWORD, server.pbx.server, tone=440) as alice:
                await asyncio.to_thread(alice.wait_until_registered)
                application = await Application.of_url(server.url, "answer", "tone:!480/3000")
                assert await application.says() == ["ready"]
                alice.dial("700")
                assert (await application.says())[0] == "call"
                await asyncio.to_thread(alice.wait_to_hear, 480)
                await asyncio.to_thread(alice.wait_for, "CALL_CLOSED")
                await application.ends()

    run(scenario(), seconds=90)


def test_softphones_that_an_application_originates_to_hear_one_another(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path) as server:
            with (
                Baresip("alice", pbx.PASSWORD, server.pbx.server, tone=440) as alice,
                Baresip("bob", pbx.PASSWORD, server.pbx.server, tone=620) as bob,
            ):
                for phone in (alice, bob):
                    await asyncio.to_thread(phone.wait_until_registered)
                application = await Application.of_url(server.url, "join", "PJSIP/alice,PJSIP/bob")
                assert (await application.says())[0] == "bridged"
                await asyncio.to_thread(alice.wait_to_hear, 620)
                await asyncio.to_thread(bob.wait_to_hear, 440)
                bob.press("7")
                assert await application.says() == ["key", "7"]
                for phone in (alice, bob):
                    await asyncio.to_thread(phone.wait_for, "CALL_CLOSED")
                await application.ends()

    run(scenario(), seconds=90)
