"""What an Asterisk keeps of the rows of a table: in its memory caches, or because it read them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from sorcery.environment import Family
from sorcery.mapping import Mapping as TypeMapping
from sorcery.objecttype import ObjectType
from sorcery_feed.rows import plain_id, table_key

__all__ = ["ONCE", "Kept", "Tables", "default_tables", "tables_of", "with_caches"]

ONCE: Final[Mapping[str, str]] = {
    "registration": "res_pjsip_outbound_registration.so",
    "outbound-publish": "res_pjsip_outbound_publish.so",
    "asterisk-publication": "res_pjsip_publish_asterisk.so",
    "transport": "res_pjsip.so",
    "global": "res_pjsip.so",
    "system": "res_pjsip.so",
}
"""By type, the module that reads its objects when it is loaded: a change is live after a reload of it.

All other types are read whenever they are needed, so they are live when no cache holds them any more.
"""

UNSPLIT: Final = "sqlite3"
"""The driver that stores ids as they are; the others escape `;` and `^`."""


@attrs.frozen(slots=True)
class Kept:
    """How an Asterisk keeps the rows of one table as objects of one type."""

    type_name: str
    caches: tuple[str, ...] = ()
    """The names of the caches in front, the foremost first."""
    is_escaped: bool = True
    """Whether ids are escaped in the table."""

    def plain_id(self, stored: str) -> str:
        """Return an id as Asterisk's caches know it."""
        return plain_id(stored) if self.is_escaped else stored


Tables = Mapping[str, tuple[Kept, ...]]
"""By table, in small letters and without a schema."""


def tables_of(sections: Mapping[str, Sequence[TypeMapping]], families: Mapping[str, Sequence[Family]]) -> Tables:
    """Return the tables of the types that `sorcery.conf`, by section, maps to families of `extconfig.conf`."""
    found: dict[str, list[Kept]] = {}
    for section, mappings in sections.items():
        for mapping in mappings:
            if mapping.wizard != "realtime":
                continue
            same = [each for each in mappings if each.type_name == mapping.type_name]
            caches = tuple(_cache_name(section, each) for each in same if each.wizard == "memory_cache")
            for family in families.get(mapping.arguments.partition(",")[0].lower(), ()):
                kept = Kept(mapping.type_name, caches[::-1], family.driver != UNSPLIT)  # the hindmost fills the others
                found.setdefault(table_key(family.table), []).append(kept)
    return {table: tuple(dict.fromkeys(each)) for table, each in found.items()}


def default_tables(types: Iterable[ObjectType], driver: str) -> Tables:
    """Return the tables where every type lies in the one of its own name, without caches."""
    return {each.family: (Kept(each.plain_name, (), driver != UNSPLIT),) for each in types if each.family}


def with_caches(tables: Tables, caches: Mapping[str, str]) -> Tables:
    """Return tables where some types, by name, have one cache of another name in front."""
    return {
        table: tuple(
            attrs.evolve(each, caches=(caches[each.type_name],)) if each.type_name in caches else each for each in kept
        )
        for table, kept in tables.items()
    }


def _cache_name(section: str, mapping: TypeMapping) -> str:
    """Return the name of a cache; modules of PJSIP share one place for their types, whatever section maps them."""
    for item in mapping.arguments.split(","):
        name, _, value = item.partition("=")
        if name == "name" and value:
            return value
    instance = "res_pjsip" if section.startswith("res_pjsip") else section
    return f"{instance}/{mapping.type_name}"
