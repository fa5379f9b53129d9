"""Putting bundles into a system: all of it, or nothing."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sorcery.errors import AlreadyExists, InvalidObject
from sorcery.objects import Object
from sorcery.pjsip import Endpoint, Registration, Transport
from sorcery.recipes.bundle import Bundle
from sorcery.references import references

if TYPE_CHECKING:
    from sorcery.instance import Sorcery

__all__ = ["create", "prepare", "store"]

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TOLD = 20
"""Ids that are taken of which each is named: a table that is read twice has thousands."""


def create(system: Sorcery, *bundles: Bundle, allow_dangling: bool = False) -> tuple[Object, ...]:
    """Store the objects of bundles in one transaction, and return them as they were stored.

    Each endpoint that needs a transport by name, and names none, gets the only one of its protocol. Raises
    `AlreadyExists` with the ids that are taken, `InvalidObject` where a transport or another object that is referred
    to does not exist (the latter not with `allow_dangling`), and what a transaction raises; then nothing is stored.
    Blocks on the stores.
    """
    return store(system, prepare(system, *bundles, allow_dangling=allow_dangling))


def prepare(system: Sorcery, *bundles: Bundle, allow_dangling: bool = False) -> tuple[Object, ...]:
    """Return the objects that `create` would store, secrets that lie elsewhere found; raises what it raises before."""
    objects = [obj for bundle in bundles for obj in bundle]
    _require_free(system, objects)
    sockets = _Transports(system, [obj for obj in objects if isinstance(obj, Transport)])
    fitted = tuple(obj for bundle in bundles for obj in sockets.fit(bundle))
    _require_one_line(fitted)
    if not allow_dangling:
        _require_references(system, fitted)
    return tuple(obj.followed(system.environment.secrets) for obj in fitted)


def store(system: Sorcery, objects: Sequence[Object]) -> tuple[Object, ...]:
    """Store objects in one transaction, and return them; raises what a transaction raises."""
    with system.transaction() as transaction:
        for obj in objects:
            transaction.create(obj)
    return tuple(objects)


class _Transports:
    """The transports that there are, and those that come with the bundles."""

    def __init__(self, system: Sorcery, own: Iterable[Transport]) -> None:
        self._system, self._own = system, list(own)
        self._found: dict[tuple[str, ...], str] = {}

    def fit(self, bundle: Bundle) -> Iterator[Object]:
        """Yield the objects of a bundle, those that need a transport with one; raises `InvalidObject`."""
        for obj in bundle:
            if bundle.protocols and isinstance(obj, Endpoint | Registration):
                yield self._fitted(obj, bundle.protocols)
            else:
                yield obj

    def _fitted(self, obj: Endpoint | Registration, protocols: tuple[str, ...]) -> Object:
        if obj.transport:
            named = next((each for each in self._all if each.id == obj.transport), None)
            if named is not None and named.protocol not in protocols:
                problem = f"it speaks {named.protocol}, and {' or '.join(protocols)} is needed"
                raise _about(obj, problem, f"name one that speaks {protocols[0]}", obj.transport)
            return obj
        if protocols not in self._found:
            self._found[protocols] = self._only(obj, protocols)
        return obj.evolve(transport=self._found[protocols])

    def _only(self, obj: Object, protocols: tuple[str, ...]) -> str:
        """Return the transport of the best protocol that has any."""
        for protocol in protocols:
            ids = [each.id for each in self._all if each.protocol == protocol]
            if len(ids) > 1:
                raise _about(obj, f"{', '.join(ids)} all speak {protocol}", "name one of them")
            if ids:
                return ids[0]
        problem = f"there is no transport that speaks {' or '.join(protocols)}"
        raise _about(
            obj, problem, "create one (recipe transport), or name one that lies elsewhere and allow what is dangling"
        )

    @functools.cached_property
    def _all(self) -> list[Transport]:
        return [*self._own, *self._system.retrieve_all("transport")]


def _about(obj: Object, problem: str, remedy: str, value: str = "") -> InvalidObject:
    return InvalidObject(obj.__sorcery__.name, obj.id, problem, option="transport", value=value, remedy=remedy)


def _require_free(system: Sorcery, objects: Iterable[Object]) -> None:
    """Refuse ids that are taken, many at once; raises `AlreadyExists`."""
    taken: list[AlreadyExists] = []
    for obj in objects:
        name = obj.__sorcery__.name
        if _exists(system, name, obj.id):
            taken.append(AlreadyExists(name, obj.id))
    if taken:
        first, *others = taken
        for other in others[:_TOLD]:
            first.add_note(f"{other} too")
        if len(others) > _TOLD:
            first.add_note(f"and {len(others) - _TOLD:,} more")
        raise first


def _require_references(system: Sorcery, objects: Sequence[Object]) -> None:
    """Refuse references to what neither exists nor is about to; raises `InvalidObject`."""
    there = {(obj.__sorcery__.name, obj.id): True for obj in objects}
    for obj in objects:
        for option, type_name, id in references(obj):
            key = type_name, id
            if key not in there:
                there[key] = _exists(system, type_name, id)
            if not there[key]:
                problem, remedy = f"no such {type_name} exists", f"create the {type_name} or correct the name"
                own = obj.__sorcery__.name
                raise InvalidObject(own, obj.id, problem, option=option, value=id, remedy=remedy)


def _require_one_line(objects: Iterable[Object]) -> None:
    """Refuse texts that would end a line of a file or a header of SIP; raises `InvalidObject`."""
    for obj in objects:
        bad = [pair for pair in obj.settings() if _CONTROL.search(pair[1])]
        for name, text in obj.__sorcery__.masked(bad):
            problem, remedy = "a control character can stand in no file and no SIP message", "write it in one line"
            raise InvalidObject(obj.__sorcery__.name, obj.id, problem, option=name, value=text, remedy=remedy)


def _exists(system: Sorcery, type_name: str, id: str) -> bool:
    try:
        return system.retrieve_by_id(type_name, id) is not None
    except InvalidObject:
        return True  # what is stored there is no good, and there all the same
