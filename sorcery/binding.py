"""What a type is bound to at one moment: its mappings and the stores that they opened."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Mapping as Table
from contextlib import ExitStack

import attrs

from sorcery.chain import Chain, Swaps
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, NotListed, UnknownWizard
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.query import ALL
from sorcery.registry import Registry
from sorcery.release import Release
from sorcery.wizard import (
    Cache,
    GroupWriter,
    Guarded,
    Listing,
    Locating,
    ManagedCache,
    Publisher,
    Reader,
    Refreshing,
    Resolving,
    Store,
    Wizard,
    Writer,
)

__all__ = ["Binding", "Bound", "Generation", "Opener"]

Key = tuple[ObjectType, str, str, bool, Hashable]


@attrs.frozen(slots=True, eq=False)
class Bound:
    """One mapping with the store that it opened."""

    mapping: Mapping
    wizard: Wizard
    store: Store
    key: Key = attrs.field(repr=False)
    """What it was opened for; the address of a database is in it."""
    is_writable: bool = attrs.field(init=False)
    """Whether changes go to this store; a cache is told of them afterwards."""

    @is_writable.default
    def _can_be_written(self) -> bool:
        return isinstance(self.wizard, Writer) and not self.mapping.caching and not self.guard

    is_grouping: bool = attrs.field(init=False)
    """Whether the wizard stores what several callers change together; asked of each change, which would take long."""

    @is_grouping.default
    def _can_group(self) -> bool:
        return isinstance(self.wizard, GroupWriter)

    @property
    def guard(self) -> str:
        """What has to be done before the store takes changes, where it could and may not."""
        return self.store.guard if isinstance(self.store, Guarded) else ""

    @property
    def lists_all(self) -> bool:
        """Whether the store lists what it holds: an empty list means that it holds nothing."""
        return not isinstance(self.store, Listing) or self.store.lists_all


@attrs.frozen(slots=True, eq=False)
class Binding:
    """One type's stores, in mapping order, and the reader that asks them."""

    object_type: ObjectType
    bound: tuple[Bound, ...]
    reader: Reader
    front: Reader = attrs.field()
    """What answers callers: the reader, or who asks it and has another answer where it has none."""
    writable: tuple[Bound, ...] = attrs.field(init=False)
    """The stores that changes go to."""
    caches: tuple[Cache, ...] = attrs.field(init=False)
    """The stores that stand in front of others."""
    informed: tuple[tuple[Cache, tuple[Bound, ...]], ...] = attrs.field(init=False)
    """The caches that are told of changes afterwards, with the stores behind: those where changes go to one of them."""

    @front.default
    def _front(self) -> Reader:
        return self.reader

    @writable.default
    def _writable(self) -> tuple[Bound, ...]:
        return tuple(bound for bound in self.bound if bound.is_writable)

    @caches.default
    def _all_caches(self) -> tuple[Cache, ...]:
        return _caches(self.bound)

    @informed.default
    def _informed(self) -> tuple[tuple[Cache, tuple[Bound, ...]], ...]:
        informed = []
        for position, bound in enumerate(self.bound):
            behind = tuple(each for each in self.bound[position + 1 :] if not each.mapping.caching)
            if isinstance(bound.store, Cache) and any(each.is_writable for each in behind):
                informed.append((bound.store, behind))
        return tuple(informed)

    def everything(self) -> list[Object]:
        """Return all objects; raises `Unavailable`, and its kin `NotListed` where a store would hide some."""
        self.require_list()
        return list(self.reader.search(ALL))

    def require_list(self) -> None:
        """Raise `NotListed` where a store would hide what it holds."""
        for bound in self.bound:
            if not bound.lists_all:
                raise NotListed(bound.store.label, str(bound.mapping))

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The mappings, in order."""
        return tuple(bound.mapping for bound in self.bound)

    @property
    def is_volatile(self) -> bool:
        """Whether memory alone holds a type that no table is made for: what is stored refers to objects elsewhere."""
        return self.object_type.family is None and all(bound.mapping.wizard == "memory" for bound in self.bound)

    def place(self, id: str, option: str = "") -> Place | None:
        """Return where an object or one of its options stands, if a store knows; may block on it."""
        for bound in self.bound:
            if isinstance(bound.store, Locating) and (place := bound.store.place(id, option)):
                return place
        return None


Front = Callable[[ObjectType, tuple[Bound, ...], Reader], Reader]


@attrs.frozen(slots=True, eq=False)
class Generation:
    """All types and their bindings between two changes of configuration; swapped as a whole."""

    types: Table[str, type[Object]]
    bindings: Table[str, Binding]
    retrieve: Table[object, Callable[[str], Object | None]]
    """The quickest way to an object by id: by type name and by class."""
    swaps: Swaps = attrs.field(factory=Swaps)
    """The moments in which stores change together."""

    def activate(self, news: Callable[[str, Sequence[Cache]], Publisher] | None = None) -> None:
        """Let every cache ask the stores that stand behind it now.

        `news` gives whom a cache tells what it finds by itself, for a type and the caches in front of that one.
        """
        for name, binding in self.bindings.items():
            for position, bound in reversed(tuple(enumerate(binding.bound))):  # each asks what is ready
                if bound.mapping.caching and isinstance(bound.store, Cache):
                    bound.store.bind(_reader(binding.bound[position + 1 :], self.swaps))
                    if news is not None and isinstance(bound.store, Refreshing):
                        bound.store.report_to(news(name, _caches(binding.bound[:position])))


class Opener:
    """Opens stores for mappings, and keeps those whose mapping still means the same."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._wizards: dict[str, Wizard] = {}
        self._kept_to: dict[tuple[type[Object], Release], ObjectType] = {}
        """The types as releases have them: one each, for a store is kept as long as its type is the same."""
        self.swaps = Swaps()

    def generation(
        self,
        types: Table[str, type[Object]],
        mappings: Table[str, tuple[Mapping, ...]],
        environment: Environment,
        previous: Generation | None = None,
        front: Front = lambda object_type, bound, reader: reader,
    ) -> Generation:
        """Return the bindings for the mappings; raises what a wizard raises, and then nothing is left open.

        `front` returns what answers callers of a type in the place of its reader.
        """
        kept = (
            {bound.key: bound for binding in previous.bindings.values() for bound in binding.bound} if previous else {}
        )
        opened: list[Bound] = []
        bindings: dict[str, Binding] = {}
        try:
            for name, cls in types.items():
                bound, own = [], self._schema(cls, environment.release)
                for mapping in mappings[name]:
                    entry = self._open(mapping, own, environment, kept)
                    bound.append(entry)
                    if entry.key not in kept:
                        opened.append(entry)
                reader = _reader(bound, self.swaps)
                bindings[name] = Binding(own, tuple(bound), reader, front(own, tuple(bound), reader))
            _check_names(bindings.values())
        except BaseException:
            for entry in opened:
                entry.wizard.release(entry.store)
            raise
        retrieve: dict[object, Callable[[str], Object | None]] = {}
        for name, cls in types.items():
            retrieve[name] = retrieve[cls] = bindings[name].front.retrieve
        return Generation(dict(types), bindings, retrieve, self.swaps)

    def _schema(self, cls: type[Object], release: Release | None) -> ObjectType:
        if release is None:
            return cls.__sorcery__
        if (cls, release) not in self._kept_to:
            self._kept_to[cls, release] = cls.__sorcery__.at(release)
        return self._kept_to[cls, release]

    def _open(
        self, mapping: Mapping, object_type: ObjectType, environment: Environment, kept: Table[Key, Bound]
    ) -> Bound:
        try:
            wizard = self._wizard(mapping.wizard)
            meaning = wizard.resolve(mapping.arguments, environment) if isinstance(wizard, Resolving) else None
            key = (object_type, mapping.wizard, mapping.arguments, mapping.caching, meaning)
            if key in kept:
                return Bound(mapping, wizard, kept[key].store, key)  # its line may have moved
            store = wizard.open(object_type, mapping.arguments, environment)
        except UnknownWizard as error:
            raise UnknownWizard(error.name, error.known, place=mapping.place) from None
        except ConfigurationError as error:
            raise ConfigurationError(
                f"{mapping}: {error.reason}", place=error.place or mapping.place, remedy=error.remedy
            ) from error
        try:
            _check(store, mapping)
        except ConfigurationError:
            wizard.release(store)
            raise
        return Bound(mapping, wizard, store, key)

    def _wizard(self, name: str) -> Wizard:
        if name not in self._wizards:
            self._wizards[name] = self._registry.factory(name)()
        return self._wizards[name]

    def release(self, old: Generation, new: Generation | None = None) -> None:
        """Let go of the stores of an old generation that a new one does not use."""
        used = {bound.key for binding in new.bindings.values() for bound in binding.bound} if new else set()
        for binding in old.bindings.values():
            for bound in binding.bound:
                if bound.key not in used:
                    bound.wizard.release(bound.store)

    def close(self) -> None:
        """Close all wizards, also where one of them fails to."""
        with ExitStack() as closing:
            for wizard in reversed(self._wizards.values()):  # the first one is called back last
                closing.callback(wizard.close)


def _check_names(bindings: Iterable[Binding]) -> None:
    """Raise `ConfigurationError` for two caches of one name: an operator commands them by it."""
    taken: dict[str, Mapping] = {}
    for bound in (bound for binding in bindings for bound in binding.bound):
        if isinstance(bound.store, ManagedCache):
            other = taken.setdefault(bound.store.name, bound.mapping)
            if other is not bound.mapping:
                raise ConfigurationError(
                    f"{bound.mapping}: the cache of {other.type_name} is named {bound.store.name!r} already",
                    place=bound.mapping.place,
                    remedy="give each cache its own name, as in name=other",
                )


def _check(store: Store, mapping: Mapping) -> None:
    """Refuse a store that cannot be asked, or that is mapped as what it is not."""
    lacking = [name for name in ("label", "retrieve", "search") if not hasattr(store, name)]
    if lacking:
        wrong, right = f"opens a store without {' and '.join(lacking)}", f"mend {mapping.wizard}"
    elif isinstance(store, Cache) is mapping.caching:
        return
    elif mapping.caching:
        wrong, right = "is no cache", f"write {mapping.type_name} = {mapping.wizard}"
    else:
        wrong, right = "stands in front of other stores", f"write {mapping.type_name}/cache = {mapping.wizard}"
    raise ConfigurationError(f"{mapping}: {mapping.wizard} {wrong}", place=mapping.place, remedy=right)


def _caches(bound: Iterable[Bound]) -> tuple[Cache, ...]:
    return tuple(entry.store for entry in bound if entry.mapping.caching and isinstance(entry.store, Cache))


def _reader(bound: Sequence[Bound], swaps: Swaps) -> Reader:
    """Return what asks the stores in order: a cache stands for all that follow it."""
    readers: list[Reader] = []
    for entry in bound:
        readers.append(entry.store)
        if entry.mapping.caching:
            break
    return readers[0] if len(readers) == 1 else Chain(readers, swaps)
