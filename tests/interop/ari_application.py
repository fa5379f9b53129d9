"""Applications that steer calls with asyncari, each run as a program of its own: NAME BASE [MEDIA]."""

from __future__ import annotations

import sys
from typing import Any

import anyio
import asyncari  # type: ignore[import-untyped]


def say(*words: object) -> None:
    sys.stdout.write(f"{' '.join(map(str, words))}\n")
    sys.stdout.flush()


async def answer(client: Any, media: str) -> None:
    """Answer the next call, play a sound to it, and hang up."""
    async with client.on_channel_event("StasisStart") as calls:
        say("ready")
        channel, event = await anext(calls)
    say("call", channel.name, *event.args)
    await channel.answer()
    async with client.on_playback_event("PlaybackFinished") as played:
        await channel.play(media=media)
        await anext(played)
    await channel.hangup(reason="normal")


async def join(client: Any, endpoints: str) -> None:
    """Call two phones, and let them speak until one presses a key."""
    async with client.on_channel_event("StasisStart") as calls, client.on_channel_event("ChannelDtmfReceived") as keys:
        channels = []
        for endpoint in endpoints.split(","):
            await client.channels.originate(endpoint=endpoint, app="app", variables={"X": "1"})
            channels.append((await anext(calls))[0])
        bridge = await client.bridges.create(type="mixing")
        await bridge.addChannel(channel=[channel.id for channel in channels])
        peer = await channels[0].getChannelVar(variable="BRIDGEPEER")
        say("bridged", peer["value"])
        _, event = await anext(keys)
        say("key", event.digit)
        await bridge.destroy()
        for channel in channels:
            await channel.hangup()


async def wrong(client: Any, _: str) -> None:
    """Ask for what is refused."""
    try:
        await client.bridges.create(type="silly")
    except asyncari.model.OperationError as error:
        say("refused", error)


async def main(*arguments: str) -> None:
    name, base, argument = arguments
    async with asyncari.connect(base, "app", "alice", "secret") as client:
        await {"answer": answer, "join": join, "wrong": wrong}[name](client, argument)


if __name__ == "__main__":
    anyio.run(main, *sys.argv[1:4])
