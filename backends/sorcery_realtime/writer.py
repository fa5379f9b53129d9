"""Changes as one transaction per database, all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, cast

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

BUSY: Final = (Fault.LOCKED, Fault.RIVAL, Fault.EXHAUSTED, Fault.FAILING, Fault.FULL)
"""The faults of a database that answers: what another one took in its place, nobody would find there."""


def prepare(changes: Sequence[Change]) -> RealtimePrepared:
    """Carry the changes out in transactions that stay open.

    A silent database leaves them to the next priority; what was undone for the sake of a rival starts again, a few
    times. Raises `AlreadyExists`, `Conflict`, `StoreRefused`, `Unavailable`.
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
            if rerun.begins(lost.fault):
                continue
            if lost.fault in BUSY:
                there = (step.change for step in steps if step.source.database is lost.database)
                raise Unavailable(_labels(there), lost.reason) from lost
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
    steps = [Step(change, _source(change, {})) for change in changes]
    database = steps[0].source.database
    group = groups.get(database)
    is_small = len(steps) <= LARGEST and len({(step.source, step.change.obj.id) for step in steps}) == len(steps)
    if group is None or not is_small or any(step.source.database is not database for step in steps):
        return _alone(changes)
    outcome = group.carry_out(steps)
    try:
        match outcome:
            case None:
                return _alone(changes)
            case LostAtCommit(lost=lost):
                raise _lost_at_commit(_labels(changes), lost) from lost
            case Refused():
                raise _refusal(outcome) from outcome
            case Exception():
                raise outcome
    except Lost as lost:
        raise Unavailable(_labels(changes), lost.reason) from lost
    return outcome


def _alone(changes: Sequence[Change]) -> Sequence[Change]:
    """Do the same in a transaction of their own, again where a database undoes it for the sake of a rival."""
    rerun = Rerun()
    while True:
        prepared = prepare(changes)
        if prepared.missed:
            prepared.rollback()
            return prepared.missed
        try:
            prepared.commit_or_lose()
        except Lost as lost:
            if not rerun.begins(lost.fault):
                raise _lost_at_commit(_labels(changes), lost) from lost
        else:
            return ()


def _labels(changes: Iterable[Change]) -> str:
    return ", ".join(dict.fromkeys(change.store.label for change in changes))


class RealtimePrepared:
    """Open transactions that hold the changes."""

    def __init__(self) -> None:
        self.missed: list[Change] = []
        self._open: dict[Database, Connection] = {}
        self._steps: Sequence[Step] = ()
        self._labels: dict[Database, dict[str, None]] = {}
        """The stores in each database."""

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Send the changes; raises `Lost` where a database is silent, and what `prepare` raises."""
        self._steps = steps
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
        """Commit database by database; what is undone for the sake of a rival is sent and committed anew, a few times.

        Raises `Unavailable`, `PartialWrite` if one is lost after another has committed, and what `prepare` raises
        where a rival has changed what was to be changed.
        """
        rerun, missed = Rerun(), {id(change) for change in self.missed}
        is_sent = True
        while True:
            try:
                if not is_sent:
                    self._send_anew(missed)
                self.commit_or_lose()
            except Lost as lost:
                if not rerun.begins(lost.fault):
                    raise _lost_at_commit(self._all_labels, lost) from lost
                is_sent = False
            else:
                return

    def _send_anew(self, missed: Collection[int]) -> None:
        """Send everything again; what found no row has to be the same as before, for the caller has acted on it."""
        self.missed.clear()
        try:
            self.carry_out(self._steps)
        except Lost as lost:
            self.rollback()
            if lost.fault is Fault.RIVAL:
                raise
            raise _undone(self._all_labels, lost.reason) from lost
        except BaseException:
            self.rollback()
            raise
        if {id(change) for change in self.missed} != missed:
            self.rollback()
            raise _undone(self._all_labels, "it was undone for the sake of another transaction, which changed the same")

    @property
    def _all_labels(self) -> str:
        return ", ".join(dict.fromkeys(label for each in self._labels.values() for label in each))

    def commit_or_lose(self) -> None:
        """Do the same, but raise `Lost` where the first one is lost."""
        outcomes: dict[str, str] = {}
        try:
            while self._open:
                database = next(iter(self._open))
                try:
                    database.end(self._open.pop(database), "COMMIT")
                except Lost as lost:
                    if not outcomes:
                        raise
                    outcomes.update(dict.fromkeys(self._labels[database], lost.reason))
                    outcomes.update((label, "not stored") for each in self._open for label in self._labels[each])
                    raise PartialWrite(outcomes) from lost
                outcomes.update(dict.fromkeys(self._labels[database], "stored"))
        finally:
            self.rollback()  # what was not reached

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


def _lost_at_commit(labels: str, lost: Lost) -> Unavailable:
    """Return the error for changes that a database may have taken or not, unless it has told that it did not."""
    if isinstance(lost.database, Database) and lost.database.undoes(lost):
        return _undone(labels, lost.reason)
    error = Unavailable(labels, lost.reason)
    error.is_uncertain = True
    return error


def _undone(labels: str, reason: str) -> Unavailable:
    """Return the error for changes of which nothing is stored, though they came as far as the commit."""
    error = Unavailable(labels, f"{reason}; nothing is stored, make the change again")
    error.is_undone = True
    return error
