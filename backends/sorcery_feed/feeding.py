"""One neighbour, told of what changes in one database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from sorcery.errors import ConfigurationError, Unavailable
from sorcery.plain import plain
from sorcery_feed.agenda import Agenda, Item
from sorcery_feed.errors import TellingRefused
from sorcery_feed.figures import Figures
from sorcery_feed.targets import Target

if TYPE_CHECKING:
    from sorcery_database.outbox import Batch, Position

__all__ = ["Changes", "Feeding", "Positions"]

log = logging.getLogger("sorcery.feed")

ROOM: Final = 500
"""Commands that may wait, and entries of one reading."""
POLL: Final = 5.0
"""Seconds to wait for word of changes."""
SOONEST: Final = 0.25
"""Seconds before the second attempt to reach who does not answer; then twice as many each time, …"""
LATEST: Final = 30.0
"""… up to these."""
ATTEMPTS: Final = 5
"""How often a command is refused before it is given up."""
RENEWAL: Final = 60.0
"""Seconds after which a position is kept although nothing had to be told, and from one trimming to the next."""
QUIET: Final = 15.0
"""Seconds after which a neighbour that had nothing to be told is asked whether it is still there."""
NO_CHANGES: Final = (Unavailable, ConfigurationError)
"""What the outbox of a database raises: somebody may remove it while we run, and put it back."""


class Changes(Protocol):
    """The outbox of a database, for one thread."""

    def end(self) -> Position:
        """Return where the newest entry ends; raises `Unavailable`, and `ConfigurationError` where there is none."""
        ...

    def read(self, after: Position, most: int = ...) -> Batch:
        """Return what follows a position; raises as `end`."""
        ...

    def wait(self, seconds: float) -> object:
        """Return when something may be new, or the time is over; raises as `end`."""
        ...

    def trim(self, before: Position) -> int:
        """Delete old entries before a position; raises as `end`, also where this user may not."""
        ...

    def wake(self) -> None:
        """Let `wait` return; any thread may call it."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class Positions(Protocol):
    """Where it is kept up to where the neighbour was told."""

    def get(self) -> Position | None:
        """Return the kept position, None where there is none."""
        ...

    def keep(self, position: Position) -> None:
        """Keep a position; returns when it is safe."""
        ...


class Feeding:
    """Reads changes, tells the neighbour, and keeps the position behind what it answered. For one thread."""

    def __init__(
        self,
        changes: Changes,
        target: Target,
        positions: Positions,
        figures: Figures,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._changes, self._target, self._positions, self._figures = changes, target, positions, figures
        self._clock = clock
        self._agenda = Agenda()
        self._read: Position | None = None
        """Up to where changes were read."""
        self._kept: Position | None = None
        """The position that was kept last."""
        self._kept_at = clock()
        self._trim_at = clock() + RENEWAL
        self._is_news = False
        """Whether something was read since a position was kept."""
        self._is_connected = False
        self._heard_at = clock()
        """When the neighbour last answered."""
        self._silent: set[str] = set()
        """Of whom it was told that they do not answer."""
        self._pause = SOONEST

    def run(self, stop: threading.Event) -> None:
        """Feed until told to stop; then the command under way is the last. Blocks, and waits for whoever is silent."""
        try:
            while not stop.is_set():
                stop.wait(self.turn(stop))
        finally:
            self._target.close()
            self._changes.close()

    def wake(self) -> None:
        """Let it look whether it is to end; any thread may call it."""
        self._changes.wake()

    def turn(self, stop: threading.Event) -> float:
        """Do what can be done now; return the seconds after which to go on. Blocks on the database and the target."""
        try:
            self._connect()
            count = self._take()
            self._tell(stop)
            self._ping()
        except Unavailable as error:
            self._hang_up(error)
            return self._patience()
        self._figures.stand(up=True, since=self._agenda.since)
        if count is None:
            return self._patience()
        self._keep()
        self._trim()
        self._pause = SOONEST
        if self._is_full:  # word of more is no reason to go on sooner
            return self._rest()
        if count == 0 and not stop.is_set():
            self._wait()
        return 0.0

    @property
    def _is_full(self) -> bool:
        return len(self._agenda) >= ROOM

    def _rest(self) -> float:
        """Return the seconds until something has to be told, or looked for."""
        due = self._agenda.next_moment()
        return POLL if due is None else min(POLL, max(0.0, due - self._clock()))

    def _connect(self) -> None:
        if not self._is_connected:
            self._target.connect()
            self._is_connected, self._heard_at = True, self._clock()
            self._heard(self._target.name)

    def _hang_up(self, error: Unavailable) -> None:
        self._target.close()
        self._is_connected = False
        self._told_silent(self._target.name, error)
        since = self._agenda.since
        self._figures.stand(up=False, since=self._next_change() if since is None else since)

    def _take(self) -> int | None:
        """Read what is new, as far as there is room; return how many entries, None where the database is silent."""
        if self._is_full:
            return 0
        try:
            position = self._read or self._start()
            batch = self._changes.read(position, ROOM)
        except NO_CHANGES as error:
            self._told_silent(self._figures.source, error)
            return None
        self._heard(self._figures.source)
        if not batch.is_complete:
            log.warning("%s: changes are missing in the outbox, so it is told to read all anew", self._target.name)
            self._anew(position)
        for entry in batch.entries:
            for command in self._target.commands(entry):
                self._agenda.add(command, entry.at, position)
        self._read = batch.after
        self._is_news |= bool(batch.entries)
        return len(batch.entries)

    def _start(self) -> Position:
        """Return the kept position; without one the end, and what was before nobody knows."""
        position = self._kept = self._positions.get()
        if position is None:
            position = self._changes.end()
            log.info("%s: fed for the first time, so it is told to read all anew", self._target.name)
            self._anew(None)
        self._read = position
        return position

    def _anew(self, behind: Position | None) -> None:
        self._figures.count("gaps")
        self._is_news = True
        for command in self._target.everything():
            self._agenda.add(command, time.time(), behind)

    def _tell(self, stop: threading.Event) -> None:
        """Tell what is due, in order, until somebody wants it to stop; raises `Unavailable`."""
        for item in self._agenda.due(self._clock()):
            if stop.is_set():
                return
            try:
                self._target.carry_out(item.command)
            except TellingRefused as error:
                self._refused(item, error)
            except Unavailable:
                self._figures.count("retried")
                raise
            else:
                self._figures.done(item.moments)
                self._heard_at = self._clock()
                self._agenda.end(item, self._heard_at)

    def _ping(self) -> None:
        """Ask a neighbour that had nothing to be told for long whether it is there; raises `Unavailable`."""
        if self._clock() - self._heard_at >= QUIET:
            self._target.ping()
            self._heard_at = self._clock()

    def _refused(self, item: Item, error: TellingRefused) -> None:
        item.refusals += 1
        if item.refusals >= ATTEMPTS:
            log.error("%s; given up after %d attempts", plain(str(error)), item.refusals)
            self._figures.count("refused")
            self._agenda.end(item, self._clock())
            return
        self._figures.count("retried")
        item.not_before = self._clock() + max(item.command.pause, SOONEST * 2**item.refusals)

    def _keep(self) -> None:
        """Keep the position up to which nothing waits: something may always wait."""
        waits = len(self._agenda) > 0
        told = self._agenda.told if waits else self._read
        is_due = self._is_news or self._clock() - self._kept_at >= RENEWAL
        if told is None or not is_due or (waits and told == self._kept):
            return
        try:
            self._positions.keep(told)
        except OSError as error:
            self._told_silent("the file of positions", error)
        else:
            self._heard("the file of positions")
            self._kept, self._is_news = told, waits
        self._kept_at = self._clock()

    def _trim(self) -> None:
        """Let go of what everybody was told of long ago; else nobody would where nobody else follows."""
        if self._read is None or self._clock() < self._trim_at:
            return
        self._trim_at = self._clock() + RENEWAL
        try:
            self._changes.trim(self._read)
        except NO_CHANGES as error:
            self._told_silent("the outbox, which wants to be trimmed", error)

    def _wait(self) -> None:
        if (seconds := self._rest()) > 0:
            try:
                self._changes.wait(seconds)
            except NO_CHANGES as error:
                self._told_silent(self._figures.source, error)

    def _next_change(self) -> float | None:
        """Return when the first change was made that was not read; None where there is none, or nobody can tell."""
        try:
            position = self._read or self._positions.get()
            entries = () if position is None else self._changes.read(position, 1).entries
        except NO_CHANGES as error:
            self._told_silent(self._figures.source, error)
            return None
        return entries[0].at if entries else None

    def _told_silent(self, name: str, error: Exception) -> None:
        """Tell once that somebody does not answer."""
        if name not in self._silent:
            self._silent.add(name)
            log.warning("%s: %s; trying again", self._target.name, plain(str(error)))

    def _heard(self, name: str) -> None:
        """Tell that somebody who was silent answers again."""
        if name in self._silent:
            self._silent.remove(name)
            log.warning("%s: %s answers again", self._target.name, name)

    def _patience(self) -> float:
        """Return the seconds until the next attempt: each time twice as many."""
        pause, self._pause = self._pause, min(2 * self._pause, LATEST)
        return pause
