"""The reference page of all options says what the declarations say."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_all_options_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / "docs/generate_objects.py"))["page"]()
    there = (ROOT / "docs/reference/objects.md").read_text(encoding="utf-8")
    assert page == there, "run docs/generate_objects.py"
