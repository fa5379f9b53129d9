"""The wizard `config` answers questions as every wizard does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sorcery import NotWritable, Object, Sorcery
from sorcery.testing.conformance import TYPES, ReadingConformance, WizardConformance
from sorcery.testing.types import Widget

CONTACTS = "[res_pjsip]\ncontact=config,pjsip.conf,criteria=type=contact\n"


class TestConfig(ReadingConformance):
    @pytest.fixture
    def sorcery(self, tmp_path: Path) -> Iterator[Sorcery]:
        for name, text in (("sorcery.conf", CONTACTS), ("testing.conf", ""), ("pjsip.conf", "")):
            (tmp_path / name).write_text(text)
        with Sorcery.open(tmp_path, types=TYPES) as sorcery:
            yield sorcery

    def populate(self, sorcery: Sorcery, objects: Sequence[Object]) -> None:
        for file in ("testing.conf", "pjsip.conf"):
            own = (obj for obj in objects if file == (obj.__sorcery__.conf or "pjsip.conf"))
            sorcery.environment.path(file).write_text("\n".join(map(section, own)), encoding="utf-8")
        report = sorcery.reload()
        assert report.errors == ()
        assert sum(map(len, report.created.values())) == len(objects)

    def test_a_change_is_refused(self, held: Sorcery) -> None:
        for change in (held.create, held.update, held.delete):
            with pytest.raises(NotWritable, match="testing_widget"):
                change(Widget(id="alpha"))


class TestWritableConfig(WizardConformance):
    refused_texts = frozenset({" inner  blanks ", " ", "line\nbreak", "tab\t", "zero\0byte"})
    refused_ids = frozenset({"[a]", "x" * 200})

    @pytest.fixture
    def sorcery(self, tmp_path: Path) -> Iterator[Sorcery]:
        (tmp_path / "sorcery.conf").write_text(f"{CONTACTS}[writes]\ntesting.conf = yes\npjsip.conf = yes\n")
        (tmp_path / "pjsip.conf").write_text("")
        with Sorcery.open(tmp_path, types=TYPES) as sorcery:
            yield sorcery


def section(obj: Object) -> str:
    lines = [f"[{obj.id}]", f"type = {obj.__sorcery__.name}"]
    lines += (f"{name} = {text}" for name, text in obj.settings())
    return "\n".join(line.replace(";", "\\;") for line in lines) + "\n"
