"""What a system is opened on: a directory, a database, or nothing on disk at all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from pathlib import Path

import attrs

from sorcery.environment import Environment, environment_for_url, read_environment
from sorcery.errors import ConfigurationError
from sorcery.mapping import Mapping, default_mapping
from sorcery.objects import Object
from sorcery.release import Release
from sorcery.resolving import NONE, Resolver, resolvers_of

__all__ = ["Target", "default_of", "target_of"]


def default_of(cls: type[Object]) -> Mapping:
    """Return the mapping of a type of a directory that `sorcery.conf` does not mention."""
    return default_mapping(cls.__sorcery__)


@attrs.frozen(slots=True)
class Target:
    """The environment of a system, and what goes with it."""

    environment: Environment
    fallback: Callable[[type[Object]], Mapping] = default_of
    """Gives the mapping of a type that nothing else maps."""
    refresh: Callable[[], Environment] | None = attrs.field(default=None, repr=False)
    """Reads the environment anew."""


def target_of(
    text: str,
    types: Sequence[type[Object]],
    *,
    compat: bool = False,
    release: Release | None = None,
    astdb: Path | None = None,
    writable: bool = False,
    secrets: Table[str, Resolver] = NONE,
) -> Target:
    """Return what a directory, a database address or `memory:` stands for; raises `ConfigurationError`."""
    if not text:
        raise ConfigurationError("no target is named", remedy="name a directory, a database address, or memory:")
    if text == "memory:":
        astdb = astdb or Path("astdb.sqlite3").absolute()
        found = resolvers_of((), secrets)
        around = Environment(compat=compat, release=release, astdb=astdb, writable=writable, secrets=found)
        return Target(around, _in_memory)
    if "://" in text:
        families = filter(None, (cls.__sorcery__.family for cls in types))
        environment = environment_for_url(
            text, families, compat=compat, release=release, astdb=astdb, writable=writable, secrets=secrets
        )
        return Target(environment, _in_database)
    refresh = functools.partial(
        read_environment,
        Path(text),
        compat=compat,
        release=release,
        astdb=astdb,
        writable=writable,
        secrets=secrets,
    )
    return Target(refresh(), refresh=refresh)


def _in_memory(cls: type[Object]) -> Mapping:
    return Mapping(cls.__sorcery__.name, "memory")


def _in_database(cls: type[Object]) -> Mapping:
    family = cls.__sorcery__.family
    return Mapping(cls.__sorcery__.name, "realtime", family) if family else _in_memory(cls)
