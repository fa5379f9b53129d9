"""The driver: which files there are, when they are read, and how what they hold is swapped in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import attrs

from sorcery.conf import Outline, findings
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.filewizard import FileWizard
from sorcery.findings import Finding, Severity
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.snapshot import Snapshot, SnapshotSet
from sorcery.source import Reading, Source, refused
from sorcery.wizard import LoadedStore, Store
from sorcery_config.arguments import parse_arguments
from sorcery_config.filebuild import FileBuild, outdated
from sorcery_config.store import Built, ConfigStore
from sorcery_config.unclaimed import unclaimed

__all__ = ["ConfigLoaded", "ConfigWizard"]


class ConfigWizard(FileWizard[ConfigStore]):
    """Read objects from the sections of `.conf` files; each file is parsed once for all its types."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> ConfigStore:
        """Return a store that `load` fills; raises `ConfigurationError` for arguments that mean nothing."""
        parsed = parse_arguments(arguments, object_type.name)
        source = self._source(parsed.file, environment)
        return self._opened(ConfigStore(object_type, parsed, source, self._snapshots))

    def load(self, stores: Sequence[Store]) -> ConfigLoaded:
        """Read the files that changed, and build their objects aside.

        Costs a `stat` for a file that did not change. Every fault is a finding, at each load until it is mended.
        """
        loaded = ConfigLoaded(self._snapshots, self._stores)
        for source, its_stores in self._by_source(stores).items():
            loaded.read(source, its_stores)
        return loaded


class ConfigLoaded:
    """What was read and built, waiting to be swapped in."""

    def __init__(self, snapshots: SnapshotSet, opened: Collection[ConfigStore]) -> None:
        self._opened = opened
        self._loaded: dict[Store, LoadedStore] = {}
        self._findings: list[Finding] = []
        self.stores: Mapping[Store, LoadedStore] = self._loaded
        self.findings: Sequence[Finding] = self._findings
        self._snapshots = snapshots
        self._readings: dict[Source, tuple[Outline, Reading]] = {}
        self._built: dict[ConfigStore, Built] = {}
        self._next: dict[object, Snapshot | None] = {}
        self._troubles: dict[ConfigStore, str] = {}

    def read(self, source: Source, stores: Sequence[ConfigStore]) -> None:
        """Read a source if it changed, and build its stores; a source that is refused changes nothing."""
        for store in stores:
            self._findings.extend(store.arguments.findings)
        try:
            stale = outdated(stores) if source.unchanged() else stores
            if stale:
                self._readings[source] = source.read()
                if not self._readings[source][1].agrees(source.reading):
                    stale = stores  # it changed just now
        except ConfigurationError as error:
            self._refuse(source, stores, error)
            return
        if source in self._readings:
            outline, reading = self._readings[source]
            build = FileBuild(outline, stale, stores)
            self._put(build.built)
            opened = [store for store in self._opened if store.source is source]
            told = (*reading.findings, *unclaimed(outline, build.untaken, opened))
            unsettled = any(each.unsettled for each in build.built.values())
            reading = attrs.evolve(reading, findings=told, stores=frozenset(stale), unsettled=unsettled)
            self._readings[source] = outline, reading
        else:
            assert source.reading is not None
            reading = source.reading
        self._findings.extend(reading.findings)
        for store in stores:
            if store in self._built:
                self._findings.extend(self._built[store].findings)
            else:
                self._findings.extend(store.findings)
                if store.kept:
                    self._loaded[store] = LoadedStore(kept=store.kept)

    def commit(self) -> None:
        """Swap all types of all files in together."""
        for source, (outline, reading) in self._readings.items():
            source.take(outline, reading)
        for store, built in self._built.items():
            store.reading, store.located = store.source.reading, None
            store.findings, store.kept = built.findings, built.kept
            store.fingerprints, store.inherited = built.fingerprints, built.inherited
        for store, trouble in self._troubles.items():
            store.trouble = trouble
        self._snapshots.swap(self._next)

    def _put(self, built: Mapping[ConfigStore, Built]) -> None:
        self._built.update(built)
        for store, each in built.items():
            if each.trouble:
                self._troubles[store] = each.trouble
            if each.snapshot is not None:
                self._next[store] = each.snapshot
            self._loaded[store] = LoadedStore(difference=each.difference, kept=each.kept)

    def _refuse(self, source: Source, stores: Sequence[ConfigStore], error: ConfigurationError) -> None:
        """Note a source that cannot be used; stores that never held anything will say why."""
        if isinstance(error, ConfMissing) and source.reading is None and source.is_absent:
            optional = [store for store in stores if store.is_default]
            for store in optional:
                if store.in_force is None:
                    self._next[store], self._loaded[store] = Snapshot({}), LoadedStore()
            stores = [store for store in stores if not store.is_default]
            missed = [store for store in optional if not store.object_type.optional]
            self._missing(source, missed, Severity.WARNING, "there are none of these objects")
            self._missing(source, stores, Severity.ERROR, "nothing can be said of these objects")
        elif isinstance(error, ConfMissing):
            self._findings.extend(findings(error))
            self._missing(source, stores, Severity.ERROR, "what was loaded before stays in force")
        else:
            self._findings.extend(refused(error))
        for store in stores:
            self._troubles[store] = f"{error.place}: {error.reason}"

    def _missing(self, source: Source, stores: Sequence[ConfigStore], severity: Severity, outcome: str) -> None:
        if not stores:
            return
        types = ", ".join(store.object_type.name for store in stores)
        self._findings.append(
            Finding(
                severity=severity,
                rule="missing-file",
                message=f"there is no file here that can be read, for {types}; {outcome}",
                remedy="create it, let this user read it, or map the types elsewhere in sorcery.conf",
                place=Place(source.path),
            )
        )
