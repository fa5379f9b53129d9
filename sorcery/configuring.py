"""One change of configuration at a time: what is mapped is opened and loaded aside, and then put in force."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from sorcery.audit import around, refusal
from sorcery.binding import Bound, Generation, Opener
from sorcery.environment import Environment
from sorcery.errors import SorceryError
from sorcery.image.file import ImageSettings, image_settings
from sorcery.image.keeper import Keeper
from sorcery.layout import Layout, types_by_name
from sorcery.loading import Outcome, Reloader, remapped
from sorcery.mapping import Mapping
from sorcery.objecttype import ObjectType
from sorcery.observers import SYSTEM, Notifier
from sorcery.publishing import CacheNews
from sorcery.registry import Registry
from sorcery.report import Report
from sorcery.shadowing.shadows import Second, Shadows
from sorcery.standing import Standing, TypeName, name_of
from sorcery.wizard import Cache, Reader
from sorcery.writing.transaction import Step
from sorcery.writing.writes import Stripes

__all__ = ["Configurator", "ImageChoice"]


@attrs.frozen(slots=True)
class ImageChoice:
    """What the caller says of the last-known-good image."""

    file: Path | None = None
    """Where it lies, in the place of what `[image]` says."""
    is_wanted: bool = True

    def settings(self, environment: Environment) -> ImageSettings | None:
        """Return what is to be; raises `ConfigurationError` for an `[image]` that means nothing, also if unwanted."""
        settings = image_settings(environment, self.file)
        return settings if self.is_wanted else None


class Configurator:
    """Puts one generation of stores after the other in force: at the start, on reload, and as callers map types."""

    def __init__(
        self,
        standing: Standing,
        stripes: Stripes,
        notifier: Notifier,
        registry: Registry,
        *,
        image: ImageChoice,
        second: Second | None,
        refresh: Callable[[], Environment] | None,
        follow: Callable[[], None],
    ) -> None:
        """Take what is replaced, and who has to know.

        `second` opens a shadow; `refresh` reads the environment anew; `follow` is called when other stores may be in
        force, while no lock is held.
        """
        self._standing, self._stripes, self._notifier = standing, stripes, notifier
        self._image, self._refresh, self._follow = image, refresh, follow
        self._opener, self.shadows = Opener(registry), Shadows(second, registry)
        self.keeper, self.reloader = Keeper(), Reloader(stripes, notifier)
        self._configuring = threading.Lock()

    def start(self, layout: Layout) -> None:
        """Open and load everything; raises what that raises, and then nothing is left open."""
        try:
            self._standing.report = self._load(layout, self._generation_of(layout), Outcome())
        except BaseException:
            self.shadows.close()
            self._opener.close()
            raise

    def close(self) -> None:
        """Write the last image and close all stores; what is asked afterwards is answered by `Unavailable`."""
        standing = self._standing
        with self._configuring:
            if standing.is_closed:
                return
            self.keeper.close(standing.generation)
            with self._stripes.hold_all():  # no change is under way, and none comes after
                standing.close()
            self.shadows.close()
            try:
                self._opener.release(standing.generation)  # without the stripes: a cache that refreshes may wait
            finally:
                self._opener.close()

    # What callers map

    def map(self, type: TypeName, wizard: str, arguments: str, *, caching: bool, position: int | None) -> None:
        """Add a mapping to a type, which becomes known by that; raises `ConfigurationError`."""
        with self._reconfiguring():
            layout, types = self._standing.layout, self._standing.in_force.types
            if not isinstance(type, str):
                types = types_by_name((*types.values(), type))
            mapping = Mapping(name_of(type, types), wizard, arguments, caching)
            self._rebind(attrs.evolve(layout, types=types).with_mapping(mapping, position))

    def unmap(self, type: TypeName, wizard: str, arguments: str | None) -> None:
        """Remove a mapping that `map` made; raises `ConfigurationError` if there is none."""
        with self._reconfiguring():
            name = name_of(type, self._standing.in_force.types)
            self._rebind(self._standing.layout.without_mapping(name, wizard, arguments))

    def _rebind(self, layout: Layout) -> None:
        old = self._standing.generation
        self._standing.report = self._load(layout, self._generation_of(layout, old), Outcome(), old)

    @contextmanager
    def _reconfiguring(self) -> Iterator[None]:
        """Let one change of configuration happen at a time; observers are told when the lock is gone."""
        try:
            with self._configuring:
                yield
            self._follow()
        finally:
            self._notifier.deliver()  # what is in force is told also where something fails afterwards

    # Reload

    def reload(self) -> Report:
        """Read again what changed, and return what was done; never raises for what it reads."""
        self._standing.environment.secrets.forget()
        self._notifier.queue([(SYSTEM, "loading", ())])
        self._notifier.deliver()
        with self._reconfiguring():
            outcome, old = Outcome(), self._standing.in_force
            layout, generation = self._refreshed(outcome, old)
            self._standing.report = report = self._load(layout, generation, outcome, old)
            self._notifier.queue([(SYSTEM, "loaded", (report,))])
        return report

    def _refreshed(self, outcome: Outcome, old: Generation) -> tuple[Layout, Generation]:
        """Return what the configuration comes to as its files say now; where they are refused, it stays as it was."""
        layout = self._standing.layout
        environment = self._fresh_environment(outcome)
        if environment is layout.environment:
            if (shadow := self.shadows.current) is not None:
                shadow.reload()
            return layout, old
        fresh = attrs.evolve(layout, environment=environment)
        try:
            return fresh, self._generation_of(fresh, old)
        except SorceryError as error:
            outcome.findings.append(refusal(error, "every mapping stays as it was"))
            known = layout.environment.findings
            outcome.findings.extend(each for each in environment.findings if each not in known)
            return layout, old

    def _fresh_environment(self, outcome: Outcome) -> Environment:
        """Return the environment as its files say now; a file that is refused leaves it as it was."""
        environment = self._standing.environment
        if self._refresh is None or not environment.has_changed():
            return environment
        try:
            fresh = self._refresh()
            fresh.require_files_of(environment)
        except SorceryError as error:
            outcome.findings.append(refusal(error, "the configuration stays as it was"))
            return environment
        return fresh

    def reconcile(self) -> Report:
        """Let caches compare all that they hold with the stores behind; reads no file."""
        with self._reconfiguring():
            outcome = Outcome()
            self.reloader.compare(self._standing.in_force, outcome)
            if outcome.has_changes:
                self._standing.note_change()
        return outcome.report()

    # Opening and loading

    def _generation_of(self, layout: Layout, previous: Generation | None = None) -> Generation:
        """Open what a layout maps and nobody has opened yet; raises `ConfigurationError`."""
        image, shadow = self._image.settings(layout.environment), self.shadows.prepare(layout)

        def front(object_type: ObjectType, bound: tuple[Bound, ...], reader: Reader) -> Reader:
            compared = reader if shadow is None else shadow.reader(object_type, reader)
            return self.keeper.front(image, object_type, bound, compared)

        try:
            return self._opener.generation(layout.types, layout.mappings(), layout.environment, previous, front)
        except BaseException:
            self.shadows.discard()
            raise

    def _load(self, layout: Layout, generation: Generation, outcome: Outcome, old: Generation | None = None) -> Report:
        """Load what a generation's stores hold, and put it in force; `old` is the one in force, None at the start."""

        def put_in_force() -> None:
            generation.activate(self._cache_news)
            self._standing.put_in_force(layout, generation)
            self.keeper.configure(self._image.settings(layout.environment), generation)
            self.shadows.put_in_force()

        try:
            self.reloader.replace(old, generation, outcome, put_in_force)
        finally:
            self.shadows.discard()
            if old and generation is not old:  # whichever of them is not in force has stores that nobody needs
                is_in_force = self._standing.generation is generation
                self._opener.release(*((old, generation) if is_in_force else (generation, old)))
        if outcome.has_changes or generation is not old:
            self._standing.note_change()
        if old:
            self._notifier.queue((SYSTEM, *change) for change in remapped(old, generation))
        outcome.findings[:0] = [
            *around(layout.environment, generation.bindings),
            *self.keeper.findings(generation, at_start=old is None),
            *self.shadows.findings,
        ]
        outcome.findings.extend(self._standing.dangling())
        self._notifier.queue((name, "loaded", (name,)) for name in generation.bindings)
        self.keeper.write_aside(generation)
        return outcome.report()

    def _cache_news(self, type_name: str, fronts: Sequence[Cache]) -> CacheNews:
        return CacheNews(type_name, fronts, self._stripes, self._notifier, self.note, self.reloader.untold)

    # Changes

    def note(self, steps: Iterable[Step]) -> None:
        """Take down what was changed here or found by a cache; call it while the stripes of the objects are held."""
        self._standing.note_change()
        self.reloader.note(steps)
        self.keeper.last_good.note(steps)

    def note_stored(self, steps: Sequence[Step]) -> None:
        """Take down what was just stored here, for the shadow too."""
        self.note(steps)
        if (shadow := self.shadows.current) is not None:
            shadow.mirror(steps)
