"""A wizard for sorcery: objects in JSON files that people, programs and other processes read and write.

    endpoint = json,phones.json
    aor = json,phones.json

All types of one file change together. It holds, by type and id, the options of each object; a list where one has
several lines::

    {"aor": {"alice": {"max_contacts": "2"}}, "endpoint": {"alice": {"allow": ["!all", "g722"], "aors": "alice"}}}
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from sorcery import AlreadyExists, ConfigurationError, InvalidObject, Object, PartialWrite, Unavailable
from sorcery.environment import Environment
from sorcery.findings import Finding
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.query import Query
from sorcery.snapshot import Snapshot
from sorcery.wizard import Change, Notice, Op, Store

__all__ = ["JsonFile", "JsonStore", "JsonWizard"]

Types = dict[str, dict[str, dict[str, Any]]]
"""Options by type, id and name."""


@attrs.frozen(slots=True, eq=False)
class Content:
    """What a file held at one moment."""

    stamp: tuple[int, ...]
    """Another one whenever the file is another; empty while there is none."""
    types: Types


class JsonFile:
    """One file, read again when it is another, and written as a whole."""

    def __init__(self, path: Path) -> None:
        self.path, self.label = path, f"json {path.name}"
        self.aside = path.with_name(f".{path.name}.new")
        """Where the next content is written."""
        self._content = Content((), {})
        self._writing = threading.Lock()
        self._noticed = self._content
        """What whoever watches knows."""

    def stamp(self, path: Path | None = None) -> tuple[int, ...]:
        """Return what tells this content from the next, or that of another path; raises `Unavailable`."""
        with self._trouble():
            try:
                now = (path or self.path).stat()
            except FileNotFoundError:
                return ()
        return now.st_ino, now.st_size, now.st_mtime_ns

    def read(self) -> Content:
        """Return what the file holds; raises `Unavailable` where that cannot be told."""
        stamp = self.stamp()
        content = self._content
        if stamp != content.stamp:
            content = self._content = Content(stamp, self._parse() if stamp else {})
        return content

    def _parse(self) -> Types:
        try:
            types: Types = json.loads(self.path.read_bytes())
            for rows in types.values():
                for row in rows.values():
                    row.items()
        except (OSError, ValueError) as error:
            raise Unavailable(self.label, f"{self.path}: {error}") from error
        except AttributeError as error:
            expected = 'write {"TYPE": {"ID": {"OPTION": "TEXT"}}}'
            raise Unavailable(
                self.label, f"{self.path}: it does not hold objects by type and id; {expected}"
            ) from error
        return types

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other threads and other processes from writing; blocks until they have written."""
        with self._writing, self._trouble():
            lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)

    def write_aside(self, types: Types) -> None:
        """Write the next content beside the file and wait until it is on the disk; raises `Unavailable`."""
        with self._trouble(), self.aside.open("w", encoding="ascii") as file:
            mode = self.path.stat().st_mode if self.path.exists() else 0o600  # there may be passwords in it
            os.fchmod(file.fileno(), mode & 0o777)
            json.dump(types, file, indent=1)
            file.flush()
            os.fsync(file.fileno())

    def forget_aside(self) -> None:
        """Leave nothing beside the file."""
        with suppress(OSError):  # the next change writes over it
            self.aside.unlink(missing_ok=True)

    def put_in_place(self, types: Types) -> None:
        """Let the next content be the content, for all readers at once; raises `Unavailable`."""
        is_known = self._noticed.stamp == self.stamp()
        content = Content(self.stamp(self.aside), types)  # a rename does not change it; others may write soon after
        with self._trouble():
            self.aside.replace(self.path)
            directory = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        self._content = content
        if is_known:  # else somebody else's change is still to be told
            self._noticed = content

    def news(self) -> tuple[Types, Types]:
        """Return what the file held the last time and what it holds since others wrote it; raises `Unavailable`."""
        with self._writing:  # what is being written here is no news
            before, self._noticed = self._noticed, self.read()
            return before.types, self._noticed.types

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(self.label, str(error)) from error


@attrs.frozen(slots=True, eq=False)
class Built:
    """The objects of a content, and what is wrong with the rest of its rows."""

    content: Content
    snapshot: Snapshot
    bad: Mapping[str, InvalidObject]


class JsonStore:
    """The objects of one type in a file."""

    def __init__(self, object_type: ObjectType, file: JsonFile) -> None:
        self.object_type, self.file = object_type, file
        self.label = f"{file.label} {object_type.name}"
        self._built = Built(Content((), {}), Snapshot({}), {})

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `InvalidObject` for a row that is none, and `Unavailable`."""
        built = self._build()
        if id in built.bad:
            raise built.bad[id].with_traceback(None)
        return built.snapshot.objects.get(id)

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; raises `Unavailable`."""
        return self._build().snapshot.search(query)

    def faults(self) -> Iterable[Finding]:
        """Return what is wrong with the rows that are no objects; raises `Unavailable`."""
        return map(Finding.of, self._build().bad.values())

    def rows(self, types: Types) -> dict[str, dict[str, Any]]:
        """Return this type's rows in a file's content, to be changed."""
        return types.setdefault(self.object_type.name, {})

    def build(self, id: str, row: Mapping[str, Any]) -> Object:
        """Return the object of a row; raises `InvalidObject`."""
        pairs = (
            (name, text) for name, value in row.items() for text in (value if isinstance(value, list) else [value])
        )
        texts = ((name, text if isinstance(text, str) else json.dumps(text)) for name, text in pairs)
        return self.object_type.build(id, texts, place=Place(str(self.file.path)))

    def _build(self) -> Built:
        """Return the objects of the file as it is now; they are built once for each content."""
        content, built = self.file.read(), self._built
        if built.content is content:
            return built
        objects: dict[str, Object] = {}
        bad: dict[str, InvalidObject] = {}
        for id, row in content.types.get(self.object_type.name, {}).items():
            try:
                objects[id] = self.build(id, row)
            except InvalidObject as error:
                bad[id] = error
        self._built = Built(content, Snapshot(objects), bad)
        return self._built


class JsonWizard:
    """Keep types in JSON files; the argument names the file."""

    def __init__(self) -> None:
        self._files: dict[Path, JsonFile] = {}
        self._stores: list[JsonStore] = []

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> JsonStore:
        """Return the store of a type in a file, relative to the configuration directory; it need not exist yet."""
        if not arguments:
            raise ConfigurationError("no file is named", remedy=f"write {object_type.name} = json,FILE")
        path = environment.path(arguments).absolute()
        store = JsonStore(object_type, self._files.setdefault(path, JsonFile(path)))
        self._stores.append(store)
        return store

    def release(self, store: Store) -> None:
        """Let go of a store."""
        self._stores = [other for other in self._stores if other is not store]

    def close(self) -> None:
        """Let go of everything."""
        self._stores = []

    def prepare(self, changes: Sequence[Change]) -> JsonPrepared:
        """Write the next contents aside; nobody else writes these files until commit or rollback."""
        files = {change.store.file for change in changes if isinstance(change.store, JsonStore)}
        with ExitStack() as held:
            contents: dict[JsonFile, Types] = {}
            for file in sorted(files, key=lambda file: file.path):  # in one order: nobody waits in a circle
                held.enter_context(file.held())
                types = file.read().types
                contents[file] = {name: dict(rows) for name, rows in types.items()}
            missed = [change for change in changes if not take(change, contents)]
            for file, types in contents.items():
                held.callback(file.forget_aside)
                file.write_aside(types)
            return JsonPrepared(held.pop_all(), contents, missed)

    def watch(self, notify: Callable[[Sequence[Notice]], None]) -> JsonWatch:
        """Tell of files that others wrote, by looking at them twice a second."""
        return JsonWatch(self._stores_in_use, notify)

    def _stores_in_use(self) -> Sequence[JsonStore]:
        return self._stores


def take(change: Change, contents: Mapping[JsonFile, Types]) -> bool:
    """Make one change to the contents; tell whether there was what it is about."""
    store, id = change.store, change.obj.id
    assert isinstance(store, JsonStore)
    rows = store.rows(contents[store.file])
    if change.op is Op.CREATE and id in rows:
        raise AlreadyExists(change.obj.__sorcery__.name, id, store.label)
    if id not in rows and change.op in (Op.UPDATE, Op.DELETE):
        return False
    if change.expected is not None:
        change.check(current(store, id, rows[id]))
    if change.op is Op.DELETE:
        del rows[id]
    else:
        rows[id] = row_of(change.obj)
    return True


def current(store: JsonStore, id: str, row: Mapping[str, Any]) -> Object | None:
    """Return the object of a row, or None where it holds none."""
    try:
        return store.build(id, row)
    except InvalidObject:
        return None


def row_of(obj: Object) -> dict[str, Any]:
    """Return the row that gives the object again; what is at its default is left out."""
    row: dict[str, Any] = {}
    for name, text in obj.settings():
        row.setdefault(name, []).append(text)
    return {name: texts if len(texts) > 1 else texts[0] for name, texts in row.items()}


@attrs.frozen(slots=True, eq=False)
class JsonPrepared:
    """Contents that are written aside, and the locks that keep them true."""

    _held: ExitStack
    _contents: Mapping[JsonFile, Types]
    missed: Sequence[Change]

    def commit(self) -> None:
        """Rename them into place: each file at once, one file after the other; raises `PartialWrite` between two."""
        outcomes = {file.label: "not stored" for file in self._contents}
        with self._held:
            for file, types in self._contents.items():
                try:
                    file.put_in_place(types)
                except Unavailable as error:
                    if "stored" not in outcomes.values():
                        raise
                    raise PartialWrite({**outcomes, file.label: error.reason}) from error
                outcomes[file.label] = "stored"

    def rollback(self) -> None:
        """Leave everything as it is."""
        self._held.close()


def changes(store: JsonStore, before: Types, now: Types) -> Iterator[Notice]:
    """Yield word of each object that others changed."""
    old, new = (types.get(store.object_type.name, {}) for types in (before, now))
    for id in {**old, **new}:
        if id not in old:
            yield Notice(store, id, Op.CREATE)
        elif id not in new:
            yield Notice(store, id, Op.DELETE)
        elif old[id] != new[id]:
            yield Notice(store, id, Op.UPDATE)


class JsonWatch:
    """A thread that looks at files."""

    def __init__(
        self, stores: Callable[[], Sequence[JsonStore]], notify: Callable[[Sequence[Notice]], None], every: float = 0.5
    ) -> None:
        self._stores, self._notify, self._every = stores, notify, every
        self._closed = threading.Event()
        self._look(lambda notices: None)  # what there is now is no news
        self._thread = threading.Thread(target=self._run, name="json-watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._closed.wait(self._every):
            self._look(self._notify)

    def _look(self, notify: Callable[[Sequence[Notice]], None]) -> None:
        stores = self._stores()
        for file in {store.file for store in stores}:
            with suppress(Unavailable):  # whoever reads it is told
                before, now = file.news()
                if now is not before:
                    notify([notice for store in stores if store.file is file for notice in changes(store, before, now)])

    def close(self) -> None:
        """Look no more; wait for a call that is under way, unless made from within it."""
        self._closed.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()
