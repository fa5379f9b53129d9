"""A folder with `pjsip_wizard.conf`, and the wizard over it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from sorcery.environment import Environment
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Endpoint, Identify, Phoneprov, Registration
from sorcery.query import ALL
from sorcery.wizard import Loaded
from sorcery_pjsip_wizard import PjsipWizard
from sorcery_pjsip_wizard.store import WizardStore

TYPES = (Auth, Aor, Endpoint, Identify, Registration, Phoneprov)


@attrs.define
class Folder:
    """The file, and a store of each type that the wizard opened over it."""

    path: Path
    compat: bool = False
    wizard: PjsipWizard = attrs.Factory(PjsipWizard)
    stores: dict[str, WizardStore] = attrs.Factory(dict)
    findings: tuple[Finding, ...] = ()
    _ticks: Iterator[int] = attrs.Factory(lambda: itertools.count(1_000_000_000, 1_000_000_000))

    def open(self, *types: type[Object]) -> None:
        environment = Environment(directory=self.path, compat=self.compat)
        for cls in types:
            self.stores[cls.__sorcery__.name] = self.wizard.open(cls.__sorcery__, "", environment)

    def write(self, text: str) -> None:
        """Write the file; each time it is a second younger, however fast the test is."""
        path = self.path / "pjsip_wizard.conf"
        path.write_text(text)
        now = next(self._ticks)
        os.utime(path, ns=(now, now))

    def load(self, text: str | None = None) -> Loaded:
        """Load all stores and put the outcome in force."""
        if text is not None:
            self.write(text)
        if not self.stores:
            self.open(*TYPES)
        loaded = self.wizard.load(list(self.stores.values()))
        loaded.commit()
        self.findings = tuple(loaded.findings)
        return loaded

    @property
    def ids(self) -> dict[str, list[str]]:
        """The ids by type, where there are any."""
        found = {name: sorted(obj.id for obj in store.search(ALL)) for name, store in self.stores.items()}
        return {name: ids for name, ids in found.items() if ids}

    def settings(self, type_name: str, id: str) -> dict[str, str]:
        """Return what an object says, without the section that it comes from."""
        obj = self.stores[type_name].retrieve(id)
        assert obj is not None
        return {name: text for name, text in obj.settings() if name != "@pjsip_wizard"}

    def line(self, type_name: str, id: str, option: str = "") -> int | None:
        """Return the line where an object's option comes from."""
        place = self.stores[type_name].place(id, option)
        assert place is None or place.source == str(self.path / "pjsip_wizard.conf")
        return place.line if place else None

    def told(self) -> list[tuple[str, str, int | None]]:
        """Return severity, rule and line of each finding of the last load."""
        return [(str(each.severity), each.rule, each.place.line if each.place else None) for each in self.findings]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def compat_folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, compat=True)
