"""Which sections of a file are objects of a type."""

from __future__ import annotations

from collections.abc import Sequence

from sorcery.conf import Block, Category, ConfFile
from sorcery.conf.text import fold
from sorcery.objecttype import ObjectType
from sorcery_config.arguments import Arguments

__all__ = ["Sections"]

Index = dict[str, list[Category]]


class Sections:
    """The sections of one file; one pass serves all types whose criteria begin with the same option."""

    def __init__(self, conf: ConfFile) -> None:
        self._all = list(conf.sections())
        self._indexes: dict[str, Index] = {}

    def matching(self, arguments: Arguments, object_type: ObjectType) -> Sequence[Category]:
        """Return the sections that are objects of the type, in file order."""
        criteria, name = arguments.criteria, arguments.explicit_name
        if not criteria and not name:
            return self._all
        found: list[Category] = []
        if criteria:
            (field, value), *further = criteria
            found = self.by_value(fold(field)).get(value, [])
            found = [each for each in found if all(each.first(key) == text for key, text in further)]
        if not name:
            return found
        named = [each for each in self._all if each.name == name and _has_only_fields(each, object_type)]
        chosen = {id(each) for each in (*found, *named)}
        return [each for each in self._all if id(each) in chosen] if named else found

    def without(self, field: str) -> list[Category]:
        """Return the sections that have no such option; `field` is in lower case."""
        having = {id(each) for found in self.by_value(field).values() for each in found}
        return [each for each in self._all if id(each) not in having]

    def by_value(self, field: str) -> Index:
        """Return the sections by the first value of an option; `field` is in lower case."""
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = {}
            shared: dict[int, str | None] = {}
            for section in self._all:
                value = _first(section, field, shared)
                if value is not None:
                    index.setdefault(value, []).append(section)
        return index


def _first(section: Category, field: str, shared: dict[int, str | None]) -> str | None:
    """Return the first value of an option, looking only once at a block that several sections share."""
    for block in section.blocks:
        if not block[0].inherited:
            value = _first_of(block, field)
        elif id(block) in shared:
            value = shared[id(block)]
        else:
            value = shared[id(block)] = _first_of(block, field)
        if value is not None:
            return value
    return None


def _first_of(block: Block, field: str) -> str | None:
    return next((each.value for each in block if each.key == field or fold(each.key) == field), None)


def _has_only_fields(section: Category, object_type: ObjectType) -> bool:
    return all(each.key == "type" or object_type.has_field(each.key) for each in section.variables)
