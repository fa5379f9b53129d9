"""References between objects: which ids point nowhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Set

from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.pace import paced
from sorcery.place import Place

__all__ = ["dangling", "naming", "references"]


def references(obj: Object) -> Iterator[tuple[str, str, str]]:
    """Yield (option, type, id) for each object that this one refers to.

    A default refers to nothing: it names what may be there, e.g. `default_outbound_endpoint`.
    """
    for option, names in naming(obj):
        for name in names if option.refers_to else ():
            yield option.name, option.refers_to, name


def naming(obj: Object) -> Iterator[tuple[Option, Iterable[str]]]:
    """Yield the options by which an object refers to others, or may, with the ids; a default refers to nothing."""
    return _named(obj, obj.__sorcery__.relating)


def dangling(
    objects: Iterable[Object],
    ids: Callable[[str], Set[str] | None],
    place: Callable[[str, str], Place | None],
) -> Iterator[Finding]:
    """Yield a finding for each reference whose object does not exist.

    `ids` returns the ids of a type, or None where nothing can be said of them; it is called for each reference. `place`
    returns where an option of an object stands.
    """
    for obj in paced(objects):
        for option, names in _named(obj, obj.__sorcery__.referring):
            there = ids(option.refers_to)
            if there is not None:
                for id in names:
                    if id not in there:
                        yield _finding(obj, option, id, place(obj.id, option.name))


def _named(obj: Object, options: Iterable[Option]) -> Iterator[tuple[Option, Iterable[str]]]:
    """Yield those of the options that were set, with the ids that they name."""
    own = obj.__sorcery__
    for option in options:
        value, default = getattr(obj, option.attribute), own.start[option.attribute]
        if value is not default and value != default:
            yield option, option.kind.names(value)


def _finding(obj: Object, option: Option, id: str, place: Place | None) -> Finding:
    own = obj.__sorcery__.name
    return Finding(
        severity=Severity.WARNING,
        rule="dangling-reference",
        message=f"{own} {obj.id!r}, option {option.name}: no {option.refers_to} {id!r} exists",
        remedy=sys.intern(f"create the {option.refers_to} or correct the name"),  # of many findings it is one text
        place=place,
        type_name=own,
        id=obj.id,
        option=option.name,
        value=id,
    )
