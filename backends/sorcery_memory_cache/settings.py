"""The options of a cache, as a mapping writes them."""

from __future__ import annotations

import re

import attrs

from sorcery.errors import ConfigurationError
from sorcery.kinds import is_true

__all__ = ["Settings", "parse_settings"]

_NUMBER = re.compile(r"\s*\+?([0-9]+)")


@attrs.frozen(slots=True, kw_only=True)
class Settings:
    """How large a cache may grow, and how long it trusts what it holds."""

    name: str = ""
    maximum_objects: int = 0
    """Entries; 0 sets no limit."""
    object_lifetime_maximum: int = 0
    """Seconds after which an entry is no longer served, whatever happens; 0 sets no limit."""
    object_lifetime_stale: int = 0
    """Seconds after which an entry is served once more while it is read anew; 0 trusts it for ever."""
    expire_on_reload: bool = False
    full_backend_cache: bool = False
    """Hold every object of the stores behind, and answer every question."""


def parse_settings(arguments: str) -> Settings:
    """Return the settings of `option=value[,option=value…]`; raises `ConfigurationError`."""
    known = {field.name: field.type for field in attrs.fields(Settings)}
    found: dict[str, str | int | bool] = {}
    for item in filter(None, arguments.split(",")):
        name, _, text = item.partition("=")
        if name not in known:
            raise ConfigurationError(f"unknown cache option {name!r}", remedy=f"use any of {', '.join(known)}")
        found[name] = _value(name, text)
    return Settings(**found)  # type: ignore[arg-type]


def _value(name: str, text: str) -> str | int | bool:
    if name == "name":
        if not text:
            raise ConfigurationError("a cache's name must not be empty", remedy="write name=something")
        return text
    if name in ("expire_on_reload", "full_backend_cache"):
        return is_true(text)
    number = _NUMBER.match(text)
    if number is None:
        raise ConfigurationError(f"{name}={text!r} is no number", remedy=f"write {name}=300")
    return int(number[1])
