"""The way to a server: names, ports, and who speaks there."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sorcery.doctor.chains import Chain, Link
from sorcery_realtime.links import network

Look = Callable[..., Chain]

MYSQL = b"\n" + b"11.4.2-MariaDB\0" + b"\1\0\0\0" + b"12345678" + b"\0" + b"\0\0"
GREETING = len(MYSQL).to_bytes(3, "little") + b"\0" + MYSQL
REFUSAL = b"\xff" + (1130).to_bytes(2, "little") + b"Host is not allowed"


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """Listen, and say that to everybody who comes; None for nothing, empty to hang up."""
    held: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):  # it listens no more
            while True:
                connection, _ = listening.accept()
                held.append(connection)
                if answer is not None:
                    with contextlib.suppress(OSError):  # whoever came has gone
                        connection.sendall(answer)
                        connection.shutdown(socket.SHUT_WR)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in held:
                connection.close()


def broken(look: Look, url: str) -> Link:
    found = look(url).first_broken
    assert found is not None
    return found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "GREETING", 0.2)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_name_that_does_not_resolve(look: Look, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = broken(look, f"{kind}://ann:secret@db.example.com/x")
    assert (found.name, found.silent) == ("host", True)
    assert found.text == "the name db.example.com does not resolve: Name or service not known"
    assert "/etc/hosts" in found.mending


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_port_where_nobody_listens(look: Look, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    found = broken(look, f"{kind}://ann:secret@127.0.0.1:{port}/x")
    assert (found.name, found.text, found.silent) == ("port", f"nobody listens on 127.0.0.1:{port}", True)
    assert "systemctl start" in found.mending


def test_a_socket_that_is_not_there(look: Look, tmp_path: object) -> None:
    found = broken(look, f"postgresql://ann@/x?host={tmp_path}")
    assert (found.name, found.text) == ("port", f"nobody listens on {tmp_path}/.s.PGSQL.5432")
    found = broken(look, f"mysql://ann@localhost/x?unix_socket={tmp_path}/my.sock")
    assert (found.name, found.text) == ("port", f"nobody listens on {tmp_path}/my.sock")


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
@pytest.mark.usefixtures("impatient")
def test_a_server_that_accepts_and_says_nothing(look: Look, kind: str) -> None:
    with server(None) as port:
        found = broken(look, f"{kind}://ann:secret@127.0.0.1:{port}/x")
    assert (found.name, found.silent) == ("protocol", True)
    assert "says nothing within 0.2 s" in found.text


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_that_hangs_up(look: Look, kind: str) -> None:
    with server(b"") as port:
        found = broken(look, f"{kind}://ann:secret@127.0.0.1:{port}/x")
    assert (found.name, found.silent, "hangs up" in found.text) == ("protocol", True, True)


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_server_of_another_kind(look: Look, kind: str) -> None:
    with server(b"HTTP/1.1 400 Bad Request\r\n") as port:
        found = broken(look, f"{kind}://ann:secret@127.0.0.1:{port}/x")
    assert (found.name, found.mending) == ("protocol", "correct the port, or the kind of database in the address")


def test_a_mariadb_that_refuses_this_machine(look: Look) -> None:
    packet = len(REFUSAL).to_bytes(3, "little") + b"\0" + REFUSAL
    with server(packet) as port:
        found = broken(look, f"mysql://ann:secret@127.0.0.1:{port}/x")
    assert (found.name, "Host is not allowed" in found.text) == ("protocol", True)


def test_tls_that_is_asked_for_and_not_offered(look: Look) -> None:
    with server(b"N") as port:
        found = broken(look, f"postgresql://ann:secret@127.0.0.1:{port}/x?sslmode=verify-full")
    assert (found.name, "asks for TLS" in found.text) == ("protocol", True)
    with server(GREETING) as port:
        found = broken(look, f"mysql://ann:secret@127.0.0.1:{port}/x?ssl_ca=ca.pem")
    assert (found.name, "asks for TLS" in found.text) == ("protocol", True)


@pytest.mark.usefixtures("impatient")
def test_no_password_is_told_anywhere(look: Look) -> None:
    with server(None) as port:
        chain = look(f"postgresql://ann:geheim@127.0.0.1:{port}/x")
    assert "geheim" not in f"{chain}{chain.data()}"
