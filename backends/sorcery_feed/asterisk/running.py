"""What a running Asterisk says of its mappings and of its caches."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import Final

from sorcery.environment import Family
from sorcery.mapping import Mapping as TypeMapping
from sorcery.mapping import parse_mapping
from sorcery_ami import ActionRefused, AmiClient
from sorcery_feed.asterisk.keeping import Tables, tables_of

__all__ = ["FULL", "NOT_HELD", "NO_CACHE", "Mode", "mode_of", "tables_there"]

NO_CACHE: Final = "The provided cache does not exist"
NOT_HELD: Final = "The provided object could not be expired from the cache"
FULL: Final = "Due to full backend caching"
_NOBODY: Final = "sorcery-feed"
"""An object that a cache is asked for to hear of the cache; if there is one, it is only read anew."""
_LINE: Final = re.compile(r"Line-(\d+)-\d+")


class Mode(enum.Enum):
    """What a cache holds."""

    SINGLE = "single objects"
    FULL = "everything"
    """It is read as a whole, and no single object can be expired."""


def mode_of(client: AmiClient, cache: str) -> Mode | None:
    """Ask what a cache holds; None where there is none. Raises `ActionRefused` for any other answer."""
    try:
        client.action("SorceryMemoryCacheExpireObject", Cache=cache, Object=_NOBODY)
    except ActionRefused as error:
        if error.reason == NO_CACHE:
            return None
        if error.reason.startswith(FULL):
            return Mode.FULL
        if error.reason != NOT_HELD:
            raise
    return Mode.SINGLE


def tables_there(client: AmiClient) -> Tables:
    """Return the tables by the configuration files of a running Asterisk; raises `ActionRefused`, `Unavailable`."""
    sections: dict[str, list[TypeMapping]] = {}
    for section, key, value in _lines(client, "sorcery.conf"):
        mapping = parse_mapping(key, value)
        if mapping is not None:
            sections.setdefault(section.lower(), []).append(mapping)
    families: dict[str, list[Family]] = {}
    for section, name, value in _lines(client, "extconfig.conf"):
        if section.lower() == "settings":
            driver, _, rest = value.partition(",")
            database, _, rest = rest.partition(",")
            table = rest.partition(",")[0] or name
            families.setdefault(name.lower(), []).append(Family(name, driver.lower(), database, table))
    return tables_of(sections, families)


def _lines(client: AmiClient, file: str) -> Iterator[tuple[str, str, str]]:
    """Yield section, key and value of the lines of a file, as Asterisk reads it."""
    (answer,) = client.action("GetConfig", Filename=file)
    for header, text in answer.items():
        if found := _LINE.fullmatch(header):
            key, _, value = text.partition("=")
            yield answer.get(f"Category-{found[1]}", ""), key, value
