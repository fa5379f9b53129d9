"""A dialplan run by Asterisk, and by ours: the same file, the same extension, what each of them did."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from pathlib import Path
from typing import NamedTuple

from sorcery_sip.modules.extensions_conf import read_dialplan
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan import Execution
from sorcery_sip.pbx.events import DtmfEnd
from sorcery_sip.pbx.notices import ApplicationStarted
from sorcery_sip.pbx.pbx import Pbx
from tests.interop.ami import AmiError
from tests.interop.asterisk import Asterisk
from tests.unit.sorcery_sip.pbx.fakes import FakeTechnology

SECONDS = 30
GENERAL = "[general]\nclearglobalvars=yes\n"
_EXECUTING = re.compile(r"Executing \[(.*)@(\S*):(\d+)\] (\S*)\(\"[^\"]*\", \"(.*)\"\) ?")


class Ran(NamedTuple):
    """What came of one run."""

    steps: list[str]
    """`exten@context:priority Application(arguments)`, in order."""
    variables: dict[str, str]
    """The global variables at the end."""


def theirs(server: Asterisk, dialplan: str, exten: str = "x", context: str = "t", pressed: str = "") -> Ran:
    """Run an extension in Asterisk, by a caller who presses digits once he is answered."""
    caller = f"\n[caller]\nexten => s,1,SendDTMF(w{pressed}w,20,100)\nsame => n,Wait(10)\n"
    server.write("extensions.conf", GENERAL + dialplan + caller)
    server.cli("dialplan reload")
    before = len(server.logs())
    with contextlib.suppress(AmiError):  # it fails where nobody answers
        channel = f"Local/{exten}@{context}/n"
        server.ami("Originate", Channel=channel, Context="caller", Exten="s", Priority="1")
    deadline = time.monotonic() + SECONDS
    while "Local/" in server.cli("core show channels concise"):
        assert time.monotonic() < deadline, "the call did not end"
        time.sleep(0.01)
    found = [_EXECUTING.search(line) for line in _log_since(server, before).splitlines()]
    steps = [f"{one[1]}@{one[2]}:{one[3]} {one[4]}({one[5]})" for one in found if one and one[2] != "caller"]
    return Ran(steps, global_variables(server))


def _log_since(server: Asterisk, start: int) -> str:
    """Return the log from there on, once it is written: what happens last of all is a call to nowhere."""
    server.cli("channel originate Local/nobody@nowhere application NoOp")
    deadline = time.monotonic() + SECONDS
    while "nobody@nowhere" not in (text := server.logs()[start:]):
        assert time.monotonic() < deadline, "Asterisk did not write its log"
        time.sleep(0.01)
    return text


def global_variables(server: Asterisk) -> dict[str, str]:
    """Return Asterisk's global variables."""
    lines = [line.strip().partition("=") for line in server.cli("dialplan show globals").splitlines()]
    return {name: value for name, equals, value in lines if equals}


def ours(folder: Path, dialplan: str, exten: str = "x", context: str = "t", pressed: str = "") -> Ran:
    """Run an extension in ours."""
    path = folder / "extensions.conf"
    path.write_text(GENERAL + dialplan, encoding="utf-8")
    return asyncio.run(_run(path, exten, context, pressed))


async def _answer(call: Execution, arguments: str) -> None:
    call.channel.answer()


async def _run(path: Path, exten: str, context: str, pressed: str) -> Ran:
    dialplan, _ = read_dialplan(path)
    channels, steps = Channels(), list[str]()
    pbx = Pbx(lambda: dialplan, {}, {"Answer": _answer}, channels=channels)

    def watch(channel: Channel, notice: object) -> None:
        if isinstance(notice, ApplicationStarted):
            place = f"{channel.exten}@{channel.context}:{channel.priority}"
            if not steps or not steps[-1].startswith(f"{place} "):  # else the step runs it: `ExecIf`
                steps.append(f"{place} {channel.application}({channel.arguments})")

    channels.observe(watch)
    async with asyncio.timeout(SECONDS):
        channel = channels.create("x", FakeTechnology(), context=context, exten=exten)
        for digit in pressed:
            channel.post(DtmfEnd(digit))
        await pbx.start(channel)
    return Ran(steps, dict(pbx.variables))
