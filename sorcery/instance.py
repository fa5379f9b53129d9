"""`Sorcery`: the front door."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Table
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from sorcery.audit import dangling_references, faulty_rows, refusal, unread_mappings
from sorcery.binding import Binding, Generation, Opener
from sorcery.environment import Environment, environment_for_url, read_environment
from sorcery.errors import ConfigurationError, SorceryError, UnknownType
from sorcery.findings import Finding
from sorcery.loading import Outcome, compare_moved, everything, moved, prepare, reconcile
from sorcery.mapping import Mapping, default_mapping
from sorcery.objects import Object
from sorcery.observers import Notifier, Observer, Subscription
from sorcery.pjsip import TYPES
from sorcery.plan import Plan, PlannedChange, compare
from sorcery.query import ALL, Criterion, Query
from sorcery.registry import Registry
from sorcery.report import Report
from sorcery.transaction import Step, Transaction, dependency_order, ordered
from sorcery.wizard import Op
from sorcery.writes import Request, Stripes, store

__all__ = ["Sorcery"]

T = TypeVar("T", bound=Object)
TypeName = str | type[Object]


class Sorcery:
    """Typed objects, each type in the stores that it is mapped to. Safe to use from many threads.

    Every retrieval has three answers: the object, None (or an empty list) when the stores say that there is none,
    and `Unavailable` raised when they could not say. A type is named by its class or by its name.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        types: Iterable[type[Object]] = (),
        registry: Registry | None = None,
        fallback: Callable[[type[Object]], Mapping] | None = None,
        refresh: Callable[[], Environment] | None = None,
    ) -> None:
        """Open the stores and load them; `open` is the convenient way.

        `fallback` gives the mapping of a type that nothing else maps; `refresh` reads the environment anew on reload.
        """
        self.environment = environment
        self._refresh = refresh
        self._types = {cls.__sorcery__.name: cls for cls in (*TYPES, *types)}
        self._fallback = fallback or (lambda cls: default_mapping(cls.__sorcery__))
        self._explicit: dict[str, tuple[Mapping, ...]] = {}
        self._opener = Opener(registry or Registry())
        self._notifier = Notifier()
        self._stripes = Stripes()
        self._configuring = threading.RLock()
        self._changes = 0
        """Goes up with every change to what is stored."""
        self._dangling: tuple[int, list[Finding]] = (-1, [])
        """What was found of references, and at which count of changes."""
        try:
            self._generation = self._opener.generation(self._types, self._mappings(), environment)
        except SorceryError as error:
            self._opener.close()
            for finding in environment.findings:
                error.add_note(str(finding))  # what was passed over may be what is missed now
            raise
        self._retrieve = self._generation.retrieve
        self.report = self._load(self._generation, Outcome(), None)

    # Opening

    @classmethod
    def open(
        cls,
        target: str | PathLike[str],
        *,
        types: Iterable[type[Object]] = (),
        compat: bool = False,
        astdb: str | PathLike[str] | None = None,
        registry: Registry | None = None,
    ) -> Self:
        """Open a configuration directory, a database address (`sqlite:///pbx.db`, `postgresql://…`), or `memory:`.

        A directory is read as Asterisk reads it. In a database every type that has a table is realtime, the rest is
        in memory. `types` adds object types of your own; `compat` decides as Asterisk does even where that is a
        defect. `astdb` names the AstDB file; otherwise it is Asterisk's own where there is an `asterisk.conf`, else
        `astdb.sqlite3` in the directory, beside an SQLite database, or in the working directory. `report` tells what
        loading found: a bad object is not an exception. Raises `ConfigurationError` where the configuration as a
        whole cannot be used; its notes tell what else was found in the files around the objects.
        """
        target, types, file = str(target), tuple(types), Path(astdb) if astdb is not None else None
        fallback: Callable[[type[Object]], Mapping] | None = None
        refresh: Callable[[], Environment] | None = None
        if not target:
            raise ConfigurationError("no target is named", remedy="name a directory, a database address, or memory:")
        if target == "memory:":
            environment = Environment(compat=compat, astdb=file or Path("astdb.sqlite3").absolute())
            fallback = _in_memory
        elif "://" in target:
            families = (each.__sorcery__.family for each in (*TYPES, *types))
            environment = environment_for_url(target, filter(None, families), compat=compat, astdb=file)
            fallback = _in_database
        else:
            refresh = functools.partial(read_environment, Path(target), compat=compat, astdb=file)
            environment = refresh()
        return cls(environment, types=types, registry=registry, fallback=fallback, refresh=refresh)

    def close(self) -> None:
        """Close all stores; using the instance afterwards is an error."""
        with self._configuring, self._stripes.hold_all():
            self._opener.release(self._generation)
            self._opener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Types and mappings

    @property
    def types(self) -> Table[str, type[Object]]:
        """The object types by name."""
        return dict(self._types)

    def mappings(self, type: TypeName) -> tuple[Mapping, ...]:
        """Return the mappings of a type, in the order in which they are asked."""
        return self._binding(type).mappings

    def map(self, type: TypeName, wizard: str, arguments: str = "", *, caching: bool = False) -> None:
        """Add a mapping to a type, behind those that it has; the first one replaces the type's default mapping.

        A class that is not known yet becomes a type. Loads the new store. Raises `ConfigurationError`, and then
        nothing has changed.
        """
        with self._configuring:
            types = dict(self._types)
            if not isinstance(type, str) and types.setdefault(type.__sorcery__.name, type) is not type:
                raise ConfigurationError(f"{type.__sorcery__.name} is the name of another class")
            name = self._name(type, types)
            mapping, own = Mapping(name, wizard, arguments, caching), self._explicit.get(name, ())
            if mapping in own or mapping in self._configured(types[name], self.environment):
                raise ConfigurationError(f"{name} is mapped to {wizard}{arguments and f',{arguments}'} already")
            self._rebind(types, {**self._explicit, name: (*own, mapping)})

    def unmap(self, type: TypeName, wizard: str, arguments: str | None = None) -> None:
        """Remove the first mapping that `map` made with that wizard (and arguments, if given).

        Raises `ConfigurationError` if there is none.
        """
        with self._configuring:
            name = self._name(type, self._types)
            own = self._explicit.get(name, ())
            found = next((m for m in own if m.wizard == wizard and arguments in (None, m.arguments)), None)
            if found is None:
                raise ConfigurationError(f"{name} has no mapping to {wizard} that was made by map()")
            self._rebind(self._types, {**self._explicit, name: tuple(m for m in own if m is not found)})

    def _rebind(self, types: dict[str, type[Object]], explicit: dict[str, tuple[Mapping, ...]]) -> None:
        mappings = self._mappings(types, explicit, self.environment)
        generation = self._opener.generation(types, mappings, self.environment, self._generation)
        self._types, self._explicit = types, explicit
        self.report = self._load(generation, Outcome(), self._generation)

    def _mappings(
        self,
        types: Table[str, type[Object]] | None = None,
        explicit: Table[str, tuple[Mapping, ...]] | None = None,
        environment: Environment | None = None,
    ) -> dict[str, tuple[Mapping, ...]]:
        types = self._types if types is None else types
        explicit = self._explicit if explicit is None else explicit
        environment = environment or self.environment
        found = {}
        for name, cls in types.items():
            chosen = dict.fromkeys((*self._configured(cls, environment), *explicit.get(name, ())))
            found[name] = tuple(chosen) or (self._fallback(cls),)
        return found

    @staticmethod
    def _configured(cls: type[Object], environment: Environment) -> tuple[Mapping, ...]:
        """Return the mappings that `sorcery.conf` gives a type."""
        section = environment.mappings.get(cls.__sorcery__.section.lower(), ())
        return tuple(mapping for mapping in section if mapping.type_name == cls.__sorcery__.name)

    # Retrieval

    @overload
    def retrieve_by_id(self, type: type[T], id: str) -> T | None: ...
    @overload
    def retrieve_by_id(self, type: str, id: str) -> Any: ...
    def retrieve_by_id(self, type: TypeName, id: str) -> Any:
        """Return the object of that id, or None; raises `Unavailable`."""
        retrieve = self._retrieve.get(type)
        if retrieve is None:
            retrieve = self._binding(type).reader.retrieve
        return retrieve(id)

    @overload
    def retrieve_all(self, type: type[T]) -> list[T]: ...
    @overload
    def retrieve_all(self, type: str) -> list[Any]: ...
    def retrieve_all(self, type: TypeName) -> list[Any]:
        """Return all objects of a type, sorted by id; raises `Unavailable`."""
        return self._search(type, ALL)

    @overload
    def retrieve_by_fields(self, type: type[T], **fields: Any) -> list[T]: ...
    @overload
    def retrieve_by_fields(self, type: str, **fields: Any) -> list[Any]: ...
    def retrieve_by_fields(self, type: TypeName, **fields: Any) -> list[Any]:
        """Return the objects whose fields all match, sorted by id.

        A field's name may carry an operator, as in `**{"max_contacts >=": 2}`: `= != < <= > >= LIKE regex`; without
        one it is equality, or a regular expression where the text is written `/…/`. Raises `ValueError` for an
        unknown field or operator, and `Unavailable`.
        """
        object_type = self._binding(type).object_type
        criteria = tuple(Criterion.parse(name, value, object_type) for name, value in fields.items())
        return self._search(type, Query(criteria=criteria))

    @overload
    def retrieve_by_regex(self, type: type[T], regex: str) -> list[T]: ...
    @overload
    def retrieve_by_regex(self, type: str, regex: str) -> list[Any]: ...
    def retrieve_by_regex(self, type: TypeName, regex: str) -> list[Any]:
        """Return the objects whose id a POSIX extended expression finds, sorted by id; an empty one finds all.

        Raises `ValueError` for an expression that does not compile, and `Unavailable`.
        """
        return self._search(type, Query(regex=regex))

    @overload
    def retrieve_by_prefix(self, type: type[T], prefix: str) -> list[T]: ...
    @overload
    def retrieve_by_prefix(self, type: str, prefix: str) -> list[Any]: ...
    def retrieve_by_prefix(self, type: TypeName, prefix: str) -> list[Any]:
        """Return the objects whose id starts with the prefix, sorted by id; raises `Unavailable`."""
        return self._search(type, Query(prefix=prefix))

    def _search(self, type: TypeName, query: Query) -> list[Any]:
        return sorted(self._binding(type).reader.search(query), key=_by_id)

    # Changes

    def create(self, obj: Object) -> None:
        """Store a new object in every writable mapping of its type, all or nothing.

        Raises `AlreadyExists`, `NotWritable`, `StoreRefused`, `Unavailable`, `PartialWrite`. Blocks on the stores.
        """
        self._store([(Op.CREATE, obj)])

    def update(self, obj: Object) -> None:
        """Replace the stored object of that id; raises `NotFound` if there is none, else as `create`."""
        self._store([(Op.UPDATE, obj)])

    def delete(self, obj: Object) -> None:
        """Delete the stored object of that id; raises `NotFound` if there is none, else as `create`."""
        self._store([(Op.DELETE, obj)])

    def transaction(self) -> Transaction:
        """Return a context manager whose changes come true together, in dependency order, or not at all."""
        return Transaction(self._store, {name: cls.__sorcery__ for name, cls in self._types.items()})

    def _store(self, steps: Sequence[Step]) -> None:
        if not steps:
            return
        observed = {obj.__sorcery__.name for _, obj in steps if self._notifier.watches(obj.__sorcery__.name)}
        with self._stripes.hold((obj.__sorcery__.name, obj.id) for _, obj in steps):
            # the stores are looked up in here: no reload puts others in their place meanwhile
            requests = [Request(self._op(op), obj, self._binding(obj.__sorcery__.name)) for op, obj in steps]
            self._notifier.queue(store(requests, observed=observed))
            self._changes += 1
        self._notifier.deliver()

    def _op(self, op: Op) -> Op:
        return Op.PUT if op is Op.UPDATE and self.environment.create_on_update_miss else op

    # Reload

    def reload(self) -> Report:
        """Read again what changed, swap it in, prune what vanished, and tell the observers; return what was done.

        A bad object keeps its last good version, a bad file everything. `sorcery.conf` and `extconfig.conf` count
        too. Never raises for what it reads: the report says what was wrong, each time until it is mended.
        """
        with self._configuring:
            outcome = Outcome()
            environment = self._fresh_environment(outcome)
            generation = self._generation
            if environment is not self.environment:
                try:
                    mappings = self._mappings(environment=environment)
                    generation = self._opener.generation(self._types, mappings, environment, self._generation)
                except SorceryError as error:
                    outcome.findings.append(refusal(error, "every mapping stays as it was"))
                    known = self.environment.findings
                    outcome.findings.extend(each for each in environment.findings if each not in known)
                else:
                    self.environment = environment
            self.report = self._load(generation, outcome, self._generation)
            return self.report

    def _fresh_environment(self, outcome: Outcome) -> Environment:
        """Return the environment as its files say now; a file that is refused leaves it as it was."""
        if self._refresh is None or not self.environment.has_changed():
            return self.environment
        try:
            return self._refresh()
        except SorceryError as error:
            outcome.findings.append(refusal(error, "the configuration stays as it was"))
            return self.environment

    def _load(self, generation: Generation, outcome: Outcome, old: Generation | None) -> Report:
        """Load what a generation's stores hold, and put it in force; `old` is the one in force, None at the start."""
        elsewhere = moved(old, generation) if old else ()
        before = everything(old, elsewhere) if old else {}
        loads = prepare(generation, old)
        with self._stripes.hold_all():
            for loaded, names in loads:
                loaded.commit()
                outcome.take(loaded, names, elsewhere)
            generation.activate()
            self._generation, self._retrieve = generation, generation.retrieve
            self._notifier.queue(outcome.news())  # here: a change that follows is told later
        compare_moved(before, everything(generation, elsewhere), outcome)
        if old:
            reconcile(generation, outcome)
        if old and generation is not old:
            self._opener.release(old, generation)
        if outcome.has_changes or generation is not old:
            self._changes += 1
        schemas = {name: cls.__sorcery__ for name, cls in self._types.items()}
        outcome.findings[:0] = [*self.environment.findings, *unread_mappings(self.environment, schemas)]
        outcome.findings.extend(self.dangling())
        self._notifier.queue(outcome.news())
        self._notifier.queue((name, "loaded", (name,)) for name in generation.bindings)
        self._notifier.deliver()
        return outcome.report()

    def dangling(self, *, deep: bool = False) -> list[Finding]:
        """Return a finding for each reference to an object that does not exist.

        Looks at the types that are held in memory; `deep` reads every store, which may take long on a large database.
        Of stores that do not answer nothing is said.
        """
        if deep:
            return dangling_references(self._generation.bindings, deep=True)
        changes, (known, found) = self._changes, self._dangling
        if known != changes:
            found = dangling_references(self._generation.bindings)
            self._dangling = changes, found
        return list(found)

    def faults(self, types: Iterable[TypeName] | None = None) -> list[Finding]:
        """Return what is wrong with stored rows that hold no object, of all types or those named.

        Reads the stores whole. A store that does not answer is a finding of the rule `unavailable`.
        """
        return faulty_rows([self._binding(name) for name in (self._types if types is None else types)])

    # Observing and comparing

    def observe(
        self,
        type: TypeName,
        *,
        created: Callable[[Any], object] | None = None,
        updated: Callable[[Any, Any], object] | None = None,
        deleted: Callable[[Any], object] | None = None,
        loaded: Callable[[str], object] | None = None,
    ) -> Subscription:
        """Call functions on changes of a type: created(new), updated(new, old), deleted(old), loaded(type name).

        They are called in the order of the changes, outside any lock, by the thread that made the change or by one
        that is delivering already. Close the subscription to end it.
        """
        name = self._binding(type).object_type.name
        observer = Observer(created=created, updated=updated, deleted=deleted, loaded=loaded)
        return self._notifier.add(name, observer)

    def plan(self, other: Sorcery, types: Iterable[TypeName] | None = None) -> Plan:
        """Return the changes that make this system hold what `other` holds.

        All types that both know, or those named. Reads both systems whole; raises `Unavailable`.
        """
        names = [self._binding(name).object_type.name for name in types] if types is not None else list(self._types)
        known = {name: cls.__sorcery__ for name, cls in self._types.items()}
        found: dict[tuple[Op, str, str], PlannedChange] = {}
        for name in dependency_order(known):
            if name in names and name in other._types:
                theirs = {obj.id: obj for obj in other.retrieve_all(name)}
                for change in compare(self.retrieve_all(name), theirs):
                    found[change.op, name, change.obj.id] = change
        steps = ordered([(change.op, change.obj) for change in found.values()], known)
        return Plan(tuple(found[op, obj.__sorcery__.name, obj.id] for op, obj in steps), self._store)

    # Names

    def _binding(self, type: TypeName) -> Binding:
        return self._generation.bindings[self._name(type, self._types)]

    @staticmethod
    def _name(type: TypeName, types: Table[str, type[Object]]) -> str:
        name = type if isinstance(type, str) else type.__sorcery__.name
        if name not in types:
            raise UnknownType(name, types)
        return name


def _by_id(obj: Object) -> bytes:
    return obj.id.encode("utf-8", "surrogateescape")


def _in_memory(cls: type[Object]) -> Mapping:
    return Mapping(cls.__sorcery__.name, "memory")


def _in_database(cls: type[Object]) -> Mapping:
    family = cls.__sorcery__.family
    return Mapping(cls.__sorcery__.name, "realtime", family) if family else _in_memory(cls)
