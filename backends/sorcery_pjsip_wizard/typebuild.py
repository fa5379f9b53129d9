"""Building one type: the objects that the sections of a file stand for, and what is wrong with them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from sorcery.building import BadSection, Builder, finding_of
from sorcery.conf import Outline
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds import Refused
from sorcery.objects import Object
from sorcery.pace import paced
from sorcery.plan import ORIGIN
from sorcery.snapshot import Snapshot
from sorcery_pjsip_wizard.assembling import Assembler
from sorcery_pjsip_wizard.pieces import PIECES, Piece
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
        secrets = store.source.environment.secrets
        self._builder = Builder(self._type, outline, compat=self._compat, inherited={}, secrets=secrets)
        self._force = store.in_force or Snapshot({})
        self._old = self._force.objects
        self._objects: dict[str, dict[str, Object]] = {}
        """By section."""
        self._faults: dict[str, list[InvalidObject]] = {}
        self.is_unsettled = False
        """Whether objects are made of more than the file, or of what is another at the next look."""
        self._copies_told_of = False
        """Whether the last section copies a template that there are findings about."""

    def take_known(self, name: str) -> None:
        """Take the objects in force of a section that says what it said."""
        self._objects[name] = self._owned.get(name, {})

    def take(self, section: WizardSection) -> bool:
        """Make the objects of a section, in the place of those of a former section of that name.

        Tells whether nothing is wrong with them, and they would be the same at the next look.
        """
        made: dict[str, Object] = {}
        faults: list[InvalidObject] = []
        told, self._copies_told_of = len(self._builder.findings), False
        for piece in self._pieces(section):
            try:
                made[piece.id] = self._built(section, piece)
            except BadSection as bad:
                faults += bad.errors
                if self._compat:
                    break
        self._objects[section.name] = made
        if faults or section.name in self._faults:
            self._faults[section.name] = faults
        is_dynamic = any(obj.is_dynamic for obj in made.values())
        self.is_unsettled |= is_dynamic or bool(faults)
        return not faults and not is_dynamic and told == len(self._builder.findings) and not self._copies_told_of

    def built(self, known: Mapping[int, str]) -> Built:
        """Return the outcome."""
        kept = self._kept()
        objects = {id: obj for made in self._objects.values() for id, obj in made.items()} | kept
        difference = self._force.difference(Snapshot(objects))
        return Built(
            snapshot=self._force.followed_by(objects, difference),
            difference=difference,
            findings=(*self._builder.findings, *self._told(kept)),
            kept=tuple(kept),
            known=known,
        )

    def _built(self, section: WizardSection, piece: Piece) -> Object:
        """Return the object of a piece, the one in force where that is the same; raises `BadSection`."""
        if piece.refusal is not None:
            raise BadSection(self._fault(section, piece.id, piece.refusal))
        part = self._assembler.section(section, piece)
        built = self._builder.build(part)
        self._copies_told_of |= self._builder.is_told_of(part)
        old = self._old.get(piece.id)
        return old if old is not None and old == built else built

    def _fault(self, section: WizardSection, id: str, refusal: Refused) -> InvalidObject:
        place = section.place(self._outline, refusal.option)
        return InvalidObject(self._type.name, id, refusal.reason, remedy=refusal.remedy, place=place)

    def _kept(self) -> dict[str, Object]:
        """Return the objects in force of sections with a fault, as far as there are no new ones."""
        kept: dict[str, Object] = {}
        for name, faults in self._faults.items():
            old = self._owned.get(name, {}) if faults else {}
            kept |= {id: obj for id, obj in old.items() if id not in self._objects[name]}
        return kept

    @functools.cached_property
    def _owned(self) -> Mapping[str, dict[str, Object]]:
        """The objects in force by section."""
        owned: dict[str, dict[str, Object]] = {}
        for obj in paced(self._old.values()):
            owned.setdefault(str(obj.text(ORIGIN)), {})[obj.id] = obj
        return owned

    def _told(self, kept: Mapping[str, Object]) -> Iterable[Finding]:
        for faults in self._faults.values():
            for fault in faults:
                yield finding_of(fault, self._type, is_kept=fault.id in kept)
