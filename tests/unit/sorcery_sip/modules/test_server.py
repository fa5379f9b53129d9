"""The server over loopback: overload, the end, answers that cannot be written."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import Report, Sorcery, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.pjsip import Acl, Aor, Contact, Endpoint, Global, System, Transport
from sorcery_sip import Address
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.message import Request, Response, parse_datagram, reply, write
from sorcery_sip.modules import calling
from sorcery_sip.modules import server as module
from sorcery_sip.modules.distributor import Distributor
from sorcery_sip.modules.server import Server, log_report
from sorcery_sip.session import State
from tests.interop.ports import free_port
from tests.unit.sorcery_sip.modules.call_bench import session_of

REGISTER = (
    "REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bK{0};rport\r\n"
    "From: <sip:alice@pbx>;tag=1\r\nTo: <sip:alice@pbx>\r\nCall-ID: {0}\r\nCSeq: 1 REGISTER\r\n"
    "Contact: <sip:alice@127.0.0.1:1>\r\n\r\n"
)


@pytest.fixture
def phone() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        yield made


@pytest.fixture
def pbx(sorcery: Sorcery, phone: socket.socket) -> Sorcery:
    """A system with a transport on a port that is not the phone's, which has its own already."""
    bind = f"127.0.0.1:{free_port()}"
    sorcery.create(Transport.from_objectset("udp", [("protocol", "udp"), ("bind", bind)]))
    sorcery.create(Endpoint(id="alice", aors=["alice"]))
    sorcery.create(Aor(id="alice", max_contacts=1))
    return sorcery


def scene(sorcery: Sorcery, phone: socket.socket, play: Callable[[Server, Any], Awaitable[None]]) -> None:
    """Run a server; `play` gets it and a function that sends a REGISTER, and returns its answer if it waits."""

    async def run() -> None:
        server = Server(sorcery)
        try:
            (address,) = await server.start()

            async def register(call_id: str, *, waits: bool = True) -> Response | None:
                phone.sendto(REGISTER.format(call_id).encode(), address[:2])
                return await answer() if waits else None

            async def answer() -> Response:
                data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(phone, 65535), 60)
                response = parse_datagram(data)
                assert isinstance(response, Response)
                return response

            register.address = address  # type: ignore[attr-defined]
            register.answer = answer  # type: ignore[attr-defined]
            await play(server, register)
        finally:
            await server.stop()

    asyncio.run(run())


def test_it_answers_and_stores(pbx: Sorcery, phone: socket.socket) -> None:
    async def play(server: Server, register: Any) -> None:
        assert (await register("one")).status == 200
        assert len(pbx.retrieve_all(Contact)) == 1

    scene(pbx, phone, play)


class SlowStore:
    """Holds back every write from `entered` until `go`."""

    def __init__(self, sorcery: Sorcery) -> None:
        self._store = sorcery._store
        self.entered, self.go = threading.Event(), threading.Event()

    def __call__(self, steps: Any) -> None:
        self.entered.set()
        assert self.go.wait(60)
        self._store(steps)


@pytest.fixture
def slow(pbx: Sorcery, monkeypatch: pytest.MonkeyPatch) -> SlowStore:
    made = SlowStore(pbx)
    monkeypatch.setattr(pbx, "_store", made)
    return made


def test_a_stop_answers_what_is_in_progress_and_refuses_what_is_new(
    pbx: Sorcery, phone: socket.socket, slow: SlowStore
) -> None:
    async def play(server: Server, register: Any) -> None:
        await register("underway", waits=False)
        assert await asyncio.to_thread(slow.entered.wait, 10)
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)  # its first step, in which it begins to refuse
        refused = await register("late")
        assert (refused.status, refused.call_id, refused.headers.get("Retry-After")) == (503, "late", "5")
        slow.go.set()
        finished = await register.answer()
        assert (finished.status, finished.call_id) == (200, "underway")
        await stopping

    scene(pbx, phone, play)


def test_a_stop_gives_up_on_a_store_that_hangs(
    pbx: Sorcery,
    phone: socket.socket,
    slow: SlowStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)

    async def play(server: Server, register: Any) -> None:
        await register("underway", waits=False)
        assert await asyncio.to_thread(slow.entered.wait, 10)
        await server.stop()
        assert "1 requests were not answered" in caplog.text
        monkeypatch.setattr(module, "PATIENCE", 60.0)
        slow.go.set()

    scene(pbx, phone, play)


def test_overload_drops_what_is_new_and_a_repeat_is_tried_again(
    pbx: Sorcery, phone: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, asked = True, asyncio.Event()

    def is_overloaded(distributor: Distributor) -> bool:
        asked.set()
        return full

    monkeypatch.setattr(Distributor, "is_overloaded", property(is_overloaded))

    async def play(server: Server, register: Any) -> None:
        nonlocal full
        await register("one", waits=False)
        await asyncio.wait_for(asked.wait(), 60)
        assert (server._distributor.pending, len(server._stack)) == (0, 0)
        full = False
        assert (await register("one")).status == 200

    scene(pbx, phone, play)


def test_sockets_that_fill_drop_new_calls_and_nothing_else(
    pbx: Sorcery, phone: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, asked = True, asyncio.Event()

    def is_behind(shell: UdpShell) -> bool:
        asked.set()
        return full

    monkeypatch.setattr(UdpShell, "is_behind", property(is_behind))
    invite = REGISTER.format("call").replace("REGISTER", "INVITE").encode()

    async def play(server: Server, register: Any) -> None:
        nonlocal full
        phone.sendto(invite, register.address[:2])
        await asyncio.wait_for(asked.wait(), 60)
        assert (server._distributor.pending, len(server._stack)) == (0, 0)
        assert (await register("one")).status == 200
        full = False
        phone.sendto(invite, register.address[:2])
        assert (await register.answer()).cseq.method == "INVITE"

    scene(pbx, phone, play)


def test_overload_drops_nothing_where_the_trigger_is_none(
    pbx: Sorcery, phone: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Distributor, "is_overloaded", True)
    pbx.create(Global(id="global", taskprocessor_overload_trigger="none"))

    async def play(server: Server, register: Any) -> None:
        assert server._application.settings.current.taskprocessor_overload_trigger == "none"
        assert (await register("one")).status == 200

    scene(pbx, phone, play)


def test_an_answer_that_cannot_be_written_becomes_a_500(
    pbx: Sorcery, phone: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    pbx.create(Contact(id="alice;@1", uri="sip:a@h\r\nX-Forged: yes", expiration_time=4_000_000_000))
    pbx.update(Aor(id="alice", max_contacts=2))

    async def play(server: Server, register: Any) -> None:
        response = await register("one")
        assert response.status == 500
        assert "X-Forged" not in response.headers

    scene(pbx, phone, play)
    assert "cannot be written" in caplog.text


def test_contacts_that_cannot_be_removed_are_told_and_phones_served_on(
    pbx: Sorcery, phone: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = threading.Event()

    def down(*_: object, **fields: object) -> None:
        asked.set()
        raise Unavailable("astdb", "database is locked")

    monkeypatch.setattr(pbx, "retrieve_by_fields", down)

    async def play(server: Server, register: Any) -> None:
        assert await asyncio.to_thread(asked.wait, 10)
        assert (await register("one")).status == 200

    scene(pbx, phone, play)
    assert "not every contact that died with the last run could be removed: astdb" in caplog.text


def test_timers_come_from_the_system_section_in_milliseconds(sorcery: Sorcery) -> None:
    assert module._timers(sorcery).timeout == 32.0
    sorcery.create(System.from_objectset("system", [("timer_t1", "1000"), ("timer_b", "96000")]))
    timers = module._timers(sorcery)
    assert (timers.t1, timers.timeout) == (1.0, 96.0)


def test_a_report_is_logged_with_its_findings_and_the_ids_that_changed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    finding = Finding(severity=Severity.ERROR, rule="unknown-option", message="what is this")
    known = Finding(severity=Severity.NOTE, rule="compat-option-case", message="has\ncapitals")
    many = tuple(f"u{number:02}" for number in range(12))
    log_report(Report(created={"endpoint": many}, kept={"auth": ("alice",)}, findings=(finding, known)))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "error [unknown-option] what is this"),
        ("INFO", "note [compat-option-case] has\\ncapitals"),
        ("INFO", "created endpoint: u00, u01, u02, u03, u04, u05, u06, u07, u08, u09 and 2 more"),
        ("INFO", "kept auth: alice"),
    ]


SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"


class Caller:
    """A phone that calls an extension, by hand."""

    def __init__(self, phone: socket.socket, server: Address) -> None:
        self._phone, self._server = phone, server
        self.to = "<sip:100@pbx>"

    def send(self, method: str, cseq: int = 1, body: str = "") -> None:
        text = (
            f"{method} sip:100@pbx SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bK{method}{cseq};rport\r\n"
            f"From: <sip:alice@pbx>;tag=1\r\nTo: {self.to}\r\nCall-ID: call\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:alice@127.0.0.1:{self._phone.getsockname()[1]}>\r\n"
            f"Content-Type: application/sdp\r\n\r\n{body}"
        )
        self._phone.sendto(text.encode(), self._server[:2])

    async def receive(self) -> Request | Response:
        data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._phone, 65535), 60)
        return parse_datagram(data)

    async def statuses(self, *expected: int) -> str:
        """Expect responses, and return To of the last."""
        to = ""
        for status in expected:
            response = await self.receive()
            assert isinstance(response, Response)
            assert response.status == status
            to = str(response.to)
        return to

    async def call(self) -> None:
        """Call, be answered, and acknowledge."""
        self.send("INVITE", body=SDP)
        self.to = await self.statuses(100, 200)
        self.send("ACK")


@pytest.fixture
def dialplan(tmp_path: Path, pbx: Sorcery, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Extension 100 answers and waits; the endpoint of alice may call it."""
    path = tmp_path / "extensions.conf"
    path.write_text("[default]\nexten => 100,1,Answer()\n same => n,Wait(60)\n")
    monkeypatch.setattr(calling, "_file", lambda directory, name: path if name == path.name else None)
    pbx.update(Endpoint.from_objectset("alice", [("aors", "alice"), ("allow", "ulaw"), ("direct_media", "no")]))
    return path


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it does not come about")


def test_a_call_is_answered_and_ended(pbx: Sorcery, phone: socket.socket, dialplan: Path) -> None:
    async def play(server: Server, register: Any) -> None:
        caller = Caller(phone, register.address)
        await caller.call()
        assert len(server._calls) == 1
        caller.send("BYE", 2)
        await caller.statuses(200)
        await until(lambda: not len(server._calls) and not len(server._calling.channels))

    scene(pbx, phone, play)


def test_the_gates_apply_to_requests_of_calls(pbx: Sorcery, phone: socket.socket, dialplan: Path) -> None:
    async def play(server: Server, register: Any) -> None:
        caller = Caller(phone, register.address)
        await caller.call()
        (channel,) = server._calling.channels
        await until(lambda: session_of(channel).invite.state is State.CONFIRMED)
        refusing = Acl.from_objectset("a", [("deny", "0.0.0.0/0")])
        pbx.create(refusing)
        caller.send("BYE", 2)
        await caller.statuses(403)
        assert len(server._calls) == 1
        pbx.delete(refusing)
        caller.send("BYE", 3)
        await caller.statuses(200)

    scene(pbx, phone, play)


def test_a_stop_says_bye(pbx: Sorcery, phone: socket.socket, dialplan: Path) -> None:
    async def play(server: Server, register: Any) -> None:
        caller = Caller(phone, register.address)
        await caller.call()
        await until(lambda: any(channel.is_up for channel in server._calling.channels))
        stopping = asyncio.create_task(server.stop())
        bye = await caller.receive()
        assert isinstance(bye, Request)
        assert bye.method == "BYE"
        assert not stopping.done()
        phone.sendto(write(reply(bye, 200)), register.address[:2])
        await stopping
        assert len(server._calls) == 0

    scene(pbx, phone, play)


def test_a_stop_refuses_calls_that_ring_with_503(pbx: Sorcery, phone: socket.socket, dialplan: Path) -> None:
    dialplan.write_text("[default]\nexten => 100,1,Wait(60)\n")

    async def play(server: Server, register: Any) -> None:
        caller = Caller(phone, register.address)
        caller.send("INVITE", body=SDP)
        await caller.statuses(100)
        stopping = asyncio.create_task(server.stop())
        await caller.statuses(503)
        await stopping

    scene(pbx, phone, play)


def test_a_reload_takes_up_the_dialplan(pbx: Sorcery, phone: socket.socket, dialplan: Path) -> None:
    async def play(server: Server, register: Any) -> None:
        dialplan.write_text("[default]\nexten => 101,1,Answer()\n")
        await server.reloaded()
        Caller(phone, register.address).send("INVITE", body=SDP)
        await Caller(phone, register.address).statuses(404)

    scene(pbx, phone, play)


def test_a_bye_of_a_call_that_is_gone_is_481(pbx: Sorcery, phone: socket.socket, dialplan: Path) -> None:
    async def play(server: Server, register: Any) -> None:
        caller = Caller(phone, register.address)
        caller.to += ";tag=gone"
        caller.send("BYE")
        await caller.statuses(481)

    scene(pbx, phone, play)
