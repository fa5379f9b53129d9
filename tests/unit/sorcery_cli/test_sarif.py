"""SARIF 2.1.0: what its schema requires, and no password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sorcery import Finding, Place, Severity
from sorcery.checks.catalogue import CATALOGUE
from sorcery_cli.sarif import sarif

LEVELS = {"none", "note", "warning", "error"}


def require(found: dict[str, Any]) -> None:
    """Hold what the schema requires of the parts that we write (SARIF 2.1.0 sections 3.13 to 3.30)."""
    assert found["version"] == "2.1.0"
    for run in found["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
        for rule in driver["rules"]:
            assert rule["id"]
            for key in ("shortDescription", "fullDescription", "help"):
                assert rule.get(key, {"text": "x"})["text"]
            assert rule.get("defaultConfiguration", {"level": "none"})["level"] in LEVELS
        for result in run["results"]:
            assert result["message"]["text"]
            assert result["level"] in LEVELS
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            for location in result.get("locations", ()):
                assert location.keys() <= {"physicalLocation", "logicalLocations"}
                for logical in location.get("logicalLocations", ()):
                    assert logical["fullyQualifiedName"]
                if "physicalLocation" in location:
                    assert location["physicalLocation"]["artifactLocation"]["uri"]
                    region = location["physicalLocation"].get("region", {"startLine": 1})
                    assert region["startLine"] >= 1
                    assert region.get("startColumn", 1) >= 1


def finding(place: Place | None, rule: str = "nat-half", option: str = "") -> Finding:
    return Finding(severity=Severity.WARNING, rule=rule, message="m\x1b", remedy="r", place=place, option=option)


def test_findings_have_the_form_that_the_standard_requires() -> None:
    places = [
        None,
        Place("/etc/a b.conf", 3, column=2),
        Place("/etc/x.conf"),
        Place("ps_aors", row="a"),
        Place("ps_aors"),
    ]
    found = sarif([*map(finding, places), finding(None, "of-somebody-else")])
    require(found)
    locations = [result.get("locations", [{}])[0] for result in found["runs"][0]["results"]]
    assert locations[1] == {
        "physicalLocation": {
            "artifactLocation": {"uri": "file:///etc/a%20b.conf"},
            "region": {"startLine": 3, "startColumn": 2},
        }
    }
    assert locations[3] == {"logicalLocations": [{"fullyQualifiedName": "ps_aors/a", "kind": "row"}]}
    assert found["runs"][0]["results"][0]["message"]["text"] == "m\\x1b; r"


def test_no_findings_are_a_run_without_results() -> None:
    require(sarif([]))
    assert sarif([])["runs"][0]["results"] == []


def test_each_rule_that_is_named_is_described_from_the_table() -> None:
    (rule,) = sarif([finding(None)])["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == CATALOGUE["nat-half"].what


def test_the_command_prints_it_and_masks_secrets(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write(
            "[bob]\ntype=auth\nusername=bob\npassword=s3cr3t\n[eve]\ntype=auth\nusername=eve\npasword=hunter22\n"
        )
    result = run("-C", directory, "check", "--format", "sarif")
    require(result.json)
    assert [each["ruleId"] for each in result.json["runs"][0]["results"]] == ["weak-secret", "unknown-option"]
    assert "s3cr3t" not in result.out
    assert "hunter22" not in result.out
    assert result.code == 1
