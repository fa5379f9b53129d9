"""Asterisk's defects: each row of the page has a rule that tells of it and a test that shows it; no rule is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sorcery.checks.catalogue import CATALOGUE
from tests.corpus import CORPUS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/defects.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([^|-].*?) \|.*\| `([a-z-]+)`[^|]* \| `(test_\w+)` \|$", PAGE, re.MULTILINE)
BY_CORPUS = "test_a_faulty_configuration_has_the_findings_that_are_expected"


def test_every_row_of_the_tables_has_a_rule_and_a_test() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| defect |")]
    assert len(lines) == len(ROWS) > 30


@pytest.mark.parametrize(("defect", "rule", "test"), ROWS)
def test_the_rule_and_the_test_of_a_defect_are_there(defect: str, rule: str, test: str) -> None:
    assert rule in CATALOGUE, defect
    if test == BY_CORPUS:
        assert list(CORPUS.glob(f"{rule}/bad*/expected.json")), defect
    else:
        found = [path for path in (ROOT / "tests").rglob("test_*.py") if f"def {test}(" in path.read_text("utf-8")]
        assert len(found) == 1, defect


def test_every_rule_about_a_defect_is_in_a_row() -> None:
    told = {rule for _, rule, _ in ROWS}
    assert {id for id in CATALOGUE if id.startswith("compat-")} <= told
