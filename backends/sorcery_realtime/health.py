"""Whether one database can be asked now, and by how many at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from sorcery.plain import plain
from sorcery_database import Fault
from sorcery_realtime.breaker import Breaker, Outage
from sorcery_realtime.failures import Lost

__all__ = ["Health"]

log = logging.getLogger("sorcery.realtime")

OF_WRITES: Final = (Fault.READ_ONLY, Fault.FULL)
"""What keeps a database from taking changes while it answers."""


class Health:
    """Counts who uses a database, and turns everybody away while it is known not to serve.

    While it is down a thread of its own probes it, so that no caller ever waits for a trial. That it takes no
    changes alone is found out by a change, now and then one that is let through.
    """

    def __init__(
        self, database: object, name: str, places: int, probe: Callable[[], None], restored: Callable[[], None]
    ) -> None:
        """Take what asks the database a question of its own, raising `Lost`, and what is called once it answers."""
        self._database, self._name, self._places = database, name, places
        self._probe, self._restored = probe, restored
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._waiting = 0
        self._ended = threading.Event()
        self._prober: threading.Thread | None = None
        self.serving, self.writing = Breaker(), Breaker()
        self.used = 0
        """Places that are taken."""

    def enter(self, seconds: float) -> None:
        """Take a place, or wait for one; raises `Lost`, at once where the database is down or goes down meanwhile."""
        with self._lock:
            if self.used >= self._places or self.serving.outage is not None:
                self._wait(seconds)
            self.used += 1

    def _wait(self, seconds: float) -> None:
        self._waiting += 1
        try:
            self._changed.wait_for(lambda: self.serving.outage is not None or self.used < self._places, seconds)
        finally:
            self._waiting -= 1
        if self.serving.outage is not None:
            raise self._lost(self.serving.outage)
        if self.used >= self._places:
            raise Lost(self._database, f"{self._name}: all connections are in use", Fault.EXHAUSTED)

    def leave(self) -> None:
        """Give a place back."""
        with self._lock:
            self.used -= 1
            if self._waiting:
                self._changed.notify()

    def admit_writer(self) -> None:
        """Raise `Lost` where the database is known to take no changes, unless it is time to find out anew."""
        outage = self.writing.outage
        if outage is not None and not self.writing.admits():
            raise self._lost(outage)

    def wrote(self) -> None:
        """Note that a change was stored."""
        if self.writing.outage is not None and self.writing.close():
            log.info("%s takes changes again", self._name)

    def note(self, lost: Lost) -> None:
        """Note why the database does not serve, or takes no changes: nobody waits for it until it does."""
        if lost.fault in OF_WRITES:
            if self.writing.open(lost.reason, lost.fault):
                log.warning("%s; until it takes changes again, they are refused at once", plain(lost.reason))
        elif lost.fault in (Fault.SILENT, Fault.CROWDED):
            self._open(lost)

    def doubt(self) -> None:
        """Probe the database aside, once and then until it answers, where nobody does yet."""
        with self._changed:
            if self._prober is None and not self._ended.is_set():
                self._prober = threading.Thread(target=self._probe_until_it_serves, name="sorcery-probe", daemon=True)
                self._prober.start()

    def is_given_up(self) -> bool:
        """Tell whether the database is known not to answer; asks it, aside, where nobody does yet.

        For who waits for an answer longer than usual: it may be the question, or the database.
        """
        outage = self.serving.outage
        if outage is None:
            self.doubt()
        return outage is not None and outage.fault is Fault.SILENT

    def close(self) -> None:
        """Probe no more."""
        self._ended.set()

    def _open(self, lost: Lost) -> None:
        with self._changed:
            is_news = self.serving.open(lost.reason, lost.fault)
            self._changed.notify_all()
        if is_news:
            log.warning("%s; until it answers, nobody waits for it", plain(lost.reason))
            self.doubt()

    def _probe_until_it_serves(self) -> None:
        while not (self._serves() and self._is_done()):
            while not self.serving.admits():
                if self._ended.wait(self.serving.pause()):
                    return

    def _is_done(self) -> bool:
        """Let the thread end, unless the database was lost again just now."""
        with self._changed:
            if self.serving.outage is not None:
                return False
            self._prober = None
            return True

    def _serves(self) -> bool:
        """Probe once, and note what comes of it."""
        try:
            self._probe()
        except Lost as lost:
            self._open(lost)
            return False
        except Exception as error:  # noqa: BLE001 - a driver's own: it serves nobody, and is probed again
            self._open(Lost(self._database, f"{self._name}: its driver breaks off with {type(error).__name__}"))
            return False
        if self.serving.outage is not None:
            self._restored()
        if over := self.serving.close():
            log.info("%s answers again; it did not since %s", self._name, over)
        return True

    def _lost(self, outage: Outage) -> Lost:
        return Lost(self._database, str(outage), outage.fault)
