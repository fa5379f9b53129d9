"""Making objects of sections: what a template says is worked out once for all sections that copy it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import attrs

from sorcery.conf import Block, Category, Outline, Variable
from sorcery.draft import Draft
from sorcery.errors import InvalidObject, Unavailable
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.resolving import Resolvers

__all__ = ["BadSection", "Builder", "finding_of", "locate"]


class BadSection(Exception):
    """A section that cannot be an object."""

    def __init__(self, *errors: InvalidObject) -> None:
        self.errors = errors
        """Everything that is wrong with it."""
        super().__init__(*errors)


class Builder:
    """Builds the objects of one type from the sections of one file."""

    def __init__(
        self,
        object_type: ObjectType,
        outline: Outline,
        *,
        compat: bool,
        inherited: Mapping[str, Any],
        secrets: Resolvers | None = None,
    ) -> None:
        self._object_type, self._outline = object_type, outline
        self._start = object_type.draft("", compat=compat, inherited=inherited, secrets=secrets)
        self._prototypes: dict[tuple[int, ...], Draft] = {(): self._start}
        """Drafts by the identities of the shared blocks that made them."""
        self._blocks: list[Block] = []
        """Those blocks: the identities stand for them as long as they last."""
        self._told_of: set[tuple[int, ...]] = set()
        """Those of which there are findings."""
        self.findings: list[Finding] = []
        """Warnings; those of a template's lines once, under the first object that copies it."""

    def build(self, section: Category) -> Object:
        """Return the object that a section describes; raises `BadSection` with the places of the culprits.

        Places cost time and memory, so they are noted only in a second run over a section with a fault.
        """
        try:
            draft = self._draft(section)
            built = draft.finish()
            if not draft.findings:
                return built
        except Unavailable as error:
            raise BadSection(self._unfollowed(section, error)) from None
        except InvalidObject:
            self._refuse_lines(section)
        return self._build_placed(section)

    def _unfollowed(self, section: Category, error: Unavailable) -> InvalidObject:
        """Return the error for an object whose secret lies where nobody answers now."""
        place, reason = self._place(section, ""), f"its secret cannot be asked for: {error}"
        return InvalidObject(self._object_type.name, section.name, reason, remedy="reload once it answers", place=place)

    def remains(self, section: Category) -> Object | None:
        """Return what the good lines of a section that is refused make, or None where they make no object.

        `build` has told of the others.
        """
        draft = self._start.fork(section.name)
        for variable in section.variables:
            with suppress(InvalidObject):
                draft.apply(variable.key, variable.value)
        try:
            return draft.finish()
        except (InvalidObject, Unavailable):
            return None

    def inherited(self, section: Category) -> Draft:
        """Return a draft of what a section copies from others, its own lines left out.

        Raises `InvalidObject`, and `Unavailable` for a secret that cannot be asked for now.
        """
        draft = self._prototype(_shared(section), section.name).fork(section.name)
        draft.follow_references()
        return draft

    def is_told_of(self, section: Category) -> bool:
        """Tell whether there are findings about lines of a template that a section which was built copies."""
        return bool(self._told_of) and tuple(map(id, _shared(section))) in self._told_of

    def _refuse_lines(self, section: Category) -> None:
        """Raise `BadSection` if any line of a section is refused by itself, for all that are."""
        draft, errors = self._start.fork(section.name), []
        for variable in section.variables:
            draft.place = self._place_of(variable)
            try:
                draft.apply(variable.key, variable.value)
            except InvalidObject as error:
                errors.append(error)
        if errors:
            raise BadSection(*errors)

    def _draft(self, section: Category, *, placed: bool = False) -> Draft:
        shared = _shared(section)
        draft = self._prototype(shared, section.name).fork(section.name)
        draft.place = None
        for block in section.blocks[len(shared) :]:
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
            if draft.findings or key[: size - 1] in self._told_of:
                self._told_of.add(key[:size])
            self.findings += draft.findings
            draft.findings = []
            self._blocks.append(block)
            self._prototypes[key[:size]] = draft
        return draft

    def _apply_placed(self, draft: Draft, block: Block) -> None:
        for variable in block:
            draft.place = self._place_of(variable)
            draft.apply(variable.key, variable.value)

    def _build_placed(self, section: Category) -> Object:
        draft = self._draft(section, placed=True)
        before = len(draft.findings)
        draft.place = None
        try:
            return draft.finish()
        except InvalidObject as error:
            place = self._place(section, error.option)
            placed = InvalidObject(
                error.type_name,
                error.id,
                error.reason,
                option=error.option,
                value=error.value,
                remedy=error.remedy,
                place=place,
            )
            raise BadSection(placed) from None
        finally:
            self.findings += draft.findings[:before]
            self.findings += [
                attrs.evolve(finding, place=self._place(section, finding.option)) for finding in draft.findings[before:]
            ]

    def _place(self, section: Category, option: str) -> Place:
        return locate(self._outline, section, self._object_type, option)

    def _place_of(self, variable: Variable) -> Place:
        return self._outline.place_of(variable)


def _shared(section: Category) -> tuple[Block, ...]:
    """Return the blocks at the start of a section that other sections may share."""
    blocks = section.blocks
    shared = 0
    while shared < len(blocks) and blocks[shared][0].inherited:
        shared += 1
    return blocks[:shared]


def locate(outline: Outline, section: Category, object_type: ObjectType, option: str = "") -> Place:
    """Return where the last line of an option stands, the template's if inherited; else the section's header."""
    wanted = object_type.option(option) if option else None  # a family takes any name
    for variable in reversed(section.variables):
        if variable.key == option or (wanted is not None and object_type.option(variable.key) is wanted):
            return outline.place_of(variable)
    return outline.place_of(section)


def finding_of(error: InvalidObject, object_type: ObjectType, *, is_kept: bool) -> Finding:
    """Return the finding for an object that a file describes badly; `is_kept` if its last good version stays."""
    fate = "the last good object stays" if is_kept else "there is no such object until it is mended"
    return Finding.of(error, rule=_rule(error, object_type), fate=fate)


def _rule(error: InvalidObject, object_type: ObjectType) -> str:
    if object_type.is_newer:
        return "type-unknown-to-target"
    if not error.option:
        return "refused-object"
    if error.option.lower() in object_type.newer:
        return "unknown-to-target"
    return "refused-value" if object_type.option(error.option) else "unknown-option"
