"""Changes as one transaction per database, all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import attrs
from sqlalchemy import ColumnElement, Connection, CursorResult, Executable, Table, literal, select, text
from sqlalchemy.exc import SQLAlchemyError

from sorcery.errors import AlreadyExists, InvalidObject, PartialWrite, SorceryError, StoreRefused, Unavailable
from sorcery.objects import Object
from sorcery.wizard import Change, Op
from sorcery_database import Fault, fault_of, reason_of
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost, Rejected
from sorcery_realtime.rowwriter import RowWriter
from sorcery_realtime.source import Source
from sorcery_realtime.store import RealtimeStore
from sorcery_realtime.tables import Misfit, Value, has_unique_id, is_storable, same_id

__all__ = ["RealtimePrepared", "prepare"]

Fitted = tuple[Table, dict[str, Value]]

OF_CONTENT: Final = (Fault.NO_COLUMN, Fault.TAKEN, Fault.CONTENT)
"""The faults of what was sent; with the others the database itself cannot serve."""


@attrs.frozen(slots=True)
class Step:
    """One change, and the table that takes it."""

    change: Change
    source: Source

    @property
    def key(self) -> str:
        """The id as it is stored."""
        return self.source.codec.key(self.change.obj.id)


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
        for step in steps:
            try:
                done = self._is_expected(step) and self._carry_out(step)
            except Misfit as misfit:
                raise _refused(step, misfit.reason, misfit.remedy) from None
            except Rejected as rejected:
                step.source.forget()  # the table may not be what it was
                self.rollback()
                raise _refusal(step, rejected) from rejected
            if not done:
                self.missed.append(step.change)

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

    def _is_expected(self, step: Step) -> bool:
        """Lock the row if something is expected of it, and compare; tell whether it is there. Raises `Conflict`."""
        if step.change.expected is None:
            return True
        if not is_storable(step.key):
            return False
        result = self._execute(step, step.source.locking, {"key": step.key})
        row = step.source.among(tuple(result.keys()), result.all(), step.change.obj.id)
        if row is None:
            return False
        try:
            step.change.check(step.source.made(row))
        except InvalidObject:
            step.change.check(None)
        return True

    def _carry_out(self, step: Step) -> bool:
        """Send one change; tell whether it found its row."""
        match step.change.op:
            case Op.CREATE:
                return self._insert(step)
            case Op.UPDATE:
                return self._update(step)
            case Op.PUT:
                return self._update(step) or self._insert_or_update(step)
            case Op.DELETE:
                table = self._table(step)
                return self._find(step, table.delete().where(self._same_id(step, table))) > 0

    def _insert(self, step: Step) -> bool:
        table, row = self._fitted(step, RowWriter.row)
        if not has_unique_id(table):
            held = select(literal(1)).select_from(table).where(self._same_id(step, table))
            if self._execute(step, held, {"sought": step.key}).first() is not None:
                raise Rejected(Fault.TAKEN, "the id is taken")
        self._execute(step, table.insert(), row)
        return True

    def _update(self, step: Step) -> bool:
        table, row = self._fitted(step, RowWriter.replacement)
        statement = table.update().where(self._same_id(step, table))
        return self._find(step, statement, row) > 0

    def _insert_or_update(self, step: Step) -> bool:
        """Insert what was not there a moment ago; if another process was quicker, its row is updated."""
        self._execute(step, text("SAVEPOINT put"), {})
        try:
            return self._insert(step)
        except Rejected as rejected:
            if rejected.fault is not Fault.TAKEN:
                raise
            self._execute(step, text("ROLLBACK TO SAVEPOINT put"), {})
            return self._update(step)

    def _fitted(self, step: Step, make: Callable[[RowWriter, Object, Table], dict[str, Value]]) -> Fitted:
        """Return the table and the row for it; a table that seems too small is looked at once more."""
        writer = RowWriter(step.source.object_type, step.source.codec)
        try:
            table = self._table(step)
            return table, make(writer, step.change.obj, table)
        except Misfit:
            step.source.forget()
            table = self._table(step)
            return table, make(writer, step.change.obj, table)

    def _table(self, step: Step) -> Table:
        database = step.source.database
        try:
            return step.source.table(self._open[database])
        except SQLAlchemyError as error:
            raise database.lost(error, str(step.source.name)) from error

    def _same_id(self, step: Step, table: Table) -> ColumnElement[bool]:
        return same_id(table.columns["id"], step.source.database.kind)

    def _find(self, step: Step, statement: Executable, row: Mapping[str, Value] | None = None) -> int:
        """Execute a statement for the rows of the id and return how many there were."""
        if not is_storable(step.key):
            return 0
        return self._execute(step, statement, {**(row or {}), "sought": step.key}).rowcount

    def _execute(self, step: Step, statement: Executable, parameters: Mapping[str, Value]) -> CursorResult[Any]:
        database = step.source.database
        try:
            return self._open[database].execute(statement, parameters)
        except SQLAlchemyError as error:
            fault = fault_of(error)
            if fault not in OF_CONTENT:
                raise database.lost(error, str(step.source.name)) from error
            # PostgreSQL adds the row to what it says, secrets included: only the first line is kept
            raise Rejected(fault, reason_of(error)) from None


def _refusal(step: Step, rejected: Rejected) -> SorceryError:
    """Say what a refusal means; a unique key may be another than the id's."""
    obj = step.change.obj
    if rejected.fault is Fault.TAKEN and step.source.place(obj.id) is not None:
        return AlreadyExists(obj.__sorcery__.name, obj.id, step.change.store.label)
    remedy = "run: sorcery db adopt" if rejected.fault is Fault.NO_COLUMN else ""
    return _refused(step, rejected.reason, remedy)


def _refused(step: Step, reason: str, remedy: str) -> StoreRefused:
    obj = step.change.obj
    where = f"table {step.source.name} in {step.source.database.name}"
    return StoreRefused(step.change.store.label, obj.__sorcery__.name, obj.id, f"{where}: {reason}", remedy)
