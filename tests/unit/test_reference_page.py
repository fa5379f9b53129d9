"""The reference page of all options says what the declarations say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from sorcery import Object
from sorcery.pjsip import TYPES

ROOT = Path(__file__).parents[2]


def test_the_page_of_all_options_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / "docs/generate_objects.py"))["page"]()
    there = (ROOT / "docs/reference/objects.md").read_text(encoding="utf-8")
    assert page == there, "run docs/generate_objects.py"


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.__sorcery__.name)
def test_each_option_has_its_row_under_its_type(cls: type[Object]) -> None:
    own = cls.__sorcery__
    text = (ROOT / "docs/reference/objects.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {own.name}\n")[2].partition("\n## ")[0]
    rows = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert rows == [option.name for option in own.options.values()]
