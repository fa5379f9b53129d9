"""A connection to a manager interface that is logged in, and takes one action after another."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Final, Self

from sorcery.errors import SorceryError, Unavailable
from sorcery_ami.address import AmiAddress

__all__ = ["ActionRefused", "AmiClient", "Message"]

Message = dict[str, str]
"""The headers of one message by name; one that comes several times holds its values on lines of one text."""

GREETING: Final = "Asterisk Call Manager/"
LONGEST: Final = 1 << 20
"""Bytes of a line; whoever sends more is no Asterisk."""


class ActionRefused(SorceryError):
    """An action that the server does not carry out: a wrong password, no right to it, no such thing."""

    def __init__(self, action: str, reason: str) -> None:
        self.action, self.reason = action, reason
        super().__init__(f"{action}: {reason}")


class AmiClient:
    """Log in with `connect`, then send actions; a context manager that logs off. For one thread at a time."""

    def __init__(self, connection: socket.socket, name: str, patience: float) -> None:
        connection.settimeout(patience)
        self._connection, self._name, self._patience = connection, name, patience
        self._lines: deque[bytes] = deque()
        self._rest = b""
        """What came of the line that is not whole yet."""
        self._numbers = itertools.count(1)
        self.version = ""
        """What the server says of its interface, e.g. `11.0.0`."""

    @classmethod
    def connect(cls, address: AmiAddress, *, patience: float = 5.0) -> Self:
        """Connect and hear the greeting, without logging in. Blocks for `patience` seconds at most.

        Raises `Unavailable` where nobody answers, or somebody else than an Asterisk.
        """
        name = f"Asterisk at {address.spot}"
        try:
            connection = socket.create_connection((address.host, address.port), patience)
            if address.tls:
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=address.host)
        except OSError as error:
            raise Unavailable(name, error.strerror or str(error)) from error
        client = cls(connection, name, patience)
        try:
            client._greet()
        except BaseException:
            client.close()
            raise
        return client

    def login(self, user: str, secret: str) -> None:
        """Log in, without the server's events; raises `ActionRefused` for a wrong user or secret, `Unavailable`."""
        self.action("Login", Username=user, Secret=secret, Events="off")

    def action(self, name: str, **headers: str) -> list[Message]:
        """Carry out one action and return its response, followed by its events where it gives a list.

        Blocks as long as something comes, `patience` seconds each time. Raises `ActionRefused`,
        `Unavailable`, and `ValueError` for a header that holds a line break.
        """
        number = str(next(self._numbers))
        lines = {"Action": name, "ActionID": number, **headers}
        if any("\r" in value or "\n" in value for value in lines.values()):
            raise ValueError("a header must not hold a line break")
        self._send("".join(f"{key}: {value}\r\n" for key, value in lines.items()) + "\r\n")
        answers = self._answers(number)
        first = next(answers)
        if first.get("Response") == "Error":
            raise ActionRefused(name, first.get("Output") or first.get("Message", "refused"))
        found = [first]
        while first.get("EventList", "").lower() == "start" and found[-1].get("EventList") != "Complete":
            found.append(next(answers))
        return found

    def command(self, text: str) -> Sequence[str]:
        """Run a command of the console and return the lines that it prints; raises as `action`."""
        return self.action("Command", Command=text)[0].get("Output", "").split("\n")

    def close(self) -> None:
        """Hang up; the server logs off who does."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _greet(self) -> None:
        greeting = self._line()
        if not greeting.startswith(GREETING):
            raise Unavailable(self._name, "who listens there is no manager interface of Asterisk")
        self.version = greeting.removeprefix(GREETING)

    def _send(self, text: str) -> None:
        try:
            self._connection.sendall(text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise Unavailable(self._name, error.strerror or str(error)) from error

    def _answers(self, number: str) -> Iterator[Message]:
        """Yield the messages with that number; the others are the server's own events."""
        message: Message = {}
        while True:
            line = self._line()
            name, colon, value = line.partition(":")
            if colon:
                value = value.removeprefix(" ")
                message[name] = f"{message[name]}\n{value}" if name in message else value
            elif not line:
                if message.get("ActionID") == number:
                    yield message
                message = {}

    def _line(self) -> str:
        """Return the next line; raises `Unavailable` where nothing comes in time."""
        while not self._lines:
            *lines, self._rest = (self._rest + self._received()).split(b"\n")
            self._lines.extend(lines)
            if len(self._rest) > LONGEST:
                raise Unavailable(self._name, "it sends lines without end")
        return self._lines.popleft().rstrip(b"\r").decode("utf-8", "surrogateescape")

    def _received(self) -> bytes:
        try:
            found = self._connection.recv(65536)
        except TimeoutError as error:
            raise Unavailable(self._name, f"it said nothing for {self._patience:g} s") from error
        except OSError as error:
            raise Unavailable(self._name, error.strerror or str(error)) from error
        if not found:
            raise Unavailable(self._name, "it hung up before it answered")
        return found
