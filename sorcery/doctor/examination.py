"""The chains of a whole system: one for each mapping, from the directory or the address to the objects."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import attrs

from sorcery.audit import unread_mappings
from sorcery.doctor.chains import Chain, Diagnosis
from sorcery.doctor.files import file_steps, folder_step, surrounding_step
from sorcery.doctor.looking import Looking
from sorcery.doctor.stores import Stores
from sorcery.environment import FILES, Environment
from sorcery.errors import ConfigurationError, UnknownWizard
from sorcery.findings import Finding
from sorcery.image.file import image_settings
from sorcery.layout import Layout
from sorcery.mapping import Mapping
from sorcery.objecttype import ObjectType
from sorcery.pjsip import TYPES
from sorcery.registry import Registry
from sorcery.release import Release
from sorcery.shadowing.settings import ShadowSettings, shadow_settings
from sorcery.shadowing.shadows import second_environment
from sorcery.source import Source
from sorcery.steps import Broken, Step
from sorcery.target import target_of
from sorcery.wizard import Diagnosable, Wizard

__all__ = ["Beyond", "Watch", "examine"]

Beyond = Callable[[ObjectType, Mapping, Environment], Iterable[Step]]
"""Gives further steps of a mapping, between those of its wizard and its objects."""

Watch = Callable[[str], None]
"""Is told what is looked at."""


def examine(
    target: str,
    *,
    names: Collection[str] = (),
    compat: bool = False,
    release: Release | None = None,
    beyond: Beyond = lambda object_type, mapping, environment: (),
    registry: Registry | None = None,
    watch: Watch = lambda title: None,
) -> Diagnosis:
    """Look at every link between a directory or a database address and its objects; write nothing.

    `names` are the types to look at, all without any; `watch` is told what is looked at. Blocks on files, networks
    and databases, each link for its own time at most. Raises `ConfigurationError` for what is no target at all.
    """
    directory = Path(target) if target and "://" not in target and target != "memory:" else None
    looking = Looking()
    try:
        opened = target_of(target, TYPES, compat=compat, release=release)
    except (ConfigurationError, OSError):  # the latter of folders that this user may not enter
        if directory is None:
            raise
        return Diagnosis((_refused(directory, looking),))
    types = {cls.__sorcery__.name: cls for cls in TYPES}
    whole = Layout(types=types, environment=opened.environment, fallback=opened.fallback)
    layout = attrs.evolve(whole, types={name: cls for name, cls in types.items() if not names or name in names})
    registry = registry or Registry()
    settings, unusable = shadow_settings(whole.environment, whole.mappings())
    second = _second(layout, settings)
    with Stores(layout, registry) as stores, Stores(second, registry) as seconds:
        examination = _Examination(layout, registry, stores, looking, beyond, watch)
        shadows = _Examination(second, registry, seconds, looking, beyond, watch, is_shadow=True)
        return Diagnosis((*examination.chains(), *shadows.chains(), *examination.rest(unusable)))


def _second(layout: Layout, settings: ShadowSettings | None) -> Layout:
    """Return the layout of the second stores that `[shadow]` gives types."""
    mappings = {} if settings is None else settings.mappings
    environment = layout.environment
    return Layout(
        types={name: cls for name, cls in layout.types.items() if name in mappings},
        environment=attrs.evolve(second_environment(environment), findings=environment.findings),
        fallback=lambda cls: mappings[cls.__sorcery__.name],
    )


@attrs.frozen(eq=False)
class _Examination:
    layout: Layout
    registry: Registry
    stores: Stores
    looking: Looking
    beyond: Beyond
    watch: Watch
    is_shadow: bool = False
    """The mappings are those of second stores."""

    def chains(self) -> Iterator[Chain]:
        """Yield the chain of each mapping."""
        for name, mappings in self.layout.mappings().items():
            object_type = self.layout.types[name].__sorcery__
            for position, mapping in enumerate(mappings):
                self.watch(str(mapping))
                yield Chain(
                    title=f"[shadow] {mapping}" if self.is_shadow else str(mapping),
                    type_name=name,
                    is_shadow=self.is_shadow,
                    place=mapping.place,
                    links=self.looking.links(self._steps(object_type, mapping, mappings[position + 1 :])),
                )

    def _steps(self, object_type: ObjectType, mapping: Mapping, behind: tuple[Mapping, ...]) -> Iterator[Step]:
        environment = self.layout.environment
        yield from _head(environment)
        yield Step("mapping", functools.partial(self._mapped, mapping))
        try:
            wizard: Wizard | None = self.registry.factory(mapping.wizard)()
        except ConfigurationError:
            wizard = None  # the step before tells it
        if isinstance(wizard, Diagnosable):
            yield from wizard.steps(object_type, mapping.arguments, environment)
        yield from self.beyond(object_type, mapping, environment)
        if mapping.caching:
            yield Step("store", lambda: self._behind(mapping, behind))
        else:
            yield self.stores.step(mapping)

    def _mapped(self, mapping: Mapping) -> str:
        """Say where the mapping comes from; raises `Broken` for a wizard that there is not."""
        try:
            self.registry.factory(mapping.wizard)
        except UnknownWizard as error:
            near = difflib.get_close_matches(error.name, error.known, 1)
            mending = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(error.known)}"
            raise Broken(f"there is no wizard {error.name!r}", mending, place=mapping.place) from error
        return str(mapping.place) if mapping.place else "where the type lies by default"

    def _behind(self, mapping: Mapping, behind: Collection[Mapping]) -> str:
        """Say what a cache asks; raises why it is none."""
        self.stores.bound(mapping)
        stores = [each for each in behind if not each.caching]
        if not stores:
            name = mapping.type_name
            mending = f"write a store below it, e.g. {name} = config,pjsip.conf,criteria=type={name}"
            raise Broken("there is no store behind the cache, so there are no objects", mending, place=mapping.place)
        return f"asks {', '.join(map(str, stores))}"

    def rest(self, unusable: Iterable[Finding]) -> Iterator[Chain]:
        """Yield the chains of what concerns no single mapping, each where it is broken; none where types are chosen.

        `unusable` are lines of `[shadow]` that come to nothing.
        """
        known = {cls.__sorcery__.name: cls.__sorcery__ for cls in TYPES}
        if len(self.layout.types) < len(known):
            return
        for finding in unread_mappings(self.layout.environment, known):
            yield self._chain(finding.type_name, Step("section", functools.partial(_no_effect, finding)), finding)
        for finding in unusable:
            chain = self._chain("[shadow]", Step("section", functools.partial(_no_effect, finding)), finding)
            yield attrs.evolve(chain, is_shadow=True)
        together = self._chain("all types together", Step("together", self._together))
        if together.first_broken is not None:
            yield together

    def _together(self) -> str:
        """Say that the system opens as a whole; raises why not, where each mapping by itself does."""
        image_settings(self.layout.environment)
        return self.stores.together()

    def _chain(self, title: str, step: Step, finding: Finding | None = None) -> Chain:
        links = self.looking.links([*_head(self.layout.environment), step])
        place = finding.place if finding else None
        return Chain(title=title, type_name=finding.type_name if finding else "", place=place, links=links)


def _head(environment: Environment) -> Iterator[Step]:
    """Yield the steps that every mapping of a directory has."""
    if environment.directory is not None:
        yield folder_step(environment.directory)
        yield surrounding_step(environment, "sorcery.conf")


def _refused(directory: Path, looking: Looking) -> Chain:
    """Return the one chain of a directory whose files around the objects are refused: no mapping is known then."""
    environment = Environment(directory=directory)
    steps = [folder_step(directory)]
    for name in ("asterisk.conf", *FILES):
        source = Source(name, environment)
        steps += [attrs.evolve(each, name=name) for each in file_steps(source, may_lack=True)]
    steps.append(Step("environment", functools.partial(_environment, directory)))
    return Chain(title="every type", links=looking.links(steps))


def _environment(directory: Path) -> str:
    target_of(str(directory), TYPES)
    return "read"


def _no_effect(finding: Finding) -> str:
    raise Broken(finding.message, finding.remedy, place=finding.place)
