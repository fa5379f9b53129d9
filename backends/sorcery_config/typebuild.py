"""Building one type of one file: which objects take the place of those in force, and what is wrong."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sorcery.building import BadSection, Builder, finding_of, locate
from sorcery.conf import Category, Outline
from sorcery.errors import InvalidObject
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.place import Place
from sorcery.snapshot import Difference, Snapshot
from sorcery_config.store import Built, ConfigStore

__all__ = ["TypeBuild"]


class TypeBuild:
    """Takes the sections of a store one by one, and builds its objects aside.

    A refused object keeps its last good version. The type as a whole stays as it is on a repeated id, with
    `integrity=file` on any refused object, and with `single_object` on more than one section. Asterisk counts
    the buckets of its hash instead: those of the mapping, or a prime that is 1 for up to two sections.
    """

    def __init__(
        self,
        store: ConfigStore,
        outline: Outline,
        same_name: Callable[[str], Iterable[Category]],
        *,
        inherited: Mapping[str, Any],
        known: Mapping[int, Object],
    ) -> None:
        """`same_name` finds the store's sections of a name, `known` are former objects by what their sections said."""
        self._type, self._arguments = store.object_type, store.arguments
        self._outline, self._same_name, self._compat = outline, same_name, store.source.environment.compat
        self._inherited, self.known = inherited, known
        secrets = store.source.environment.secrets
        self._builder = Builder(self._type, outline, compat=self._compat, inherited=inherited, secrets=secrets)
        self._force = store.in_force
        self._old: Mapping[str, Object] = self._force.objects if self._force else {}
        self._objects: dict[str, Object] = {}
        self._fingerprints = array("q")
        self._made: dict[str, None] = {}
        """Ids of objects that were built, in order."""
        self._waiting: list[Category] = []
        """The sections of a type of which there may be but one."""
        self._carried: dict[str, int] = {}
        """The ids whose last good object was carried over, and where it stands."""
        self._culprits: dict[str, None] = {}
        self._findings: list[Finding] = []
        self._unsettled = False
        self._trouble = ""

    def built(self) -> Built:
        """Return the outcome. What Asterisk refuses as a whole at the start is an empty type there."""
        if self._arguments.single_object:
            self._take_single()
        difference, snapshot = Difference(), None
        if not self._trouble:
            difference = self._difference()
            snapshot = (self._force or Snapshot({})).followed_by(self._objects, difference)
        elif self._compat and self._force is None:
            snapshot = Snapshot({})
        return Built(
            snapshot=snapshot,
            difference=difference,
            findings=(*self._builder.findings, *self._findings),
            kept=tuple(id for id in self._culprits if id in self._old),
            fingerprints=array("q") if self._trouble else self._fingerprints,
            unsettled=self._unsettled,
            inherited=self._inherited,
            trouble=self._trouble,
            refused=self._objects.values() if self._trouble and self._force is None else None,
        )

    def _difference(self) -> Difference:
        """Return what becomes of the objects in force; only those that were built may differ."""
        made = [(self._objects[id], self._old.get(id)) for id in self._made]
        created = tuple(new for new, old in made if old is None)
        vanished = len(self._objects) - len(created) < len(self._old)
        return Difference(
            created,
            tuple((new, old) for new, old in made if old is not None and new is not old),
            tuple(old for id, old in self._old.items() if id not in self._objects) if vanished else (),
        )

    def take(self, section: Category, fingerprint: int) -> None:
        """Add the object of a section; 0 is the fingerprint of one that has to be read each time."""
        if self._arguments.single_object:
            self._waiting.append(section)
        else:
            self._take(section, fingerprint)

    def take_known(self, fingerprint: int) -> bool:
        """Add the former object of a section that says what it said; return False if the section has to be read."""
        obj = self.known.get(fingerprint)
        if obj is None or obj.id in self._objects:
            return False
        self._objects[obj.id] = obj
        self._fingerprints.append(fingerprint)
        return True

    def _take(self, section: Category, fingerprint: int) -> None:
        id, objects = section.name, self._objects
        # Asterisk counts an object that was carried over as there already; a good section behind it is meant.
        if id in objects and (self._compat or id not in self._carried):
            self._refuse_repeated(section)
            return
        old, told = self._old.get(id), len(self._builder.findings)
        try:
            built = self._builder.build(section)
        except BadSection as bad:
            self._refuse(section, bad.errors, old)
            return
        objects[id] = old if old is not None and old == built else built
        self._made[id] = None
        is_dynamic = built.is_dynamic
        self._unsettled |= is_dynamic
        if is_dynamic or told < len(self._builder.findings) or self._builder.is_told_of(section):
            fingerprint = 0
        if id in self._carried:
            self._fingerprints[self._carried.pop(id)] = fingerprint
            self._culprits.pop(id, None)
        else:
            self._fingerprints.append(fingerprint)

    def _take_single(self) -> None:
        buckets = self._arguments.buckets if self._compat else 0
        if buckets > 1:
            self._refuse_buckets(buckets)
        elif not buckets and len(self._waiting) > (2 if self._compat else 1):
            self._refuse_several()
        else:
            for section in self._waiting:
                self._take(section, 0)

    def _refuse(self, section: Category, errors: Iterable[InvalidObject], old: Object | None) -> None:
        self._culprits[section.name] = None
        self._unsettled = True
        for error in errors:
            self._findings.append(finding_of(error, self._type, is_kept=old is not None))
            if self._arguments.whole_file:
                self._stop(f"{error.place}: {self._type.name} {section.name!r} is refused, and integrity is file")
        if old is not None and section.name not in self._objects:
            self._objects[section.name] = old
            self._carried[section.name] = len(self._fingerprints)
            self._fingerprints.append(0)

    def _refuse_repeated(self, section: Category) -> None:
        first = next(iter(self._same_name(section.name)))
        what = f"{section.name!r} stands at {self._place(first)} already"
        fate = f"every {self._type.name} stays as it was"
        self._findings.append(
            self._finding(section, "duplicate-id", f"{what}; {fate}", "rename or remove one of the two")
        )
        self._stop(f"{self._place(section)}: {self._type.name} {what}")

    def _refuse_several(self) -> None:
        """Refuse the type because there may be but one section of it."""
        first, *others = self._waiting
        what = f"is not the only one, [{first.name}] stands at {self._place(first)}"
        self._culprits[first.name] = None
        for section in others:
            message = f"{section.name!r} {what}; what was loaded before stays in force"
            self._findings.append(self._finding(section, "single-object", message, "remove all but one"))
            self._stop(f"{self._place(section)}: {self._type.name} {section.name!r} {what}")

    def _refuse_buckets(self, count: int) -> None:
        """Refuse the type because its mapping asks for several buckets, whatever sections there are."""
        what = f"buckets={count} counts as so many objects, and there may be but one"
        place = Place(self._outline.path)
        self._findings.append(
            Finding(
                severity=Severity.ERROR,
                rule="single-object",
                message=f"{self._type.name}: {what}; what was loaded before stays in force",
                remedy="leave buckets out of the mapping",
                place=place,
                type_name=self._type.name,
            )
        )
        self._stop(f"{place}: {self._type.name} {what}")

    def _stop(self, trouble: str) -> None:
        self._trouble = self._trouble or trouble

    def _place(self, section: Category) -> Place:
        return locate(self._outline, section, self._type)

    def _finding(self, section: Category, rule: str, what: str, remedy: str) -> Finding:
        self._culprits[section.name] = None
        return Finding(
            severity=Severity.ERROR,
            rule=rule,
            message=f"{self._type.name} {what}",
            remedy=remedy,
            place=self._place(section),
            type_name=self._type.name,
            id=section.name,
        )
