"""Listening to one database, in a thread of its own and through a connection of its own."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Final

from sorcery.errors import ConfigurationError, Unavailable
from sorcery.plain import plain
from sorcery_database.outbox import NoOutbox, Outbox
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.watching.hearing import AGAIN, BeginAgain, FileHearing, Heard, OutboxHearing, begin

__all__ = ["Listener"]

log = logging.getLogger("sorcery.realtime")

RETRY: Final = 0.2
LONGEST: Final = 5.0
TRIM: Final = 60.0
"""Seconds from one trimming of the outbox to the next."""

Hearing = OutboxHearing | FileHearing


class Listener:
    """Tells of the changes in one database until it is stopped, over lost connections and restarts too.

    Where word may have been missed it tells of anything.
    """

    def __init__(self, database: Database, tell: Callable[[Database, Heard], None]) -> None:
        """Begin to listen; `tell` is called in a thread of the listener."""
        self.reason = f"{database.name} has not answered yet"
        """Why nothing is heard of single rows now; empty where all is well."""
        self._database, self._tell = database, tell
        self._outbox = Outbox(database.aside())
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._has_tried = threading.Event()
        self._is_awaited = True
        self._said = ""
        self._trim_at = time.monotonic() + TRIM * random.random()  # not all processes at once
        self._may_trim = True
        self._thread = threading.Thread(target=self._run, name="sorcery-realtime-watch", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until the listener hears, or knows that it cannot; what changes after this call is told of."""
        if not self._has_tried.wait(seconds):
            with self._lock:
                self._is_awaited = False

    def stop(self) -> None:
        """Listen no more; does not wait for that."""
        self._stop.set()
        self._outbox.wake()

    def join(self) -> None:
        """Wait until nothing more is told, unless called by the listener itself."""
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # In the thread

    def _run(self) -> None:
        pause = RETRY
        try:
            while not self._stop.is_set():
                hearing = self._begin()
                if hearing is not None:
                    self._follow(hearing)
                    pause = RETRY
                else:
                    self._stop.wait(pause * (1 + random.random()))
                    pause = min(2 * pause, AGAIN)
        finally:
            self.reason = f"{self._database.name} is not listened to any more"
            self._outbox.close()

    def _begin(self) -> Hearing | None:
        """Begin to hear, or say why that cannot be."""
        try:
            hearing = begin(self._database, self._outbox, self._stop)
        except (ConfigurationError, Unavailable, Lost) as error:
            self._say(str(error))
            self._note_trial()
            return None
        self._say(hearing.reason)
        if not self._note_trial():
            self._tell(self._database, None)  # since the caller's last look, or ours
        return hearing

    def _note_trial(self) -> bool:
        """Take down that there was a trial; tell whether it is the one that somebody waits for."""
        with self._lock:
            was_awaited, self._is_awaited = self._is_awaited, False
            self._has_tried.set()
            return was_awaited

    def _follow(self, hearing: Hearing) -> None:
        """Hear until told to stop, or until what is heard is there no more."""
        pause = RETRY
        while not self._stop.is_set():
            try:
                heard = hearing.hear()
                self._trim(hearing)
            except (NoOutbox, BeginAgain):
                return
            except (ConfigurationError, Unavailable, Lost) as error:
                self._say(str(error))
                self._stop.wait(pause * (1 + random.random()))  # not all processes at once
                pause = min(2 * pause, LONGEST)
                continue
            pause = RETRY
            self._say(hearing.reason)
            if (heard is None or heard) and not self._stop.is_set():
                self._tell(self._database, heard)

    def _trim(self, hearing: Hearing) -> None:
        if self._may_trim and time.monotonic() >= self._trim_at:
            self._trim_at = time.monotonic() + TRIM
            try:
                hearing.trim()
            except ConfigurationError as error:
                self._may_trim = False
                log.info("others have to delete old notices: %s", plain(str(error)))

    def _say(self, reason: str) -> None:
        """Log what is wrong once, and that it is over."""
        self.reason = reason
        if reason and reason != self._said:
            log.warning("changes of others go unnoticed: %s", plain(reason))
        elif self._said and not reason:
            log.warning("changes of others are noticed in %s", plain(self._database.name))
        self._said = reason
