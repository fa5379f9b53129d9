"""Building all types of one file in one go: a section is read, made objects, and let go of."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sorcery.conf import Category, Outline
from sorcery.findings import Finding
from sorcery.pace import paced
from sorcery_pjsip_wizard.assembling import Assembler
from sorcery_pjsip_wizard.notes import Notes
from sorcery_pjsip_wizard.section import WizardSection, is_wizard
from sorcery_pjsip_wizard.store import Built, WizardStore
from sorcery_pjsip_wizard.typebuild import TypeBuild

__all__ = ["FileBuild"]


class FileBuild:
    """The objects of some stores, built from the sections of their file.

    Where a section says what it said, and nothing was wrong with it, its former objects stay, unread and unbuilt.
    """

    def __init__(self, outline: Outline, stores: Collection[WizardStore], *, compat: bool) -> None:
        self._compat, self._notes, assembler = compat, Notes(outline), Assembler()
        self._builds = {store: TypeBuild(store, outline, assembler) for store in stores}
        self._clean: dict[str, int] = {}
        """Fingerprints of the sections that nothing was wrong with, by name."""
        known = _known(stores)
        for entry in paced(outline.sections()):
            fingerprint = outline.fingerprint(entry) if isinstance(entry, int) else 0
            name = known.get(fingerprint)
            if name is not None and self._notes.is_new(name):
                self._take_known(name, fingerprint)
            else:
                self._take(outline.read(entry), fingerprint)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the sections as such."""
        return tuple(self._notes.findings)

    @property
    def is_unsettled(self) -> bool:
        """Whether the objects may be others at the next look though the file is the same."""
        return any(build.is_unsettled for build in self._builds.values())

    def built(self) -> dict[WizardStore, Built]:
        """Return the outcome for each store."""
        known = {fingerprint: name for name, fingerprint in self._clean.items() if fingerprint}
        return {store: build.built(known) for store, build in self._builds.items()}

    def _take_known(self, name: str, fingerprint: int) -> None:
        self._clean[name] = fingerprint
        for build in self._builds.values():
            build.take_known(name)

    def _take(self, category: Category, fingerprint: int) -> None:
        if not is_wizard(category):
            self._notes.pass_over(category)
            return
        section = WizardSection(category, self._compat)
        is_clean = self._notes.take(section)
        for build in self._builds.values():
            is_clean &= build.take(section)
        self._clean[section.name] = fingerprint if is_clean else 0


def _known(stores: Collection[WizardStore]) -> Mapping[int, str]:
    """Return the sections whose objects are in force, unless the stores were built at different times."""
    first, *others = (store.known for store in stores)
    return first if all(each is first for each in others) else {}
