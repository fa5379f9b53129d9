"""The same requests to Asterisk's REST interface and to ours: status, message, and the names of all fields."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.interop.asterisk import PASSWORD, USER, Asterisk
from tests.unit.sorcery_sip.ari.board import DIALPLAN, board
from tests.unit.sorcery_sip.pbx.fakes import run

pytestmark = pytest.mark.interop

CHANNEL = "Local/200@default"
REQUESTS = [
    "GET /channels",
    "GET /nothing",
    "PUT /channels",
    "GET /channels/none",
    "DELETE /channels/none",
    "POST /channels/none/answer",
    "POST /channels",
    f"POST /channels?endpoint={CHANNEL}",
    "GET /asterisk/ping",
    "GET /asterisk/info?only=system",
    "GET /asterisk/info?only=status",
    "GET /asterisk/variable?variable=FOO",
    "POST /asterisk/variable?variable=FOO&value=1",
    "GET /asterisk/variable?variable=FOO",
    "GET /asterisk/variable",
    "GET /endpoints/ZZ",
    "GET /endpoints/Local/zz",
    "GET /applications",
    "GET /applications/none",
    f"POST /channels/mine?endpoint={CHANNEL}&app=app&appArgs=a,b",
    f"POST /channels/mine?endpoint={CHANNEL}&app=app",
    "+StasisStart",
    "GET /channels/mine",
    "GET /applications/app",
    "POST /channels/mine/ring",
    "DELETE /channels/mine/ring",
    "POST /channels/mine/answer",
    "POST /channels/mine;2/ring",
    "POST /channels/mine;2/play?media=tone:busy",
    "POST /channels/mine/dtmf",
    "POST /channels/mine/dtmf?dtmf=1",
    "GET /channels/mine/variable?variable=NONE",
    "GET /channels/mine/variable",
    "GET /channels/mine/variable?variable=CALLERID(num)",
    "POST /channels/mine/variable?variable=Q&value=1",
    "POST /channels/mine/variable?value=1",
    "POST /bridges/b?type=mixing&name=talk",
    "POST /bridges/b",
    "GET /bridges",
    "GET /bridges/b",
    "GET /bridges/none",
    "POST /bridges/b/addChannel?channel=none",
    "POST /bridges/b/addChannel?channel=mine;2",
    "POST /bridges/b/addChannel?channel=mine",
    "+ChannelEnteredBridge",
    "GET /bridges/b",
    "POST /bridges/b/removeChannel?channel=mine",
    "+ChannelLeftBridge",
    "POST /bridges/b/removeChannel?channel=mine",
    "DELETE /bridges/b",
    "GET /playbacks/none",
    "DELETE /playbacks/none",
    "POST /applications/none/subscription?eventSource=channel:x",
    "POST /applications/app/subscription?eventSource=channel:x",
    "POST /applications/app/subscription?eventSource=zz:x",
    "POST /events/user/mine?application=app",
    "+ChannelUserevent",
    "DELETE /channels/mine?reason=silly",
    "DELETE /channels/mine?reason=busy",
    "+ChannelHangupRequest",
    "+StasisEnd",
    "+ChannelDestroyed",
    f"POST /channels/create?endpoint={CHANNEL}&app=app&channelId=made",
    "+StasisStart",
    "POST /channels/made/dial",
    "+Dial",
    "DELETE /channels/made",
    "+ChannelDestroyed",
]


def shape(value: Any) -> Any:
    """Return the names of fields and the kinds of values; a list is as its first one."""
    if isinstance(value, dict):
        return {name: shape(field) for name, field in sorted(value.items())}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return type(value).__name__


@asynccontextmanager
async def asterisk(root: Path) -> AsyncIterator[tuple[str, str, str]]:
    lines = [f"[{name}]\n" + "".join(f"exten => {value}\n" for value in values) for name, values in DIALPLAN.items()]
    server = Asterisk(root, {"extensions.conf": "".join(lines)})
    await asyncio.to_thread(server.__enter__)
    try:
        yield f"http://127.0.0.1:{server.http_port}/ari", USER, PASSWORD
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


@asynccontextmanager
async def ours() -> AsyncIterator[tuple[str, str, str]]:
    async with board() as made:
        yield made.base, "alice", "secret"


async def answers(base: str, user: str, password: str) -> list[tuple[str, Any]]:
    """Send all requests and return what came of each."""
    headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
    found: list[tuple[str, Any]] = []
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{base}/events?app=app") as events,
    ):
        for text in REQUESTS:
            if text.startswith("+"):
                found.append((text, await event(events, text[1:])))
            else:
                method, _, path = text.partition(" ")
                async with session.request(method, base + path) as response:
                    body = await response.json() if response.status != 204 else None
                    refused = response.status >= 400
                    found.append((text, (response.status, body if refused else shape(body))))
    return found


async def event(events: aiohttp.ClientWebSocketResponse, type: str) -> Any:
    """Return the shape of the next event of a type."""
    while True:
        value = await events.receive_json(timeout=30)
        if value["type"] == type:
            return shape(value)


def test_asterisk_and_we_answer_alike(asterisk_root: Path) -> None:
    async def scenario() -> None:
        async with asterisk(asterisk_root) as place:
            expected = await answers(*place)
        async with ours() as place:
            found = await answers(*place)
        assert dict(enumerate(found)) == dict(enumerate(expected))

    run(scenario(), seconds=60)
