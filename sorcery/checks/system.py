"""What rules look at: all objects, where they stand, and the files around them, each read once."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import attrs

from sorcery.audit import Audit
from sorcery.conf import ConfFile, ConfMissing, read_conf
from sorcery.environment import Environment
from sorcery.errors import Unavailable
from sorcery.instance import Sorcery
from sorcery.mapping import Mapping as TypeMapping
from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Endpoint, Registration
from sorcery.place import Place
from sorcery.source import Source

__all__ = ["MOST_QUALIFIES", "System"]

T = TypeVar("T", bound=Object)

MOST_QUALIFIES = 100.0
"""OPTIONS requests a second; above it `qualify-load` is found."""


@attrs.frozen(kw_only=True, eq=False, slots=False)
class System:
    """A system as rules see it. What a store that is silent holds is not there, and nothing is said of it."""

    sorcery: Sorcery
    audit: Audit
    most_qualifies: float = MOST_QUALIFIES
    now: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    _objects: dict[str, Mapping[str, Object]] = attrs.field(factory=dict, init=False, repr=False)

    @property
    def environment(self) -> Environment:
        """The files around the objects."""
        return self.sorcery.environment

    def by_id(self, cls: type[T]) -> Mapping[str, T]:
        """Return all objects of a type, none where a store is silent. The first call reads the stores."""
        name = cls.__sorcery__.name
        if name not in self._objects:
            self._objects[name] = self.audit.objects(name) or {}
        return self._objects[name]  # type: ignore[return-value]

    def all(self, cls: type[T]) -> Sequence[T]:
        """Return the same as a list."""
        return list(self.by_id(cls).values())

    def referring(self, cls: type[T]) -> Sequence[T]:
        """Return the same, and what is left of refused objects: they will refer to others once they are mended."""
        partial: Mapping[str, T] = self.audit.partial(cls.__sorcery__.name)  # type: ignore[assignment]
        return [*self.all(cls), *partial.values()]

    def is_known(self, cls: type[Object]) -> bool:
        """Tell whether all stores of a type have answered: what is not there is absent then."""
        return self.audit.objects(cls.__sorcery__.name) is not None

    def place(self, obj: Object, option: str = "") -> Place | None:
        """Return where an object stands, or one of its options; None where its store does not say."""
        try:
            return self.audit.place(obj, option)
        except Unavailable:
            return None

    def mappings(self) -> Iterator[tuple[type[Object], tuple[TypeMapping, ...]]]:
        """Yield each type with its mappings."""
        for name, cls in self.sorcery.types.items():
            yield cls, self.sorcery.mappings(name)

    def conf(self, name: str) -> ConfFile | None:
        """Return another file of the configuration directory; None where there is none that can be read.

        Raises `ConfSyntaxError` for one that is refused.
        """
        if self.environment.directory is None:
            return None
        try:
            return read_conf(self.environment.directory / name)
        except ConfMissing:
            return None

    @functools.cached_property
    def sources(self) -> Mapping[Source, list[type[Object]]]:
        """The files that objects are read from, with the types that lie in each."""
        found: dict[Source, list[type[Object]]] = {}
        for cls, store in self.audit.stores():
            source = getattr(store, "source", None)
            if isinstance(source, Source):
                found.setdefault(source, []).append(self.sorcery.types[cls])
        return found

    @functools.cached_property
    def files(self) -> frozenset[str]:
        """The paths of all files that were read, includes too."""
        paths = {stamp.path for stamp in self.environment.stamps}
        for source in self.sources:
            paths.update(stamp.path for stamp in (source.reading.stamps if source.reading else ()))
            paths.add(source.path)
        return frozenset(path for path in paths if Path(path).is_file())

    @functools.cached_property
    def users_of_aors(self) -> Mapping[str, list[Endpoint]]:
        """The endpoints that name an AOR, by its id."""
        found: dict[str, list[Endpoint]] = {}
        for endpoint in self.referring(Endpoint):
            for name in dict.fromkeys(endpoint.aors.names):
                found.setdefault(name, []).append(endpoint)
        return found

    @functools.cached_property
    def challenging(self) -> frozenset[str]:
        """The ids of the auth objects that incoming requests are checked against."""
        return frozenset(name for endpoint in self.referring(Endpoint) for name in endpoint.auth)

    @functools.cached_property
    def answering(self) -> frozenset[str]:
        """The ids of the auth objects that challenges of others are answered with."""
        of_endpoints = (name for endpoint in self.referring(Endpoint) for name in endpoint.outbound_auth)
        registrations = self.referring(Registration)
        return frozenset(of_endpoints) | {name for each in registrations for name in each.outbound_auth}

    @functools.cached_property
    def only_answering(self) -> frozenset[str]:
        """The ids of the auth objects that serve for nothing else."""
        return self.answering - self.challenging

    def auths_of_devices(self) -> Iterator[Auth]:
        """Yield the auth objects whose passwords are ours to choose: not those that only answer others."""
        return (auth for auth in self.all(Auth) if auth.id not in self.only_answering)

    def reachable(self, endpoint: Endpoint) -> list[Aor]:
        """Return the AORs of an endpoint that exist."""
        aors = self.by_id(Aor)
        return [aors[name] for name in endpoint.aors.names if name in aors]
