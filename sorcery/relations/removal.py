"""Removing an object, with what belongs to it where that is wanted, and leaving no reference to nothing behind."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery.errors import StillReferred
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.plan import PlannedChange
from sorcery.relations.links import Key, Link, Relations, Tie, key_of
from sorcery.relations.planning import Exchange, feasible, rewritten
from sorcery.wizard import Op

__all__ = ["removal"]


def removal(relations: Relations, type_name: str, id: str, *, cascade: bool = False) -> tuple[PlannedChange, ...]:
    """Return the changes that remove an object; `Sorcery.plan_removal` says what `cascade` takes along.

    Raises `NotFound`, `StillReferred`, `NotWritable`, `Unavailable`. Blocks on the stores.
    """
    removing = _Removal(relations, relations.get(type_name, id), cascade=cascade)
    return feasible(relations.bindings, [*removing.updates(), *removing.deletions()])


class _Removal:
    """What has to go, and who else has to hear of it."""

    def __init__(self, relations: Relations, obj: Object, *, cascade: bool) -> None:
        self._relations, self._obj, self._cascade = relations, obj, cascade
        self._doomed: dict[Key, Object] = {}
        self._links: list[Link] = []
        """What refers to the doomed and does not belong to them."""
        self._doom(obj)
        if cascade:
            while parts := self._lone_parts():
                for part in parts:
                    self._doom(part)

    def _doom(self, obj: Object) -> None:
        """Note that an object goes, and with it all that belongs to it."""
        waiting = [obj]
        while waiting:
            obj = waiting.pop()
            if key_of(obj) not in self._doomed:
                self._doomed[key_of(obj)] = obj
                for link in self._referrers(obj):
                    if self._cascade and link.belongs:
                        waiting.append(link.referrer)
                    else:
                        self._links.append(link)

    def _referrers(self, obj: Object) -> Iterable[Link]:
        return (link for link in self._relations.referrers(*key_of(obj)) if link.tie is not Tie.DOMAIN)

    def _lone_parts(self) -> list[Object]:
        """Return the parts of what goes that nobody else refers to."""
        found: dict[Key, Object] = {}
        for obj in self._doomed.values():
            for link in self._relations.references(obj):
                part = link.target
                if part is not None and part.__sorcery__.is_part and key_of(part) not in self._doomed:
                    found[key_of(part)] = part
        return [part for part in found.values() if self._is_left_alone(part)]

    def _is_left_alone(self, part: Object) -> bool:
        others = (link for link in self._referrers(part) if link.tie is not Tie.OWNER)
        return all(key_of(link.referrer) in self._doomed for link in others)

    def deletions(self) -> list[PlannedChange]:
        return [PlannedChange(Op.DELETE, obj, obj) for obj in self._doomed.values()]

    def updates(self) -> list[PlannedChange]:
        """Return what takes the names out of lists of others; raises `StillReferred` where that is not to be."""
        left = [link for link in self._links if key_of(link.referrer) not in self._doomed]
        if left and not self._cascade:
            raise self._refusal(left, "change these first, or let the removal cascade")
        found: dict[Key, tuple[Object, list[Exchange]]] = {}
        for link in left:
            _, exchanges = found.setdefault(key_of(link.referrer), (link.referrer, []))
            exchanges.append((_option(link), link.id, None))
        emptied = [link for link in left if not _remaining(*found[key_of(link.referrer)], _option(link))]
        if emptied:
            raise self._refusal(emptied, "each of these would name nothing any more: change or remove it first")
        return [PlannedChange(Op.UPDATE, rewritten(obj, exchanges), obj) for obj, exchanges in found.values()]

    def _refusal(self, links: Iterable[Link], remedy: str) -> StillReferred:
        return StillReferred(*key_of(self._obj), links, remedy=remedy)


def _option(link: Link) -> Option:
    option = link.referrer.__sorcery__.option(link.option)
    assert option is not None, link
    return option


def _remaining(obj: Object, exchanges: Iterable[Exchange], option: Option) -> tuple[str, ...]:
    """Return the ids that an option still names when others were taken out of it."""
    value = getattr(obj, option.attribute)
    for each, old, _ in exchanges:
        if each is option:
            value = option.kind.renamed(value, old, None)
    return option.kind.names(value)
