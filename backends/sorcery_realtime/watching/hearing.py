"""What is heard of a database: the entries of its outbox, or of an SQLite file without one that it changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from sorcery_database import argument
from sorcery_database.outbox import Entry, NoOutbox, Outbox, Position
from sorcery_realtime.databases import Database
from sorcery_realtime.watching.signing import Signature

__all__ = ["BeginAgain", "FileHearing", "Heard", "OutboxHearing", "begin"]

Heard = Sequence[Entry] | None
"""What changed; None for anything."""

BEAT: Final = 1.0
"""Seconds after which an outbox is read though there was no word: a dead connection must be found out."""
POLL: Final = 0.04
"""Seconds from one look at an SQLite file to the next."""
AGAIN: Final = 2.0
"""Seconds after which an outbox is looked for where there was none."""


class BeginAgain(Exception):
    """There is something better to hear now."""


class OutboxHearing:
    """Hears the entries of an outbox, those left out that this process wrote."""

    reason = ""
    """Why it tells less than one may expect."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        """Begin where the outbox ends now; raises what that raises."""
        self._outbox, self._origin = outbox, database.origin
        self._position: Position = outbox.end()

    def hear(self) -> Heard:
        """Wait for a moment and return what came; raises what the outbox raises."""
        self._outbox.wait(BEAT)
        batch = self._outbox.read(self._position)
        self._position = batch.after
        if not batch.is_complete:
            return None
        return [entry for entry in batch.entries if entry.origin != self._origin]

    def trim(self) -> None:
        """Delete what is old; raises what the outbox raises."""
        self._outbox.trim(self._position)


class FileHearing:
    """Hears of an SQLite file that others changed it."""

    def __init__(self, database: Database, outbox: Outbox, stop: threading.Event) -> None:
        self._database, self._outbox, self._stop = database, outbox, stop
        self.reason = f"{database.name} tells that it changed but not what; {_remedy(database)}"
        self._looks = 0
        self._known = database.version_of_others()

    def hear(self) -> Heard:
        """Wait for a moment and look; raises `BeginAgain` where there is an outbox now, `Unavailable`."""
        self._stop.wait(POLL)
        self._looks += 1
        if self._looks * POLL >= AGAIN:
            self._looks = 0
            if self._outbox.is_installed():
                raise BeginAgain
        version = self._database.version_of_others()
        if version == self._known:
            return ()
        self._known = version
        return None

    def trim(self) -> None:
        """Do nothing: there is nothing to delete."""


def begin(database: Database, outbox: Outbox, stop: threading.Event) -> OutboxHearing | FileHearing:
    """Begin to hear a database; from then on nothing is missed.

    Raises `Unavailable`, and `ConfigurationError` where nothing can be heard.
    """
    if outbox.is_installed():
        if database.kind == "sqlite":
            database.signature = Signature(database.origin)
        return OutboxHearing(database, outbox)
    database.signature = None
    if database.kind == "sqlite":
        return FileHearing(database, outbox, stop)
    raise NoOutbox(f"{database.name} tells of no changes", remedy=_remedy(database))


def _remedy(database: Database) -> str:
    return f"run: sorcery db notify on --db {argument(database.url)}"
