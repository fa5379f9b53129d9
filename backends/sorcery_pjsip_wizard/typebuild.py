"""Building one type: the objects that the sections of a file stand for, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sorcery.building import BadSection, Builder, finding_of
from sorcery.conf import Outline
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds import Refused
from sorcery.objects import Object
from sorcery.snapshot import Snapshot
from sorcery_pjsip_wizard.assembling import Assembler
from sorcery_pjsip_wizard.pieces import OWNER, PIECES, Piece
from sorcery_pjsip_wizard.section import WizardSection
from sorcery_pjsip_wizard.store import Built, WizardStore

__all__ = ["TypeBuild"]


class TypeBuild:
    """Takes sections one by one, and makes of each its objects of one type.

    Where one of these is refused, the good ones are made, and what else the section stood for stays as it was. As in
    Asterisk, with `compat`, none is made behind a refused one. Of sections of one name the last counts.
    """

    def __init__(self, store: WizardStore, outline: Outline, assembler: Assembler) -> None:
        self._type, self._outline, self._compat = store.object_type, outline, store.source.environment.compat
        self._pieces, self._assembler = PIECES[self._type.plain_name], assembler
        self._builder = Builder(self._type, outline, compat=self._compat, inherited={})
        self._force = store.in_force or Snapshot({})
        self._old = self._force.objects
        self._objects: dict[str, dict[str, Object]] = {}
        """By section."""
        self._faults: dict[str, list[InvalidObject]] = {}

    def take(self, section: WizardSection) -> None:
        """Make the objects of a section, in the place of those of a former section of that name."""
        made: dict[str, Object] = {}
        faults: list[InvalidObject] = []
        for piece in self._pieces(section):
            try:
                made[piece.id] = self._built(section, piece)
            except BadSection as bad:
                faults += bad.errors
                if self._compat:
                    break
        self._objects[section.name] = made
        self._faults[section.name] = faults

    def built(self) -> Built:
        """Return the outcome."""
        kept = self._kept()
        objects = {id: obj for made in self._objects.values() for id, obj in made.items()} | kept
        difference = self._force.difference(Snapshot(objects))
        return Built(
            snapshot=self._force.followed_by(objects, difference),
            difference=difference,
            findings=(*self._builder.findings, *self._told(kept)),
            kept=tuple(kept),
        )

    def _built(self, section: WizardSection, piece: Piece) -> Object:
        """Return the object of a piece, the one in force where that is the same; raises `BadSection`."""
        if piece.refusal is not None:
            raise BadSection(self._fault(section, piece.id, piece.refusal))
        built = self._builder.build(self._assembler.section(section, piece))
        old = self._old.get(piece.id)
        return old if old is not None and old == built else built

    def _fault(self, section: WizardSection, id: str, refusal: Refused) -> InvalidObject:
        place = section.place(self._outline, refusal.option)
        return InvalidObject(self._type.name, id, refusal.reason, remedy=refusal.remedy, place=place)

    def _kept(self) -> dict[str, Object]:
        """Return the objects in force of sections with a fault, as far as there are no new ones."""
        bad = {name for name, faults in self._faults.items() if faults}
        if not bad:
            return {}
        return {
            id: obj
            for id, obj in self._old.items()
            if (owner := obj.text(OWNER)) in bad and id not in self._objects[str(owner)]
        }

    def _told(self, kept: Mapping[str, Object]) -> Iterable[Finding]:
        for faults in self._faults.values():
            for fault in faults:
                yield finding_of(fault, self._type, is_kept=fault.id in kept)
