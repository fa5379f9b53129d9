"""The control socket: how another program commands a running process, one JSON document a line.

A request is `{"command": "cache show", "arguments": {"name": "…"}}`, the answer `{"result": …}` or
`{"error": {"kind": "…", "message": "…"}}`. The socket is its owner's alone (mode 0600).
"""

from __future__ import annotations

import contextlib
import inspect
import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from io import BufferedRWPair
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sorcery.errors import CommandRefused, ConfigurationError, SorceryError, Unavailable
from sorcery.place import Place
from sorcery.plain import plain

__all__ = ["Command", "ControlServer", "ask"]

log = logging.getLogger("sorcery.control")

Command = Callable[..., Any]
"""Takes a request's arguments by name and returns what JSON can hold; raises `SorceryError`, or `ValueError`."""

PATIENCE: Final = 10.0
"""Seconds that a connection waits for the rest of a line."""
OWNER_ALONE: Final = 0o600
LONGEST: Final = 65536
"""Bytes of a request."""


class ControlServer:
    """Answer commands on a Unix socket, each connection in a thread of its own; a context manager."""

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        """Listen from now on; raises `ConfigurationError` where no socket can be, or another process listens."""
        self.path = path
        _clear(path)
        try:
            self._server = _Server(path, commands)
        except OSError as error:
            raise ConfigurationError(
                f"no control socket can be made: {error}",
                place=Place(str(path)),
                remedy="name another path, in a directory that this user can write",
            ) from error
        self._identity = _identity(path)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more and remove the socket; a command under way goes on. Closing twice does nothing."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if _identity(self.path) == self._identity:  # not the one of a process that came after
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        self.commands = commands
        super().__init__(str(path), _Connection)

    def server_bind(self) -> None:
        os.fchmod(self.socket.fileno(), OWNER_ALONE)  # on Linux the file is never there with another mode
        super().server_bind()
        Path(str(self.server_address)).chmod(OWNER_ALONE)


class _Connection(socketserver.StreamRequestHandler):
    timeout = PATIENCE
    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # whoever asked has gone
            while line := self.rfile.readline(LONGEST + 1):
                self.wfile.write(_answer(self.server.commands, line) + b"\n")
                if len(line) > LONGEST:
                    return


def _answer(commands: Mapping[str, Command], line: bytes) -> bytes:
    """Carry out one request; whatever goes wrong is the answer."""
    try:
        command, arguments = _parse(commands, line)
        return json.dumps({"result": command(**arguments)}).encode()
    except Unavailable as error:
        trouble = {"kind": "unavailable", "store": error.store, "message": error.reason}
    except (SorceryError, ValueError) as error:
        trouble = {"kind": "refused", "message": str(error)}
    except Exception as error:
        log.exception("a command failed: %s", plain(line.decode(errors="replace").strip()))
        trouble = {"kind": "failed", "message": f"{type(error).__name__}: {error}"}
    return json.dumps({"error": trouble}).encode()


def _parse(commands: Mapping[str, Command], line: bytes) -> tuple[Command, dict[str, Any]]:
    if len(line) > LONGEST:
        raise ValueError(f"a request of more than {LONGEST} bytes is refused")
    match json.loads(line):
        case {"command": str(name), **rest} if isinstance(arguments := rest.get("arguments", {}), dict):
            pass
        case _:
            raise ValueError('a request is written {"command": "…", "arguments": {…}}')
    if name not in commands:
        raise ValueError(f"unknown command {name!r}; use one of: {', '.join(sorted(commands))}")
    try:
        inspect.signature(commands[name]).bind(**arguments)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from error
    return commands[name], arguments


def ask(path: Path, command: str, *, patience: float | None = None, **arguments: Any) -> Any:
    """Send one command to the process that listens on a socket, and return its answer.

    Blocks until it has answered, at most `patience` seconds where that is given. Raises `Unavailable` where nobody
    listens or the answer does not come, and for a store that the process could not reach; `CommandRefused` for what
    it refuses.
    """
    name = f"the control socket {path}"
    try:
        with _connected(path, patience) as stream:
            stream.write(json.dumps({"command": command, "arguments": arguments}).encode() + b"\n")
            stream.flush()
            line = stream.readline()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Unavailable(name, f"{reason}; is the process running, and does this user own it?") from error
    if not line.endswith(b"\n"):
        raise Unavailable(name, "the process ended before it answered")
    match _read(line):
        case {"result": result}:
            return result
        case {"error": {"kind": "unavailable", "store": store, "message": reason}}:
            raise Unavailable(store, reason)
        case {"error": {"message": reason}}:
            raise CommandRefused(reason)
    raise Unavailable(name, "whoever listens there is no process of ours; name the socket of one")


def _read(line: bytes) -> Any:
    """Return what a line says; None where it is no JSON."""
    try:
        return json.loads(line)
    except ValueError:
        return None


@contextlib.contextmanager
def _connected(path: Path, patience: float | None) -> Iterator[BufferedRWPair]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience)
        connection.connect(str(path))
        with connection.makefile("rwb") as stream:
            yield stream


def _clear(path: Path) -> None:
    """Remove the socket of a process that ended without doing so; raises `ConfigurationError` if one listens there."""
    if not path.is_socket():
        return
    try:
        with _connected(path, PATIENCE):
            pass
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    except OSError:
        return  # what it is, making a new one will tell
    else:
        raise ConfigurationError(
            "another process listens on this control socket", place=Place(str(path)), remedy="name another path"
        )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
