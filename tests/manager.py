"""A manager interface of Asterisk as simple as can be, for tests without one."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping

import attrs

Answer = Callable[[Mapping[str, str]], str]


@attrs.define
class Manager:
    """Listens on loopback, greets, and answers each action."""

    port: int
    heard: list[dict[str, str]] = attrs.field(factory=list)
    greeting: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    answer: Answer | None = lambda action: "Response: Success\r\n"
    """None for saying nothing."""


def _read(stream: object) -> dict[str, str] | None:
    lines = iter(stream.readline, b"")  # type: ignore[attr-defined]
    action: dict[str, str] = {}
    for line in lines:
        if line == b"\r\n":
            return action
        name, _, value = line.decode(errors="replace").rstrip("\r\n").partition(": ")
        action[name] = value
    return None


def _serve(manager: Manager, listening: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it listens no more, or whoever came has gone
        while True:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(manager.greeting)
                stream.flush()
                while (action := _read(stream)) is not None:
                    manager.heard.append(action)
                    if manager.answer is not None:
                        text = manager.answer(action).replace("{id}", action.get("ActionID", ""))
                        stream.write(text.encode())
                        stream.flush()


@contextlib.contextmanager
def running_manager() -> Iterator[Manager]:
    """Run one that answers everything with success."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Manager(listening.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(made, listening), daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(60)
