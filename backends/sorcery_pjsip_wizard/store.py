"""The objects of one type that the sections of a file stand for."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from sorcery.building import locate
from sorcery.conf import Outline
from sorcery.findings import Finding
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.snapshot import Difference, Snapshot, SnapshotSet, SnapshotStore
from sorcery.source import Source
from sorcery_pjsip_wizard.assembling import Assembler
from sorcery_pjsip_wizard.pieces import PIECES, owner
from sorcery_pjsip_wizard.section import WizardSection, is_wizard

__all__ = ["Built", "WizardStore"]


class WizardStore(SnapshotStore):
    """The objects of one type, as they were when their file was last good."""

    trouble = "it was not loaded yet"

    def __init__(self, object_type: ObjectType, source: Source, snapshots: SnapshotSet) -> None:
        super().__init__(f"pjsip_wizard {source.name} {object_type.name}", snapshots)
        self.object_type, self.source = object_type, source
        self.findings: tuple[Finding, ...] | None = None
        """What is wrong with the objects in the last good reading of the file; None before there was one."""
        self.kept: tuple[str, ...] = ()
        """The ids that are not as the file says, for it is bad there."""
        self.known: Mapping[int, str] = {}
        """The sections that nothing was wrong with, by fingerprint: one mapping for stores that were built together."""
        self._located: Outline | None = None

    def place(self, id: str, option: str = "") -> Place | None:
        """Return where the line stands that an object's option comes from, or else the header of its section.

        The file is gone through again for the first place that is asked for after a load; blocks on the disk.
        """
        self._located = outline = self.source.outline()
        if outline is None:
            return None
        named = [each for each in outline.named(owner(self.object_type.plain_name, id)) if is_wizard(each)]
        if not named:
            return None
        section = WizardSection(named[-1], self.source.environment.compat)
        piece = next((each for each in PIECES[self.object_type.plain_name](section) if each.id == id), None)
        return locate(outline, Assembler().section(section, piece), self.object_type, option) if piece else None

    def take(self, built: Built) -> None:
        """Remember what a load came to, apart from the objects."""
        self.findings, self.kept, self.known, self._located = built.findings, built.kept, built.known, None


@attrs.frozen(kw_only=True, slots=True, eq=False)
class Built:
    """What one reading of a file came to for one type."""

    snapshot: Snapshot = attrs.field(repr=False)
    """The objects to put in force."""
    difference: Difference = attrs.field(factory=Difference, repr=False)
    """What that changes."""
    findings: tuple[Finding, ...] = ()
    kept: tuple[str, ...] = ()
    known: Mapping[int, str] = attrs.field(factory=dict, repr=False)
    """Sections that nothing is wrong with, by fingerprint."""
