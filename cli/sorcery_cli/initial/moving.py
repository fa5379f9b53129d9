"""Objects that a new mapping would leave where their type is no longer looked for."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from sorcery import ConfigurationError
from sorcery.conf import Category, ConfFile, read_conf
from sorcery.mapping import default_mapping, parse_mapping
from sorcery.objecttype import ObjectType
from sorcery_cli.initial.comparing import Missing
from sorcery_cli.initial.provisioned import PROVISIONED

__all__ = ["stranded"]


def stranded(directory: Path, missing: Iterable[Missing]) -> Iterator[ConfigurationError]:
    """Yield one error per type that the missing lines of sorcery.conf would move away from objects of it.

    A type without a line there is in its default file. Contacts are in none: those that stay behind come again when
    their phones register next. Blocks on the disk.
    """
    read = functools.cache(functools.partial(read_conf, directory=directory))  # most types have one file
    for type_ in _moved(missing):
        path = directory / (type_.conf or "")
        if type_.conf is None or not path.exists():
            continue
        conf = read(path)
        left = [each for each in conf.sections() if each.first("type") == type_.plain_name]
        if left:
            yield _stranded(type_, conf, left)


def _moved(missing: Iterable[Missing]) -> Iterator[ObjectType]:
    """Yield the types that get another mapping than their default."""
    for each in missing:
        for key, value in each.pairs:
            mapping = parse_mapping(key, value)
            for type_ in PROVISIONED:
                default, section = default_mapping(type_), (type_.section or "").lower()
                if mapping and (section, type_.plain_name) == (each.section.lower(), key) and mapping != default:
                    yield type_


def _stranded(type_: ObjectType, conf: ConfFile, left: list[Category]) -> ConfigurationError:
    objects = f"1 {type_.name} is" if len(left) == 1 else f"{len(left)} of type {type_.name} are"
    return ConfigurationError(
        f"{objects} in {type_.conf}, where none would be looked for any more",
        place=conf.place_of(left[0]),
        remedy=f"move what is there: `sorcery copy {type_.name}` into the database, then out of {type_.conf}",
    )
