"""One table in one database, read as objects of one type."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    column,
    false,
    literal_column,
    select,
    table,
)
from sqlalchemy.exc import NoSuchTableError

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.query import Query
from sorcery.resolving import Resolvers
from sorcery_database import Fault
from sorcery_realtime.databases import Columns, Database
from sorcery_realtime.escape import Codec
from sorcery_realtime.failures import Lost
from sorcery_realtime.lacking import Lacking
from sorcery_realtime.lookups import Lookup, Lookups
from sorcery_realtime.packed import PackedRows
from sorcery_realtime.packing import Unpacked
from sorcery_realtime.paging import WITHOUT_PLACE, Page, rows_behind
from sorcery_realtime.queries import conditions
from sorcery_realtime.rowreader import RowReader, good, text_of
from sorcery_realtime.tables import TableName, is_storable, reflect

__all__ = ["Source"]

log = logging.getLogger("sorcery.realtime")

CHUNK: Final = 500
"""Ids per question, and rows fetched at once."""

UNASKABLE: Final = (Fault.REFUSED, Fault.CONTENT)
"""What becomes of a condition that a server does not know, or finds too complex."""

COLUMNS: Final = "columns"
"""Where what is known of a table holds its columns by name."""

Row = tuple[Columns, Sequence[Any]]
"""A row with the names of its columns."""
Build = Callable[[Sequence[Any]], Object]
T = TypeVar("T")


class Source:
    """One table in one database, as one driver's texts, read as objects of one type.

    Its methods block on the database and raise `Lost`. Bad rows are logged where many rows are read.
    """

    def __init__(
        self,
        object_type: ObjectType,
        database: Database,
        name: TableName,
        codec: Codec,
        *,
        compat: bool = False,
        secrets: Resolvers | None = None,
        tells_of_null: bool = False,
        goes_on: bool = False,
    ) -> None:
        self.object_type, self.database, self.name, self.codec = object_type, database, name, codec
        self.goes_on = goes_on
        """Whether the next priority may hold what this one does not."""
        self._reader = RowReader(object_type, codec, str(name), compat, secrets, tells_of_null)
        self._all: Select[Any] = select(literal_column("*")).select_from(table(name.name, schema=name.schema))
        one: Select[Any] = self._all.where(column("id") == bindparam("key", type_=String()))
        self.locking = one.with_for_update()
        """Reads the row of `key` and keeps other writers from it, as a transaction of SQLite does anyway."""
        self._ids: Select[Any] = select(column("id", String())).select_from(table(name.name, schema=name.schema))
        # compiled once: this is what every request asks
        compiled = one.compile(dialect=database.engine.dialect)
        self._one, self._positional = compiled.string, compiled.positional
        self._packed = PackedRows(database, name, self._reader)
        self._lacking = Lacking(object_type, database, name)
        self._lookups = Lookups(object_type, codec, database.engine.dialect)
        self._builder: tuple[Columns, Build] | None = None
        self._table: Table | None = None

    def retrieve(self, key: str) -> Object | None:
        """Return the object or None; raises `InvalidObject` for a row that cannot be one."""
        if not is_storable(key):
            return None
        self._look()
        try:
            return self._packed.retrieve(self.codec.key(key))
        except Unpacked:
            found = self._row(key)
            return None if found is None else self.made(found)

    def _look(self) -> None:
        """Look at the columns once: a packed row does not name those that are missing."""
        if self._lacking.is_known:
            return
        nothing = self._all.where(false()).compile(dialect=self.database.engine.dialect)
        columns, _ = self.database.fetch(str(self.name), nothing.string, ())
        self._lacking.note(columns)
        self._lacking.tell()

    def place(self, key: str) -> Place | None:
        """Return where the object of an id stands, if there is one, good or bad."""
        return None if self._row(key) is None else Place(str(self.name), row=self.codec.key(key))

    def _row(self, key: str) -> Row | None:
        """Return the row of an id with its columns; a collation may have found others beside it."""
        if not is_storable(key):
            return None
        stored = self.codec.key(key)
        columns, rows = self.database.fetch(
            str(self.name), self._one, (stored,) if self._positional else {"key": stored}
        )
        return self.among(columns, rows, key)

    def among(self, columns: Columns, rows: Iterable[Sequence[Any]], key: str) -> Row | None:
        """Return the row of an id among those that a collation may have found beside it."""
        stored, position = self.codec.key(key), self._checked(columns).index("id")
        return next(((columns, row) for row in rows if row[position] == stored), None)

    def made(self, row: Row) -> Object:
        """Return the object of a row; raises `InvalidObject`."""
        return self._build(row[0])(row[1])

    def held(self, keys: Collection[str]) -> Collection[str]:
        """Return those of the ids that have a row, good or bad."""
        wanted = {self.codec.key(key): key for key in keys if is_storable(key)}
        stored, found = list(wanted), set[str]()
        for start in range(0, len(stored), CHUNK):
            found.update(self._stored(stored[start : start + CHUNK]))
        return {key for text, key in wanted.items() if text in found}

    def _stored(self, ids: Sequence[str]) -> Sequence[str]:
        """Return those of the ids, as they are stored, that a collation takes for ids of rows."""
        statement = self._ids.where(column("id", String()).in_(ids))
        return self.database.read(str(self.name), lambda connection: connection.scalars(statement).all())

    def retrieve_many(self, keys: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist and whose rows are good."""
        stored = [self.codec.key(key) for key in dict.fromkeys(keys) if is_storable(key)]
        wanted, found = frozenset(keys), dict[str, Object]()
        for start in range(0, len(stored), CHUNK):
            condition = column("id", String()).in_(stored[start : start + CHUNK])
            found.update(self._objects(self._all.where(condition), lambda obj: obj.id in wanted))
        return found

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match, each id once."""
        return self._following(query, lambda asked: self._answers(query, asked))

    def _answers(self, query: Query, asked: Query) -> Iterable[Object]:
        lookup = self._lookups.of(query, self._columns_for(query)) if asked is query else None
        if lookup is None:
            return self._objects(self._rows_for(asked), query.predicate()).values()
        self._look()
        try:
            return self._packed.search(lookup, query, lambda: self._conditions(query))
        except Unpacked:
            return self._looked_up(lookup, query).values()

    def _looked_up(self, lookup: Lookup, query: Query) -> dict[str, Object]:
        """Return the objects that answer a query, of the whole rows that its lookup finds."""
        statement = self._lookups.statement(lookup, lambda: self._rows_for(query))

        def ask(connection: Any) -> dict[str, Object]:
            cursor = connection.cursor()
            cursor.execute(*statement)
            return self._good(tuple([each[0] for each in cursor.description]), _rows(cursor), query.predicate())

        found = self.database.ask_driver(str(self.name), ask)
        self._lacking.tell()
        return found

    def page(self, query: Query, after: Any, size: int) -> Page:
        """Return the objects that match of about `size` rows, those behind an id of another page or the first ones."""

        def ask(asked: Query, connection: Connection) -> Page:
            columns, rows, last = rows_behind(connection, self._rows_for(asked), after, size)
            return Page(tuple(self._good(columns, rows, query.predicate()).values()), last)

        if query.criteria:
            self.table()  # it is looked at with a connection of its own
        return self._following(query, lambda asked: self._read(functools.partial(ask, asked)))

    def _read(self, ask: Callable[[Connection], T]) -> T:
        """Ask for many rows; what their columns lack is told when the connection is free again."""
        found = self.database.read(str(self.name), ask)
        self._lacking.tell()
        return found

    def _following(self, query: Query, ask: Callable[[Query], T]) -> T:
        """Ask once more where a column that was there has gone, and for everything where a condition is refused."""
        try:
            return ask(query)
        except Lost as lost:
            if lost.fault is Fault.NO_COLUMN:
                self.forget()
                return ask(query)
            if lost.fault not in UNASKABLE or not (query.regex or query.criteria):
                raise
            log.info("%s: %s; all rows are read instead", self.name, plain(lost.reason))
            return ask(Query(prefix=query.prefix))

    def _rows_for(self, query: Query) -> Select[Any]:
        """Return the statement for the rows that may match."""
        return self._all.where(*self._conditions(query))

    def _conditions(self, query: Query) -> Iterator[ColumnElement[bool]]:
        return conditions(query, self.object_type, self._columns_for(query), self.codec, self.database.kind)

    def _columns_for(self, query: Query) -> Mapping[str, Column[Any]]:
        """Return the columns of the table, as far as a query has to know them."""
        if not query.criteria:
            return {}
        known = self.table().info
        if COLUMNS not in known:
            known[COLUMNS] = dict(self.table().columns.items())
        return cast("Mapping[str, Column[Any]]", known[COLUMNS])

    def survey(self) -> tuple[list[Object], list[Finding]]:
        """Read every row once and return the objects, and what is wrong with the rows, warnings included."""

        def ask(connection: Connection) -> tuple[list[Object], list[Finding]]:
            found, findings = dict[str, Object](), list[Finding]()
            result = connection.execute(self._all)
            for obj in self._looked_into(tuple(result.keys()), _rows(result), findings):
                found.setdefault(obj.id, obj)
            return list(found.values()), findings

        return self._read(ask)

    def remains(self, ids: Collection[str]) -> list[Object]:
        """Return what is left of the rows with these ids, which hold no object; goes through all rows."""
        keys = set(map(self._reader.codec.key, ids))

        def ask(connection: Connection) -> list[Object]:
            result = connection.execute(self._all)
            columns = self._checked(result.keys())
            position = columns.index("id")
            rows = (row for row in _rows(result) if text_of(row[position]) in keys)
            return [obj for row in rows if (obj := self._reader.remains(columns, row)) is not None]

        return self._read(ask)

    def faults(self) -> list[Finding]:
        """Return what is wrong with the rows, as `survey` does, and hold no more of them at once than a page."""
        found, after = dict[Finding, None](), None
        while True:
            findings, after = self._read(functools.partial(self._faults_behind, after))
            found.update(dict.fromkeys(findings))
            if after is None:
                break
        return [*self._read(self._faults_without_place), *found]

    def _faults_behind(self, after: Any, connection: Connection) -> tuple[list[Finding], Any]:
        findings = list[Finding]()
        columns, rows, last = rows_behind(connection, self._all, after, CHUNK)
        for _ in self._looked_into(columns, rows, findings):
            pass
        return findings, last

    def _faults_without_place(self, connection: Connection) -> list[Finding]:
        """Return what is wrong with the rows that no page holds."""
        findings = list[Finding]()
        result = connection.execute(self._all.where(WITHOUT_PLACE))
        for _ in self._looked_into(tuple(result.keys()), _rows(result), findings):
            pass
        return findings

    def _looked_into(
        self, columns: Columns, rows: Iterable[Sequence[Any]], findings: list[Finding]
    ) -> Iterator[Object]:
        """Yield the objects of rows, and add what is wrong with these."""
        build = self._reader.builder(self._checked(columns), findings)
        self._lacking.note(columns)
        for row in rows:
            try:
                yield build(row)
            except InvalidObject as error:
                findings.append(Finding.of(error))

    def _objects(self, statement: Select[Any], matches: Callable[[Object], bool]) -> dict[str, Object]:
        def ask(connection: Connection) -> dict[str, Object]:
            result = connection.execute(statement)
            return self._good(tuple(result.keys()), _rows(result), matches)

        return self._read(ask)

    def _good(
        self, columns: Columns, rows: Iterable[Sequence[Any]], matches: Callable[[Object], bool]
    ) -> dict[str, Object]:
        """Return the objects of rows that match; a row that holds none is logged."""
        return good(rows, self._build(columns), matches)

    def _build(self, columns: Columns) -> Build:
        """Return what makes objects of rows with these columns: they change only with the table."""
        known = self._builder
        if known is None or known[0] != columns:
            known = self._builder = columns, self._reader.builder(self._checked(columns))
            self._lacking.note(columns)
        return known[1]

    def _checked(self, columns: Iterable[str]) -> Columns:
        found = tuple(columns)
        if "id" not in found:
            raise Lost(
                self.database, f"table {self.name} in {self.database.name} has no column id; it holds no objects"
            )
        return found

    def table(self, connection: Connection | None = None) -> Table:
        """Return the table as it was last reflected, now if it was forgotten."""
        found = self._table
        if found is None:
            found = self._table = (
                self._reflect(connection)
                if connection is not None
                else self.database.read(str(self.name), self._reflect)
            )
        return found

    def _reflect(self, connection: Connection) -> Table:
        try:
            return reflect(connection, self.name)
        except NoSuchTableError:
            raise self.database.without(str(self.name)) from None

    def forget(self) -> None:
        """Reflect the table anew when it is needed next."""
        self._table = None


def _rows(result: Any) -> Iterator[Sequence[Any]]:
    while rows := result.fetchmany(CHUNK):
        yield from rows
