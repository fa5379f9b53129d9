"""References between objects: which ids point nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sorcery.errors import InvalidObject, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.place import Place

__all__ = ["dangling", "references"]


def references(obj: Object) -> Iterator[tuple[str, str, str]]:
    """Yield (option, type, id) for each object that this one refers to."""
    for option in obj.__sorcery__.options.values():
        if option.refers_to:
            for name in option.kind.names(getattr(obj, option.attribute)):
                yield option.name, option.refers_to, name


def dangling(
    objects: Iterable[Object],
    exists: Callable[[str, str], bool],
    known: Callable[[str], bool],
    place: Callable[[Object, str], Place | None],
) -> Iterator[Finding]:
    """Yield a finding for each reference whose object does not exist.

    `exists(type, id)` may raise `Unavailable`, then nothing can be said of that reference, or `InvalidObject` for
    a row that is there and is no good. References to types that are not `known` here are left alone.
    """
    for obj in objects:
        for option, type_name, id in references(obj):
            if not known(type_name):
                continue
            try:
                if exists(type_name, id):
                    continue
            except (InvalidObject, Unavailable):
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
