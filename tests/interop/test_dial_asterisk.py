"""What Dial comes to, in Asterisk and here: DIALSTATUS and HANGUPCAUSE for everything that a called party may do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import pytest

from tests.interop.asterisk import PASSWORD, USER, Asterisk
from tests.unit.sorcery_sip.ari.board import board
from tests.unit.sorcery_sip.pbx.fakes import run

pytestmark = pytest.mark.interop

CAUSES = (1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 26, 27, 28, 29, 31, 34, 38, 41, 42, 44, 58, 66, 102, 111, 127)
DIALS = {
    **{f"cause{cause}": f"Local/h{cause}@called" for cause in CAUSES},
    "busy": "Local/busy@called",
    "congestion": "Local/congestion@called",
    "nobody": "Local/none@called",
    "technology": "Nope/x",
    "empty": "",
    "timeout": "Local/wait@called,1",
    "busyandcongestion": "Local/h17@called&Local/h34@called",
    "busyandgone": "Local/h17@called&Local/h3@called",
    "busyandshy": "Local/h17@called&Local/h19@called",
    "goneandcongestion": "Local/none@called&Local/h34@called",
    "busyandlate": "Local/h17@called&Local/wait@called,1",
    "goon": "Local/answer@called,5,g",
    "first": "Local/h17@called&Local/answer@called,5,g",
    "ringing": "Local/ringing@called,1",
}
CONTEXTS: Mapping[str, Sequence[str]] = {
    "default": ["200,1,Wait(60)"],
    "called": [
        "_hX!,1,Hangup(${EXTEN:1})",
        "busy,1,Busy()",
        "congestion,1,Congestion()",
        "wait,1,Wait(60)",
        "ringing,1,Ringing()",
        "ringing,n,Wait(60)",
        "answer,1,Answer()",
        "answer,n,Hangup()",
    ],
    "dial": [
        line
        for name, arguments in DIALS.items()
        for line in (
            f"{name},1,Dial({arguments})",
            f"{name},n,Set(GLOBAL(RESULT{name})=${{DIALSTATUS}} ${{HANGUPCAUSE}} ${{DIALEDPEERNUMBER}})",
            f"{name},n,Hangup()",
        )
    ],
}
WITHOUT_A_CAUSE = {
    *("busy", "congestion", "nobody", "technology", "empty", "timeout", "ringing", "busyandlate"),
    *("busyandcongestion", "busyandgone", "busyandshy", "goneandcongestion", "first"),
}
"""Where nobody said one, or which of several counts depends on who is quicker."""


async def results(base: str, user: str, password: str) -> dict[str, list[str]]:
    """Begin all dials, and return what each left behind in a global variable."""
    headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
    found: dict[str, list[str]] = {}
    async with aiohttp.ClientSession(headers=headers) as session:
        for name in DIALS:
            place = f"endpoint=Local/{name}@dial&extension=200&context=default"
            async with session.post(f"{base}/channels?{place}") as response:
                assert response.status == 200, await response.text()
        for name in DIALS:
            while not (text := await _variable(session, base, f"RESULT{name}")):
                await asyncio.sleep(0.05)
            status, cause, *number = text.split(" ")
            found[name] = [status, *(number if name in WITHOUT_A_CAUSE else [cause, *number])]
    return found


async def _variable(session: aiohttp.ClientSession, base: str, name: str) -> str:
    async with session.get(f"{base}/asterisk/variable?variable={name}") as response:
        return str((await response.json())["value"])


def test_a_dial_comes_to_the_same(asterisk_root: Path) -> None:
    lines = [f"[{name}]\n" + "".join(f"exten => {value}\n" for value in values) for name, values in CONTEXTS.items()]

    async def scenario() -> None:
        server = Asterisk(asterisk_root, {"extensions.conf": "".join(lines)})
        await asyncio.to_thread(server.__enter__)
        try:
            expected = await results(f"http://127.0.0.1:{server.http_port}/ari", USER, PASSWORD)
        finally:
            await asyncio.to_thread(server.__exit__, None, None, None)
        async with board(CONTEXTS) as made:
            assert await results(made.base, "alice", "secret") == expected

    run(scenario(), seconds=60)
