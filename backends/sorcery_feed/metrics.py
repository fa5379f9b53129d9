"""Showing figures: to whoever asks by HTTP, or in a file that a collector reads."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

__all__ = ["serving", "write_figures"]

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE: Final = 10.0
"""Seconds after which somebody who connects and asks nothing is sent away."""


@contextmanager
def serving(host: str, port: int, text: Callable[[], str]) -> Iterator[int]:
    """Answer `GET /metrics` with what `text` returns, in threads of its own, and yield the port.

    Port 0 lets the system choose one. Raises `OSError` where it cannot listen.
    """
    server = (_Server6 if ":" in host else _Server)((host, port), _handler(text))
    thread = threading.Thread(target=server.serve_forever, name="feed-metrics", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a collector that hangs up before it has all."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Server6(_Server):
    address_family = socket.AF_INET6


def _handler(text: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404, "ask for /metrics")
                return
            body = text().encode()
            self.send_response(200)
            self.send_header("Content-Type", TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Log no request: a collector asks for ever."""

    return Handler


def write_figures(path: Path, text: str) -> None:
    """Put figures into a file that everybody may read, as a whole; raises `OSError`."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
