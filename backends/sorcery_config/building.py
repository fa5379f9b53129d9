"""Making objects of sections: what a template says is worked out once for all sections that copy it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from sorcery.conf import Block, Category, ConfFile
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import Draft, ObjectType
from sorcery.place import Place

__all__ = ["Builder", "locate"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Builder:
    """Builds the objects of one type from the sections of one file."""

    def __init__(
        self, object_type: ObjectType, conf: ConfFile, *, compat: bool, inherited: Mapping[str, Any] = _NOTHING
    ) -> None:
        self._object_type, self._conf, self._compat, self._inherited = object_type, conf, compat, inherited
        self._prototypes: dict[tuple[int, ...], Draft] = {}
        self.findings: list[Finding] = []
        """Warnings; those of a template's lines once, under the first object that copies it."""

    def build(self, section: Category) -> Object:
        """Return the object that a section describes; raises `InvalidObject` with the culprit's place.

        Places cost time and memory, so they are noted only in a second run over a section with a fault.
        """
        try:
            draft = self._draft(section)
            built = draft.finish()
        except InvalidObject as error:
            if error.place is not None:
                raise
        else:
            if not draft.findings:
                return built
        return self._build_placed(section)

    def _draft(self, section: Category, *, placed: bool = False) -> Draft:
        blocks = section.blocks
        shared = 0
        while shared < len(blocks) and blocks[shared][0].inherited:
            shared += 1
        draft = self._prototype(blocks[:shared], section.name).fork(section.name)
        draft.place = None
        for block in blocks[shared:]:
            if placed:
                self._apply_placed(draft, block)
            else:
                for variable in block:
                    draft.apply(variable.key, variable.value)
        return draft

    def _prototype(self, blocks: tuple[Block, ...], name: str) -> Draft:
        """Return the draft that shared blocks make; a block is known by its identity, the file keeps it alive."""
        key = tuple(map(id, blocks))
        draft = self._prototypes.get(key)
        if draft is None:
            if blocks:
                draft = self._prototype(blocks[:-1], name).fork(name)
                self._apply_placed(draft, blocks[-1])
            else:
                draft = self._object_type.draft(name, compat=self._compat, inherited=self._inherited)
            self.findings += draft.findings
            draft.findings = []
            self._prototypes[key] = draft
        return draft

    def _apply_placed(self, draft: Draft, block: Block) -> None:
        for variable in block:
            draft.place = Place(self._conf.path_of(variable), variable.line)
            draft.apply(variable.key, variable.value)

    def _build_placed(self, section: Category) -> Object:
        draft = self._draft(section, placed=True)
        before = len(draft.findings)
        draft.place = None
        try:
            return draft.finish()
        except InvalidObject as error:
            place = self._place(section, error.option)
            raise InvalidObject(
                error.type_name,
                error.id,
                error.reason,
                option=error.option,
                value=error.value,
                remedy=error.remedy,
                place=place,
            ) from None
        finally:
            self.findings += draft.findings[:before]
            self.findings += [
                attrs.evolve(finding, place=self._place(section, finding.option)) for finding in draft.findings[before:]
            ]

    def _place(self, section: Category, option: str) -> Place:
        return locate(self._conf, section, self._object_type, option)


def locate(conf: ConfFile, section: Category, object_type: ObjectType, option: str = "") -> Place:
    """Return where the last line of an option stands, the template's if inherited; else the section's header."""
    wanted = object_type.option(option)
    for variable in reversed(section.variables):
        if variable.key == option or (wanted is not None and object_type.option(variable.key) is wanted):
            return Place(conf.path_of(variable), variable.line)
    return Place(conf.path_of(section), section.line)
