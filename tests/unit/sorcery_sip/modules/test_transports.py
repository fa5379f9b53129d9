"""Which sockets are opened, and what a reload does to them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Transport
from sorcery_sip import Address, Stack
from sorcery_sip.errors import NoTransport
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.modules.transports import Transports
from tests.interop.ports import free_port

Body = Callable[[Transports], Any]


def udp(id: str, port: int, **options: str) -> Transport:
    return Transport.from_objectset(id, [("protocol", "udp"), ("bind", f"127.0.0.1:{port}"), *options.items()])


def run(sorcery: Sorcery, body: Body) -> None:
    """Run a coroutine over the transports of a sorcery and close their sockets."""

    async def session() -> None:
        shell = UdpShell(Stack(), lambda event: None)
        try:
            await body(Transports(sorcery, shell))
        finally:
            shell.close()
            await asyncio.sleep(0)

    asyncio.run(session())


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_every_udp_section_is_opened_under_its_name(sorcery: Sorcery, caplog: pytest.LogCaptureFixture) -> None:
    one, two = free_port(), free_port()
    sorcery.create(udp("one", one))
    sorcery.create(udp("two", two))
    sorcery.create(Transport.from_objectset("other", [("protocol", "tcp"), ("bind", f"127.0.0.1:{one}")]))

    async def body(transports: Transports) -> None:
        addresses = await transports.start(transports.wanted())
        assert [(address.transport, address.port) for address in addresses] == [("one", one), ("two", two)]

    run(sorcery, body)
    assert "transport 'other': protocol=tcp is not supported yet" in caplog.text


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        ("127.0.0.1", ("127.0.0.1", 5060)),
        ("0.0.0.0:5070", ("0.0.0.0", 5070)),
        ("[2001:db8::1]:5070", ("2001:db8::1", 5070)),
    ],
)
def test_a_bind_without_port_means_5060(
    sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch, bind: str, address: tuple[str, int]
) -> None:
    async def opened(shell: UdpShell, name: str, host: str, port: int) -> Address:
        return Address(host, port, name)

    monkeypatch.setattr(UdpShell, "open", opened)
    sorcery.create(Transport.from_objectset("udp", [("protocol", "udp"), ("bind", bind)]))

    async def body(transports: Transports) -> None:
        assert await transports.start(transports.wanted()) == [Address(*address, "udp")]

    run(sorcery, body)


def test_nothing_to_listen_on_says_what_to_write(sorcery: Sorcery) -> None:
    async def body(transports: Transports) -> None:
        with pytest.raises(NoTransport, match=r"type=transport, protocol=udp and bind="):
            await transports.start(transports.wanted())

    run(sorcery, body)


def test_of_two_sections_with_one_address_the_second_names_the_first(sorcery: Sorcery) -> None:
    port = free_port()
    sorcery.create(udp("first", port))
    sorcery.create(udp("second", port))

    async def body(transports: Transports) -> None:
        with pytest.raises(NoTransport, match=r"transport 'second': .*in use by transport 'first'"):
            await transports.start(transports.wanted())

    run(sorcery, body)


def test_an_address_in_use_is_named_with_its_section(sorcery: Sorcery) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        sorcery.create(udp("main", port))

        async def body(transports: Transports) -> None:
            with pytest.raises(NoTransport, match=rf"transport 'main': cannot listen on 127.0.0.1:{port}: .*in use"):
                await transports.start(transports.wanted())

        run(sorcery, body)


def test_a_changed_bind_is_followed_only_with_allow_reload(sorcery: Sorcery, caplog: pytest.LogCaptureFixture) -> None:
    old, new = free_port(), free_port()
    sorcery.create(udp("main", old))

    async def body(transports: Transports) -> None:
        await transports.start(transports.wanted())
        sorcery.update(udp("main", new))
        await transports.follow(transports.wanted())
        assert (is_free(old), is_free(new)) == (False, True)
        assert "allow_reload is no" in caplog.text
        sorcery.update(udp("main", new, allow_reload="yes"))
        await transports.follow(transports.wanted())
        await asyncio.sleep(0)
        assert (is_free(old), is_free(new)) == (True, False)

    run(sorcery, body)


def test_a_new_section_is_opened_and_a_vanished_one_kept(sorcery: Sorcery, caplog: pytest.LogCaptureFixture) -> None:
    old, new = free_port(), free_port()
    sorcery.create(udp("main", old))

    async def body(transports: Transports) -> None:
        await transports.start(transports.wanted())
        sorcery.create(udp("second", new))
        sorcery.delete(udp("main", old))
        await transports.follow(transports.wanted())
        assert (is_free(old), is_free(new)) == (False, False)

    run(sorcery, body)
    assert "transport 'main' is configured no more; its socket stays open" in caplog.text


def test_an_address_that_cannot_be_had_leaves_the_old_socket(
    sorcery: Sorcery, caplog: pytest.LogCaptureFixture
) -> None:
    old = free_port()
    sorcery.create(udp("main", old))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]

        async def body(transports: Transports) -> None:
            await transports.start(transports.wanted())
            sorcery.update(udp("main", taken, allow_reload="yes"))
            await transports.follow(transports.wanted())
            assert not is_free(old)

        run(sorcery, body)
    assert f"cannot listen on 127.0.0.1:{taken}" in caplog.text


def test_all_but_the_socket_of_a_section_follows_a_reload(sorcery: Sorcery) -> None:
    old, new = free_port(), free_port()
    sorcery.create(udp("main", old))

    async def body(transports: Transports) -> None:
        await transports.start(transports.wanted())
        before = transports.listening
        assert (before["main"].address, before["main"].settings.external_signaling_address) == (
            Address("127.0.0.1", old, "main"),
            "",
        )
        sorcery.update(udp("main", new, external_signaling_address="203.0.113.1"))
        await transports.follow(transports.wanted())
        assert transports.listening is not before
        assert transports.listening["main"].address.port == old
        assert transports.listening["main"].settings.external_signaling_address == "203.0.113.1"

    run(sorcery, body)
