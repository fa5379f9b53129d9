"""Building one type of one file: which objects take the place of those in force, and what is wrong."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sorcery.conf import Category, ConfFile
from sorcery.errors import InvalidObject
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.snapshot import Snapshot
from sorcery_config.building import Builder, locate
from sorcery_config.store import Built, ConfigStore

__all__ = ["build_type"]


def build_type(
    store: ConfigStore, conf: ConfFile, sections: Sequence[Category], *, compat: bool, inherited: Mapping[str, Any]
) -> Built:
    """Build all objects of a store's type aside.

    A refused object keeps its last good version. The type as a whole stays as it is on a repeated id, with
    `integrity=file` on any refused object, and with `single_object` on more than one section. Asterisk counts
    the buckets of its hash instead: those of the mapping, or a prime that is 1 for up to two sections.
    """
    build = _TypeBuild(store, conf, sections, compat=compat, inherited=inherited)
    single, buckets = store.arguments.single_object, store.arguments.buckets if compat else 0
    if single and buckets > 1:
        build.refuse_buckets(buckets)
    elif single and not buckets and len(sections) > (2 if compat else 1):
        build.refuse_several()
    else:
        for section in sections:
            build.take(section)
    return build.built()


class _TypeBuild:
    """The state of one build."""

    def __init__(
        self,
        store: ConfigStore,
        conf: ConfFile,
        sections: Sequence[Category],
        *,
        compat: bool,
        inherited: Mapping[str, Any],
    ) -> None:
        self._type, self._whole_file = store.object_type, store.arguments.whole_file
        self._conf, self._sections, self._compat = conf, sections, compat
        self._builder = Builder(self._type, conf, compat=compat, inherited=inherited)
        self._force = store.in_force
        self._old: Mapping[str, Object] = self._force.objects if self._force else {}
        self._objects: dict[str, Object] = {}
        self._carried: set[str] = set()
        """Ids whose last good object was carried over."""
        self._culprits: dict[str, None] = {}
        self._findings: list[Finding] = []
        self._trouble = ""

    def built(self) -> Built:
        """Return the outcome. What Asterisk refuses as a whole at the start is an empty type there."""
        snapshot = Snapshot({}) if self._compat and self._force is None else None
        return Built(
            snapshot=snapshot if self._trouble else Snapshot(self._objects),
            findings=(*self._builder.findings, *self._findings),
            kept=tuple(id for id in self._culprits if id in self._old),
            trouble=self._trouble,
        )

    def take(self, section: Category) -> None:
        """Add the object of a section."""
        id, objects = section.name, self._objects
        # Asterisk counts an object that was carried over as there already; a good section behind it is meant.
        if id in objects and (self._compat or id not in self._carried):
            self._refuse_repeated(section)
            return
        old = self._old.get(id)
        try:
            built = self._builder.build(section)
        except InvalidObject as error:
            self._refuse(section, error, old)
            return
        objects[id] = old if old is not None and old == built else built
        if self._carried:
            self._carried.discard(id)
            self._culprits.pop(id, None)

    def _refuse(self, section: Category, error: InvalidObject, old: Object | None) -> None:
        fate = "the last good object stays" if old is not None else "there is no such object until it is mended"
        self._culprits[section.name] = None
        self._findings.append(Finding.of(error, rule=_rule(error, self._type), fate=fate))
        if self._whole_file:
            self._stop(f"{error.place}: {self._type.name} {section.name!r} is refused, and integrity is file")
        if old is not None and section.name not in self._objects:
            self._objects[section.name] = old
            self._carried.add(section.name)

    def _refuse_repeated(self, section: Category) -> None:
        what = f"{section.name!r} stands at {self._place(self._first[section.name])} already"
        fate = f"every {self._type.name} stays as it was"
        self._findings.append(
            self._finding(section, "duplicate-id", f"{what}; {fate}", "rename or remove one of the two")
        )
        self._stop(f"{self._place(section)}: {self._type.name} {what}")

    def refuse_several(self) -> None:
        """Refuse the type because there may be but one section of it."""
        first, *others = self._sections
        what = f"is not the only one, [{first.name}] stands at {self._place(first)}"
        self._culprits[first.name] = None
        for section in others:
            message = f"{section.name!r} {what}; what was loaded before stays in force"
            self._findings.append(self._finding(section, "single-object", message, "remove all but one"))
            self._stop(f"{self._place(section)}: {self._type.name} {section.name!r} {what}")

    def refuse_buckets(self, count: int) -> None:
        """Refuse the type because its mapping asks for several buckets, whatever sections there are."""
        what = f"buckets={count} counts as so many objects, and there may be but one"
        place = Place(self._conf.path)
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

    @functools.cached_property
    def _first(self) -> Mapping[str, Category]:
        return {section.name: section for section in reversed(self._sections)}

    def _place(self, section: Category) -> Place:
        return locate(self._conf, section, self._type)

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


def _rule(error: InvalidObject, object_type: ObjectType) -> str:
    if not error.option:
        return "refused-object"
    return "unknown-option" if object_type.option(error.option) is None else "refused-value"
