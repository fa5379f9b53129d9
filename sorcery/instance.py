"""`Sorcery`: the front door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from sorcery.changing import Changes
from sorcery.configuring import Configurator, ImageChoice
from sorcery.environment import Environment
from sorcery.errors import SorceryError, untraced
from sorcery.layout import Layout, types_by_name
from sorcery.mapping import Mapping
from sorcery.modification import Modification
from sorcery.objects import Object
from sorcery.observers import SYSTEM, Notifier, Observer, Subscription, SystemObserver
from sorcery.registry import Registry
from sorcery.release import Release
from sorcery.report import Report
from sorcery.resolving import NONE, Resolver
from sorcery.standing import TypeName
from sorcery.target import default_of, target_of
from sorcery.watching.noticed import System
from sorcery.watching.watcher import Watcher, Watching
from sorcery.wizard import ManagedCache, Reader
from sorcery.writing.writes import Stripes

if TYPE_CHECKING:  # else only where something is copied
    from sorcery.shadowing.shadow import Shadow

__all__ = ["Sorcery"]


class Sorcery(Modification):
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
        self._notifier, self._stripes, self._registry = Notifier(), Stripes(), registry or Registry()
        self._configurator = Configurator(
            self._standing,
            self._stripes,
            self._notifier,
            self._registry,
            image=ImageChoice(Path(image) if image else None, is_wanted=image is not False),
            second=self._open_second if shadow else None,
            refresh=refresh,
            follow=lambda: self._watcher.follow(),
        )
        self._keeper = self._configurator.keeper
        self._changes = Changes(self._standing, self._stripes, self._notifier, self._configurator.note_stored)
        self._watcher = Watcher(
            System(
                lambda: self._standing.in_force,
                lambda: self._standing.report,
                self.reload,
                self._configurator.reconcile,
                self._configurator.note,
                self._stripes,
                self._notifier,
            )
        )
        try:
            known = types_by_name((*_own_types(), *types))
            self._configurator.start(Layout(types=known, environment=environment, fallback=fallback))
        except SorceryError as error:
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
                release=Release.parse(target) if isinstance(target, str) else target,
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
        self._changes.queue.close()
        self._configurator.close()

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
        return self._standing.environment

    def map(
        self, type: TypeName, wizard: str, arguments: str = "", *, caching: bool = False, position: int | None = None
    ) -> None:
        """Add a mapping to a type: before the one at a position (0 is the first), or behind those that it has.

        The first one replaces the type's default mapping. A class that is not known yet becomes a type. Loads the new
        store; what other mappings hold stays. Raises `ConfigurationError`, and then nothing has changed.
        """
        self._configurator.map(type, wizard, arguments, caching=caching, position=position)

    def unmap(self, type: TypeName, wizard: str, arguments: str | None = None) -> None:
        """Remove the first mapping that `map` made with that wizard (and arguments, if given).

        Raises `ConfigurationError` if there is none.
        """
        self._configurator.unmap(type, wizard, arguments)

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
        return self._configurator.shadows.current

    # Reload

    def reload(self) -> Report:
        """Read again what changed, swap it in, prune what vanished, and tell the observers; return what was done.

        A bad object keeps its last good version, a bad file everything. `sorcery.conf` and `extconfig.conf` count
        too. Never raises for what it reads: the report says what was wrong, each time until it is mended.
        """
        return self._configurator.reload()

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
        return self._configurator.reloader.prune(self._binding(type), id).report()

    @property
    def caches(self) -> Table[str, ManagedCache]:
        """The caches that can be looked into and commanded, by name."""
        bindings = self._in_force.bindings.values()
        return {each.name: each for binding in bindings for each in binding.caches if isinstance(each, ManagedCache)}

    # Observing

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


def _own_types() -> tuple[type[Object], ...]:
    """Return Asterisk's types; making their classes takes a third of the start, which not every importer wants."""
    from sorcery.pjsip import TYPES

    return TYPES
