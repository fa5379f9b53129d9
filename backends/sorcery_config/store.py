"""One object type of a file: the objects in force, and what the file last said of them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from sorcery.conf import Category, ConfFile
from sorcery.findings import Finding
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery_config.arguments import Arguments
from sorcery_config.building import locate
from sorcery_config.sections import Sections
from sorcery_config.source import Source

__all__ = ["Built", "ConfigStore"]


class ConfigStore(SnapshotStore):
    """The objects of one type, as they were when their file was last good."""

    def __init__(self, object_type: ObjectType, arguments: Arguments, source: Source, snapshots: SnapshotSet) -> None:
        super().__init__(f"config {arguments.file} {object_type.name}", snapshots)
        self.object_type, self.arguments, self.source = object_type, arguments, source
        self.findings: tuple[Finding, ...] | None = None
        """What is wrong with the objects in the last good reading of the file; None before there was one."""
        self.kept: tuple[str, ...] = ()
        """The ids that are bad in it, and whose last good object stays."""
        self.located: tuple[ConfFile, Mapping[str, Category]] | None = None
        """The sections by name, for places."""
        self.trouble = "it was not loaded yet"

    @property
    def is_default(self) -> bool:
        """Tell whether the file is where the type lies unless it is mapped: such a file may be missing."""
        return self.arguments.file == self.object_type.conf

    def place(self, id: str, option: str = "") -> Place | None:
        """Return where an object's section stands, or an option's line, its template's if inherited.

        The file is read again for the first place that is asked for after a load; blocks on the disk.
        """
        conf = self.source.conf()
        if conf is None:
            return None
        if self.located is None or self.located[0] is not conf:
            sections = Sections(conf).matching(self.arguments, self.object_type)
            self.located = conf, {section.name: section for section in sections}
        section = self.located[1].get(id)
        return locate(conf, section, self.object_type, option) if section else None


@attrs.frozen(kw_only=True, slots=True, eq=False)
class Built:
    """What one reading of a file came to for one type."""

    snapshot: Snapshot | None = attrs.field(repr=False)
    """The objects to put in force; None if those in force stay."""
    findings: tuple[Finding, ...] = ()
    kept: tuple[str, ...] = ()
    trouble: str = ""
    """Why the type as a whole was refused."""
