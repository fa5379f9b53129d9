"""A PBX with phones that need no SIP, its REST interface on a free port, and a client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from sorcery_sip.ari.access import User
from sorcery_sip.ari.server import AriServer
from sorcery_sip.ari.settings import AriSettings, HttpSettings
from sorcery_sip.ari.state import Ari, EndpointState, ServerInfo
from sorcery_sip.pbx.applications import Services, applications
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan import Line, Match, Section, build_dialplan
from sorcery_sip.pbx.local import LocalDriver
from sorcery_sip.pbx.pbx import Pbx
from sorcery_sip.pbx.stasis import StasisApplications
from sorcery_sip.pbx.technology import ChannelDriver
from tests.unit.sorcery_sip.pbx.fakes import FakeDriver, FakeSounds, incoming

NOW = 1_700_000_000.25
DIALPLAN = {
    "default": [
        "100,1,Set(FOO=bar)",
        "100,n,Stasis(app,one,two)",
        "100,n,Set(AFTER=${STASISSTATUS})",
        "100,n(more),Wait(60)",
        "200,1,Answer()",
        "200,n,Wait(60)",
        "300,1,Stasis(nobody)",
        "300,n,Hangup(21)",
    ]
}
USERS = {
    "alice": User("alice", "secret"),
    "reader": User("reader", "secret", read_only=True),
}


class Answer(NamedTuple):
    status: int
    json: Any
    headers: Any


class Events:
    """What an application hears."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket, self.all = socket, list[dict[str, Any]]()

    async def next(self, *types: str) -> dict[str, Any]:
        """Return the next event of one of these types; others before it are passed over."""
        while True:
            event = await self.socket.receive_json(timeout=60)
            self.all.append(event)
            if not types or event["type"] in types:
                return dict(event)

    async def types_until(self, last: str) -> list[str]:
        """Return the types of what comes up to one of a type, assignments of variables aside."""
        types: list[str] = []
        while not types or types[-1] != last:
            types.append((await self.next())["type"])
        return [type for type in types if type != "ChannelVarset"]


class Board:
    def __init__(self, session: aiohttp.ClientSession, contexts: Mapping[str, Sequence[str]]) -> None:
        self.session = session
        sections = [
            Section(name, [Line("exten", value, "extensions.conf", number) for number, value in enumerate(values, 1)])
            for name, values in contexts.items()
        ]
        dialplan, problems = build_dialplan(sections)
        assert not problems
        self.channels = Channels(lambda: NOW)
        self.fake = FakeDriver(self.channels)
        drivers: dict[str, ChannelDriver] = {"Fake": self.fake}
        self.pbx = Pbx(lambda: dialplan, drivers, {}, channels=self.channels)
        drivers["Local"] = LocalDriver(
            self.channels, self.pbx.start, lambda *place: self.pbx.exists(*place) is Match.EXISTS
        )
        self.stasis, self.sounds = StasisApplications(), FakeSounds("hello", "bye")
        services = Services(self.sounds, drivers, self.stasis, self.pbx.run_subroutine)
        for name, application in applications(services).items():
            self.pbx.register_application(name, application)
        info = ServerInfo("test 1.0", "02:00:00:00:00:01", started=NOW, reloaded=lambda: NOW)
        self.ari = Ari(self.pbx, self.stasis, self.sounds, info, endpoints=self.endpoints, clock=lambda: NOW)
        self.server = AriServer(self.ari, AriSettings(users=USERS), HttpSettings(port=0))
        self.base = ""
        self.sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def endpoints(self) -> Sequence[EndpointState]:
        return (EndpointState("Fake", "bob", "online"), EndpointState("Fake", "gone", "offline"))

    async def ask(
        self, method: str, path: str, *, body: Any = None, user: str | None = "alice", password: str = "secret"
    ) -> Answer:
        """Send a request and return its answer."""
        headers = {} if user is None else {"Authorization": aiohttp.encode_basic_auth(user, password)}
        async with self.session.request(method, f"{self.base}{path}", json=body, headers=headers) as response:
            text = await response.text()
            return Answer(response.status, json.loads(text) if text else None, response.headers)

    async def done(self, method: str, path: str, *, body: Any = None) -> Any:
        """Send a request that works, and return its JSON."""
        answer = await self.ask(method, path, body=body)
        assert answer.status in (200, 201, 204), answer
        return answer.json

    async def connect(self, app: str = "app", more: str = "") -> Events:
        """Connect an application."""
        socket = await self.session.ws_connect(f"{self.base}/events?app={app}&api_key=alice:secret{more}")
        self.sockets.append(socket)
        while any(self.stasis.get(name) is None for name in app.split(",")):
            await asyncio.sleep(0.001)
        return Events(socket)

    async def call(self, exten: str = "100", name: str = "alice") -> Channel:
        """Let a phone call an extension."""
        channel = incoming(self.channels, name, exten=exten)
        self.pbx.start(channel)
        return channel

    async def in_application(self, name: str = "alice") -> tuple[Channel, Events]:
        """Return a channel that an application has, and what the application hears after that."""
        events = await self.connect()
        channel = await self.call(name=name)
        await events.next("StasisStart")
        return channel, events

    async def close(self) -> None:
        for socket in self.sockets:
            await socket.close()
        await self.server.stop()
        await self.pbx.close()
        for channel in self.channels:
            channel.hangup()


@asynccontextmanager
async def board(contexts: Mapping[str, Sequence[str]] = DIALPLAN) -> AsyncIterator[Board]:
    """Yield a board whose dialplan has contexts of `exten` lines, and end it; nothing may be left then."""
    async with aiohttp.ClientSession() as session:
        made = Board(session, contexts)
        host, port = await made.server.start()
        made.base = f"http://{host}:{port}/ari"
        try:
            yield made
        finally:
            await made.close()
        assert len(made.ari.tasks) == len(made.channels) == 0
