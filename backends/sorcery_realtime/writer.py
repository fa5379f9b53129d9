"""Changes as one transaction per database, all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from sqlalchemy import Connection

from sorcery.errors import AlreadyExists, PartialWrite, SorceryError, Unavailable
from sorcery.wizard import Change
from sorcery_database import Fault
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.groups import LARGEST, Groups, LostAtCommit
from sorcery_realtime.rerun import Rerun
from sorcery_realtime.sending import Refused, Sender, Step
from sorcery_realtime.source import Source
from sorcery_realtime.store import RealtimeStore

__all__ = ["RealtimePrepared", "carry_out", "prepare"]


def prepare(changes: Sequence[Change]) -> RealtimePrepared:
    """Carry the changes out in transactions that stay open.

    Where a database is silent nothing has been written yet: the changes start again with the next priority of its
    stores. What was undone for the sake of a rival starts again too, a few times. Raises `AlreadyExists`,
    `Conflict`, `StoreRefused`, `Unavailable`.
    """
    silent: dict[object, Lost] = {}
    rerun = Rerun()
    while True:
        steps = [Step(change, _source(change, silent)) for change in changes]
        prepared = RealtimePrepared()
        try:
            prepared.carry_out(steps)
        except Lost as lost:
            prepared.rollback()
            if not rerun.begins(lost.fault):
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


def carry_out(changes: Sequence[Change], groups: Mapping[Database, Groups]) -> Sequence[Change]:
    """Store the changes and return none, or nothing and return those that found no row.

    Few of them share a transaction with those of other threads. Raises as `prepare` and `commit`.
    """

    def alone() -> Sequence[Change]:
        prepared = prepare(changes)
        if prepared.missed:
            prepared.rollback()
        else:
            prepared.commit()
        return prepared.missed

    steps = [Step(change, _source(change, {})) for change in changes]
    shared = groups.get(steps[0].source.database)
    is_small = len(steps) <= LARGEST and len({(step.source, step.change.obj.id) for step in steps}) == len(steps)
    if shared is None or not is_small or any(step.source.database is not steps[0].source.database for step in steps):
        return alone()
    outcome = shared.carry_out(steps, alone)
    if isinstance(outcome, LostAtCommit):
        labels = dict.fromkeys(change.store.label for change in changes)
        raise _uncertain(labels, outcome.lost) from outcome.lost
    if isinstance(outcome, Refused):
        raise _refusal(outcome) from outcome
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


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
            raise _refusal(refused) from refused

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
                    raise _uncertain(self._all_labels, lost) from lost
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


def _refusal(refused: Refused) -> SorceryError:
    """Say what a refusal means, outside the transaction; a unique key may be another than the id's."""
    step, rejected, obj = refused.step, refused.rejected, refused.step.change.obj
    step.source.forget()  # the table may not be what it was
    if rejected.fault is Fault.TAKEN and step.source.place(obj.id) is not None:
        return AlreadyExists(obj.__sorcery__.name, obj.id, step.change.store.label)
    return step.refused(rejected.reason, "run: sorcery db adopt" if rejected.fault is Fault.NO_COLUMN else "")


def _uncertain(labels: Iterable[str], lost: Lost) -> Unavailable:
    """Return the error for changes that a database may have taken or not."""
    error = Unavailable(", ".join(labels), lost.reason)
    error.is_uncertain = True
    return error
