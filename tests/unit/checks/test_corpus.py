"""Each faulty configuration has the findings that are expected of it, and the one beside it has none."""

import json
from pathlib import Path
from typing import Any

import pytest

from sorcery.checks.catalogue import CATALOGUE, RULES
from sorcery_cli import main
from tests.corpus import CERTIFICATES, Case, cases

VALUES = {"PORT": "5070", "CERTIFICATES": str(CERTIFICATES)}


def checked(case: Case, directory: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> list[dict[str, Any]]:
    code = main(["-C", str(directory), "check", "--json", *words])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    is_wrong = any(each["severity"] != "note" for each in found)
    assert code == (3 if any(each["rule"] == "unavailable" for each in found) else is_wrong)
    return found


def told(finding: dict[str, Any], directory: Path) -> str:
    source = (finding["source"] or "").removeprefix(f"{directory}/")
    parts = [source, finding["line"], finding["column"], finding["row"], finding["row"] and finding["option"]]
    place = ":".join(str(part) for part in parts if part not in (None, ""))
    return f"{place} {finding['severity']} {finding['rule']}"


@pytest.mark.parametrize("case", cases("bad"), ids=lambda case: case.name)
def test_a_faulty_configuration_has_the_findings_that_are_expected(
    case: Case, tmp_path: Path, empty_database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = case.expected
    directory = case.lay_out(tmp_path / "etc", VALUES, empty_database)
    found = checked(case, directory, capsys, expected.get("arguments", []))
    assert [told(each, directory) for each in found] == expected["findings"]
    assert case.rule in {each["rule"] for each in found}
    assert all(each["message"] and each["remedy"] for each in found if each["rule"] == case.rule)


@pytest.mark.parametrize("case", cases("good"), ids=lambda case: case.name)
def test_the_configuration_beside_it_has_none_of_that_rule(
    case: Case, tmp_path: Path, empty_database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words: list[str] = next((bad.expected.get("arguments", []) for bad in cases("bad") if bad.rule == case.rule), [])
    found = checked(case, case.lay_out(tmp_path / "etc", VALUES, empty_database), capsys, words)
    assert case.rule not in {each["rule"] for each in found}


def test_the_corpus_has_sixty_faulty_configurations_and_a_pair_for_each_rule_over_systems() -> None:
    faulty, sound = ({case.rule for case in cases(kind)} for kind in ("bad", "good"))
    assert len(cases("bad")) >= 60
    assert {rule.id for rule in RULES} - faulty == {"certificate-expiring"}  # which depends on the day
    assert faulty == sound <= CATALOGUE.keys()
