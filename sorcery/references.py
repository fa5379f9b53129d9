"""References between objects: which ids point nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set

from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.place import Place

__all__ = ["dangling", "references"]


def references(obj: Object) -> Iterator[tuple[str, str, str]]:
    """Yield (option, type, id) for each object that this one refers to.

    A default refers to nothing: it names what may be there, e.g. `default_outbound_endpoint`.
    """
    own = obj.__sorcery__
    for option in own.referring:
        value = getattr(obj, option.attribute)
        if value != own.start[option.attribute]:
            for name in option.kind.names(value):
                yield option.name, option.refers_to, name


def dangling(
    objects: Iterable[Object],
    ids: Callable[[str], Set[str] | None],
    place: Callable[[Object, str], Place | None],
) -> Iterator[Finding]:
    """Yield a finding for each reference whose object does not exist.

    `ids` returns the ids of a type, or None where nothing can be said of them.
    """
    for obj in objects:
        for option, type_name, id in references(obj):
            known = ids(type_name)
            if known is None or id in known:
                continue
            yield Finding(
                severity=Severity.WARNING,
                rule="dangling-reference",
                message=f"{obj.__sorcery__.name} {obj.id!r}, option {option}: no {type_name} {id!r} exists",
                remedy=f"create the {type_name} or correct the name",
                place=place(obj, option),
                type_name=obj.__sorcery__.name,
                id=obj.id,
                option=option,
                value=id,
            )
