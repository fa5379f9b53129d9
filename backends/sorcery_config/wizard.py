"""The driver: which files there are, when they are read and written, and how what they hold is swapped in."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack

import attrs

from sorcery.collecting import uncollected
from sorcery.conf import Outline, findings
from sorcery.conf.editing.saving import Aside
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, ConfMissing, Unavailable
from sorcery.filewizard import FileWizard
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.snapshot import Snapshot, SnapshotSet
from sorcery.source import Reading, Source, refused
from sorcery.steps import Step
from sorcery.wizard import Change, LoadedStore, Store
from sorcery_config.arguments import parse_arguments
from sorcery_config.documents import Documents, Opened
from sorcery_config.filebuild import FileBuild, outdated
from sorcery_config.permission import guard
from sorcery_config.prepared import ConfigPrepared, FileWrite, apart
from sorcery_config.store import Built, ConfigStore
from sorcery_config.unclaimed import unclaimed
from sorcery_config.writing import FileChanges, Written

__all__ = ["ConfigLoaded", "ConfigWizard"]


class ConfigWizard(FileWizard[ConfigStore]):
    """Read objects from the sections of `.conf` files; each file is parsed once for all its types.

    Where somebody allows it, write them too: an edit of a file changes no line that it need not change.
    """

    def __init__(self) -> None:
        super().__init__()
        self._documents = Documents()
        self._loading: weakref.ref[ConfigLoaded] | None = None
        """The last load, as long as it is under way."""

    def resolve(self, arguments: str, environment: Environment) -> Hashable:
        """Return whether objects may be written, whether commands are run, and what references are followed.

        A mapping is opened anew when that changes.
        """
        guarded = guard(parse_arguments(arguments, ""), environment)
        return environment.secrets.beside((guarded, environment.exec_includes))

    def steps(self, object_type: ObjectType, arguments: str, environment: Environment) -> Iterator[Step]:
        """Return what lies between a mapping and the sections of its file."""
        from sorcery_config.links import steps  # a doctor's alone

        return steps(object_type, arguments, environment)

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> ConfigStore:
        """Return a store that `load` fills; raises `ConfigurationError` for arguments that mean nothing."""
        parsed = parse_arguments(arguments, object_type.name)
        source = self._source(parsed.file, environment)
        return self._opened(ConfigStore(object_type, parsed, source, self._snapshots, guard(parsed, environment)))

    def load(self, stores: Sequence[Store]) -> ConfigLoaded:
        """Read the files that changed, and build their objects aside.

        Costs a `stat` for a file that did not change. Every fault is a finding, at each load until it is mended.
        """
        loaded = ConfigLoaded(self._snapshots, self._stores, self._documents)
        self._loading = weakref.ref(loaded)
        for source, its_stores in self._by_source(stores).items():
            with uncollected():
                loaded.read(source, its_stores)
        return loaded

    def prepare(self, changes: Sequence[Change]) -> ConfigPrepared:
        """Make the changes in the text of their files, and write these aside; blocks on the disk.

        Others that write to files in the same folders wait until commit or rollback, also in other processes. Raises
        what `Writer.prepare` says: `Conflict` also for an object that is changed or deleted without a word of what is
        expected, and is another in the file than here; `Unavailable` for a file that cannot be read, or not be written.
        """
        by_source: dict[Source, list[Change]] = {}
        for change in changes:
            assert isinstance(change.store, ConfigStore)
            if change.store.in_force is None:
                raise Unavailable(change.store.label, change.store.trouble)
            by_source.setdefault(change.store.source, []).append(change)
        files: list[FileWrite] = []
        replaced: set[str] = set()
        missed: list[Change] = []
        with ExitStack() as held:
            try:
                for source, opened in held.enter_context(self._documents.hold(by_source)).items():
                    stores = [store for store in self._stores if store.source is source]
                    made = FileChanges(opened.document, stores, is_as_loaded=opened.is_as_loaded)
                    with uncollected():
                        made.make(by_source[source])
                    missed += made.missed
                    if made.written:
                        replaced |= apart(made.document.edited, replaced, by_source[source][0])
                        aside = Aside(made.document.edited)
                        held.callback(aside.discard)
                        files.append(FileWrite(source, Opened(made.document, opened.is_as_loaded), made.written, aside))
            except ConfigurationError as error:
                raise Unavailable(changes[0].store.label, str(error)) from error
            return ConfigPrepared(files, missed, self._publish, held.pop_all())

    def _publish(self, readings: Mapping[FileWrite, Reading | None]) -> None:
        """Put in force what was just written, with the readings as they are now; None where it is to be read again."""
        loading = self._loading() if self._loading else None
        snapshots: dict[object, Snapshot | None] = {}
        for file, reading in readings.items():
            before = file.source.reading
            for store in self._stores:
                if store.source is file.source:
                    store.located = None
                    if reading is not None and store.reading is not None and store.reading.agrees(before):
                        store.reading = reading
            file.source.rewritten(reading or before)
            self._documents.wrote(file.source, attrs.evolve(file.opened, document=file.opened.document.saved))
            if loading is not None:
                loading.note(file.written)
            for store, changes in file.written.items():
                if store.in_force is not None:
                    snapshots[store] = store.in_force.replace(changes)
        self._snapshots.swap(snapshots)

    def release(self, store: Store) -> None:
        """Forget the store's objects, and its file with the last store that was read from it."""
        super().release(store)
        self._documents.keep(set(self._sources.values()))

    def close(self) -> None:
        """Forget everything."""
        super().close()
        self._documents.keep(())


class ConfigLoaded:
    """What was read and built, waiting to be swapped in."""

    def __init__(self, snapshots: SnapshotSet, opened: Collection[ConfigStore], documents: Documents) -> None:
        self._opened, self._documents = opened, documents
        self._written: Written = {}
        """What was written since."""
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
        """Swap all types of all files in together; what was written meanwhile stays: it is the newer."""
        for source, (outline, reading) in self._readings.items():
            source.take(outline, reading)
            if any(store.source is source and not store.guard for store in self._opened):
                self._documents.loaded(source, outline)
        for store, built in self._built.items():
            store.reading, store.located = store.source.reading, None
            store.findings, store.kept = built.findings, built.kept
            store.fingerprints, store.inherited, store.loaded = built.fingerprints, built.inherited, built.snapshot
            store.refused = built.refused
        for store, trouble in self._troubles.items():
            store.trouble = trouble
        for store, changes in self._written.items():
            self._overtake(store, changes)
        self._snapshots.swap(self._next)

    def note(self, written: Written) -> None:
        """Take down what was written after the files were read, or while they were."""
        for store, changes in written.items():
            self._written.setdefault(store, {}).update(changes)

    def _overtake(self, store: ConfigStore, changes: Mapping[str, Object | None]) -> None:
        """Let what was written stand over what was read."""
        read, now = self._next.get(store), store.in_force
        if read is not None and now is not None:
            self._next[store] = newer = read.replace(changes)
            self._loaded[store] = attrs.evolve(self._loaded[store], difference=now.difference(newer))

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
