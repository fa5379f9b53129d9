"""The lines that sections hold, as they were written: what an object keeps no trace of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from sorcery.conf import Category, Outline, Variable
from sorcery.objecttype import ObjectType
from sorcery.place import Place

__all__ = ["Line", "lines_of"]


@attrs.frozen(slots=True)
class Line:
    """One line of a section that an object is made of."""

    object_type: ObjectType
    section: Category
    variable: Variable
    place: Place


def lines_of(outline: Outline, types: Sequence[ObjectType]) -> Iterator[Line]:
    """Yield each line of the sections of these types; of a template under the first section that copies it."""
    by_name = {each.plain_name: each for each in types}
    told: set[tuple[int, str]] = set()
    for entry in outline.sections():
        section = outline.read(entry)
        object_type = by_name.get(section.first("type") or "") or _by_section_name(types, section)
        if object_type is None:
            continue
        for block in section.blocks:
            if block and block[0].inherited:
                key = id(block), object_type.name
                if key in told:
                    continue
                told.add(key)
            for variable in block:
                yield Line(object_type, section, variable, Place(outline.path_of(variable), variable.line))


def _by_section_name(types: Sequence[ObjectType], section: Category) -> ObjectType | None:
    """Return the type of a section that is known by its name alone."""
    if section.first("type") is not None:
        return None
    return next((each for each in types if each.explicit_name == section.name), None)
