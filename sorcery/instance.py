"""`Sorcery`: the front door."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import attrs

from sorcery.audit import around, refusal
from sorcery.binding import Bound, Generation, Opener
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, SorceryError, untraced
from sorcery.findings import Finding
from sorcery.image.file import ImageSettings, image_settings
from sorcery.image.keeper import Keeper
from sorcery.inspection import Inspection
from sorcery.layout import Layout
from sorcery.loading import Outcome, Reloader, remapped
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.observers import SYSTEM, Notifier, Observer, Subscription, SystemObserver
from sorcery.plan import Plan, PlannedChange, compare
from sorcery.policy import Policy
from sorcery.publishing import CacheNews
from sorcery.registry import Registry
from sorcery.release import Release
from sorcery.report import Report
from sorcery.resolving import NONE, Resolver
from sorcery.retrieval import TypeName, name_of
from sorcery.shadowing.shadows import Shadows
from sorcery.target import default_of, target_of
from sorcery.watching.noticed import System
from sorcery.watching.watcher import Watcher, Watching
from sorcery.wizard import Cache, ManagedCache, Op, Reader
from sorcery.writing.queueing import FILE as QUEUE_FILE
from sorcery.writing.queueing import Queue
from sorcery.writing.queueing import System as QueueSystem
from sorcery.writing.transaction import Step, Transaction, ordered
from sorcery.writing.writes import Request, Stripes, store
from sorcery.writing.written import Written

if TYPE_CHECKING:  # else only where something is copied
    from sorcery.copying.outcome import Copied, Existing, Progress
    from sorcery.copying.selection import Selection
    from sorcery.shadowing.shadow import Shadow

__all__ = ["Sorcery"]

BY_DEFAULT: Final = Policy()


class Sorcery(Inspection):
    """Typed objects, each type in the stores that it is mapped to. Safe to use from many threads.

    Every retrieval has three answers: the object, None (or an empty list) when the stores say that there is none,
    and `Unavailable` raised when they could not say. A type is named by its class or by its name.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        types: Iterable[type[Object]] = (),
        registry: Registry | None = None,
        fallback: Callable[[type[Object]], Mapping] = default_of,
        refresh: Callable[[], Environment] | None = None,
        image: str | PathLike[str] | Literal[False] | None = None,
        shadow: bool = True,
    ) -> None:
        """Open the stores and load them; `open` is the convenient way.

        `fallback` gives the mapping of a type that nothing else maps; `refresh` reads the environment anew on reload.
        """
        super().__init__()
        self._image = Path(image) if image else None
        self._may_have_image = image is not False
        self._keeper = Keeper()
        self._refresh = refresh
        self._registry = registry or Registry()
        self._opener = Opener(self._registry)
        self._shadows = Shadows(self._open_second if shadow else None, self._registry)
        self._notifier = Notifier()
        self._stripes = Stripes()
        self._reloader = Reloader(self._stripes, self._notifier)
        self._watcher = Watcher(
            System(
                lambda: self._in_force,
                lambda: self.report,
                self.reload,
                self._reconcile,
                self._note,
                self._stripes,
                self._notifier,
            )
        )
        self._configuring = threading.Lock()
        self._queue = Queue(
            QueueSystem(self.policy, self._store_now, self._request, self._followed, lambda: self._in_force.types),
            self._queue_file,
        )
        known = _by_name((*_own_types(), *types))
        try:
            layout = Layout(types=known, environment=environment, fallback=fallback)
            self.report = self._load(layout, self._generation_of(layout), Outcome())
        except BaseException as error:
            self._shadows.close()
            self._opener.close()
            if isinstance(error, SorceryError):
                for finding in environment.findings:
                    error.add_note(str(finding))  # what was passed over may be what is missed now
            raise

    # Opening

    @classmethod
    def open(
        cls,
        place: str | PathLike[str],
        /,
        *,
        types: Iterable[type[Object]] = (),
        compat: bool = False,
        target: str | Release | None = None,
        writable: bool = False,
        astdb: str | PathLike[str] | None = None,
        registry: Registry | None = None,
        image: str | PathLike[str] | Literal[False] | None = None,
        shadow: bool = True,
        secrets: Table[str, Resolver] = NONE,
    ) -> Self:
        """Open a configuration directory, a database address (`sqlite:///pbx.db`, `postgresql://…`), or `memory:`.

        A directory is read as Asterisk reads it. In a database every type that has a table is realtime, the rest is
        in memory. `types` adds object types of your own; `compat` decides as Asterisk does even where that is a
        defect; `target` keeps to what a release of Asterisk knows (`asterisk:20`), as `[target]` in `sorcery.conf`
        does: what it would refuse is refused here, and nothing newer is written. `writable` lets the wizard `config`
        write its files, as `[writes]` does for single ones. `astdb` names the AstDB file; otherwise it is Asterisk's
        own where there is an `asterisk.conf`, else `astdb.sqlite3` in the directory, beside an SQLite database, or in
        the working directory. `image` names the last-known-good image in the place of `[image]` in `sorcery.conf`;
        False means none. Without `shadow` the second stores of `[shadow]` are not asked aside. `secrets` finds what
        texts such as `vault:kv/alice` refer to, a resolver for each scheme, beside those of `[secrets]`. `report` tells
        what loading found: a bad object is not an exception. Raises `ConfigurationError` where the configuration as a
        whole cannot be used; its notes tell what else was found in the files around the objects.
        """
        types, file = tuple(types), Path(astdb) if astdb is not None else None
        try:
            found = target_of(
                str(place),
                (*_own_types(), *types),
                compat=compat,
                release=_release(target),
                astdb=file,
                writable=writable,
                secrets=secrets,
            )
            return cls(
                found.environment,
                types=types,
                registry=registry,
                fallback=found.fallback,
                refresh=found.refresh,
                image=image,
                shadow=shadow,
            )
        except SorceryError as error:
            del place
            raise untraced(error)  # noqa: B904 - it is the same error

    def close(self) -> None:
        """Close all stores; whatever is asked of the instance afterwards is answered by `Unavailable`.

        Where there is a last-known-good image, it is written once more if all stores answer.
        """
        self._watcher.close()
        self._queue.close()
        with self._configuring:
            if self._is_closed:
                return
            self._keeper.close(self._generation)
            with self._stripes.hold_all():  # no change is under way, and none comes after
                self._is_closed, self._retrieve = True, {}
            self._shadows.close()
            try:
                self._opener.release(self._generation)  # without the stripes: a cache that refreshes may wait for one
            finally:
                self._opener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Types and mappings

    @property
    def environment(self) -> Environment:
        """What surrounds the objects: directories, families, addresses, as they were read last."""
        return self._layout.environment

    def map(
        self, type: TypeName, wizard: str, arguments: str = "", *, caching: bool = False, position: int | None = None
    ) -> None:
        """Add a mapping to a type: before the one at a position (0 is the first), or behind those that it has.

        The first one replaces the type's default mapping. A class that is not known yet becomes a type. Loads the new
        store; what other mappings hold stays. Raises `ConfigurationError`, and then nothing has changed.
        """
        with self._reconfiguring():
            layout, types = self._layout, dict(self._in_force.types)
            if not isinstance(type, str) and types.setdefault(type.__sorcery__.name, type) is not type:
                raise ConfigurationError(f"{type.__sorcery__.name} is the name of another class")
            mapping = Mapping(name_of(type, types), wizard, arguments, caching)
            self._rebind(attrs.evolve(layout, types=types).with_mapping(mapping, position))

    def unmap(self, type: TypeName, wizard: str, arguments: str | None = None) -> None:
        """Remove the first mapping that `map` made with that wizard (and arguments, if given).

        Raises `ConfigurationError` if there is none.
        """
        with self._reconfiguring():
            name = name_of(type, self._in_force.types)
            self._rebind(self._layout.without_mapping(name, wizard, arguments))

    @contextmanager
    def _reconfiguring(self) -> Iterator[None]:
        """Let one change of configuration happen at a time; observers are told when the lock is gone."""
        try:
            with self._configuring:
                yield
            self._watcher.follow()
        finally:
            self._notifier.deliver()  # what is in force is told also where something fails afterwards

    def _rebind(self, layout: Layout) -> None:
        generation = self._generation_of(layout, self._generation)
        self.report = self._load(layout, generation, Outcome(), self._generation)

    def _generation_of(self, layout: Layout, previous: Generation | None = None) -> Generation:
        """Open what a layout maps and nobody has opened yet; raises `ConfigurationError`."""
        image, shadow = self._image_settings(layout.environment), self._shadows.prepare(layout)

        def front(object_type: ObjectType, bound: tuple[Bound, ...], reader: Reader) -> Reader:
            compared = reader if shadow is None else shadow.reader(object_type, reader)
            return self._keeper.front(image, object_type, bound, compared)

        try:
            return self._opener.generation(layout.types, layout.mappings(), layout.environment, previous, front)
        except BaseException:
            self._shadows.discard()
            raise

    def _open_second(self, layout: Layout) -> tuple[Sorcery, Callable[[str], Reader]]:
        """Open the system that is to be the shadow of this one, and return what asks its stores too."""
        second = Sorcery(
            layout.environment,
            types=layout.types.values(),
            registry=self._registry,
            fallback=layout.fallback,
            image=False,
            shadow=False,
        )
        return second, lambda name: second._binding(name).reader

    @property
    def shadow(self) -> Shadow | None:
        """What compares this system's answers with those of second stores, where `[shadow]` names any."""
        return self._shadows.current

    def _image_settings(self, environment: Environment) -> ImageSettings | None:
        settings = image_settings(environment, self._image)  # also where it is not used: to refuse what means nothing
        return settings if self._may_have_image else None

    # Changes

    def create(self, obj: Object) -> Written:
        """Store a new object in the stores that its type's policy names, by default every writable one; all or nothing.

        Returns what became of it in each store. Raises `AlreadyExists`, `NotWritable`, `StoreRefused`, `Unavailable`,
        `PartialWrite`, and `InvalidObject` for what the release that is the target does not know. Blocks on the stores.
        """
        return self._write(Step(Op.CREATE, obj))

    def update(self, obj: Object, *, expected: Object | None = None) -> Written:
        """Replace the stored object of that id; raises `NotFound` if there is none, else as `create`.

        With `expected`, the object as it was read: raises `Conflict` if what is stored is not equal to it.
        """
        return self._write(Step(Op.UPDATE, obj, expected))

    def delete(self, obj: Object, *, expected: Object | None = None) -> Written:
        """Delete the stored object of that id; raises `NotFound` if there is none, else as `create`.

        With `expected`, the object as it was read: raises `Conflict` if what is stored is not equal to it.
        """
        return self._write(Step(Op.DELETE, obj, expected))

    def _write(self, step: Step) -> Written:
        (written,) = self._store([step])
        return written

    def transaction(self) -> Transaction:
        """Return a context manager whose changes come true together, in dependency order, or not at all."""
        return Transaction(self._store, self._schemas)

    def plan_removal(self, type: TypeName, id: str, *, cascade: bool = False) -> Plan:
        """Return the plan that removes an object; `apply` carries it out, all or nothing.

        While others refer to the object, that is `StillReferred`. With `cascade` these go too: what belongs to what
        goes (an AOR's contacts, what must name it, as an identify its endpoint), and the auths and AORs that it alone
        referred to. Elsewhere its name is taken out of lists that name others too; `StillReferred` where nothing
        would be left. Raises also `NotFound`, `NotWritable` for what lies in a store that is read only, `Unavailable`.
        """
        from sorcery.relations.removal import removal

        relations = self._relations
        changes = removal(relations, name_of(type, relations.bindings), id, cascade=cascade)
        return Plan(changes, self._store)

    def plan_rename(self, type: TypeName, id: str, new: str) -> Plan:
        """Return the plan that gives an object another id, everywhere: `apply` carries it out, all or nothing.

        All references to it are changed, and the ids of what it owns, as contacts begin with that of their AOR. Raises
        `NotFound`, `AlreadyExists`, `InvalidObject` for an id that somebody who refers to it cannot name,
        `NotWritable` where something that would have to change lies in a store that is read only, `Unavailable`.
        """
        from sorcery.relations.renaming import renaming

        relations = self._relations
        return Plan(renaming(relations, name_of(type, relations.bindings), id, new), self._store)

    def policy(self, type: TypeName) -> Policy:
        """Return which of its stores take a type's changes, as `[writes]` in `sorcery.conf` says it."""
        return self.environment.policies.get(self._binding(type).object_type.name, Policy())

    @property
    def queue(self) -> Queue:
        """The changes that wait for stores which do not answer, where `[writes]` lets them.

        Whoever queues one carries it out later; what a process before this one left, `queue.resume()` does.
        """
        return self._queue

    def _queue_file(self) -> Path:
        """Return the file in which changes wait: beside the AstDB, in Asterisk's folder for data."""
        environment = self.environment
        folder = environment.astdb.parent if environment.astdb else environment.directory or Path()
        return folder / QUEUE_FILE

    def _store(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        return self._queue.store(steps) if steps else ()

    def _store_now(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        steps = [self._followed(step) for step in steps]
        observed = {step.key[0] for step in steps if self._notifier.watches(step.key[0])}
        with self._stripes.hold(step.key for step in steps):
            # the stores are looked up in here: no reload puts others in their place meanwhile
            requests = [self._request(step) for step in steps]
            try:
                stored = store(requests, observed=observed)
                self._notifier.queue(stored.events)
            except SorceryError as error:
                raise untraced(error)  # noqa: B904 - it is the same error
            finally:
                self._stored = object()
            self._note(steps)
            if (shadow := self._shadows.current) is not None:
                shadow.mirror(steps)
        self._notifier.deliver()
        return stored.written

    def _followed(self, step: Step) -> Step:
        """Return the step with its object as its stores will give it; of what is deleted the id alone counts."""
        obj = step.obj if step.op is Op.DELETE else step.obj.followed(self.environment.secrets)
        return step if obj is step.obj else attrs.evolve(step, obj=obj)

    def _request(self, step: Step) -> Request:
        binding = self._binding(step.key[0])
        if step.op is not Op.DELETE:
            binding.object_type.require_known(step.obj)
        environment = self.environment
        creates = step.op is Op.UPDATE and environment.create_on_update_miss and not step.is_strict
        policy = environment.policies.get(binding.object_type.name, BY_DEFAULT)
        return Request(Op.PUT if creates else step.op, step.obj, binding, step.expected, policy)

    # Reload

    def reload(self) -> Report:
        """Read again what changed, swap it in, prune what vanished, and tell the observers; return what was done.

        A bad object keeps its last good version, a bad file everything. `sorcery.conf` and `extconfig.conf` count
        too. Never raises for what it reads: the report says what was wrong, each time until it is mended.
        """
        self.environment.secrets.forget()
        self._notifier.queue([(SYSTEM, "loading", ())])
        self._notifier.deliver()
        with self._reconfiguring():
            outcome, layout = Outcome(), self._layout
            generation = old = self._in_force
            environment = self._fresh_environment(outcome)
            if environment is not layout.environment:
                try:
                    layout = attrs.evolve(layout, environment=environment)
                    generation = self._generation_of(layout, old)
                except SorceryError as error:
                    outcome.findings.append(refusal(error, "every mapping stays as it was"))
                    known = self.environment.findings
                    outcome.findings.extend(each for each in environment.findings if each not in known)
                    layout = self._layout
            elif (shadow := self._shadows.current) is not None:
                shadow.reload()
            self.report = report = self._load(layout, generation, outcome, old)
            self._notifier.queue([(SYSTEM, "loaded", (report,))])
        return report

    def _reconcile(self) -> Report:
        """Let caches compare all that they hold with the stores behind; reads no file."""
        with self._reconfiguring():
            outcome = Outcome()
            self._reloader.compare(self._in_force, outcome)
            if outcome.has_changes:
                self._stored = object()
        return outcome.report()

    def write_image(self) -> None:
        """Write the last-known-good image now: what the stores hold that may be down. Blocks on them.

        Raises `Unavailable` if one of them is silent, and then the last image stays; `ConfigurationError` where there
        is to be no image, or where its file cannot be written.
        """
        self._keeper.write(self._in_force)

    @property
    def image_uses(self) -> Table[str, int]:
        """How many questions were answered from the last-known-good image, by type, of those that it stands in for."""
        return self._keeper.uses(self._in_force)

    def prune(self, type: TypeName, id: str) -> Report:
        """Let the caches of a type look at one object anew, now, and tell the observers what came of it.

        The report names it under `deleted` if it vanished behind the caches, under `updated` if it is another one.
        Blocks on the stores; raises `Unavailable`, and then the caches keep what they hold.
        """
        binding, outcome = self._binding(type), Outcome()
        name = binding.object_type.name
        with self._stripes.hold([(name, id)]):
            for cache in reversed(binding.caches):  # one in front of another finds what that one found
                outcome.add_untold(name, cache.reconcile([id]))
            self._notifier.queue(outcome.news())
        self._notifier.deliver()
        return outcome.report()

    @property
    def caches(self) -> Table[str, ManagedCache]:
        """The caches that can be looked into and commanded, by name."""
        bindings = self._in_force.bindings.values()
        return {each.name: each for binding in bindings for each in binding.caches if isinstance(each, ManagedCache)}

    def _fresh_environment(self, outcome: Outcome) -> Environment:
        """Return the environment as its files say now; a file that is refused leaves it as it was."""
        if self._refresh is None or not self.environment.has_changed():
            return self.environment
        try:
            fresh = self._refresh()
            fresh.require_files_of(self.environment)
        except SorceryError as error:
            outcome.findings.append(refusal(error, "the configuration stays as it was"))
            return self.environment
        return fresh

    def _load(self, layout: Layout, generation: Generation, outcome: Outcome, old: Generation | None = None) -> Report:
        """Load what a generation's stores hold, and put it in force; `old` is the one in force, None at the start."""

        def put_in_force() -> None:
            generation.activate(self._cache_news)
            self._layout, self._generation, self._retrieve = layout, generation, generation.retrieve
            self._keeper.configure(self._image_settings(layout.environment), generation)
            self._shadows.put_in_force()

        try:
            self._reloader.replace(old, generation, outcome, put_in_force)
        finally:
            self._shadows.discard()
            if old and generation is not old:  # whichever of them is not in force has stores that nobody needs
                self._opener.release(*((old, generation) if self._generation is generation else (generation, old)))
        if outcome.has_changes or generation is not old:
            self._stored = object()
        if old:
            self._notifier.queue((SYSTEM, *change) for change in remapped(old, generation))
        outcome.findings[:0] = [
            *around(layout.environment, generation.bindings),
            *self._keeper.findings(generation, at_start=old is None),
            *self._shadows.findings,
        ]
        outcome.findings.extend(self.dangling())
        self._notifier.queue((name, "loaded", (name,)) for name in generation.bindings)
        self._keeper.write_aside(generation)
        return outcome.report()

    def _cache_news(self, type_name: str, fronts: Sequence[Cache]) -> CacheNews:
        return CacheNews(type_name, fronts, self._stripes, self._notifier, self._note, self._reloader.untold)

    # Observing and comparing

    def observe(
        self,
        type: TypeName,
        *,
        created: Callable[[Any], object] | None = None,
        updated: Callable[[Any, Any], object] | None = None,
        deleted: Callable[[Any], object] | None = None,
        loaded: Callable[[str], object] | None = None,
    ) -> Subscription:
        """Call functions on changes of a type: created(new), updated(new, old), deleted(old), loaded(type name).

        They are called in the order of the changes, outside any lock, by the thread that made the change or by one
        that is delivering already. Close the subscription to end it.
        """
        name = self._binding(type).object_type.name
        observer = Observer(created=created, updated=updated, deleted=deleted, loaded=loaded)
        return self._notifier.add(name, observer)

    def observe_system(
        self,
        *,
        loading: Callable[[], object] | None = None,
        loaded: Callable[[Report], object] | None = None,
        mapped: Callable[[Mapping], object] | None = None,
        unmapped: Callable[[Mapping], object] | None = None,
    ) -> Subscription:
        """Call functions around each reload, loading() and loaded(report), and on each change of mappings.

        mapped(mapping) and unmapped(mapping) tell of what `map`, `unmap` and files change, before `loaded`. As with
        `observe` they are called in order, outside any lock.
        """
        observer = SystemObserver(loading=loading, loaded=loaded, mapped=mapped, unmapped=unmapped)
        return self._notifier.add(SYSTEM, observer)

    def watch(self, *, files: bool = True) -> Watching:
        """Follow what others change in the stores, until the result or this system is closed.

        Without `files` those are left to `reload`: only other stores, such as databases, are followed.

        Where a wizard tells of changes, caches are kept true and observers hear of them as of changes made here: of an
        object, or of what a reload finds where much may be another now. That begins with a reload, which finds what
        changed before. The old object of an update or deletion is the last that was known here; where none was, an
        update tells the new one twice, and a deletion an object that has the id alone. A store that does not answer is
        asked again until it does. All this happens in a thread of its own. Raises `ConfigurationError` where a
        wizard lacks what it watches its sources with.
        """
        return self._watcher.join(files=files)

    def _note(self, steps: Iterable[Step]) -> None:
        self._stored = object()
        self._reloader.note(steps)
        self._keeper.last_good.note(steps)

    def plan(self, other: Sorcery, types: Iterable[TypeName] | None = None) -> Plan:
        """Return the changes that make this system hold what `other` holds.

        All types that both know, or those named. An object that `other` holds and that cannot be read is not absent:
        it is in `unreadable`, and stays here as it is. One that cannot be read here is replaced. Reads both systems
        whole; raises `Unavailable`.
        """
        known = self._schemas
        chosen = known if types is None else [name_of(type, known) for type in types]
        names = [name for name in chosen if name in other.types]
        unreadable = other.unreadable(names)
        theirs_bad, mine_bad = _ids(unreadable), _ids(self.unreadable(names))
        found: dict[tuple[Op, str, str], PlannedChange] = {}
        for name in names:
            mine = self._binding(name).everything()
            theirs = {obj.id: obj for obj in other._binding(name).everything()}
            for change in compare(mine, theirs, replaced=mine_bad[name], spared=theirs_bad[name]):
                found[change.op, name, change.obj.id] = change
        steps = ordered([Step(change.op, change.obj) for change in found.values()], known)
        changes = tuple(found[step.op, *step.key] for step in steps)
        return Plan(changes, self._store, tuple(unreadable))

    def copy_from(
        self,
        source: Sorcery,
        selection: Selection | None = None,
        *,
        existing: Existing | str = "update",
        prune: bool = False,
        batch: int = 1000,
        dry_run: bool = False,
        verify: bool = True,
        progress: Callable[[Progress], object] = lambda progress: None,
    ) -> Copied:
        """Copy objects of another system into this one, what is referred to first, and return what came of each.

        All types that both know, or the `selection`. What is here and the same is left alone, so a copy that was
        interrupted is gone on with by the same call. `existing` says what becomes of an object that differs here:
        `update`, `skip`, or `fail`. At most `batch` objects are read and stored at once, in a transaction of their own;
        if that is refused, the objects that are to blame are found and told, and the others stored. `prune` deletes
        what the source does not hold, if it holds anything. `dry_run` changes nothing. `verify` reads everything back
        at the end. `progress` is called after each batch. Blocks on both systems; raises `Unavailable` where nothing
        could be done, `UnknownType`, `NotListed`, and `ValueError` for a selection that means nothing.
        """
        from sorcery.copying.copy import Copying
        from sorcery.copying.outcome import Existing
        from sorcery.copying.selection import Selection

        return Copying(
            source._in_force.bindings,
            self._in_force.bindings,
            self._store,
            selection or Selection(),
            unreadable=source.unreadable,
            existing=Existing(existing),
            prune=prune,
            batch=batch,
            dry_run=dry_run,
            verify=verify,
            progress=progress,
        ).run()


def _own_types() -> tuple[type[Object], ...]:
    """Return Asterisk's types; making their classes takes a third of the start, which not every importer wants."""
    from sorcery.pjsip import TYPES

    return TYPES


def _by_name(types: Iterable[type[Object]]) -> dict[str, type[Object]]:
    """Return the types by name; raises `ConfigurationError` where two classes have the same."""
    known: dict[str, type[Object]] = {}
    for cls in types:
        name = cls.__sorcery__.name
        if known.setdefault(name, cls) is not cls:
            raise ConfigurationError(f"{name} is the name of another class", remedy=f"rename {cls.__qualname__}'s type")
    return known


def _release(target: str | Release | None) -> Release | None:
    return Release.parse(target) if isinstance(target, str) else target


def _ids(findings: Iterable[Finding]) -> defaultdict[str, set[str]]:
    """Return the ids that findings are about, by type."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for finding in findings:
        ids[finding.type_name].add(finding.id)
    return ids
