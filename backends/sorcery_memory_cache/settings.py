"""The options of a cache, as a mapping and the section `[memory_cache]` of `sorcery.conf` write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from sorcery.environment import Setting
from sorcery.errors import ConfigurationError
from sorcery.kinds import is_true

__all__ = ["Settings", "parse_settings"]

_NUMBER = re.compile(r"\s*\+?([0-9]+)")
_SWITCHES = ("expire_on_reload", "full_backend_cache")
_OURS = ("negative_lifetime", "serve_unavailable")
"""Options that Asterisk refuses; no text of its own has to be put up with in them."""


@attrs.frozen(slots=True, kw_only=True)
class Settings:
    """How large a cache may grow, and how long it trusts what it holds."""

    name: str = ""
    maximum_objects: int = 0
    """Entries; 0 sets no limit."""
    object_lifetime_maximum: int = 0
    """Seconds after which an entry is not served any more before it was read anew; 0 sets no limit."""
    object_lifetime_stale: int = 0
    """Seconds after which an entry is served once more while it is read anew; 0 trusts it for ever."""
    expire_on_reload: bool = False
    full_backend_cache: bool = False
    """Hold every object of the stores behind, and answer every question."""
    negative_lifetime: int = 0
    """Seconds for which an id is remembered that the stores behind said to be absent; 0 for not at all."""
    serve_unavailable: int = 0
    """Seconds beyond `object_lifetime_maximum` for which an entry is served while the stores behind do not answer."""


def parse_settings(arguments: str, lines: Iterable[Setting] = ()) -> Settings:
    """Return the settings of `option=value[,option=value…]`, with the values of some lines laid over them.

    Raises `ConfigurationError`, with the place for what stands in a line.
    """
    found = _options(arguments.split(","))
    for line in lines:
        try:
            found.update(_options((item.strip() for item in line.value.split(",")), may_name=False))
        except ConfigurationError as error:
            reason = f"[memory_cache] {line.name}: {error.reason}"
            raise ConfigurationError(reason, place=line.place, remedy=error.remedy) from error
    return Settings(**found)  # type: ignore[arg-type]


def _options(items: Iterable[str], *, may_name: bool = True) -> dict[str, str | int | bool]:
    known = [field.name for field in attrs.fields(Settings) if may_name or field.name != "name"]
    found: dict[str, str | int | bool] = {}
    for item in filter(None, items):
        name, _, text = item.partition("=")
        if name not in known:
            raise ConfigurationError(f"unknown cache option {name!r}", remedy=f"use any of {', '.join(known)}")
        found[name] = _value(name, text)
    return found


def _value(name: str, text: str) -> str | int | bool:
    if name == "name":
        if not text:
            raise ConfigurationError("a cache's name must not be empty", remedy="write name=something")
        return text
    if name in _SWITCHES:
        return is_true(text)
    number = _NUMBER.fullmatch(text) if name in _OURS else _NUMBER.match(text)
    if number is None:
        raise ConfigurationError(f"{name}={text!r} is no number", remedy=f"write {name}=300")
    return int(number[1])
