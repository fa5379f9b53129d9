"""One call of a Kamailio and its answer, over whatever its module jsonrpcs listens on."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import socket
import time
from typing import Any, Final, Protocol

from sorcery.errors import SorceryError, Unavailable
from sorcery_feed.kamailio.address import RpcAddress

__all__ = ["RpcClient", "RpcRefused"]

LARGEST: Final = 1 << 20
"""Bytes of an answer."""


class RpcRefused(SorceryError):
    """A call that Kamailio answers with an error."""

    def __init__(self, method: str, code: int, reason: str) -> None:
        self.method, self.code, self.reason = method, code, reason
        super().__init__(f"{method}: {reason}")


class _Line(Protocol):
    """What carries one question and brings one answer; both raise `OSError`."""

    def ask(self, question: bytes, number: int) -> bytes: ...

    def close(self) -> None: ...


class RpcClient:
    """Calls one Kamailio; for one thread at a time."""

    def __init__(self, address: RpcAddress, patience: float = 3.0) -> None:
        """Take where it listens; each call blocks for `patience` seconds at most."""
        self._name, self._address, self._patience = f"Kamailio at {address}", address, patience
        self._numbers = itertools.count(int.from_bytes(os.urandom(3), "big") + 1)  # no late answer to another's call
        self._line: _Line | None = None

    def call(self, method: str, *parameters: str) -> Any:
        """Return the result of a method; raises `RpcRefused`, and `Unavailable` where it does not answer."""
        number = next(self._numbers)
        body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "id": number}
        if parameters:
            body["params"] = list(parameters)
        answer = self._answer(json.dumps(body).encode(), number)
        if isinstance(error := answer.get("error"), dict):
            raise RpcRefused(method, int(error.get("code", 0)), str(error.get("message", "refused")))
        return answer.get("result")

    def close(self) -> None:
        """Let go of the socket."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _answer(self, question: bytes, number: int) -> dict[str, Any]:
        try:
            if self._line is None:
                self._line = _line_to(self._address, self._patience)
            found = json.loads(self._line.ask(question, number))
        except TimeoutError as error:
            self.close()
            raise Unavailable(self._name, f"it said nothing for {self._patience:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unavailable(self._name, getattr(error, "strerror", None) or str(error)) from error
        except ValueError as error:
            self.close()
            raise Unavailable(self._name, "what it says is no JSON") from error
        if not isinstance(found, dict):
            raise Unavailable(self._name, "what it says is no JSON-RPC")
        return found


def _line_to(address: RpcAddress, patience: float) -> _Line:
    if address.kind == "http":
        return _Http(address, patience)
    if address.kind == "unix":
        return _Datagrams(socket.AF_UNIX, "", address.path, patience)
    family, _, _, _, spot = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)[0]
    return _Datagrams(family, None, spot, patience)


class _Datagrams:
    """A question and an answer are one datagram each."""

    def __init__(self, family: int, own: str | None, there: Any, patience: float) -> None:
        """Connect; `own` is the address that answers come to, where it is not chosen by connecting."""
        self._patience = patience
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if own is not None:
                self._socket.bind(own)  # an empty name lets the kernel choose one that needs no file
            self._socket.connect(there)
        except BaseException:
            self._socket.close()
            raise

    def ask(self, question: bytes, number: int) -> bytes:
        """Send a question, and wait for its answer; one that comes late belongs to an earlier question."""
        deadline = time.monotonic() + self._patience
        self._socket.settimeout(self._patience)
        self._socket.send(question)
        while True:
            answer = self._socket.recv(LARGEST)
            if _number(answer) == number:
                return answer
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class _Http:
    """A question is a POST; errors come with a status of their own, and an answer all the same."""

    def __init__(self, address: RpcAddress, patience: float) -> None:
        self._connection = http.client.HTTPConnection(address.host, address.port, timeout=patience)
        self._path = address.path

    def ask(self, question: bytes, number: int) -> bytes:
        """Send a question, and wait for its answer."""
        self._connection.request("POST", self._path, question, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read(LARGEST)
        if _number(answer) != number:
            raise http.client.HTTPException(f"HTTP status {response.status}, and no answer of JSON-RPC")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _number(answer: bytes) -> object:
    try:
        found = json.loads(answer)
    except ValueError:
        return None
    return found.get("id") if isinstance(found, dict) else None
