from __future__ import annotations

from sorcery.findings import Finding, Severity
from sorcery.place import Place


def test_a_finding_says_where_how_bad_which_rule_what_and_what_to_do() -> None:
    finding = Finding(
        severity=Severity.ERROR,
        rule="unknown-option",
        message="no option colour",
        remedy="remove the line",
        place=Place("pjsip.conf", line=3),
    )
    assert str(finding) == "pjsip.conf:3: error [unknown-option] no option colour; remove the line"


def test_a_finding_without_place_and_remedy_has_no_empty_parts() -> None:
    assert str(Finding(severity=Severity.WARNING, rule="r", message="m")) == "warning [r] m"


def test_findings_are_equal_by_value() -> None:
    assert Finding(severity=Severity.ERROR, rule="r", message="m") == Finding(
        severity=Severity.ERROR, rule="r", message="m"
    )
