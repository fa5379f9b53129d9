"""A JSON-RPC interface of Kamailio as simple as can be, for tests without one."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import attrs

Answer = Callable[[str, list[str]], Any]
"""Takes a method and its parameters; returns the result, or raises `Refusal`; None says nothing at all."""


class Refusal(Exception):
    """An error of JSON-RPC."""


@attrs.define
class Peer:
    """Listens, and answers each call."""

    address: str
    answer: Answer | None = lambda method, parameters: "ok"
    heard: list[tuple[str, list[str]]] = attrs.field(factory=list)
    late: bytes = b""
    """Comes before the next answer."""

    def reply(self, question: bytes) -> bytes | None:
        found = json.loads(question)
        method, parameters = found["method"], found.get("params", [])
        self.heard.append((method, parameters))
        if self.answer is None:
            return None
        try:
            body = {"result": self.answer(method, parameters)}
        except Refusal as error:
            body = {"error": {"code": 500, "message": str(error)}}
        return json.dumps({"jsonrpc": "2.0", "id": found["id"], **body}).encode()


@contextlib.contextmanager
def running_datagrams(path: Path | None = None) -> Iterator[Peer]:
    """Run one on a UDP port of loopback, or on a socket's file."""
    family = socket.AF_INET if path is None else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0) if path is None else str(path))
        spot = listening.getsockname()
        peer = Peer(f"kamailio-rpc://127.0.0.1:{spot[1]}" if path is None else f"kamailio-rpc+unix://{path}")
        thread = threading.Thread(target=_serve, args=(peer, listening), daemon=True)
        thread.start()
        yield peer
        with socket.socket(family, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", spot)
        thread.join(30)


def _serve(peer: Peer, listening: socket.socket) -> None:
    while question := (received := listening.recvfrom(65536))[0]:
        answer = peer.reply(question)
        if peer.late:
            listening.sendto(peer.late, received[1])
        if answer is not None:
            listening.sendto(answer, received[1])


@contextlib.contextmanager
def running_http() -> Iterator[Peer]:
    """Run one on an HTTP port of loopback: an error comes with the status 500, as Kamailio's does."""
    peer = Peer("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = peer.reply(self.rfile.read(int(self.headers["Content-Length"]))) or b"no"
            self.send_response(200 if b"result" in answer else 500)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        peer.address = f"kamailio-rpc+http://127.0.0.1:{server.server_address[1]}/RPC"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield peer
        server.shutdown()
        thread.join(30)
