"""A folder of `.conf` files with the wizard `config` over it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from sorcery.draft import Draft
from sorcery.environment import Environment
from sorcery.findings import Finding
from sorcery.kinds import Choice, Integer, Names, SecretText, Text
from sorcery.kinds.base import Refused
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.query import ALL
from sorcery.secret import Secret
from sorcery.wizard import Loaded, Store
from sorcery_config import ConfigWizard
from sorcery_config.store import ConfigStore


@object_type("phone", conf="phones.conf")
class Phone(Object):
    """A device on a desk."""

    context: str = option(Text(), default="default")
    lines: int = option(Integer(most=8), default="1")
    mode: str = option(Choice("open", "locked"), default="open")
    lamp: str = option(Choice("on", "off", ignore_unknown=True), default="off")
    codecs: Value[tuple[str, ...]] = option(Names(adds=True), default="")
    pin: Value[Secret] = option(SecretText(), default="", secret=True)
    colour: str = option(Text(), default="", successor="context")

    @rule
    def locked_needs_pin(draft: Draft) -> None:
        """Refuse a locked phone that nobody can unlock."""
        if draft["mode"] == "locked" and not draft["pin"]:
            raise Refused("a locked phone needs a pin", "write pin", option="mode")
        if draft["mode"] == "locked" and draft["lamp"] == "on":
            draft.warn("a locked phone lights no lamp", "the lamp stays off", "lamp", "on")


@object_type("room", conf="phones.conf")
class Room(Object):
    """A place where phones are."""

    floor: int = option(Integer(), default="0")


@object_type("house", conf="phones.conf", single=True, explicit_name="house")
class House(Object):
    """What holds for all phones."""

    street: str = option(Text(), default="")


@attrs.define
class Folder:
    """Files, and the stores that the wizard opened over them."""

    path: Path
    compat: bool = False
    wizard: ConfigWizard = attrs.Factory(ConfigWizard)
    stores: list[Store] = attrs.Factory(list)
    _ticks: itertools.count[int] = attrs.Factory(lambda: itertools.count(1_000_000_000, 1_000_000_000))

    def write(self, text: str, name: str = "phones.conf") -> Path:
        """Write a file; each time it is a second younger, however fast the test is."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        now = next(self._ticks)
        os.utime(path, ns=(now, now))
        return path

    def open(self, cls: type[Object], arguments: str | None = None) -> ConfigStore:
        own = cls.__sorcery__
        environment = Environment(directory=self.path, compat=self.compat)
        text = f"phones.conf,criteria=type={own.name}" if arguments is None else arguments
        store = self.wizard.open(own, text, environment)
        self.stores.append(store)
        return store

    def phones(self, arguments: str | None = None) -> ConfigStore:
        return self.open(Phone, arguments)

    def rooms(self, arguments: str | None = None) -> ConfigStore:
        return self.open(Room, arguments)

    def houses(self, more: str = "") -> ConfigStore:
        """Open the store as the type's default mapping does."""
        return self.open(House, f"phones.conf,criteria=type=house,single_object=yes,explicit_name=house{more}")

    @staticmethod
    def ids(store: Store) -> list[str]:
        return sorted(obj.id for obj in store.search(ALL))

    @staticmethod
    def told(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
        """Return severity, rule and place of each finding."""
        return [(str(each.severity), each.rule, str(each.place or "")) for each in findings]

    def load(self) -> Loaded:
        """Load all stores and put the outcome in force."""
        loaded = self.wizard.load(self.stores)
        loaded.commit()
        return loaded

    def at(self, line: int, name: str = "phones.conf") -> str:
        return f"{self.path / name}:{line}"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def compat_folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, compat=True)
