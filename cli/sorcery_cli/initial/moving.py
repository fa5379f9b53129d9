"""Objects that a new mapping would leave where their type is no longer looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sorcery import ConfigurationError, Sorcery
from sorcery.mapping import Mapping, parse_mapping
from sorcery.objecttype import ObjectType
from sorcery.pjsip import Contact
from sorcery_cli.initial.comparing import Missing
from sorcery_cli.initial.wanted import PROVISIONED
from sorcery_cli.output import unlogged

__all__ = ["stranded"]


def stranded(directory: Path, missing: Iterable[Missing]) -> list[ConfigurationError]:
    """Return one error per type that the missing lines of sorcery.conf would move away from objects of it.

    Opens the directory as it is now. Raises `Unavailable` where nobody can tell whether there are any.
    """
    moves = list(_moves(missing))
    if not moves:
        return []
    with unlogged(), Sorcery.open(directory, image=False) as s:
        return [error for type_, mapping in moves if (error := _stranded(s, type_, mapping)) is not None]


def _moves(missing: Iterable[Missing]) -> Iterator[tuple[ObjectType, Mapping]]:
    """Yield the types that get a mapping, and this.

    Not that of contacts: those that stay behind come again when their phones register next.
    """
    lasting = [each for each in PROVISIONED if each is not Contact.__sorcery__]
    for each in missing:
        for key, value in each.pairs:
            mapping = parse_mapping(key, value)
            for type_ in lasting:
                if mapping and (type_.section or "").lower() == each.section.lower() and type_.plain_name == key:
                    yield type_, mapping


def _stranded(s: Sorcery, type_: ObjectType, mapping: Mapping) -> ConfigurationError | None:
    """Return what stands against giving a type a mapping instead of its default."""
    before = s.mappings(type_.name)
    if any((each.wizard, each.arguments) == (mapping.wizard, mapping.arguments) for each in before):
        return None
    refused = [each for each in s.report.errors if each.type_name == type_.name]
    count = len(s.retrieve_all(type_.name)) + len(refused)
    if not count:
        return None
    here = before[0].arguments.partition(",")[0] or before[0].wizard
    objects = f"1 {type_.name} is" if count == 1 else f"{count} of type {type_.name} are"
    return ConfigurationError(
        f"{objects} in {here}, where none would be looked for any more",
        remedy=f"move what is there: `sorcery copy {type_.name}` into the database, then out of {here}",
    )
