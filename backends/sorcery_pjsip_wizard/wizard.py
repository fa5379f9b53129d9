"""The driver: when the file is read, and how what it stands for is swapped in."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

import attrs

from sorcery.conf import Outline
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.filewizard import FileWizard
from sorcery.findings import Finding
from sorcery.objecttype import ObjectType
from sorcery.snapshot import Snapshot, SnapshotSet
from sorcery.source import Reading, Source, refused
from sorcery.steps import Step
from sorcery.wizard import LoadedStore, Store
from sorcery_pjsip_wizard.filebuild import FileBuild
from sorcery_pjsip_wizard.pieces import PIECES
from sorcery_pjsip_wizard.store import Built, WizardStore

__all__ = ["PjsipWizard", "WizardLoaded"]

FILE = "pjsip_wizard.conf"


class PjsipWizard(FileWizard[WizardStore]):
    """Read the objects that sections of `type = wizard` stand for; the file is parsed once for all types."""

    def resolve(self, arguments: str, environment: Environment) -> Hashable:
        """Return whether commands are run, and what references to secrets are followed.

        A mapping is opened anew when that changes.
        """
        return environment.secrets.beside(environment.exec_includes)

    def steps(self, object_type: ObjectType, arguments: str, environment: Environment) -> Iterator[Step]:
        """Return what lies between a mapping and the sections of its file."""
        from sorcery.doctor.files import file_steps  # a doctor's alone

        name = arguments or FILE
        return file_steps(Source(name, environment), may_lack=name == FILE)

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> WizardStore:
        """Return a store that `load` fills; `arguments` may name another file than `pjsip_wizard.conf`.

        Raises `ConfigurationError` for a type that no section stands for.
        """
        if object_type.plain_name not in PIECES:
            raise ConfigurationError(
                f"no section of {FILE} stands for a {object_type.name}", remedy=f"map one of {', '.join(PIECES)}"
            )
        source = self._source(arguments or FILE, environment)
        return self._opened(WizardStore(object_type, source, self._snapshots))

    def load(self, stores: Sequence[Store]) -> WizardLoaded:
        """Read the file if it changed, and build its objects aside; a missing file is as an empty one.

        Costs a `stat` for a file that did not change. Every fault is a finding, at each load until it is mended.
        """
        loaded = WizardLoaded(self._snapshots)
        for source, its_stores in self._by_source(stores).items():
            loaded.read(source, its_stores)
        return loaded


class WizardLoaded:
    """What was read and built, waiting to be swapped in."""

    def __init__(self, snapshots: SnapshotSet) -> None:
        self._snapshots = snapshots
        self._loaded: dict[Store, LoadedStore] = {}
        self._findings: list[Finding] = []
        self.stores: Mapping[Store, LoadedStore] = self._loaded
        self.findings: Sequence[Finding] = self._findings
        self._readings: dict[Source, tuple[Outline, Reading] | None] = {}
        self._built: dict[WizardStore, Built] = {}
        self._troubles: dict[WizardStore, str] = {}

    def read(self, source: Source, stores: Sequence[WizardStore]) -> None:
        """Read a source if it changed, and build its stores; one that is refused changes nothing."""
        try:
            stale = [store for store in stores if store.findings is None] if source.unchanged() else stores
            found = source.read() if stale else None
        except ConfMissing as error:
            if source.is_absent:
                self._empty(source, stores)
            else:
                self._refuse(stores, error)
        except ConfigurationError as error:
            self._refuse(stores, error)
        else:
            if found is not None:
                changed = not found[1].agrees(source.reading)  # perhaps just now
                self._build(source, *found, stores if changed else stale)
            elif source.reading is not None:
                self._findings.extend(source.reading.findings)
            self._tell(stores)

    def commit(self) -> None:
        """Swap all types in together."""
        for source, found in self._readings.items():
            if found is None:
                source.reading = None
            else:
                source.take(*found)
        for store, trouble in self._troubles.items():
            store.trouble = trouble
        for store, built in self._built.items():
            store.take(built)
        self._snapshots.swap({store: built.snapshot for store, built in self._built.items()})

    def _build(self, source: Source, outline: Outline, reading: Reading, stores: Sequence[WizardStore]) -> None:
        build = FileBuild(outline, stores, compat=source.environment.compat)
        told = (*reading.findings, *build.findings)
        reading = attrs.evolve(reading, findings=told, unsettled=build.is_unsettled)
        self._readings[source] = outline, reading
        self._findings.extend(reading.findings)
        for store, built in build.built().items():
            self._put(store, built)

    def _empty(self, source: Source, stores: Sequence[WizardStore]) -> None:
        """Take a file that is not there for one without sections."""
        self._readings[source] = None
        for store in stores:
            nothing, old = Snapshot({}), store.in_force or Snapshot({})
            self._put(store, Built(snapshot=nothing, difference=old.difference(nothing)))

    def _put(self, store: WizardStore, built: Built) -> None:
        self._built[store] = built
        self._loaded[store] = LoadedStore(difference=built.difference, kept=built.kept)

    def _tell(self, stores: Sequence[WizardStore]) -> None:
        """Tell what is wrong with the objects, also with those of types that were not built now."""
        for store in stores:
            if store in self._built:
                self._findings.extend(self._built[store].findings)
            else:
                self._findings.extend(store.findings or ())
                if store.kept:
                    self._loaded[store] = LoadedStore(kept=store.kept)

    def _refuse(self, stores: Sequence[WizardStore], error: ConfigurationError) -> None:
        """Note a file that cannot be used; stores that never held anything will say why."""
        self._findings.extend(refused(error))
        for store in stores:
            self._troubles[store] = f"{error.place}: {error.reason}"
