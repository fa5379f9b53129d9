"""From an address to a server that speaks as it should, without logging in."""

from __future__ import annotations

import functools
import shlex
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
from sqlalchemy import URL

from sorcery.place import Place
from sorcery.plain import plain
from sorcery.steps import Broken, Step

__all__ = ["steps"]

PORTS: Final = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
NAMES: Final = {"postgresql": "PostgreSQL", "mysql": "MariaDB", "mariadb": "MariaDB"}
UNITS: Final = {"postgresql": "postgresql", "mysql": "mariadb", "mariadb": "mariadb"}
CONNECTING: Final = 3.0
"""Seconds for one attempt to connect."""
GREETING: Final = 5.0
"""Seconds for a server to say what it is."""
SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
"""Asks a PostgreSQL server whether it offers TLS, before anything else is said."""
MYSQL_TLS: Final = 0x0800
DEMANDS: Final = ("require", "verify-ca", "verify-full")


@attrs.frozen
class _Spot:
    """Where a server listens, as its address says it."""

    kind: str
    host: str
    port: int
    socket: Path | None = None

    def __str__(self) -> str:
        return str(self.socket) if self.socket else f"{self.host}:{self.port}"


def steps(url: URL) -> Iterator[Step]:
    """Yield the steps to the server of an address; none where the client chooses among several."""
    spot = _spot(url)
    if spot is None:
        return
    if spot.socket is None:
        yield Step("host", functools.partial(_resolved, spot), key=(spot.host, spot.port))
    yield Step("port", functools.partial(_connected, spot), key=spot)
    yield Step("protocol", functools.partial(_spoken, spot, _sslmode(url)), key=(spot, _sslmode(url)), patience=15)


def _spot(url: URL) -> _Spot | None:
    kind = url.get_backend_name()
    host = _text(url.query.get("host")) or url.host or ""
    port = _text(url.query.get("port")) or str(url.port or PORTS[kind])
    if "," in host or not port.isdigit():
        return None
    if path := _text(url.query.get("unix_socket")):
        return _Spot(kind, "", 0, Path(path))
    if host.startswith("/"):
        return _Spot(kind, "", 0, Path(host) / f".s.PGSQL.{port}")
    if kind == "postgresql" and not host:
        return None  # its client knows where the sockets of this machine are
    return _Spot(kind, host or "localhost", int(port))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _sslmode(url: URL) -> str:
    if url.get_backend_name() == "postgresql":
        return _text(url.query.get("sslmode")) or "prefer"
    return "require" if any(name.startswith("ssl") for name in url.query) else "prefer"


def _resolved(spot: _Spot) -> str:
    try:
        found = socket.getaddrinfo(spot.host, spot.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be a host's name"
        raise Broken(
            f"the name {plain(spot.host)} does not resolve: {reason}",
            "correct the host in the address, enter it in /etc/hosts, or see to the name server in /etc/resolv.conf",
            silent=True,
        ) from error
    return ", ".join(dict.fromkeys(str(each[4][0]) for each in found))


def _connected(spot: _Spot) -> str:
    _open(spot).close()
    return f"{spot} accepts connections"


def _open(spot: _Spot) -> socket.socket:
    """Connect; raises `Broken`."""
    try:
        if spot.socket is None:
            return socket.create_connection((spot.host, spot.port), CONNECTING)
        return _open_file(spot.socket)
    except TimeoutError as error:
        mending = "see that it runs, and that no firewall between drops what is sent to the port"
        raise Broken(f"{spot} does not answer within {CONNECTING:g} s", mending, silent=True) from error
    except OSError as error:
        raise _refused(spot, error) from error


def _open_file(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(CONNECTING)
        made.connect(str(path))
    except BaseException:
        made.close()
        raise
    return made


def _refused(spot: _Spot, error: OSError) -> Broken:
    unit = UNITS[spot.kind]
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        listen = "listen_addresses in postgresql.conf" if spot.kind == "postgresql" else "bind-address in my.cnf"
        where = "see where its socket is" if spot.socket else f"let it listen there ({listen}), or correct the port"
        reason = f"nobody listens on {spot}"
        return Broken(reason, f"start the server (systemctl start {unit}); if it runs, {where}", silent=True)
    if isinstance(error, PermissionError) and spot.socket:
        mending = f"run: setfacl -m u:USER:rw {shlex.quote(str(spot.socket))}"
        return Broken(f"this user may not use {spot}", mending, place=Place(str(spot.socket)))
    return Broken(f"{spot} cannot be reached: {error.strerror or error}", "see to the way there", silent=True)


def _spoken(spot: _Spot, sslmode: str) -> str:
    """Hear what a server says first, or answers to a question about TLS."""
    name = NAMES[spot.kind]
    with _open(spot) as connection:
        connection.settimeout(GREETING)
        try:
            offers_tls = _postgresql(connection) if spot.kind == "postgresql" else _mysql(connection)
        except TimeoutError as error:
            reason = f"{spot} accepts connections, and says nothing within {GREETING:g} s"
            mending = f"see that it is a {name} server, and that this hangs on nothing: restart it if it does"
            raise Broken(reason, mending, silent=True) from error
        except OSError as error:
            mending = f"see the log of the server: it may be starting, or refuse this machine ({error.strerror})"
            raise Broken(f"{spot} hangs up before it says what it is", mending, silent=True) from error
    if not offers_tls and sslmode in DEMANDS and spot.socket is None:
        mending = "let the server offer it (ssl = on in postgresql.conf, ssl_cert in my.cnf), or ask for none"
        raise Broken(f"the address asks for TLS, and {spot} offers none", mending)
    return f"{name}, {'with' if offers_tls else 'without'} TLS on offer"


def _postgresql(connection: socket.socket) -> bool:
    connection.sendall(SSL_REQUEST)
    answer = connection.recv(1)
    if not answer:
        raise ConnectionResetError(0, "connection closed")
    if answer not in (b"S", b"N", b"E"):
        raise _stranger("PostgreSQL", answer)
    return answer == b"S"


def _mysql(connection: socket.socket) -> bool:
    head = connection.recv(5)
    if not head:
        raise ConnectionResetError(0, "connection closed")
    rest = connection.recv(4096)
    if head[4:] == b"\xff":  # an error in the place of a greeting: a host that it does not take, too many clients
        raise Broken(
            f"the server refuses this machine: {plain(rest[2:].decode(errors='replace'))}",
            "let it take connections from here (CREATE USER … @ this host), run mysqladmin flush-hosts, "
            "or raise max_connections",
        )
    if head[4:] != b"\n":
        raise _stranger("MariaDB", head)
    _, _, body = rest.partition(b"\0")  # behind its version: a number, 8 bytes, a zero, what it can do
    return bool(int.from_bytes(body[13:15], "little") & MYSQL_TLS)


def _stranger(name: str, answer: bytes) -> Broken:
    return Broken(
        f"who listens there is no {name} server: it says {plain(answer.decode(errors='replace'))!r}",
        "correct the port, or the kind of database in the address",
    )
