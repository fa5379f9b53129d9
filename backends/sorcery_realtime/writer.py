"""Changes as one transaction per database, all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Connection

from sorcery.errors import AlreadyExists, PartialWrite, SorceryError, Unavailable
from sorcery.wizard import Change
from sorcery_database import Fault
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.sending import Refused, Sender, Step
from sorcery_realtime.source import Source
from sorcery_realtime.store import RealtimeStore

__all__ = ["RealtimePrepared", "prepare", "refusal"]


def prepare(changes: Sequence[Change]) -> RealtimePrepared:
    """Carry the changes out in transactions that stay open.

    Where a database is silent nothing has been written yet: the changes start again with the next priority of its
    stores. Raises `AlreadyExists`, `Conflict`, `StoreRefused`, `Unavailable`.
    """
    silent: dict[object, Lost] = {}
    while True:
        steps = [Step(change, _source(change, silent)) for change in changes]
        prepared = RealtimePrepared()
        try:
            prepared.carry_out(steps)
        except Lost as lost:
            prepared.rollback()
            silent[lost.database] = lost
        except BaseException:
            prepared.rollback()
            raise
        else:
            return prepared


def _source(change: Change, silent: Mapping[object, Lost]) -> Source:
    store = cast("RealtimeStore", change.store)
    for source in store.sources:
        if source.database not in silent:
            return source
    reasons = [silent[source.database] for source in store.sources]
    raise Unavailable(store.label, "; ".join(lost.reason for lost in reasons)) from reasons[0]


class RealtimePrepared:
    """Open transactions that hold the changes."""

    def __init__(self) -> None:
        self.missed: list[Change] = []
        self._open: dict[Database, Connection] = {}
        self._labels: dict[Database, dict[str, None]] = {}
        """The stores in each database."""

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Send the changes; raises `Lost` where a database is silent, and what `prepare` raises."""
        for step in steps:
            self._labels.setdefault(step.source.database, {})[step.change.store.label] = None
        for database in sorted(self._labels, key=lambda each: each.name):  # in one order: nobody waits in a circle
            self._open[database] = database.begin()
        try:
            self.missed += [step.change for step in Sender(self._open).send(steps)]
        except Refused as refused:
            self.rollback()
            raise refusal(refused) from refused

    def commit(self) -> None:
        """Commit database by database.

        Raises `Unavailable`, or `PartialWrite` if one is lost after another has committed.
        """
        outcomes: dict[str, str] = {}
        while self._open:
            database = next(iter(self._open))
            try:
                database.end(self._open.pop(database), "COMMIT")
            except Lost as lost:
                not_reached = [label for each in self._open for label in self._labels[each]]
                self.rollback()
                if not outcomes:
                    raise Unavailable(", ".join(self._all_labels), lost.reason) from lost
                outcomes.update(dict.fromkeys(self._labels[database], lost.reason))
                raise PartialWrite(outcomes | dict.fromkeys(not_reached, "not stored")) from lost
            outcomes.update(dict.fromkeys(self._labels[database], "stored"))

    @property
    def _all_labels(self) -> list[str]:
        return [label for labels in self._labels.values() for label in labels]

    def rollback(self) -> None:
        """Forget the changes; a database that is lost has forgotten by itself."""
        while self._open:
            database, connection = self._open.popitem()
            with contextlib.suppress(Lost):
                database.end(connection, "ROLLBACK")


def refusal(refused: Refused) -> SorceryError:
    """Say what a refusal means, outside the transaction; a unique key may be another than the id's."""
    step, rejected, obj = refused.step, refused.rejected, refused.step.change.obj
    step.source.forget()  # the table may not be what it was
    if rejected.fault is Fault.TAKEN and step.source.place(obj.id) is not None:
        return AlreadyExists(obj.__sorcery__.name, obj.id, step.change.store.label)
    return step.refused(rejected.reason, "run: sorcery db adopt" if rejected.fault is Fault.NO_COLUMN else "")
