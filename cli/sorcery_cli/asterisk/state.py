"""What an Asterisk runs, beside what we make of the same files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sorcery.conf import ConfMissing, read_conf
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.steps import Broken
from sorcery_ami import ActionRefused
from sorcery_cli.asterisk.visit import Visit

__all__ = ["caches", "endpoints", "families", "files", "modules"]

BASIC: Final = frozenset({"res_pjsip", "chan_pjsip", "res_pjsip_registrar"})
"""What every phone needs."""
MODULES: Final = {
    "config": "res_sorcery_config",
    "realtime": "res_sorcery_realtime",
    "astdb": "res_sorcery_astdb",
    "memory": "res_sorcery_memory",
    "memory_cache": "res_sorcery_memory_cache",
    "pjsip_wizard": "res_pjsip_config_wizard",
}
"""What each wizard needs."""
DRIVERS: Final = {
    "odbc": "res_config_odbc",
    "pgsql": "res_config_pgsql",
    "mysql": "res_config_mysql",
    "sqlite3": "res_config_sqlite3",
}
"""What each driver of `extconfig.conf` needs."""
SHOWN: Final = 5
"""Endpoints that are named."""


def modules(visit: Visit) -> str:
    """Say that the modules run which the mappings need; raises `Broken`."""
    wanted = set(BASIC)
    if visit.directory is not None:
        used = {mapping.wizard for name in visit.system.types for mapping in visit.system.mappings(name)}
        wanted |= {MODULES[wizard] for wizard in used & MODULES.keys()}
        wanted |= {DRIVERS[line.driver] for _, line in visit.families() if line.driver in DRIVERS}
    lacking = [name for name in sorted(wanted) if not _runs(visit, name)]
    if lacking:
        reason = f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not running"
        mending = f"run: asterisk -rx 'module load {lacking[0]}.so' (modules.conf may keep it out; its log says why)"
        raise Broken(reason, mending, goes_on="res_pjsip" not in lacking)
    return f"{len(wanted)} running"


def _runs(visit: Visit, module: str) -> bool:
    lines = visit.command(f"module show like {module}.so")
    return any(line.startswith(f"{module}.so") and re.search(r"(?<!Not) Running", line) for line in lines)


def files(visit: Visit) -> str:
    """Say that Asterisk reads the same `sorcery.conf` and `extconfig.conf`; raises `Broken`."""
    directory = visit.directory or Path()
    for name in ("sorcery.conf", "extconfig.conf"):
        if _read_there(visit, name) != _read_here(directory / name):
            raise Broken(
                f"Asterisk reads another {name} than {directory / name}",
                "name its own directory with -C (astetcdir in asterisk.conf), or copy the file",
                place=Place(str(directory / name)),
                goes_on=True,
            )
    return "the same sorcery.conf and extconfig.conf"


def _read_there(visit: Visit, name: str) -> list[tuple[str, str]]:
    try:
        (answer,) = visit.action("GetConfig", Filename=name)
    except ActionRefused:  # it is not there
        return []
    return [(header, text) for header, text in answer.items() if header.startswith(("Category-", "Line-"))]


def _read_here(path: Path) -> list[tuple[str, str]]:
    """Return the lines of a file as Asterisk numbers them."""
    try:
        conf = read_conf(path, directory=path.parent)
    except ConfMissing:
        return []
    found: list[tuple[str, str]] = []
    for number, section in enumerate(conf.sections()):
        found.append((f"Category-{number:06}", section.name))
        for place, line in enumerate(section.variables):
            found.append((f"Line-{number:06}-{place:06}", f"{line.key}={line.value}"))
    return found


def families(visit: Visit) -> str:
    """Say that Asterisk knows the families as they stand in `extconfig.conf`, which it seldom reads; else `Broken`."""
    known: dict[str, str] = {}
    engine = ""
    for line in visit.command("core show config mappings"):
        if line.startswith("Config Engine: "):
            engine = line.removeprefix("Config Engine: ").strip()
        elif found := re.match(r"===> (\S+) \(db=(.*), table=(.*)\)", line):
            known.setdefault(found[1].lower(), f"{engine},{found[2]},{found[3]}")
    wanted = {name: lines[0] for name, lines in visit.system.environment.families.items()}
    for name, own in wanted.items():
        text = f"{own.driver},{own.database},{own.table}"
        if known.get(name) != text:
            there = f"knows {name} as {known[name]}" if name in known else f"does not know {name}"
            mending = "run: asterisk -rx 'module reload extconfig'; if that does not help, restart Asterisk"
            raise Broken(f"Asterisk {there}, where extconfig.conf says {text}", mending, place=own.place, goes_on=True)
    return f"{len(wanted)} known"


def caches(visit: Visit) -> str:
    """Say that Asterisk has the caches that are mapped; raises `Broken`."""
    names = list(visit.system.caches)
    for name in names:
        try:
            visit.command(f"sorcery memory cache show {name}")
        except ActionRefused as error:
            mending = "restart Asterisk: it reads sorcery.conf when its modules are loaded"
            raise Broken(f"Asterisk has no cache {name}", mending, goes_on=True) from error
    return f"{len(names)} there"


def endpoints(visit: Visit) -> str:
    """Say that there are the same endpoints on both sides; raises `Broken`, which names those that differ."""
    theirs = set(_listed(visit))
    ours = {endpoint.id for endpoint in visit.system.retrieve_all("endpoint")}
    if theirs == ours:
        return f"{len(ours)} on both sides"
    lacking, extra = _named(ours - theirs), _named(theirs - ours)
    parts = [f"it lacks {lacking}"] * bool(lacking) + [f"it alone has {extra}"] * bool(extra)
    mending = "run: asterisk -rx 'module reload res_pjsip.so'; then its log says what it refuses"
    raise Broken(f"Asterisk has {len(theirs)} endpoints and we have {len(ours)}: {'; '.join(parts)}", mending)


def _listed(visit: Visit) -> Iterator[str]:
    """Yield the ids of Asterisk's endpoints: without any it refuses to list them."""
    try:
        messages = visit.action("PJSIPShowEndpoints")
    except ActionRefused as error:
        if not error.reason.startswith("No endpoints"):
            raise
        return
    yield from (each["ObjectName"] for each in messages if each.get("Event") == "EndpointList")


def _named(ids: set[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(map(plain, sorted(ids)[:SHOWN])) + more
