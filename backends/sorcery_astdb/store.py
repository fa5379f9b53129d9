"""One type's rows in the AstDB file."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.posix import literal_head
from sorcery.query import ALL, Query
from sorcery.resolving import Resolvers
from sorcery_astdb.file import AstdbFile
from sorcery_astdb.handle import Handle
from sorcery_astdb.keys import after
from sorcery_astdb.row import SOURCE, is_unicode, object_from_row, pairs_of, row_value

__all__ = ["AstdbStore"]

log = logging.getLogger("sorcery.astdb")

ONE = "SELECT value FROM astdb WHERE key = ?"
EXISTS = "SELECT 1 FROM astdb WHERE key = ?"
MANY = "SELECT key, value FROM astdb WHERE key IN (SELECT value FROM json_each(?))"
HELD = "SELECT key FROM astdb WHERE key IN (SELECT value FROM json_each(?))"
RANGE = "SELECT key, value FROM astdb WHERE key >= ? AND key < ?"
PUT = "INSERT OR REPLACE INTO astdb(key, value) VALUES (?, ?)"
DELETE = "DELETE FROM astdb WHERE key = ?"


class AstdbStore:
    """Rows whose key is `/prefix/type/id`."""

    def __init__(
        self,
        file: AstdbFile,
        prefix: str,
        object_type: ObjectType,
        *,
        compat: bool = False,
        secrets: Resolvers | None = None,
    ) -> None:
        self.file, self.object_type, self._compat, self._secrets = file, object_type, compat, secrets
        self._family = f"/{prefix}/{object_type.plain_name}/"
        self.label = f"astdb {self._family.rstrip('/')}"

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `InvalidObject` for a row that holds none, and `Unavailable`."""
        rows = self.file.read(ONE, self.key(id))
        return self._made(id, rows[0][0]) if rows else None

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist, in one question; a bad row is logged. Raises `Unavailable`."""
        found: dict[str, Object] = {}
        wanted = frozenset(filter(is_unicode, ids))
        for key, value in self.file.read(MANY, self._keys(wanted)):
            id = key.removeprefix(self._family)
            try:
                if id in wanted:
                    found[id] = self._made(id, value)
            except InvalidObject as error:
                log.warning("row skipped: %s", error)
        return found

    def held(self, ids: Collection[str]) -> Collection[str]:
        """Return those of the ids that have a row, good or bad, in one question; raises `Unavailable`."""
        wanted = frozenset(filter(is_unicode, ids))
        rows = self.file.read(HELD, self._keys(wanted))
        return wanted & {key.removeprefix(self._family) for (key,) in rows}

    def _keys(self, ids: Collection[str]) -> str:
        return json.dumps([self.key(id) for id in ids])

    def _made(self, id: str, value: Any) -> Object:
        return object_from_row(self.object_type, id, self.key(id), value, compat=self._compat, secrets=self._secrets)

    def search(self, query: Query) -> list[Object]:
        """Return the objects that match; a bad row is left out and logged. Raises `Unavailable`."""
        matches = query.predicate()
        found: list[Object] = []
        for made in self._read(query):
            if isinstance(made, InvalidObject):
                log.warning("row skipped: %s", made)
            elif matches(made):
                found.append(made)
        return found

    def faults(self) -> list[Finding]:
        """Return a finding for each row that holds no object now; raises `Unavailable`."""
        return self.survey()[1]

    def survey(self) -> tuple[list[Object], list[Finding]]:
        """Return all objects, and a finding for each row that holds none; raises `Unavailable`."""
        objects: list[Object] = []
        faults: list[Finding] = []
        for made in self._read(ALL):
            if isinstance(made, InvalidObject):
                faults.append(Finding.of(made))
            else:
                objects.append(made)
        return objects, faults

    def remains(self, ids: Collection[str]) -> list[Object]:
        """Return what is left of rows that hold no object; raises `Unavailable`."""
        return [obj for key, value in self.file.read(MANY, self._keys(ids)) if (obj := self._remains(key, value))]

    def _remains(self, key: str, value: Any) -> Object | None:
        id = key.removeprefix(self._family)
        try:
            pairs = pairs_of(self.object_type, id, key, value, compat=self._compat)
        except InvalidObject:
            return None
        return self.object_type.remains(id, pairs, compat=self._compat, secrets=self._secrets)

    def place(self, id: str, option: str = "") -> Place | None:
        """Return the row of an object, if there is one; raises `Unavailable`."""
        return Place(SOURCE, row=self.key(id)) if self.held([id]) else None

    def key(self, id: str) -> str:
        """Return the key of an object's row."""
        return self._family + id

    def exists(self, handle: Handle, id: str) -> bool:
        """Tell inside a transaction whether a row of that id is there, good or bad."""
        return is_unicode(id) and bool(handle.execute(EXISTS, self.key(id)))

    def current(self, handle: Handle, id: str) -> Object | None:
        """Return inside a transaction the object of a row that is there, or None if it holds none."""
        ((value,),) = handle.execute(ONE, self.key(id))
        try:
            return self._made(id, value)
        except InvalidObject:
            return None

    def put(self, handle: Handle, obj: Object) -> None:
        """Write an object's row inside a transaction; raises `StoreRefused`."""
        handle.execute(PUT, self.key(obj.id), row_value(obj, self.label, self.object_type))

    def delete(self, handle: Handle, id: str) -> None:
        """Delete an object's row inside a transaction."""
        handle.execute(DELETE, self.key(id))

    def _read(self, query: Query) -> Iterator[Object | InvalidObject]:
        """Yield what each row in the query's range of keys holds, or why it holds nothing."""
        start = self.key(query.prefix or literal_head(query.regex))
        for key, value in self.file.read(RANGE, start, after(start)):
            id = key.removeprefix(self._family)
            try:
                yield self._made(id, value)
            except InvalidObject as error:
                yield error
