"""A dialplan from a text, and a call through it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan import STANDARD, Application, Dialplan, Function, Line, Problem, Section, build_dialplan
from sorcery_sip.pbx.notices import ApplicationStarted
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.pbx import Pbx
from tests.unit.sorcery_sip.pbx.fakes import FakeTechnology

NOON = 1_700_000_000.0
"""A Tuesday in November 2023."""


def parsed(text: str) -> tuple[Dialplan, tuple[Problem, ...]]:
    """Read a text, each of whose lines is a header or `key => value`."""
    sections: list[Section] = []
    for number, line in enumerate(text.strip("\n").splitlines(), 1):
        if line.startswith("["):
            sections.append(Section(line.strip("[]"), []))
        elif line.strip():
            key, _, value = line.partition("=>" if "=>" in line.partition("(")[0] else "=")
            lines = sections[-1].lines
            assert isinstance(lines, list)
            lines.append(Line(key.strip(), value.strip(), "extensions.conf", number))
    return build_dialplan(sections, dict(STANDARD))


def dialplan_of(text: str) -> Dialplan:
    """Read a text in which nothing is wrong."""
    dialplan, problems = parsed(text)
    assert problems == ()
    return dialplan


class Server:
    """A PBX with one dialplan; its channels are phones that note what they are told."""

    def __init__(
        self,
        text: str | Dialplan,
        applications: Mapping[str, Application] | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self.dialplan = parsed(text)[0] if isinstance(text, str) else text
        self.channels = Channels(lambda: NOON)
        self.steps: list[str] = []
        self.channels.observe(self._watch)
        self.pbx = Pbx(
            lambda: self.dialplan,
            {},
            applications or {},
            {**STANDARD, **(functions or {})},
            channels=self.channels,
            clock=lambda: NOON,
            chance=random.Random(1),
        )

    def channel(
        self, exten: str = "x", context: str = "t", caller: str = "", state: ChannelState = ChannelState.RING
    ) -> Channel:
        """Return a channel that is to enter the dialplan."""
        party = Party(caller)
        return self.channels.create(
            "phone", FakeTechnology(), context=context, exten=exten, caller=party, dialed=exten, state=state
        )

    async def call(self, exten: str = "x", context: str = "t", caller: str = "") -> Channel:
        """Run a call to its end."""
        channel = self.channel(exten, context, caller)
        await self.pbx.start(channel)
        return channel

    def _watch(self, channel: Channel, notice: object) -> None:
        if isinstance(notice, ApplicationStarted):
            place = f"{channel.exten}@{channel.context}:{channel.priority}"
            if not self.steps or not self.steps[-1].startswith(f"{place} "):
                self.steps.append(f"{place} {channel.application}({channel.arguments})")


def write(folder: Path, text: str) -> Path:
    """Write an extensions.conf."""
    path = folder / "extensions.conf"
    path.write_text(text, encoding="utf-8")
    return path
