"""Making objects of sections: what a template says is worked out once for all sections that copy it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from sorcery.conf import Block, Category, ConfFile
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import Draft, ObjectType
from sorcery.place import Place

__all__ = ["Builder", "locate"]


class Builder:
    """Builds the objects of one type from the sections of one file."""

    def __init__(self, object_type: ObjectType, conf: ConfFile, *, compat: bool, inherited: Mapping[str, Any]) -> None:
        self._object_type, self._conf = object_type, conf
        start = object_type.draft("", compat=compat, inherited=inherited)
        self._prototypes: dict[tuple[int, ...], Draft] = {(): start}
        """Drafts by the identities of the shared blocks that made them; the file keeps the blocks alive."""
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
        """Return the draft that shared blocks make, for sections to fork; `name` is the first that needs it."""
        key = tuple(map(id, blocks))
        return self._prototypes.get(key) or self._new_prototype(key, blocks, name)

    def _new_prototype(self, key: tuple[int, ...], blocks: tuple[Block, ...], name: str) -> Draft:
        """Go on, block by block, from the longest beginning that is known."""
        known = next(size for size in reversed(range(len(key))) if key[:size] in self._prototypes)
        draft = self._prototypes[key[:known]]
        for size, block in enumerate(blocks[known:], known + 1):
            draft = draft.fork(name)
            self._apply_placed(draft, block)
            self.findings += draft.findings
            draft.findings = []
            self._prototypes[key[:size]] = draft
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
