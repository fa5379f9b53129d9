"""Wizards stacked on one another do together what each does alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from sorcery import Object, Registry, Sorcery
from sorcery.testing.conformance import HELD, NOT_UNICODE, TYPES, Outage, OutageConformance, WizardConformance
from sorcery.testing.faults import Faults, FaultyWizard
from sorcery.wizard import Wizard

Line = tuple[str, str]
"""A wizard, after `/cache` where it is one, and its arguments; `{file}`, `{type}` and `{family}` are filled in."""

FILE = ("config", "{file},criteria=type={type}")
ROWS = ("realtime", "{family}")
ASTDB = ("astdb", "conformance")
CACHE = ("/cache memory_cache", "")
FULL = ("/cache memory_cache", "full_backend_cache=yes")
SMALL = ("/cache memory_cache", "maximum_objects=2")


class Stack(WizardConformance):
    """A directory whose `sorcery.conf` maps every type of the suite to the same lines."""

    lines: ClassVar[Sequence[Line]]

    def registry(self) -> Registry:
        return Registry()

    @pytest.fixture
    def sorcery(self, tmp_path: Path, database: Path) -> Iterator[Sorcery]:
        (tmp_path / "asterisk.conf").write_text(f"[directories]\nastdbdir => {tmp_path}\n")
        (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{database}\n")
        for file in ("testing.conf", "pjsip.conf"):
            (tmp_path / file).touch()
        types = {cls.__sorcery__.name: cls for cls in self.types()}
        (tmp_path / "extconfig.conf").write_text(
            "[settings]\n" + "".join(f"{cls.__sorcery__.family} => sqlite3,pbx\n" for cls in types.values())
        )
        sections: dict[str, list[str]] = {}
        for name, cls in types.items():
            own = cls.__sorcery__
            for wizard, arguments in self.lines:
                option, _, wizard = wizard.rpartition(" ")
                filled = arguments.format(file=own.conf or "pjsip.conf", type=name, family=own.family)
                sections.setdefault(own.section, []).append(f"{name}{option} = {wizard}{filled and ','}{filled}")
        (tmp_path / "sorcery.conf").write_text(
            "".join(f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items())
        )
        with Sorcery.open(tmp_path, types=TYPES, registry=self.registry()) as sorcery:
            yield sorcery

    def reopen(self, sorcery: Sorcery) -> Sorcery:
        assert sorcery.environment.directory is not None
        return Sorcery.open(sorcery.environment.directory, types=TYPES, registry=self.registry())

    def types(self) -> list[type[Object]]:
        with Sorcery.open("memory:", types=TYPES) as sorcery:
            return [sorcery.types[name] for name in HELD]


class OnSqlite(Stack):
    takes_repeated = False
    refused_texts = NOT_UNICODE | {" "}


class TestCacheOverRealtime(OnSqlite):
    lines = (CACHE, ROWS)


class TestFullCacheOverRealtime(OnSqlite):
    lines = (FULL, ROWS)


class TestFullCacheOverAstdb(Stack):
    lines = (FULL, ASTDB)


class TestCacheOverCacheOverAstdb(Stack):
    lines = (("/cache memory_cache", "name=outer {type},maximum_objects=2"), FULL, ASTDB)


class TestFullCacheOverSmallCacheOverAstdb(Stack):
    lines = (FULL, ("/cache memory_cache", "name=inner {type},maximum_objects=2"), ASTDB)


class WithFile(OnSqlite):
    def populate(self, sorcery: Sorcery, objects: Sequence[Object]) -> None:
        """Put every second object into the files, the others into the database."""
        super().populate(sorcery, objects[1::2])
        texts: dict[str, str] = {}
        for obj in objects[::2]:
            file = obj.__sorcery__.conf or "pjsip.conf"
            lines = [f"[{obj.id}]", f"type = {obj.__sorcery__.name}"]
            lines += (f"{name} = {text}" for name, text in obj.settings())
            texts[file] = texts.get(file, "") + "\n".join(lines).replace(";", "\\;") + "\n"
        for file, text in texts.items():
            sorcery.environment.path(file).write_text(text, encoding="utf-8")
        assert sorcery.reload().errors == ()


class TestFileBeforeDatabase(WithFile):
    lines = (FILE, ROWS)


class TestDatabaseBeforeFile(WithFile):
    lines = (ROWS, FILE)


class TestCacheOverFileAndDatabase(WithFile):
    lines = (CACHE, FILE, ROWS)


class TestFullCacheOverFileAndDatabase(WithFile):
    lines = (FULL, FILE, ROWS)


class TestFileBeforeCachedDatabase(WithFile):
    lines = (FILE, CACHE, ROWS)


class TestMemoryAndAstdb(Stack):
    lines = (("memory", ""), ASTDB)
    follows_others = False


class TestTwoAstdbFamilies(Stack):
    lines = (ASTDB, ("astdb", "second"))


class Faulty(Stack):
    """Every wizard of the stack is inside a faulty one."""

    @functools.cached_property
    def faults(self) -> Faults:
        return Faults()

    def registry(self) -> Registry:
        registry = Registry()
        for name in ("config", "memory", "realtime", "astdb", "memory_cache"):
            registry.register(name, faulty(name, self.faults))
        return registry


def faulty(name: str, faults: Faults) -> Callable[[], Wizard]:
    make = Registry().factory(name)
    return lambda: FaultyWizard(make(), faults)


class Silenced(OutageConformance, Faulty):
    @pytest.fixture
    def outage(self) -> Outage:
        return lambda: self.faults.fail("retrieve", "search", "reconcile", "prepare", "load")


class TestFaultyMemory(Silenced):
    lines = (("memory", ""),)
    survives_reopening = False
    refused_texts = frozenset()


class TestFaultyAstdb(Silenced):
    lines = (ASTDB,)


class TestFaultyCacheOverFaultyFileAndDatabase(Faulty, WithFile):
    lines = (CACHE, FILE, ROWS)
