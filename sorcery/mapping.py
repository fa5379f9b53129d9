"""Mappings: which wizard holds which type, as `sorcery.conf` says it."""

from __future__ import annotations

import attrs

from sorcery.objecttype import ObjectType
from sorcery.place import Place

__all__ = ["Mapping", "default_mapping", "parse_mapping"]


@attrs.frozen(slots=True)
class Mapping:
    """One wizard applied to one type; the order of a type's mappings is the order in which they are asked."""

    type_name: str
    wizard: str
    arguments: str = ""
    caching: bool = False
    """The mapping stands in front of those that follow it and is filled from them."""
    place: Place | None = attrs.field(default=None, eq=False)

    def __str__(self) -> str:
        arguments = f",{self.arguments}" if self.arguments else ""
        return f"{self.type_name}{'/cache' if self.caching else ''} = {self.wizard}{arguments}"


def parse_mapping(key: str, value: str, place: Place | None = None) -> Mapping | None:
    """Return the mapping of a line `type[/options] = wizard[,arguments]`, or None if it names neither.

    As in Asterisk nothing is trimmed around `/` and `,`, and any option that holds the word cache means it.
    """
    type_name, _, options = key.partition("/")
    wizard, _, arguments = value.partition(",")
    if not type_name or not wizard:
        return None
    return Mapping(type_name, wizard, arguments, "cache" in options, place)


def default_mapping(object_type: ObjectType) -> Mapping:
    """Return the mapping of a type that `sorcery.conf` does not mention."""
    declared = parse_mapping(object_type.plain_name, object_type.default_mapping)
    if declared is not None:
        return attrs.evolve(declared, type_name=object_type.name)
    if object_type.conf is None:
        return Mapping(object_type.name, "memory")
    arguments = f"{object_type.conf},criteria=type={object_type.plain_name}"
    if object_type.single:
        arguments += ",single_object=yes"
    if object_type.explicit_name:
        arguments += f",explicit_name={object_type.explicit_name}"
    return Mapping(object_type.name, "config", arguments)
