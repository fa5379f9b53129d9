"""A phone that says exactly what a test wants: one UDP socket, one request at a time, nothing remembered."""

import socket
import uuid
from types import TracebackType
from typing import Self

from tests.interop.ports import LOOPBACK


class Phone:
    """A SIP client on a loopback port; a context manager that closes its socket."""

    def __init__(self, server: tuple[str, int], timeout: float = 5) -> None:
        """Talk to `server`; an answer that takes longer than `timeout` seconds raises `TimeoutError`."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.settimeout(timeout)
        self._socket.connect(server)
        self.port = int(self._socket.getsockname()[1])

    def send(self, request: str) -> str:
        """Send a request as it stands, lines ended as SIP wants, and return the final response."""
        self._socket.send("\r\n".join(request.splitlines()).encode() + b"\r\n\r\n")
        while True:
            response = self._socket.recv(65535).decode(errors="replace")
            if response.startswith("SIP/2.0 ") and not response.startswith("SIP/2.0 1"):
                return response

    def register(self, user: str, contact: str, expires: int = 3600, *headers: str) -> str:
        """Register one contact, given as the whole header value, without credentials; return the response."""
        return self.send(
            "\n".join(
                (
                    f"REGISTER sip:{LOOPBACK} SIP/2.0",
                    f"Via: SIP/2.0/UDP {LOOPBACK}:{self.port};rport;branch=z9hG4bK{uuid.uuid4().hex}",
                    "Max-Forwards: 70",
                    f"From: <sip:{user}@{LOOPBACK}>;tag={uuid.uuid4().hex[:8]}",
                    f"To: <sip:{user}@{LOOPBACK}>",
                    f"Call-ID: {uuid.uuid4().hex}",
                    "CSeq: 1 REGISTER",
                    f"Contact: {contact}",
                    f"Expires: {expires}",
                    *headers,
                    "Content-Length: 0",
                )
            )
        )

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
