"""A phone on one connection: SIP over TLS, or over a secure WebSocket as a browser speaks it."""

import base64
import os
import secrets
import socket
import ssl
import struct
from types import TracebackType
from typing import Self

from sorcery_sip.client import answered
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.parser import parse_datagram
from sorcery_sip.message.uri import SipUri
from sorcery_sip.message.via import Via
from sorcery_sip.message.writer import write
from tests.interop.ports import LOOPBACK

SECONDS = 30
TEXT, CLOSED = 0x1, 0x8


class Connected:
    """A client on a TLS connection to a port of loopback, whose certificate nobody looks at; a context manager."""

    transport = "TLS"

    def __init__(self, port: int) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._socket = context.wrap_socket(socket.create_connection((LOOPBACK, port), SECONDS))
        self._read = b""

    def register(self, user: str, password: str) -> Response:
        """Register this connection, and return the final response."""
        parameter = self.transport.lower()
        request = Request(
            "REGISTER",
            SipUri(LOOPBACK),
            Headers(
                [
                    ("Max-Forwards", "70"),
                    ("From", f"<sip:{user}@{LOOPBACK}>;tag={secrets.token_hex(8)}"),
                    ("To", f"<sip:{user}@{LOOPBACK}>"),
                    ("Call-ID", secrets.token_hex(16)),
                    ("CSeq", "1 REGISTER"),
                    ("Contact", f"<sip:{user}@192.168.7.7:5999;transport={parameter}>"),
                    ("Expires", "300"),
                ]
            ),
        )
        while True:
            via = Via.create("192.168.7.7", 5999, secrets.token_hex(8), transport=self.transport)
            self._send(request.with_via(via))
            response = self.receive()
            assert isinstance(response, Response)
            again = answered(request, response, user, password, secrets.token_hex(8))
            if again is None:
                return response
            request = again

    def receive(self) -> Request | Response:
        """Return the next message that is no provisional response and no OPTIONS; waits up to ten seconds."""
        while True:
            message = parse_datagram(self._next())
            if isinstance(message, Response) and message.is_final:
                return message
            if isinstance(message, Request) and message.method != "OPTIONS":
                return message

    def _send(self, request: Request) -> None:
        self._socket.sendall(self._framed(write(request)))

    def _framed(self, data: bytes) -> bytes:
        return data

    def _next(self) -> bytes:
        """Return the next message of the stream, whose length it tells itself."""
        while b"\r\n\r\n" not in self._read.lstrip(b"\r\n"):
            self._fill()
        head, _, rest = self._read.lstrip(b"\r\n").partition(b"\r\n\r\n")
        lengths = [
            line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        length = int(lengths[0]) if lengths else 0
        while len(rest) < length:
            before = len(self._read)
            self._fill()
            rest += self._read[before:]
        self._read = rest[length:]
        return head + b"\r\n\r\n" + rest[:length]

    def _fill(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server has closed the connection")
        self._read += data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()


class Browser(Connected):
    """The same over a secure WebSocket (RFC 6455, RFC 7118): a message a frame."""

    transport = "WS"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._socket.sendall(
            (
                f"GET /ws HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: sip\r\n\r\n"
            ).encode()
        )
        while b"\r\n\r\n" not in self._read:
            self._fill()
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        if b" 101 " not in head.splitlines()[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def _framed(self, data: bytes) -> bytes:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        return struct.pack(">BBH", 0x80 | TEXT, 0x80 | 126, len(data)) + mask + masked

    def _next(self) -> bytes:
        """Return the next frame; those of the server are not masked."""
        kind, length = self._take(2)
        if length >= 126:
            length = int.from_bytes(self._take(2 if length == 126 else 8))
        data = self._take(length)
        if kind & 0xF == CLOSED:
            raise ConnectionError("the server has closed the WebSocket")
        return data

    def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            self._fill()
        taken, self._read = self._read[:count], self._read[count:]
        return taken
