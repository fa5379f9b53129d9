"""The page about the dialplan names all that there is, and nothing that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sorcery_sip.pbx.dialplan import CONTROL, STANDARD, reading
from sorcery_sip.pbx.dialplan.numbers import FUNCTIONS
from sorcery_sip.pbx.dialplan.variables import CHANNEL_VARIABLES

PAGE = (Path(__file__).parents[5] / "docs/reference/dialplan.md").read_text("utf-8")
SOURCES = Path(reading.__file__).parent
RULE = re.compile(r'(?:BadLine\(|_doubt\(line,|_refuse\(line,)\s*"([a-z-]+)"|^\s*"([a-z]+-[a-z-]+)",$', re.MULTILINE)


def section(title: str) -> str:
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_every_function_stands_in_a_table_and_no_other() -> None:
    named = {name for row in re.findall(r"^\| (`[A-Z].*?) \|", section("Functions"), re.MULTILINE) for name in
             re.findall(r"`(\w+)`", row)}  # fmt: skip
    assert named == set(STANDARD)


def test_every_application_stands_in_a_table_and_no_other() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \|", section("Applications that steer the dialplan"), re.MULTILINE)
    assert {name.lower() for row in rows for name in re.findall(r"`(\w+)`", row)} == set(CONTROL)


def test_the_functions_of_expressions_and_the_variables_of_channels_are_named() -> None:
    texts = section("Texts")
    found = re.search(r"Functions: `([A-Z0-9 ]+)`", texts)
    assert found is not None
    assert set(found[1].split()) == set(FUNCTIONS)
    assert [name for name in CHANNEL_VARIABLES if f"`{name}`" not in texts] == []


@pytest.mark.parametrize("module", ["reading", "lines", "drafts"])
def test_every_rule_of_a_finding_is_named(module: str) -> None:
    rules = {one or other for one, other in RULE.findall((SOURCES / f"{module}.py").read_text("utf-8"))}
    assert rules
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in section("The file")] == []
