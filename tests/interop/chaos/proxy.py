"""The network between a program and its database, which can be cut: a TCP proxy in a thread."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from types import TracebackType
from typing import Self

from tests.interop.ports import LOOPBACK


class Proxy:
    """Passes bytes on to a port of this host; a context manager. Listens on `port`.

    `refuse` cuts all connections and takes no new ones, as where a host is gone and says so; `swallow` keeps them and
    passes nothing on, as where packets are dropped; `restore` ends both. What was swallowed does not come later.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = self._listen(0)
        self.port: int = self._listening.getsockname()[1]
        self._peers: dict[socket.socket, socket.socket | None] = {}
        self._swallows = self._ended = False
        self._lock = threading.Lock()
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._listening, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _listen(self, port: int) -> socket.socket:
        return socket.create_server((LOOPBACK, port), backlog=256)

    def refuse(self) -> None:
        """Cut everything and refuse what is new."""
        with self._lock:
            self._ready.unregister(self._listening)
            self._listening.close()
            for each in list(self._peers):
                self._drop(each)

    def swallow(self) -> None:
        """Pass nothing on any more."""
        with self._lock:
            self._swallows = True

    def restore(self) -> None:
        """Pass on again; connections that were silent meanwhile are cut, since bytes of theirs are missing."""
        with self._lock:
            if self._swallows:
                self._swallows = False
                for each in list(self._peers):
                    self._drop(each)
            if self._listening.fileno() < 0:
                self._listening = self._listen(self.port)
                self._ready.register(self._listening, selectors.EVENT_READ)

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._ready.select(0.05):
                with self._lock:
                    connection = key.fileobj
                    assert isinstance(connection, socket.socket)
                    if connection is self._listening:
                        self._accept()
                    elif connection in self._peers:
                        self._pass_on(connection)

    def _accept(self) -> None:
        near, _ = self._listening.accept()
        if self._swallows:
            self._peers[near] = None
            self._ready.register(near, selectors.EVENT_READ)
            return
        try:
            far = socket.create_connection((LOOPBACK, self._target), timeout=2)
        except OSError:  # the database is down: that is told as it would tell it
            near.close()
            return
        far.settimeout(None)
        for one, other in ((near, far), (far, near)):
            self._peers[one] = other
            self._ready.register(one, selectors.EVENT_READ)

    def _pass_on(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(65536)
            peer = self._peers[connection]
            if data and self._swallows:
                return
            if not data or peer is None:
                self._drop(connection)
            else:
                peer.sendall(data)
        except OSError:
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        for each in (connection, self._peers.get(connection)):
            if each is not None and each in self._peers:
                del self._peers[each]
                self._ready.unregister(each)
                with contextlib.suppress(OSError):
                    each.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._thread.join()
        with self._lock:
            for each in list(self._peers):
                self._drop(each)
            self._listening.close()
            self._ready.close()
