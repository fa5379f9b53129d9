"""One object type of a file: the objects in force, and what the file last said of them."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from sorcery.building import Builder, locate
from sorcery.conf import Outline
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.pace import paced
from sorcery.place import Place
from sorcery.snapshot import Difference, Snapshot, SnapshotSet, SnapshotStore
from sorcery.source import Reading, Source
from sorcery_config.arguments import Arguments
from sorcery_config.sections import Selection

__all__ = ["Built", "ConfigStore"]


class ConfigStore(SnapshotStore):
    """The objects of one type, as they were when their file was last good."""

    def __init__(
        self,
        object_type: ObjectType,
        arguments: Arguments,
        source: Source,
        snapshots: SnapshotSet,
        guard: str = "the wizard was not told that it may",
    ) -> None:
        super().__init__(f"config {arguments.file} {object_type.name}", snapshots)
        self.object_type, self.arguments, self.source = object_type, arguments, source
        self.guard = guard
        """What has to be done before objects are written into the file; empty where they are."""
        self.reading: Reading | None = None
        """The reading of the file that the objects were built from."""
        self.findings: tuple[Finding, ...] = ()
        """What is wrong with the objects in it."""
        self.kept: tuple[str, ...] = ()
        """The ids that are bad in it, and whose last good object stays."""
        self.fingerprints: array[int] = array("q")
        """What the sections of the objects that were loaded said, in their order; empty if all have to be read."""
        self.loaded: Snapshot | None = None
        """Those objects: what is in force may have been written since."""
        self.inherited: Mapping[str, Any] = {}
        """What the objects in force took over from another one."""
        self.located: Outline | None = None
        """What stands where, once somebody asked for a place."""
        self.trouble = "it was not loaded yet"
        self.refused: Collection[Object] | None = None
        """The objects of a type that is refused as a whole, where it never was good."""

    @property
    def is_current(self) -> bool:
        """Tell whether the objects were built from the file as it was read last."""
        return self.reading is not None and self.reading.agrees(self.source.reading)

    @property
    def is_default(self) -> bool:
        """Tell whether the file is where the type lies unless it is mapped: such a file may be missing."""
        return self.arguments.file == self.object_type.conf

    def place(self, id: str, option: str = "") -> Place | None:
        """Return where an object's section stands, or an option's line, its template's if inherited.

        The file is gone through again for the first place that is asked for after a load; blocks on the disk.
        """
        self.located = outline = self.source.outline()
        if outline is None:
            return None
        selection = Selection([self])
        section = next((each for each in reversed(list(outline.named(id))) if selection.of(each)), None)
        return locate(outline, section, self.object_type, option) if section else None

    @property
    def partial(self) -> Iterator[Object]:
        """Yield what the good lines of refused sections make; the file may be gone through again for them."""
        refused = dict.fromkeys(each.id for each in self.findings if each.severity is Severity.ERROR)
        outline = self.source.outline() if refused else None
        if outline is None:
            return
        self.located = outline
        environment, selection = self.source.environment, Selection([self])
        builder = Builder(
            self.object_type,
            outline,
            compat=environment.compat,
            inherited=self.inherited,
            secrets=environment.secrets,
        )
        for id in paced(refused):
            for section in filter(selection.of, outline.named(id)):
                if (remains := builder.remains(section)) is not None:
                    yield remains

    def known(self, inherited: Mapping[str, Any]) -> dict[int, Object]:
        """Return the objects in force by the fingerprints of their sections; one that has to be read is not in it.

        `inherited` is what they would take over from another object now.
        """
        if not self.fingerprints or self.in_force is None or inherited != self.inherited:
            return {}
        assert self.loaded is not None
        pairs = zip(self.fingerprints, self.loaded.objects.values(), strict=True)
        known = {fingerprint: obj for fingerprint, obj in paced(pairs) if fingerprint}
        if self.in_force is self.loaded:
            return known
        now = self.in_force.objects
        return {fingerprint: obj for fingerprint, obj in paced(known.items()) if now.get(obj.id) is obj}


@attrs.frozen(kw_only=True, slots=True, eq=False)
class Built:
    """What one reading of a file came to for one type."""

    snapshot: Snapshot | None = attrs.field(repr=False)
    """The objects to put in force; None if those in force stay."""
    difference: Difference = attrs.field(factory=Difference, repr=False)
    """What that changes."""
    findings: tuple[Finding, ...] = ()
    kept: tuple[str, ...] = ()
    fingerprints: array[int] = attrs.field(factory=lambda: array("q"))
    """Of the sections of the objects, in their order; 0 where one has to be read each time."""
    unsettled: bool = False
    """An object looked something up, or was refused, perhaps for want of something outside the file."""
    inherited: Mapping[str, Any] = attrs.field(factory=dict)
    """What the objects took over from another one."""
    trouble: str = ""
    """Why the type as a whole was refused."""
    refused: Collection[Object] | None = attrs.field(default=None, repr=False)
    """The objects that it would have but for that, where none are in force."""
