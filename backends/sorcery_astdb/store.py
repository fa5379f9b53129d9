"""One type's rows in the AstDB file."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.posix import literal_head
from sorcery.query import ALL, Query
from sorcery_astdb.file import AstdbFile, Handle
from sorcery_astdb.keys import after
from sorcery_astdb.row import is_unicode, object_from_row, row_value

__all__ = ["AstdbStore"]

log = logging.getLogger("sorcery.astdb")

ONE = "SELECT value FROM astdb WHERE key = ?"
EXISTS = "SELECT 1 FROM astdb WHERE key = ?"
RANGE = "SELECT key, value FROM astdb WHERE key >= ? AND key < ?"
PUT = "INSERT OR REPLACE INTO astdb(key, value) VALUES (?, ?)"
DELETE = "DELETE FROM astdb WHERE key = ?"


class AstdbStore:
    """Rows whose key is `/prefix/type/id`."""

    def __init__(self, file: AstdbFile, prefix: str, object_type: ObjectType, *, compat: bool = False) -> None:
        self.file, self.object_type, self._compat = file, object_type, compat
        self._family = f"/{prefix}/{object_type.name}/"
        self.label = f"astdb {self._family.rstrip('/')}"

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `InvalidObject` for a row that holds none, and `Unavailable`."""
        key = self.key(id)
        rows = self.file.read(ONE, key)
        return object_from_row(self.object_type, id, key, rows[0][0], compat=self._compat) if rows else None

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
        return [Finding.of(made) for made in self._read(ALL) if isinstance(made, InvalidObject)]

    def key(self, id: str) -> str:
        """Return the key of an object's row."""
        return self._family + id

    def exists(self, handle: Handle, id: str) -> bool:
        """Tell inside a transaction whether a row of that id is there, good or bad."""
        return is_unicode(id) and bool(handle.execute(EXISTS, self.key(id)))

    def put(self, handle: Handle, obj: Object) -> None:
        """Write an object's row inside a transaction; raises `StoreRefused`."""
        handle.execute(PUT, self.key(obj.id), row_value(obj, self.label))

    def delete(self, handle: Handle, id: str) -> None:
        """Delete an object's row inside a transaction."""
        handle.execute(DELETE, self.key(id))

    def _read(self, query: Query) -> Iterator[Object | InvalidObject]:
        """Yield what each row in the query's range of keys holds, or why it holds nothing."""
        start = self.key(query.prefix or literal_head(query.regex))
        for key, value in self.file.read(RANGE, start, after(start)):
            id = key.removeprefix(self._family)
            try:
                yield object_from_row(self.object_type, id, key, value, compat=self._compat)
            except InvalidObject as error:
                yield error
