"""An outbox, a neighbour and a place for positions, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from sorcery.errors import Unavailable
from sorcery_database.outbox import Batch, Entry, Position
from sorcery_feed import Command


def entry(id: str, *, table: str = "ps_endpoints", op: str = "update", at: float = 1000.0) -> Entry:
    return Entry(table, id, op, "", at)  # type: ignore[arg-type]


class FakeChanges:
    """An outbox whose positions are the numbers of its entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.trimmed = 0
        """Entries before this one are gone."""
        self.failure: Exception | None = None
        self.waits: list[float] = []
        self.trims: list[str] = []
        self.is_closed = False
        self._news = threading.Event()

    def add(self, *entries: Entry) -> None:
        self.entries += entries
        self._news.set()

    def end(self) -> Position:
        self._fail()
        return Position(str(len(self.entries)))

    def read(self, after: Position, most: int = 1000) -> Batch:
        self._fail()
        start = int(after.text)
        if start < self.trimmed:
            return Batch((), self.end(), is_complete=False)
        found = tuple(self.entries[start : start + most])
        return Batch(found, Position(str(start + len(found))), is_complete=True)

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self._fail()
        found = self._news.wait(min(seconds, 0.05))
        self._news.clear()
        return found

    def trim(self, before: Position) -> int:
        self.trims.append(before.text)
        return 0

    def wake(self) -> None:
        self._news.set()

    def close(self) -> None:
        self.is_closed = True

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class FakeTarget:
    """A neighbour that is told to forget each object, and to reload for those of `ps_globals`."""

    name = "fake://neighbour"

    def __init__(self) -> None:
        self.told: list[str] = []
        self.answers: list[Exception | None] = []
        """What becomes of the next commands; success after these."""
        self.is_down = False
        self.connections = 0
        self.pings = 0
        self.is_closed = False

    def connect(self) -> None:
        if self.is_down:
            raise Unavailable(self.name, "nobody there")
        self.connections += 1

    def commands(self, entry: Entry) -> Iterator[Command]:
        yield Command("expire", entry.table, entry.id)
        if entry.table == "ps_globals":
            yield Command("reload", "res_pjsip.so", pause=5.0)

    def everything(self) -> Iterable[Command]:
        return [Command("expire", "all")]

    def carry_out(self, command: Command) -> None:
        if self.is_down:
            raise Unavailable(self.name, "gone")
        self.told.append(str(command))
        failure = self.answers.pop(0) if self.answers else None
        if failure is not None:
            raise failure

    def ping(self) -> None:
        if self.is_down:
            raise Unavailable(self.name, "gone")
        self.pings += 1

    def close(self) -> None:
        self.is_closed = True


class FakePositions:
    """Keeps one position."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.failure: OSError | None = None

    def get(self) -> Position | None:
        return Position(self.kept[-1]) if self.kept else None

    def keep(self, position: Position) -> None:
        if self.failure is not None:
            raise self.failure
        self.kept.append(position.text)
