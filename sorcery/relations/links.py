"""Who refers to whom: asked of the stores, by their indexes."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Table

import attrs

from sorcery.binding import Binding
from sorcery.errors import InvalidObject, NotFound
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.query import NAMES, Criterion, Query
from sorcery.references import naming

__all__ = ["BY_ID", "Key", "Link", "Relations", "State", "Tie", "key_of"]

BY_ID = "id"
"""Stands for an option where the referrer's id says whose it is."""

Key = tuple[str, str]
"""A type's name and an id."""


class Tie(enum.Enum):
    """What makes one object refer to another."""

    OPTION = "option"
    """An option that holds the other's id."""
    OWNER = "owner"
    """Its own id, which begins with that of its owner: a contact's with that of its AOR."""
    DOMAIN = "domain"
    """An option that holds the domain at the end of the other's id: neither holds the other."""


class State(enum.Enum):
    """What is known of the object that is referred to."""

    FOUND = "found"
    DANGLING = "dangling"
    """There is none of that id."""
    UNREADABLE = "unreadable"
    """Something is stored under that id, and it holds no object."""
    OUTSIDE = "outside"
    """Nothing is known of it here: a section of `acl.conf`, or of a type that no store is mapped for."""


@attrs.frozen(slots=True)
class Link:
    """One object refers to another."""

    referrer: Object
    option: str
    """The option that says so, of a family its member, or `id` where the referrer's id does."""
    type_name: str
    """The type of what is referred to."""
    id: str
    state: State
    tie: Tie
    belongs: bool
    """The referrer is of no use without what it refers to, and goes with it."""
    target: Object | None = attrs.field(default=None, repr=False)
    """What is referred to, where it was found."""
    _binding: Binding | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def place(self) -> Place | None:
        """Where the reference stands, if the referrer's store knows; may block on that."""
        if self._binding is None:
            return None
        return self._binding.place(self.referrer.id, "" if self.option == BY_ID else self.option)

    def __str__(self) -> str:
        name, place = self.referrer.__sorcery__.name, self.place
        by = "its id" if self.option == BY_ID else f"option {self.option}"
        return plain(f"{name} {self.referrer.id!r}, {by}" + (f" ({place})" if place else ""))


class Relations:
    """The references in a system. Its methods block on the stores, and raise `Unavailable` where one is silent.

    What cannot be read refers to nothing here. `objects` are those of all types where somebody has read them already;
    without them each question asks the stores for as little as their indexes allow.
    """

    def __init__(self, bindings: Table[str, Binding], objects: Table[str, Table[str, Object]] | None = None) -> None:
        self.bindings = bindings
        self._objects = objects
        self._unlisted: dict[Key, tuple[State, Object | None]] = {}
        """What a store said of ids that are not among those."""

    def get(self, type_name: str, id: str) -> Object:
        """Return an object; raises `NotFound`, and `InvalidObject` for what cannot be read."""
        found = self.bindings[type_name].reader.retrieve(id)
        if found is None:
            raise NotFound(type_name, id)
        return found

    def references(self, obj: Object) -> list[Link]:
        """Return what an object refers to, in the order of its options, whether it exists or not."""
        return [*self._by_options(obj), *self._by_id(obj), *self._by_domains(obj)]

    def _by_options(self, obj: Object) -> Iterator[Link]:
        for option, names in naming(obj):
            for name in dict.fromkeys(names):
                state, target = self._look(option.refers_to or option.may_refer_to, name, obj)
                is_elsewhere = option.may_refer_to not in self.bindings
                if option.refers_to or is_elsewhere or _is_meant(option, obj, target, state):
                    yield self._link(obj, option, name, state, target)

    def _by_id(self, obj: Object) -> Iterator[Link]:
        own = obj.__sorcery__
        owner, separator, _ = obj.id.rpartition(";@")
        if own.owner and separator:
            state, target = self._look(own.owner, owner, obj)
            yield self._owned(obj, owner, state, target)

    def _by_domains(self, obj: Object) -> Iterator[Link]:
        for option in obj.__sorcery__.domains:
            domain = getattr(obj, option.attribute)
            if domain and option.domain_of in self.bindings:
                for found in self._of_domain(option.domain_of, domain):
                    yield self._link(obj, option, found.id, State.FOUND, found)

    def _of_domain(self, type_name: str, domain: str) -> Iterable[Object]:
        """Return the objects of a type whose ids end with a domain."""
        if self._objects is not None and type_name in self._objects:
            return self._by_domain.get((type_name, domain), ())
        like = Criterion(BY_ID, "like", f"%@{domain}")  # where the domain holds a % or @, others are found too
        found = self._search(type_name, Query(criteria=(like,)))
        return [obj for obj in found if obj.id.rpartition("@")[2] == domain]

    @functools.cached_property
    def _by_domain(self) -> Table[Key, Sequence[Object]]:
        """The objects that somebody has read already, by type and the domain that their ids end with."""
        types = {option.domain_of for each in self.bindings.values() for option in each.object_type.domains}
        found: dict[Key, list[Object]] = {}
        for name, objects in (self._objects or {}).items():
            for id in sorted(objects) if name in types else ():
                _, separator, domain = id.rpartition("@")
                if separator:
                    found.setdefault((name, domain), []).append(objects[id])
        return found

    def referrers(self, type_name: str, id: str) -> list[Link]:
        """Return what refers to an object, whether that exists or not: by type, and by id in each."""
        state, target = self._look(type_name, id)
        return [link for name in self.bindings for link in self._referring(name, type_name, id, state, target)]

    def _referring(self, name: str, type_name: str, id: str, state: State, target: Object | None) -> Iterator[Link]:
        """Yield the references that objects of one type make to an object."""
        own = self.bindings[name].object_type
        for option in own.relating:
            if type_name in (option.refers_to, option.may_refer_to):
                for obj in self._search(name, Query(criteria=(Criterion(option.name, NAMES, id),))):
                    is_meant = option.refers_to or _is_meant(option, obj, target, state)
                    if is_meant and any(each is option for each, _ in naming(obj)):
                        yield self._link(obj, option, id, state, target)
        if own.owner == type_name:
            for obj in self._search(name, Query(prefix=f"{id};@")):
                if obj.id.rpartition(";@")[0] == id:
                    yield self._owned(obj, id, state, target)
        for option in own.domains:
            if option.domain_of == type_name and "@" in id:
                domain = Criterion(option.name, "=", id.rpartition("@")[2])
                for obj in self._search(name, Query(criteria=(domain,))):
                    yield self._link(obj, option, id, state, target)

    def _search(self, type_name: str, query: Query) -> Iterable[Object]:
        return sorted(self.bindings[type_name].reader.search(query), key=lambda obj: obj.id)

    def _look(self, type_name: str, id: str, referrer: Object | None = None) -> tuple[State, Object | None]:
        """Return what is known of an object: what memory alone holds is not missed by what is stored elsewhere."""
        binding = self.bindings.get(type_name)
        if binding is None:
            return State.OUTSIDE, None
        state, target = self._known(binding, id)
        is_stored = referrer is not None and not self.bindings[referrer.__sorcery__.name].is_volatile
        if state is State.DANGLING and binding.is_volatile and is_stored:
            state = State.OUTSIDE
        return state, target

    def _known(self, binding: Binding, id: str) -> tuple[State, Object | None]:
        """Ask for an object, or look it up among those that are read; of what is not there it asks once."""
        if self._objects is None:
            return _asked(binding, id)
        key = binding.object_type.name, id
        listed = self._objects.get(key[0], {}).get(id)
        if listed is not None:
            return State.FOUND, listed
        if key not in self._unlisted:
            self._unlisted[key] = _asked(binding, id)
        return self._unlisted[key]

    def _link(self, obj: Object, option: Option, id: str, state: State, target: Object | None) -> Link:
        return Link(
            obj,
            _spelled(option, obj, id),
            option.refers_to or option.may_refer_to or option.domain_of,
            id,
            state,
            Tie.DOMAIN if option.domain_of else Tie.OPTION,
            option.belongs or (option.is_required and bool(option.refers_to)),
            target,
            self.bindings[obj.__sorcery__.name],
        )

    def _owned(self, obj: Object, owner: str, state: State, target: Object | None) -> Link:
        own = obj.__sorcery__
        return Link(obj, BY_ID, own.owner, owner, state, Tie.OWNER, True, target, self.bindings[own.name])


def _asked(binding: Binding, id: str) -> tuple[State, Object | None]:
    try:
        target = binding.reader.retrieve(id)
    except InvalidObject:
        return State.UNREADABLE, None
    return State.DANGLING if target is None else State.FOUND, target


def key_of(obj: Object) -> Key:
    """Return what an object is known by."""
    return obj.__sorcery__.name, obj.id


def _spelled(option: Option, obj: Object, id: str) -> str:
    """Return the option's name, of a family that of the member that names the id."""
    if not option.is_family:
        return option.name
    naming_it = (line for line in getattr(obj, option.attribute) if id in option.kind.names((line,)))
    return next((name for line in naming_it for name, _ in option.kind.lines(option.name, (line,))), option.name)


def _is_meant(option: Option, obj: Object, target: Object | None, state: State) -> bool:
    """Tell whether a name that may mean something else is the id of what there is."""
    if target is None:
        return state is State.UNREADABLE
    return not option.alike or getattr(obj, option.alike) == getattr(target, option.alike)
