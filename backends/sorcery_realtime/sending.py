"""Changes as statements in transactions that are open."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import attrs
from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    Select,
    String,
    Table,
    column,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.exc import SQLAlchemyError

from sorcery.errors import Conflict, InvalidObject, StoreRefused
from sorcery.wizard import Change, Op
from sorcery_database import Fault, fault_of, reason_of
from sorcery_realtime.bulk import MOST, Bulk
from sorcery_realtime.databases import Columns, Database, Rows
from sorcery_realtime.failures import Rejected
from sorcery_realtime.rowwriter import Row, RowWriter
from sorcery_realtime.source import Source
from sorcery_realtime.tables import Misfit, has_unique_id, is_storable, same_id

__all__ = ["Refused", "Sender", "Step"]

T = TypeVar("T")
HeldRow = tuple[tuple[str, ...], Sequence[Any]]
"""A row with the names of its columns."""

OF_CONTENT: Final = (Fault.NO_COLUMN, Fault.TAKEN, Fault.CONTENT)
"""The faults of what was sent; with the others the database itself cannot serve."""

FEW: Final = 3
"""Changes that are as quick one by one."""


@attrs.frozen(slots=True, eq=False)
class Step:
    """One change, and the table that takes it."""

    change: Change
    source: Source

    @property
    def key(self) -> str:
        """The id as it is stored."""
        return self.source.codec.key(self.change.obj.id)

    def refused(self, reason: str, remedy: str) -> StoreRefused:
        """Return the error for what the table does not take."""
        obj = self.change.obj
        where = f"table {self.source.name} in {self.source.database.name}"
        return StoreRefused(self.change.store.label, obj.__sorcery__.name, obj.id, f"{where}: {reason}", remedy)


class Refused(Exception):
    """A step whose statement a database took offence at."""

    def __init__(self, step: Step, rejected: Rejected) -> None:
        self.step, self.rejected = step, rejected
        super().__init__(rejected.reason)


class TableWriter:
    """One table as it was reflected, and what is worked out once for writing to it."""

    def __init__(self, source: Source, table: Table) -> None:
        self.table, kind = table, source.database.kind
        self.rows = RowWriter(source.object_type, source.codec, table)
        self.bulk = Bulk(table, kind)
        self.has_unique_id = has_unique_id(table)
        self.found = same_id(table.columns["id"], kind)
        """The condition that a row has the id bound as `sought`."""


class Sender:
    """Sends changes to databases, each on its connection with an open transaction.

    What it returns and raises tells of every single change, also of those that go together in one statement.
    """

    def __init__(self, connections: Mapping[Database, Connection]) -> None:
        self._connections = connections
        self._count = itertools.count()

    def send(self, steps: Sequence[Step]) -> list[Step]:
        """Carry out changes in their order and return those that found no row.

        Raises `Conflict`, `Refused` for what the database refuses, `StoreRefused` for what a table has no room for,
        and `Lost`.
        """
        missed = []
        for part in _distinct(steps):
            found = self.compared(part)
            conflict = next((each for each in found.values() if isinstance(each, Conflict)), None)
            if conflict is not None:
                raise conflict
            missed += [step for step in part if found.get(step) is False]
            for run in _runs(step for step in part if found.get(step, True)):
                missed += self._run(run)
        return missed

    def compared(self, steps: Iterable[Step]) -> dict[Step, bool | Conflict]:
        """Lock the rows of which something is expected, and compare: tell whether each is there, or is another.

        Raises `Lost`, `Refused`.
        """
        found: dict[Step, bool | Conflict] = {}
        for source, group in _by_source(step for step in steps if step.change.expected is not None):
            for chunk in _chunks(group):
                rows = self._locked(source, chunk)
                found.update((step, _verdict(step, rows.get(step.key))) for step in chunk)
        return found

    def _locked(self, source: Source, steps: Sequence[Step]) -> dict[str, HeldRow]:
        """Return the rows of steps by their ids as they are stored, and keep other writers from them."""
        sought = [step for step in steps if is_storable(step.key)]
        if not sought:
            return {}
        if len(sought) == 1:
            columns, rows = self._rows(sought[0], source.locking, {"key": sought[0].key})
            row = source.among(columns, rows, sought[0].change.obj.id)
            return {} if row is None else {sought[0].key: row}
        id = column("id", String())
        every: Select[Any] = select(literal_column("*")).select_from(table(source.name.name, schema=source.name.schema))
        locking = every.where(id.in_([step.key for step in sought])).order_by(id).with_for_update()
        columns, rows = self._rows(sought[0], locking, {})
        position = columns.index("id")
        return {row[position]: (columns, row) for row in rows}

    def together(self, steps: Iterable[Step]) -> list[Step] | None:
        """Carry out changes of distinct objects as few statements; return those that found no row.

        None where nobody can tell which: then, and where it raises, what was sent has to be undone. Raises as `send`.
        """
        missed: list[Step] = []
        for run in _runs(steps):
            for chunk in _chunks(run):
                found = self._many(chunk)
                if found is None:
                    return None
                missed += found
        return missed

    def _run(self, steps: Sequence[Step]) -> list[Step]:
        """Carry out one operation on objects of one table; the culprit of a refusal is looked for by halves."""
        if len(steps) < FEW or steps[0].change.op is Op.PUT:
            return [step for step in steps if not self._one(step)]
        return [step for chunk in _chunks(steps) for step in self._halving(chunk)]

    def _halving(self, steps: Sequence[Step]) -> list[Step]:
        if len(steps) < FEW:
            return self._run(steps)
        missed = self.attempt(steps[0], lambda: self._unless_refused(steps), keeps=lambda found: found is not None)
        if missed is not None:
            return missed
        middle = len(steps) // 2
        return self._halving(steps[:middle]) + self._halving(steps[middle:])

    def _unless_refused(self, steps: Sequence[Step]) -> list[Step] | None:
        try:
            return self._many(steps)
        except Refused:
            return None

    def attempt(self, step: Step, send: Callable[[], T], keeps: Callable[[T], bool]) -> T:
        """Return what sending comes to in the step's database, and undo it unless it is to be kept. Raises `Lost`."""
        name = f"attempt_{next(self._count)}"  # MariaDB forgets a savepoint for another one of its name
        self._ask(step, lambda connection: connection.exec_driver_sql(f"SAVEPOINT {name}"))
        done = send()
        if not keeps(done):
            self._ask(step, lambda connection: connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {name}"))
        self._ask(step, lambda connection: connection.exec_driver_sql(f"RELEASE SAVEPOINT {name}"))
        return done

    def _many(self, steps: Sequence[Step]) -> list[Step] | None:
        """Carry out one operation on distinct objects of one table."""
        first, op = steps[0], steps[0].change.op
        if op is Op.PUT or len(steps) == 1:
            return [step for step in steps if not self._one(step)]
        rows, absent = dict[frozenset[str], dict[str, tuple[Step, Row]]](), list[Step]()
        for step in steps:
            key = step.key
            if op is not Op.CREATE and not is_storable(key):
                absent.append(step)
                continue
            row: Row = {"id": key} if op is Op.DELETE else self._row(step)[1]
            rows.setdefault(frozenset(row), {})[key] = step, row
        writer = self._writer(first)
        for group in rows.values():
            sent = [row for _, row in group.values()]
            met = self._ask(first, lambda c, sent=sent: writer.bulk.send(c, op, sent))  # type: ignore[misc]
            if met is None:
                return None
            absent += [group[key][0] for key in group.keys() - set(met)]
        return absent

    def _one(self, step: Step) -> bool:
        """Carry out one change; tell whether it found its row."""
        match step.change.op:
            case Op.CREATE:
                return self._insert(step)
            case Op.UPDATE:
                return self._update(step)
            case Op.PUT:
                return self._update(step) or self._insert_or_update(step)
            case Op.DELETE:
                writer = self._writer(step)
                return self._find(step, writer.table.delete().where(writer.found)) > 0

    def _insert(self, step: Step) -> bool:
        writer, row = self._row(step)
        if not writer.has_unique_id:
            held = select(literal(1)).select_from(writer.table).where(writer.found)
            if self._rows(step, held, {"sought": step.key})[1]:
                raise Refused(step, Rejected(Fault.TAKEN, "the id is taken"))
        self._execute(step, writer.table.insert(), row)
        return True

    def _update(self, step: Step) -> bool:
        writer, row = self._row(step)
        return self._find(step, writer.table.update().where(writer.found), row) > 0

    def _insert_or_update(self, step: Step) -> bool:
        """Insert what was not there a moment ago; if another process was quicker, its row is updated."""
        return self.attempt(step, lambda: self._inserted(step), keeps=bool) or self._update(step)

    def _inserted(self, step: Step) -> bool:
        """Insert a row unless its id is taken."""
        try:
            return self._insert(step)
        except Refused as refused:
            if refused.rejected.fault is not Fault.TAKEN:
                raise
            return False

    def _row(self, step: Step) -> tuple[TableWriter, Row]:
        """Return the row for a table, and what writes it; a table that seems too small is looked at once more."""
        try:
            return self._fitted(step)
        except Misfit:
            step.source.forget()
        try:
            return self._fitted(step)
        except Misfit as misfit:
            raise step.refused(misfit.reason, misfit.remedy) from None

    def _fitted(self, step: Step) -> tuple[TableWriter, Row]:
        writer, obj = self._writer(step), step.change.obj
        return writer, writer.rows.row(obj) if step.change.op is Op.CREATE else writer.rows.replacement(obj)

    def _writer(self, step: Step) -> TableWriter:
        """Return what writes to the step's table, made anew where the table was reflected anew."""
        source = step.source
        try:
            found = source.table(self._connections[source.database])
        except SQLAlchemyError as error:
            raise source.database.lost(error, str(source.name)) from error
        if "writer" not in found.info:
            found.info["writer"] = TableWriter(source, found)
        return cast("TableWriter", found.info["writer"])

    def _find(self, step: Step, statement: Executable, row: Mapping[str, Any] | None = None) -> int:
        """Execute a statement for the rows of the id and return how many there were."""
        if not is_storable(step.key):
            return 0
        return self._execute(step, statement, {**(row or {}), "sought": step.key}).rowcount

    def _rows(self, step: Step, statement: Executable, parameters: Mapping[str, Any]) -> tuple[Columns, Rows]:
        def ask(connection: Connection) -> tuple[Columns, Rows]:
            result = connection.execute(statement, parameters)
            return tuple(result.keys()), result.all()

        return self._ask(step, ask)

    def _execute(self, step: Step, statement: Executable, parameters: Mapping[str, Any]) -> CursorResult[Any]:
        return self._ask(step, lambda connection: connection.execute(statement, parameters))

    def _ask(self, step: Step, ask: Callable[[Connection], T]) -> T:
        database = step.source.database
        try:
            return ask(self._connections[database])
        except SQLAlchemyError as error:
            fault = fault_of(error)
            if fault not in OF_CONTENT:
                raise database.lost(error, str(step.source.name)) from error
            # PostgreSQL adds the row to what it says, secrets included: only the first line is kept
            raise Refused(step, Rejected(fault, reason_of(error))) from None


def _verdict(step: Step, row: HeldRow | None) -> bool | Conflict:
    """Tell whether a row is there, or is not as it is expected."""
    if row is None:
        return False
    try:
        try:
            step.change.check(step.source.made(row))
        except InvalidObject:
            step.change.check(None)
    except Conflict as conflict:
        return conflict
    return True


def _distinct(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Cut changes where an object comes again: what is done to it first has to be done first."""
    part: list[Step] = []
    met: set[tuple[Source, str]] = set()
    for step in steps:
        place = step.source, step.change.obj.id
        if place in met:
            yield part
            part, met = [], set()
        part.append(step)
        met.add(place)
    yield part


def _runs(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Cut changes where another table or another operation follows."""
    for _, run in itertools.groupby(steps, key=lambda step: (step.source, step.change.op)):
        yield list(run)


def _by_source(steps: Iterable[Step]) -> Iterator[tuple[Source, list[Step]]]:
    found: dict[Source, list[Step]] = {}
    for step in steps:
        found.setdefault(step.source, []).append(step)
    yield from found.items()


def _chunks(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    return (steps[start : start + MOST] for start in range(0, len(steps), MOST))
