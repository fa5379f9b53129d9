"""Changes of one file: which sections they are about, what its text becomes, and the objects that it then gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from sorcery.building import BadSection, Builder
from sorcery.conf import Category
from sorcery.conf.editing import Addition, Document, Edit, EditRefused, Removal, Selector, Update
from sorcery.errors import AlreadyExists, Conflict, InvalidObject, StoreRefused
from sorcery.objects import Object
from sorcery.wizard import Change, Op, Store
from sorcery_config.planning import Chosen, Inexpressible, Line, planned
from sorcery_config.sections import Selection
from sorcery_config.store import ConfigStore

__all__ = ["FileChanges", "Written"]

Written = dict[ConfigStore, dict[str, Object | None]]
"""What objects become, by id; None for those that are deleted."""


@attrs.frozen(slots=True, eq=False)
class _Planned:
    """A change and the edit that it comes to; none where the file says so already."""

    store: ConfigStore
    change: Change
    edit: Edit | None


class FileChanges:
    """The changes of one file, made in a document of it."""

    def __init__(self, document: Document, stores: Iterable[ConfigStore], *, is_as_loaded: bool) -> None:
        """`stores` are all that are read from the file; `is_as_loaded` if it says what their objects were made of."""
        self.document = document
        self.missed: list[Change] = []
        self.written: Written = {}
        self._selection, self._is_as_loaded = Selection(tuple(stores)), is_as_loaded
        self._builders: dict[ConfigStore, Builder] = {}
        self._homes: dict[ConfigStore, str | None] = {}
        self._chosen: dict[ConfigStore, Chosen] = {}

    def make(self, changes: Iterable[Change]) -> None:
        """Make all changes; each object is changed once, or else in the order given.

        Raises `AlreadyExists`, `Conflict` and `StoreRefused`, and then none is made.
        """
        together: dict[tuple[ConfigStore, str], Change] = {}
        for change in changes:
            store = change.store
            assert isinstance(store, ConfigStore)
            if (store, change.obj.id) in together:
                self._make(together.values())
                together = {}
            together[store, change.obj.id] = change
        self._make(together.values())

    def _make(self, changes: Iterable[Change]) -> None:
        self._builders, self._homes = {}, {}
        others = self._without_renamed(tuple(changes))
        planned = [each for each in map(self._planned, others) if each is not None]
        self.document = self._edited(planned)
        self._builders = {}
        for each in planned:
            obj = None if each.change.op is Op.DELETE else each.change.obj
            if each.edit is not None and obj is not None:
                self._verify(each.store, each.change, obj)
            self.written.setdefault(each.store, {})[each.change.obj.id] = obj
        for each in planned:
            if isinstance(each.edit, Addition) and each.store.arguments.single_object:
                self._require_single(each.store, each.change)

    def _without_renamed(self, changes: Sequence[Change]) -> list[Change]:
        """Rename sections where the one object that goes comes again by another id; return the other changes.

        Nothing else of such a section changes: it keeps its comments, its place, and what it copies.
        """
        by_store: dict[Store, list[Change]] = {}
        for change in changes:
            by_store.setdefault(change.store, []).append(change)
        done: set[tuple[Store, str]] = set()
        for store, its in by_store.items():
            created, deleted = ([each for each in its if each.op is op] for op in (Op.CREATE, Op.DELETE))
            if len(created) == len(deleted) == 1 and self._is_renamed(created[0], deleted[0]):
                done |= {(store, created[0].obj.id), (store, deleted[0].obj.id)}
        return [change for change in changes if (change.store, change.obj.id) not in done]

    def _is_renamed(self, created: Change, deleted: Change) -> bool:
        """Rename the section of an object that is deleted, if that creates the other one; tell whether it did."""
        store, before = created.store, self.document
        assert isinstance(store, ConfigStore)
        section = self._section(store, deleted)
        if section is None or self._section(store, created) is not None:
            return False
        current = self._current(store, section, deleted)
        if current is None or current.evolve(id=created.obj.id) != created.obj:
            return False
        deleted.check(current)
        try:
            self.document = before.rename_section(_selector(store, section), created.obj.id)
        except EditRefused:
            return False
        self._builders = {}
        now = self._section(store, created)
        if now is None or self._built(store, now) != created.obj:
            self.document, self._builders = before, {}
            return False
        self.written.setdefault(store, {}).update({deleted.obj.id: None, created.obj.id: created.obj})
        return True

    def _edited(self, planned: Sequence[_Planned]) -> Document:
        """Return the document with all edits; new sections are put into the mapped file where they cannot be elsewhere.

        Raises `StoreRefused`.
        """
        edits = [each.edit for each in planned if each.edit is not None]
        if not edits:
            return self.document
        try:
            return self.document.apply(edits)
        except EditRefused as error:
            moved = [attrs.evolve(each, file=None) if isinstance(each, Addition) else each for each in edits]
            if moved == edits:
                raise self._refusal(planned, error) from error
            try:
                return self.document.apply(moved)
            except EditRefused:
                raise self._refusal(planned, error) from error

    # Finding what is there

    def _planned(self, change: Change) -> _Planned | None:
        """Return what a change comes to, or None if it misses its object."""
        store, op = change.store, change.op
        assert isinstance(store, ConfigStore)
        section = self._section(store, change)
        if section is None:
            if op in (Op.UPDATE, Op.DELETE):
                self.missed.append(change)
                return None
            return _Planned(store, change, self._addition(store, change))
        if op is Op.CREATE:
            raise AlreadyExists(store.object_type.name, change.obj.id, store.label)
        current = self._current(store, section, change)
        change.check(current)
        if op is Op.DELETE:
            return _Planned(store, change, Removal(_selector(store, section)))
        return _Planned(store, change, self._update(store, section, current, change))

    def _section(self, store: ConfigStore, change: Change) -> Category | None:
        """Return the section of an object; raises `StoreRefused` where it is not this object's alone."""
        found = [
            (section, takers)
            for section in self.document.named(change.obj.id)
            if store in (takers := self._selection.of(section))
        ]
        if not found:
            return None
        section, takers = found[0]
        outline = self.document.outline
        if len(found) > 1:
            lines = ", ".join(str(outline.place_of(each)) for each, _ in found)
            raise _refused(store, change, f"there are several such sections ({lines})", "remove all but one")
        if len(takers) > 1:
            others = " and ".join(each.label for each in takers if each is not store)
            reason = f"its section is an object of {others} too"
            raise _refused(store, change, reason, "give one of the mappings other criteria")
        return section

    def _current(self, store: ConfigStore, section: Category, change: Change) -> Object | None:
        """Return the object that a section gives now, None for a bad one.

        Raises `Conflict` where nothing is expected of it, and it is not the one that was loaded.
        """
        before = self.written.get(store, {})
        known = before.get(section.name, store.snapshot.objects.get(section.name))
        if self._is_as_loaded and known is not None:
            return known
        current = self._built(store, section)
        if change.expected is None and current is not None and current != known:
            raise Conflict(store.object_type.name, section.name, store.label, current=current)
        return current

    def _built(self, store: ConfigStore, section: Category) -> Object | None:
        try:
            return self._builder(store).build(section)
        except BadSection:
            return None

    def _builder(self, store: ConfigStore) -> Builder:
        if store not in self._builders:
            own = store.source.environment
            self._builders[store] = Builder(
                store.object_type,
                self.document.outline,
                compat=own.compat,
                inherited=store.inherited,
                secrets=own.secrets,
            )
        return self._builders[store]

    # What its lines become

    def _addition(self, store: ConfigStore, change: Change) -> Addition:
        name, criteria = change.obj.id, list(store.arguments.criteria)
        lines = self._lines(store, Category(name, False, (), "", 0), None, change)
        pairs = [*criteria, *((key, text) for key, texts in lines for text in texts if (key, text) not in criteria)]
        if store not in self._homes:
            self._homes[store] = self._home(store)
        return Addition(name, pairs, self._homes[store])

    def _home(self, store: ConfigStore) -> str | None:
        """Return the file that holds the type's newest section; None for the one that is mapped."""
        outline = self.document.outline
        if len(self.document.files) > 1 and store.snapshot.objects:
            for entry in reversed(outline.entries):
                section = outline.read(entry)
                if not section.template and store in self._selection.of(section):
                    return section.file or None
        return None

    def _update(self, store: ConfigStore, section: Category, current: Object | None, change: Change) -> Update | None:
        built = current if self._is_as_loaded and section.name not in store.kept else self._built(store, section)
        if built == change.obj:
            return None
        changes = dict(self._lines(store, section, built, change))
        return Update(_selector(store, section), changes) if changes else None

    def _lines(
        self, store: ConfigStore, section: Category, old: Object | None, change: Change
    ) -> list[tuple[str, list[str]]]:
        own: list[Line] = [(each.key, each.value) for each in section.variables if not each.inherited]
        try:
            start = self._builder(store).inherited(section)
            return list(planned(start, own, old, change.obj, self._chosen.setdefault(store, {})).items())
        except Inexpressible as error:
            raise self._inexpressible(store, section, change, error.options) from error
        except InvalidObject as error:
            raise _refused(store, change, f"what it copies is refused: {error}", "mend the template") from error

    def _inexpressible(
        self, store: ConfigStore, section: Category, change: Change, options: Sequence[str]
    ) -> StoreRefused:
        reason, remedy = f"no lines of its own give it this {', '.join(options)}", "leave the options out"
        if bases := ", ".join(f"[{base}]" for base in section.bases):
            reason, remedy = f"{reason}, for what it copies from {bases}", "change the file by hand"
        return _refused(store, change, reason, remedy)

    # Making sure

    def _verify(self, store: ConfigStore, change: Change, obj: Object) -> None:
        """Raise `StoreRefused` unless the document says of an object what it should."""
        section = self._section(store, change)
        if section is None:
            wanted = ", ".join(f"{key}={value}" for key, value in store.arguments.criteria)
            remedy = f"keep {wanted}" if wanted else f"name it {store.arguments.explicit_name}"
            raise _refused(store, change, "its section would be no object of this mapping", remedy)
        if self._built(store, section) != obj:
            raise _refused(store, change, "its section would be read as another object", "change the file by hand")

    def _require_single(self, store: ConfigStore, change: Change) -> None:
        """Raise `StoreRefused` if a type of which there may be but one object has another."""
        objects = {**store.snapshot.objects, **self.written[store]}
        for other, obj in objects.items():
            if obj is not None and other != change.obj.id:
                raise _refused(store, change, f"there may be but one, and there is {other!r}", f"change {other!r}")

    def _refusal(self, planned: Sequence[_Planned], error: EditRefused) -> StoreRefused:
        """Return the refusal of the first edit that cannot be made by itself, or of all together."""
        for each in planned if len(planned) > 1 else ():
            try:
                if each.edit is not None:
                    self.document.apply([each.edit])
            except EditRefused as own:
                return _refusal_of(each, own)
        return _refusal_of(next(each for each in planned if each.edit is not None), error)


def _refusal_of(planned: _Planned, error: EditRefused) -> StoreRefused:
    where = f"{error.place}: " if error.place else ""
    return _refused(planned.store, planned.change, f"{where}{error.reason}", error.remedy)


def _refused(store: ConfigStore, change: Change, reason: str, remedy: str) -> StoreRefused:
    return StoreRefused(store.label, store.object_type.name, change.obj.id, reason, remedy)


def _selector(store: ConfigStore, section: Category) -> Selector:
    """Name a section: by the criteria of its mapping, unless its name alone made it an object."""
    criteria = store.arguments.criteria
    fits = all(section.first(key) == value for key, value in criteria)
    return Selector(section.name, criteria if fits else ())
