"""Kamailio in front of two of our stacks on one PostgreSQL: phones register and call through it, and one stack dies."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import attrs
import pytest

import sorcery_migrations
from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from sorcery_cli import main
from sorcery_sip import client
from sorcery_sip.phone import Phone
from tests.interop.kamailio import Kamailio
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database
from tests.interop.sipp import User, run_register
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

EXAMPLE = Path(__file__).parents[2] / "examples/kamailio-cluster.cfg"
PASSWORD = "a;long^password"
DIALPLAN = "[internal]\nexten => _X.,1,Dial(PJSIP/${EXTEN},20)\n same => n,Hangup(${HANGUPCAUSE})\n"
SECONDS = 60  # within which whatever is waited for happens, on a slow machine too


@attrs.frozen
class Cluster:
    """The phones' way in, the two stacks, and what lies below them."""

    front: Kamailio
    stacks: tuple[SipStack, SipStack]
    database: Database
    rpc: int

    @property
    def server(self) -> tuple[str, int]:
        """Where phones send to."""
        return LOOPBACK, self.front.port

    def contacts(self) -> dict[str, Contact]:
        """Return the contacts by endpoint."""
        with Sorcery.open(self.database.dsn) as s:
            return {contact.endpoint: contact for contact in s.retrieve_all(Contact)}


@pytest.fixture
def cluster(kamailio: None, postgresql: Database, tmp_path: Path) -> Iterator[Cluster]:
    """Run it with the phones 1001, 1002 and 1003, whose passwords are Kamailio's business alone."""
    sorcery_migrations.upgrade(postgresql.url)
    own, rpc, *ports = (free_port() for _ in range(4))
    words = [word for port in ports for word in ("--destination", f"sip:{LOOPBACK}:{port}")]
    assert main(["db", "kamailio", "on", postgresql.dsn, *words]) == 0
    with Sorcery.open(postgresql.dsn) as s:
        for name in ("1001", "1002", "1003"):
            s.create(Auth(id=name, username=name, password=PASSWORD if name != "1003" else "simple"))
            s.create(Aor(id=name, max_contacts=1, remove_existing=True, support_path=True))
            s.create(Endpoint(id=name, aors=[name], context="internal", allow="ulaw", direct_media=False))
    with ExitStack() as running:
        stacks = tuple(running.enter_context(SipStack(laid_out(tmp_path, postgresql, port))) for port in ports)
        front = Kamailio(written(tmp_path, postgresql, own, rpc), own)
        front.check()
        running.enter_context(front)
        assert len(stacks) == 2
        yield Cluster(front, stacks, postgresql, rpc)


def laid_out(folder: Path, database: Database, port: int) -> Path:
    """Lay out a stack that has everything in the database, and listens on a port."""
    etc = folder / f"stack-{port}"
    assert main(["-C", str(etc), "init", "--backend", database.dsn, "--bind", f"{LOOPBACK}:{port}"]) == 0
    (etc / "extensions.conf").write_text(DIALPLAN)
    return etc


def written(folder: Path, database: Database, port: int, rpc: int) -> Path:
    """Write the example with what is ours in the place of what has to be changed in it."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("udp:192.0.2.1:5060", f"udp:{LOOPBACK}:{port}"),
        (
            "postgres://kamailio:secret@192.0.2.5/pbx",
            f"postgres://{database.user}:unused@{LOOPBACK}:{database.port}/{database.name}",
        ),
        ("udp:127.0.0.1:8090", f"udp:127.0.0.1:{rpc}"),
    ):
        assert old in text
        text = text.replace(old, new)
    file = folder / "kamailio.cfg"
    file.write_text(text, encoding="utf-8")
    return file


def test_phones_register_through_it_and_others_do_not(cluster: Cluster, sipp: Path) -> None:
    for username, password, status in (("1001", "another", 401), ("1002", PASSWORD, 403), ("1001", PASSWORD, 200)):
        uri = f"sip:1001@{LOOPBACK}"
        assert client.register(cluster.server, uri, username=username, password=password).status == status
    long = f"sip:1001@{LOOPBACK};x={'x' * 400}"
    answer = client.register(cluster.server, uri, username="1001", password=PASSWORD, contact=long)
    assert answer.status == 513
    assert run_register(sipp, cluster.server, [User("1003", "simple")]).registered == 1
    found = cluster.contacts()
    assert found.keys() == {"1001", "1003"}
    for contact in found.values():
        assert contact.path.startswith(f"<sip:{LOOPBACK}:{cluster.front.port};lr;received=sip:{LOOPBACK}:")
        assert contact.reg_server != "kamailio"


def test_when_a_stack_is_killed_the_next_registration_and_calls_pass(cluster: Cluster) -> None:
    asyncio.run(asyncio.wait_for(outlive(cluster), 2 * SECONDS))


async def outlive(cluster: Cluster) -> None:
    async with (
        Phone("1001", PASSWORD, cluster.server, tone=440) as one,
        Phone("1002", PASSWORD, cluster.server, tone=620) as two,
    ):
        assert (await one.register()).status == 200
        assert (await two.register()).status == 200
        for killed in (None, *cluster.stacks[:1]):
            if killed is not None:
                killed.kill()
                # in turns, so that of two one meets the stack that is gone
                assert [(await one.register()).status for _ in range(2)] == [200, 200]
            for caller, callee, tone in ((one, "1002", 620), (two, "1001", 440), (one, "1002", 620)):
                call = await caller.call(callee)
                taken = await (two if caller is one else one).next_call()
                await call.hear(tone)
                taken.hang_up()
                assert (await call.ended()).by == "remote"
        assert cluster.contacts().keys() == {"1001", "1002"}


def test_its_dispatcher_reads_the_table_again_when_it_is_told(cluster: Cluster) -> None:
    assert main(["db", "kamailio", "on", cluster.database.dsn, "--destination", f"sip:{LOOPBACK}:9"]) == 0
    asked = {"jsonrpc": "2.0", "method": "dispatcher.list", "id": 1}
    assert f"sip:{LOOPBACK}:9" not in rpc(cluster, asked)
    assert asyncio.run(reloaded(cluster))
    assert f"sip:{LOOPBACK}:9" in rpc(cluster, asked)


async def reloaded(cluster: Cluster) -> bool:
    """Have the table read; within five seconds of the last time Kamailio refuses it."""
    for _ in range(SECONDS):
        if "error" not in json.loads(rpc(cluster, {"jsonrpc": "2.0", "method": "dispatcher.reload", "id": 2})):
            return True
        await asyncio.sleep(1)
    return False


def rpc(cluster: Cluster, question: dict[str, object]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(SECONDS)
        connection.sendto(json.dumps(question).encode(), ("127.0.0.1", cluster.rpc))
        return connection.recv(65535).decode()
