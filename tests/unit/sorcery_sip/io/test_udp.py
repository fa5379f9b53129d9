import asyncio
import errno
import socket
import sys
from collections.abc import Awaitable, Callable

import pytest

from sorcery_sip.address import Address
from sorcery_sip.events import Event, RequestReceived, TransactionTimedOut, TransportFailed
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.message import Headers, Request, SipUri, Via, reply, write
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.timers import Timers

FIELDS = [("From", "<sip:a@h>;tag=1"), ("To", "<sip:b@h>"), ("Call-ID", "x"), ("CSeq", "1 OPTIONS")]


def options(branch: str, port: int = 5060) -> Request:
    return Request("OPTIONS", SipUri("h"), Headers(FIELDS)).with_via(Via.create("127.0.0.1", port, branch))


class Phone(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.inbox: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.inbox.put_nowait((data, addr))


class Setting:
    """A shell around a stack, and a phone beside it."""

    def __init__(self) -> None:
        self.stack, self.events = Stack(Timers(t1=0.1, timer_b=6.4)), list[Event]()
        self.shell = UdpShell(self.stack, self.on_event)
        self.phone = Phone()

    def on_event(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, RequestReceived) and event.transaction is not None:
            self.stack.respond(event.transaction, reply(event.request, 200), self.shell.now)

    async def next(self) -> tuple[bytes, tuple[str, int]]:
        return await asyncio.wait_for(self.phone.inbox.get(), 60)


def scene(play: Callable[[Setting, asyncio.DatagramTransport], Awaitable[None]]) -> None:
    async def run() -> None:
        setting = Setting()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: setting.phone, local_addr=("127.0.0.1", 0))
        try:
            await play(setting, transport)
        finally:
            transport.close()
            setting.shell.close()

    asyncio.run(run())


def test_a_response_leaves_by_the_socket_its_request_came_in_on() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        for name in ("lan", "wan"):
            bound = await setting.shell.open(name, "127.0.0.1", 0)
            phone.sendto(write(options(name)), bound[:2])
            data, sender = await setting.next()
            assert data.startswith(b"SIP/2.0 200 OK\r\n")
            assert (sender, bound.transport) == (bound[:2], name)

    scene(play)


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells what waits in a socket")
def test_a_socket_that_fills_is_behind_until_it_was_read() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        bound = await setting.shell.open("lan", "127.0.0.1", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as many:
            assert not setting.shell.is_behind
            many.sendto(b"\r\n", bound[:2])
            assert not setting.shell.is_behind
            for _ in range(5000):  # nobody reads meanwhile: the loop has no turn
                many.sendto(bytes(1000), bound[:2])
            assert setting.shell.is_behind
        async with asyncio.timeout(60):
            while setting.shell.is_behind:
                await asyncio.sleep(0)

    scene(play)


def test_the_alarm_repeats_what_is_not_answered() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        await setting.shell.open("lan", "127.0.0.1", 0)
        host, port = phone.get_extra_info("sockname")
        setting.stack.request(options("b"), Address(host, port, "lan"), setting.shell.now)
        setting.shell.flush()
        first, second = await setting.next(), await setting.next()
        assert first == second

    scene(play)


def test_an_earlier_deadline_moves_the_alarm() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        bound = await setting.shell.open("lan", "127.0.0.1", 0)
        phone.sendto(write(options("served")), bound[:2])  # arms timer J, 32 seconds away
        await setting.next()
        host, port = phone.get_extra_info("sockname")
        setting.stack.request(options("ours"), Address(host, port, "lan"), setting.shell.now)
        setting.shell.flush()
        begin = setting.shell.now
        await setting.next()
        await setting.next()
        assert setting.shell.now - begin < 20

    scene(play)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_deadline_that_has_passed_is_kept_at_once(loop: str) -> None:
    class Late:
        """Has one deadline, long ago."""

        handled = 0

        def next_deadline(self) -> float | None:
            return None if self.handled else 0.0

        def handle_deadline(self, now: float) -> None:
            self.handled += 1

    async def play() -> None:
        shell = UdpShell(Stack(), lambda event: None)
        shell.sessions = late = Late()
        shell.flush()
        shell.flush()  # asks when the alarm rings
        await asyncio.sleep(0.05)
        assert late.handled == 1
        shell.close()

    if loop == "asyncio":
        asyncio.run(play())
    else:
        pytest.importorskip("uvloop").run(play())


def test_a_transport_that_is_not_open_fails_the_transaction_at_once() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        transaction = setting.stack.request(options("b"), Address("127.0.0.1", 9, "nowhere"), setting.shell.now)
        setting.shell.flush()
        assert setting.events == [TransportFailed(transaction)]

    scene(play)


def test_a_request_whose_handling_fails_is_500_and_the_next_one_is_served(caplog: pytest.LogCaptureFixture) -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        served, errors = setting.on_event, [RuntimeError("broken module")]

        def fail_once(event: Event) -> None:
            if errors:
                raise errors.pop()
            served(event)

        setting.shell = UdpShell(setting.stack, fail_once)
        bound = await setting.shell.open("lan", "127.0.0.1", 0)
        phone.sendto(write(options("b1")), bound[:2])
        refused, _ = await setting.next()
        assert refused.startswith(b"SIP/2.0 500 ")
        assert len(setting.stack) == 0
        phone.sendto(write(options("b2")), bound[:2])
        data, _ = await setting.next()
        assert data.startswith(b"SIP/2.0 200 ")
        assert b"z9hG4bKb2" in data

    scene(play)
    (record,) = caplog.records
    assert record.getMessage().startswith("RequestReceived was not handled")
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "broken module"


def test_a_name_can_be_opened_once_and_a_taken_port_is_an_os_error() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        bound = await setting.shell.open("lan", "127.0.0.1", 0)
        with pytest.raises(ValueError, match="open already"):
            await setting.shell.open("lan", "127.0.0.1", 0)
        with pytest.raises(OSError, match="in use"):
            await setting.shell.open("wan", "127.0.0.1", bound.port)

    scene(play)


def test_close_frees_the_port_and_silences_the_alarm() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        bound = await setting.shell.open("lan", "127.0.0.1", 0)
        setting.stack.request(options("b"), Address(bound.host, bound.port, "lan"), setting.shell.now)
        setting.shell.flush()
        setting.shell.close()
        await asyncio.sleep(0)  # the loop closes sockets in its next round
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind((bound.host, bound.port))
        assert not any(isinstance(event, TransactionTimedOut) for event in setting.events)

    scene(play)


def test_a_reopened_name_moves_to_its_new_address_and_frees_the_old_one() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        old = await setting.shell.open("lan", "127.0.0.1", 0)
        new = await setting.shell.reopen("lan", "127.0.0.1", 0)
        phone.sendto(write(options("moved")), new[:2])
        _, sender = await setting.next()
        assert sender == new[:2]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(old[:2])

    scene(play)


def test_a_name_that_cannot_be_reopened_keeps_its_socket() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        old = await setting.shell.open("lan", "127.0.0.1", 0)
        with pytest.raises(OSError):
            await setting.shell.reopen("lan", *phone.get_extra_info("sockname"))
        phone.sendto(write(options("kept")), old[:2])
        _, sender = await setting.next()
        assert sender == old[:2]

    scene(play)


def test_all_addresses_of_both_families_share_a_port() -> None:
    async def play(setting: Setting, phone: asyncio.DatagramTransport) -> None:
        four = await setting.shell.open("four", "0.0.0.0", 0)
        try:
            six = await setting.shell.open("six", "::", four.port)
        except OSError as error:
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            pytest.skip(f"this machine has no IPv6: {error}")
        assert six == Address("::", four.port, "six")

    scene(play)
