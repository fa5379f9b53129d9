"""Whether Asterisk's modules.conf lets it load the driver of a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sorcery import ConfigurationError
from sorcery.conf import read_conf
from sorcery.kinds import is_true
from sorcery.place import Place

__all__ = ["unloaded"]

MODULES: Final = {
    "sqlite3": ("res_config_sqlite3",),
    "pgsql": ("res_config_pgsql",),
    "odbc": ("res_odbc", "res_config_odbc"),
}


def unloaded(directory: Path, driver: str) -> Iterator[ConfigurationError]:
    """Yield an error for each module of a driver that the directory's modules.conf keeps out; none without one."""
    path = directory / "modules.conf"
    if not path.exists():
        return
    conf = read_conf(path, directory=directory)
    lines = [line for each in conf.sections() if each.name.lower() == "modules" for line in each.variables]
    loads_all = any(line.key.lower() == "autoload" and is_true(line.value) for line in lines)
    for module in MODULES[driver]:
        about = {line.key.lower(): line for line in lines if line.value.removesuffix(".so") == module}
        if (line := about.get("noload")) is not None:
            place, remedy = conf.place_of(line), "remove the line"
        elif loads_all or about.keys() & {"load", "preload", "require", "preload-require"}:
            continue
        else:
            place, remedy = Place(str(path)), f"write load = {module}.so"
        yield ConfigurationError(
            f"Asterisk does not load {module}, which reaches the database", place=place, remedy=remedy
        )
