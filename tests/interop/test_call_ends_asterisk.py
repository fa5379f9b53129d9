"""The same calls by the same phones to a running Asterisk and to our stack: they begin, sound and end alike."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sorcery_sip.errors import CallFailed
from sorcery_sip.phone import Call, Phone
from tests.interop import pbx
from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

STORY_SECONDS, STORIES_SECONDS = 30, 200
"""Asterisk looks the name of the machine up for each call, which takes seconds where no name server answers."""
CAUSES = (1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 34, 38, 41, 42, 58, 66, 88, 102, 127)
REFUSALS = (
    *(400, 401, 403, 404, 408, 410, 415, 480, 481, 482, 484, 486, 487, 488),
    *(500, 501, 502, 503, 504, 505, 600, 603),
)
EXTENSIONS = """\
exten => busy,1,Busy()
exten => congestion,1,Congestion()
exten => incomplete,1,Incomplete()
exten => silent,1,NoOp()
exten => ringing,1,Ringing()
 same => n,Wait(0.2)
 same => n,Hangup(17)
exten => progress,1,Progress()
 same => n,Wait(0.2)
 same => n,Hangup(21)
exten => short,1,Dial(PJSIP/bob,1)
 same => n,Set(RESULT=${DIALSTATUS})
 same => n,GotoIf($["${RESULT}" = "NOANSWER"]?gone)
 same => n,Hangup(38)
 same => n(gone),Hangup(22)
exten => told,1,Dial(PJSIP/bob,10)
 same => n,Hangup(${HANGUPCAUSE})
exten => through,1,Dial(PJSIP/bob,10)
exten => lost,1,Dial(PJSIP/carol,10)
 same => n,GotoIf($["${DIALSTATUS}" = "CHANUNAVAIL"]?gone)
 same => n,Hangup(38)
 same => n(gone),Hangup(22)
exten => _7XXX,1,Hangup(${EXTEN:1})
exten => _8XXX,1,Answer()
 same => n,Wait(0.1)
 same => n,Hangup(${EXTEN:1})
"""


class Outcome(NamedTuple):
    """What a caller learns of a call that somebody else ends."""

    provisional: tuple[int, ...]
    by: str
    status: int
    phrase: str
    cause: str
    """The value of Reason, without the text."""


Story = Callable[[Phone, Phone], Coroutine[Any, Any, Outcome]]


def dialled(number: str, *, refused: int = 0) -> Story:
    """Return the story of a call that the server ends, or bob with the status `refused`."""

    async def story(alice: Phone, bob: Phone) -> Outcome:
        call = await alice.dial(number)
        if refused:
            taken = await bob.next_call()
            taken.reject(refused)
        return await ended(call)

    return story


async def hung_up_by_the_callee(alice: Phone, bob: Phone) -> Outcome:
    call = await alice.dial("through")
    taken = await bob.next_call()
    taken.answer()
    await call.hear(620)
    taken.hang_up()
    return await ended(call)


async def given_up_by_the_caller(alice: Phone, bob: Phone) -> Outcome:
    call = await alice.dial("through")
    taken = await bob.next_call()
    await call.ringing()
    call.hang_up()
    return await ended(taken)


async def not_answered(alice: Phone, bob: Phone) -> Outcome:
    call = await alice.dial("short")
    taken = await bob.next_call()
    assert (await taken.ended()).status == 487
    return await ended(call)


async def put_on_hold(alice: Phone, bob: Phone) -> Outcome:
    call = await alice.dial("through")
    taken = await bob.next_call()
    taken.answer()
    await call.hear(620)
    await call.hold()
    async with asyncio.timeout(5):
        while not taken.is_held:
            await asyncio.sleep(0.02)
    await call.resume()
    await taken.hear(440)
    await call.press("3")
    assert await taken.digits.get() == "3"
    call.hang_up()
    return await ended(taken)


async def ended(call: Call) -> Outcome:
    end = await call.ended()
    message = end.message
    reason = "" if message is None else message.headers.get("Reason") or ""
    cause = ";".join(reason.split(";")[:2])
    if cause == "Q.850;cause=0":  # so Asterisk says that nobody gave a cause; no such cause exists
        cause = "Q.850;cause=16"
    return Outcome(tuple(call.provisional), end.by, end.status, getattr(message, "reason", ""), cause)


def without_cause(story: Story) -> Story:
    """Leave out the cause: Asterisk's may be that of the last leg or that of the refusal, as its threads run."""

    async def changed(alice: Phone, bob: Phone) -> Outcome:
        return (await story(alice, bob))._replace(cause="")

    return changed


STORIES: Mapping[str, Story] = {
    **{number: without_cause(dialled(number)) for number in ("busy", "congestion")},
    **{number: dialled(number) for number in ("incomplete", "silent", "ringing", "progress")},
    **{number: dialled(number) for number in ("lost", "12")},
    "nobody.here": without_cause(dialled("nobody.here")),
    "short": not_answered,
    **{f"refused {cause}": dialled(f"7{cause:03}") for cause in CAUSES},
    **{f"ended {cause}": dialled(f"8{cause:03}") for cause in (16, 17, 21, 38, 127)},
    **{f"told {status}": dialled("told", refused=status) for status in REFUSALS},
    **{f"through {status}": without_cause(dialled("through", refused=status)) for status in (404, 480, 486, 503, 600)},
    "hung up": hung_up_by_the_callee,
    "given up": without_cause(given_up_by_the_caller),
    "hold": put_on_hold,
}


async def outcomes(server: tuple[str, int]) -> dict[str, Outcome | str]:
    """Let all stories happen, one after the other."""
    told: dict[str, Outcome | str] = {}
    async with (
        asyncio.timeout(STORIES_SECONDS),
        Phone("alice", pbx.PASSWORD, server, tone=440) as alice,
        Phone("bob", pbx.PASSWORD, server, tone=620, answers=False) as bob,
    ):
        for phone in (alice, bob):
            assert (await phone.register()).status == 200
        for name, story in STORIES.items():
            try:
                async with asyncio.timeout(STORY_SECONDS):
                    told[name] = await story(alice, bob)
            except (CallFailed, TimeoutError) as error:
                told[name] = repr(error)
    return told


@pytest.mark.timeout(2 * STORIES_SECONDS)
def test_calls_end_as_they_do_with_asterisk(asterisk_root: Path, tmp_path: Path) -> None:
    options = "moh_passthrough=yes"
    names = ("alice", "bob", "carol")
    with pbx.running(tmp_path, *names, options=options, extensions=EXTENSIONS) as running:
        ours = asyncio.run(outcomes(running.server))
    port = free_port()
    pbx.write(tmp_path, port, *names, options=options, extensions=EXTENSIONS)
    files = {name: (tmp_path / name).read_text() for name in ("pjsip.conf", "extensions.conf", "rtp.conf")}
    with Asterisk(asterisk_root, files):
        theirs = asyncio.run(outcomes((LOOPBACK, port)))
    different = {name: (ours[name], theirs[name]) for name in STORIES if ours[name] != theirs[name]}
    assert not different, "\n".join(f"{name}:\n  ours   {a}\n  theirs {b}" for name, (a, b) in different.items())
