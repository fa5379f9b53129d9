"""Which table of which database holds what: `extconfig.conf`, and `databases.conf` with the addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping as Table
from pathlib import Path

import attrs

from sorcery.conf import ConfFile
from sorcery.errors import Unresolvable
from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery.resolving import read_secret

__all__ = ["Family", "databases_of", "families_of"]

PRIORITY = re.compile("[1-9][0-9]{0,8}")


@attrs.frozen(slots=True)
class Family:
    """One line of `extconfig.conf`: a realtime family, the driver and database that hold it, its table."""

    name: str
    driver: str
    database: str
    table: str
    priority: int = 1
    place: Place | None = attrs.field(default=None, eq=False)


def families_of(conf: ConfFile, findings: list[Finding]) -> Table[str, tuple[Family, ...]]:
    """Return the lines of `extconfig.conf` by the lower-case name of their family, in the order of priorities."""
    found: dict[tuple[str, int], Family] = {}
    category = conf.category("settings")
    for variable in category.variables if category else ():
        place = conf.place_of(variable)
        parts = _split_quoted(variable.value)
        if len(parts) < 2:
            message = f"{variable.key} => {variable.value} names no database and is ignored"
            findings.append(
                _warning("broken-family", message, place, "write family => driver,database[,table[,priority]]")
            )
            continue
        table = parts[2] if len(parts) > 2 and parts[2] else variable.key
        priority = int(parts[3]) if len(parts) > 3 and PRIORITY.fullmatch(parts[3]) else 1
        found[variable.key.lower(), priority] = Family(variable.key, parts[0].lower(), parts[1], table, priority, place)
    families: dict[str, tuple[Family, ...]] = {}
    for name, priority in sorted(found):
        known = families.get(name, ())
        if priority == len(known) + 1:
            families[name] = (*known, found[name, priority])
        else:
            gap = found[name, priority]
            message = f"{name} has a priority {priority} that follows a gap"
            findings.append(_warning("broken-family", message, gap.place, f"write the priority {len(known) + 1}"))
    return families


def _split_quoted(text: str) -> list[str]:
    """Split at commas outside double quotes; the quotes are removed."""
    parts, quoted = [""], False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def databases_of(conf: ConfFile, directory: Path, findings: list[Finding]) -> Table[str, tuple[str, Place]]:
    """Return each database's address, and where it stands in `databases.conf`; an SQLite file counts from there."""
    databases: dict[str, tuple[str, Place]] = {}
    for category in conf.sections():
        line = next((each for each in reversed(category.variables) if each.key.lower() == "url"), None)
        url, reason, remedy = line.value if line else "", "has no url", "write url = sqlite:///pbx.db"
        if url.startswith(("env:", "file:")):
            try:
                url = read_secret(url)
            except Unresolvable as error:
                reason, remedy, url = f"takes its url from elsewhere, and {error.reason}", error.remedy, ""
        if url:
            databases[category.name] = _anchored(url, directory), conf.place_of(line or category)
        else:
            message = f"[{category.name}] {reason}"
            findings.append(_warning("database-without-url", message, conf.place_of(category), remedy))
    return databases


def _anchored(url: str, directory: Path) -> str:
    """Make the file of an SQLite address relative to the configuration directory."""
    head, slashes, path = url.partition(":///")
    if head.partition("+")[0] != "sqlite" or not path or path.startswith(("/", ":memory:")):
        return url
    return f"{head}{slashes}{(directory / path).resolve()}"


def _warning(rule: str, message: str, place: Place | None, remedy: str = "") -> Finding:
    return Finding(severity=Severity.WARNING, rule=rule, message=message, place=place, remedy=remedy)
