"""A PBX without SIP: phones that do what a test says, and note what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sorcery_sip.errors import SipError, SoundError
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import Answered, Ringing
from sorcery_sip.pbx.media import AudioSource, Dtmf
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import CannotCall, Indication

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], seconds: float = 60) -> T:
    """Run a test's coroutine, which may take so long."""

    async def bounded() -> T:
        async with asyncio.timeout(seconds):
            return await work

    return asyncio.run(bounded())


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    while not condition():
        await asyncio.sleep(0.001)


async def settle() -> None:
    """Let everything that can go on do so: a loop that was held up would else go on with the test at once."""
    await asyncio.sleep(0.005)
    for _ in range(20):
        await asyncio.sleep(0)


class FakePlaying:
    def __init__(self, source: object) -> None:
        self.source = source
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        self.end(complete=False)

    def end(self, *, complete: bool = True) -> None:
        if not self.done.done():
            self.done.set_result(complete)

    def __await__(self) -> Generator[Any, None, bool]:
        return asyncio.shield(self.done).__await__()


class FakeMedia:
    """A port; what is played ends when a test says so, or at once with `is_quick`."""

    def __init__(self, *, is_quick: bool = True, codec: str | None = "ulaw") -> None:
        self.codec, self.is_quick = codec, is_quick
        self.partner: Any = None
        self.played: list[FakePlaying] = []
        self.digits = ""
        self.is_echoing = self.is_closed = False
        self.statistics: Mapping[str, float] = {}

    def connect(self, other: Any) -> None:
        self.partner, other.partner = other, self

    def disconnect(self) -> None:
        if self.partner is not None:
            self.partner.partner = None
            self.partner = None

    def play(self, source: AudioSource) -> FakePlaying:
        for before in self.played:
            before.stop()
        playing = FakePlaying(source)
        self.played.append(playing)
        if self.is_quick:
            playing.end()
        return playing

    def echo(self, on: bool) -> None:
        self.is_echoing = on

    def send_dtmf(self, digit: str, milliseconds: int = 100) -> FakePlaying:
        self.digits += digit
        playing = FakePlaying(digit)
        playing.end()
        return playing

    def on_dtmf(self, callback: Callable[[Dtmf], None] | None) -> None:
        pass

    def on_timeout(self, callback: Callable[[], None] | None) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


class FakeSound:
    def __init__(self, name: str) -> None:
        self.name = name

    def frames(self, codec: str) -> Iterator[bytes]:
        yield b"\xff" * 160


class FakeSounds:
    """Every tone that is no `bad`, and the files that were named."""

    def __init__(self, *files: str) -> None:
        self.files = files

    def tone(self, text: str) -> FakeSound:
        if text == "bad":
            raise SoundError("tone 'bad': no frequency")
        return FakeSound(f"tone:{text}")

    async def file(self, name: str, language: str = "en") -> FakeSound:
        if name not in self.files:
            raise SoundError(f"there is no sound {name!r}")
        return FakeSound(name)


class FakeTechnology:
    """What a phone was told, in order."""

    name = "Fake"

    def __init__(self, media: FakeMedia | None = None) -> None:
        self.media: Any = media
        self.log: list[Any] = []
        self.causes: list[int] = []
        self.peers: list[Channel | None] = []
        self.on_call: Callable[[], None] = lambda: None

    def call(self) -> None:
        self.log.append("call")
        self.on_call()

    def answer(self) -> None:
        self.log.append("answer")

    def hangup(self, cause: int) -> None:
        self.causes.append(cause)

    def indicate(self, what: Indication, data: Any = None) -> None:
        self.log.append(what if data is None else (what, data))

    def send_dtmf(self, digit: str, ms: int) -> None:
        self.log.append(("dtmf", digit, ms))

    def send_text(self, text: str, content_type: str = "text/plain") -> None:
        self.log.append(("text", text))

    def bridged(self, peer: Channel | None) -> None:
        self.peers.append(peer)

    def read_variable(self, name: str) -> str | None:
        return None


def technology(channel: Channel) -> FakeTechnology:
    """Return the phone of a channel."""
    assert isinstance(channel.technology, FakeTechnology)
    return channel.technology


def media(channel: Channel) -> FakeMedia:
    """Return the port of a channel's phone."""
    found = technology(channel).media
    assert isinstance(found, FakeMedia)
    return found


class FakeDriver:
    """Phones by name: what each does when it is called, or with which cause it cannot be."""

    name = "Fake"

    def __init__(self, channels: Channels) -> None:
        self.channels = channels
        self.phones: dict[str, Callable[[Channel], None] | int] = {"bob": answers, "carol": rings, "gone": 3}
        self.made: list[Channel] = []
        self.is_quick = True

    async def request(
        self,
        resource: str,
        *,
        caller: Channel | None,
        formats: Sequence[str],
        variables: Mapping[str, str],
        id: str = "",
    ) -> Channel:
        behaviour = self.phones.get(resource, 20)
        if isinstance(behaviour, int):
            raise CannotCall(behaviour, f"{resource} cannot be called")
        made = FakeTechnology(FakeMedia(is_quick=self.is_quick))
        channel = self.channels.create(resource, made, id=id, context="phones", formats=tuple(formats))
        for name, value in variables.items():
            channel.set_variable(name, value)
        made.on_call = lambda: behaviour(channel)
        self.made.append(channel)
        return channel


def answers(channel: Channel) -> None:
    channel.post(Answered())


def rings(channel: Channel) -> None:
    channel.post(Ringing())


def incoming(channels: Channels, name: str = "alice", **attributes: Any) -> Channel:
    """Return the channel of a phone that calls 100."""
    attributes = {"exten": "100", "caller": Party("6001", "Alice"), "state": ChannelState.RING, **attributes}
    return channels.create(name, FakeTechnology(FakeMedia()), **attributes)


def heard(channel: Channel) -> list[Any]:
    """Return what a channel was told by the PBX, but for the number that it has called: that comes first."""
    return [word for word in technology(channel).log if word != (Indication.CONNECTED_LINE, Party(channel.exten))]


class FakeCall:
    """An execution that notes where it is sent; the places of `extensions` exist."""

    def __init__(self, channel: Channel, *extensions: tuple[str, str]) -> None:
        self.channel, self.extensions = channel, extensions
        self.went: list[tuple[str, str, int]] = []
        self.pressed = ""

    def goto(self, context: str, exten: str, priority: int = 1) -> None:
        self.went.append((context, exten, priority))

    def exists(self, context: str, exten: str, priority: int = 1) -> bool:
        return (context, exten) in self.extensions

    def press(self, digits: str) -> None:
        self.pressed += digits


class FakeSubroutines:
    """Every subroutine but `missing`; each sets the result that a test wants."""

    def __init__(self, result: str = "") -> None:
        self.result = result
        self.ran: list[tuple[str, str, tuple[str, ...]]] = []

    async def __call__(self, channel: Channel, place: str, arguments: tuple[str, ...]) -> None:
        if place.startswith("missing"):
            raise SipError(f"there is no {place}")
        self.ran.append((channel.name, place, arguments))
        channel.set_variable("GOSUB_RESULT", self.result)
