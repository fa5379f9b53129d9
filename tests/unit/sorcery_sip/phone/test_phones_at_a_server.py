"""Phones of ours at a server in the same process: registrations, challenges, and sound through its relay."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery_sip.errors import CallFailed
from sorcery_sip.io.media import RtpPort
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.server import Server
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.phone import Phone
from sorcery_sip.session import InviteSession
from tests.interop.ports import LOOPBACK, free_port

USER = """
[{name}]
type=endpoint
context=internal
allow=!all,ulaw,alaw
auth={name}
aors={name}
direct_media={direct}
moh_passthrough=yes
[{name}]
type=auth
auth_type=userpass
username={name}
password=secret
[{name}]
type=aor
max_contacts=1
"""
EXTENSIONS = """
[internal]
exten => _[a-z].,1,Dial(PJSIP/${EXTEN},20)
 same => n,Hangup(${HANGUPCAUSE})
exten => 100,1,Answer()
 same => n,Echo()
"""

Address = tuple[str, int]


def serve(folder: Path, scenario: Callable[[Address], Awaitable[None]], *, direct: str = "no") -> None:
    """Run a server with endpoints for alice and bob."""
    users = "".join(USER.format(name=name, direct=direct) for name in ("alice", "bob"))
    transport = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{free_port()}\n"
    (folder / "pjsip.conf").write_text(transport + users)
    (folder / "extensions.conf").write_text(EXTENSIONS)

    async def bounded() -> None:
        with Sorcery.open(folder) as sorcery:
            server = Server(sorcery)
            (address,) = await server.start()
            try:
                async with asyncio.timeout(90):
                    await scenario((address.host, address.port))
            finally:
                await server.stop()

    asyncio.run(bounded())


@pytest.mark.parametrize("direct", ["no", "yes"])
def test_two_registered_phones_talk(tmp_path: Path, direct: str) -> None:
    async def scenario(server: Address) -> None:
        async with (
            Phone("alice", "secret", server, tone=440) as alice,
            Phone("bob", "secret", server, tone=620, codecs=["alaw"]) as bob,
        ):
            assert [(await phone.register()).status for phone in (alice, bob)] == [200, 200]
            call = await alice.call("bob")
            taken = await bob.next_call()
            await call.hear(620)
            await taken.hear(440)
            await call.press("4")
            assert await taken.digits.get() == "4"
            await call.hold()
            while not taken.is_held:
                await asyncio.sleep(0.01)
            await call.resume()
            await call.hear(620)
            taken.hang_up()
            assert (await call.ended()).by == "remote"

    serve(tmp_path, scenario, direct=direct)


def held() -> tuple[int, int, int]:
    """Return how many tasks, open files and parts of calls there are in this process."""
    parts = (CallSession, Channel, InviteSession, MediaSession, RtpPort)
    return (
        len(asyncio.all_tasks()),
        len([*Path("/dev/fd").iterdir()]),
        sum(type(each) in parts for each in gc.get_objects()),
    )


def grown(before: tuple[int, int, int]) -> list[tuple[int, int]]:
    """Return what there is more of, before and now; what others before this test left may go meanwhile."""
    return [(old, new) for old, new in zip(before, held(), strict=True) if new > old]


@pytest.mark.parametrize("direct", ["no", "yes"])
def test_calls_that_are_over_leave_no_task_no_socket_and_nothing_to_collect(tmp_path: Path, direct: str) -> None:
    async def scenario(server: Address) -> None:
        async def call_and_hang_up() -> None:
            call = await alice.call("bob")
            taken = await bob.next_call()
            taken.hang_up()
            await call.ended()

        async with Phone("alice", "secret", server) as alice, Phone("bob", "secret", server) as bob:
            for phone in (alice, bob):
                await phone.register()
            await call_and_hang_up()  # what is made once for all calls is there from now on
            await asyncio.sleep(0.5)
            gc.collect()
            before = held()
            for _ in range(5):
                await call_and_hang_up()
            for _ in range(2000):
                if not grown(before):
                    break
                await asyncio.sleep(0.01)
            assert not grown(before)

    gc.disable()
    try:
        serve(tmp_path, scenario, direct=direct)
    finally:
        gc.enable()


def test_a_registration_is_renewed_and_ended(tmp_path: Path) -> None:
    async def scenario(server: Address) -> None:
        async with Phone("alice", "secret", server) as alice, Phone("bob", "secret", server) as bob:
            await bob.register()
            assert [len((await alice.register(expires)).contacts) for expires in (60, 60, 0)] == [1, 1, 0]
            with pytest.raises(CallFailed, match="404"):
                await bob.call("alice")

    serve(tmp_path, scenario)


def test_a_wrong_password_registers_and_calls_nobody(tmp_path: Path) -> None:
    async def scenario(server: Address) -> None:
        async with Phone("alice", "wrong", server) as alice:
            assert (await alice.register()).status == 401
            with pytest.raises(CallFailed, match="401"):
                await alice.call("100")

    serve(tmp_path, scenario)
