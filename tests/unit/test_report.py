"""Reports of loads."""

from __future__ import annotations

import json

import pytest

from sorcery import Finding, Place, Report, Severity

ERROR = Finding(severity=Severity.ERROR, rule="bad", message="wrong", remedy="mend it")
WARNING = Finding(severity=Severity.WARNING, rule="odd", message="strange")


def test_findings_are_told_apart_by_severity() -> None:
    report = Report(findings=(WARNING, ERROR))
    assert report.errors == (ERROR,)
    assert report.warnings == (WARNING,)


@pytest.mark.parametrize("what", ["created", "updated", "deleted"])
def test_a_report_is_true_if_something_changed(what: str) -> None:
    assert Report(**{what: {"aor": ("alice",)}})  # type: ignore[arg-type]


def test_a_report_without_changes_is_false() -> None:
    assert not Report()
    assert not Report(kept={"aor": ("alice",)}, findings=(ERROR,))


def test_a_report_is_printed_with_changes_and_findings() -> None:
    report = Report(created={"aor": ("alice", "bob")}, kept={"auth": ("x",)}, findings=(ERROR,))
    assert str(report) == "created aor: alice, bob\nkept auth: x\nerror [bad] wrong; mend it"
    assert str(Report(findings=(WARNING,))) == "nothing changed\nwarning [odd] strange"


def test_a_report_survives_json() -> None:
    placed = Finding(
        severity=Severity.ERROR,
        rule="refused-value",
        message="no number",
        place=Place("pjsip.conf", line=7),
        type_name="aor",
        id="a",
        option="max_contacts",
        value="many",
    )
    row = Finding(severity=Severity.WARNING, rule="odd", message="strange", place=Place("ps_aors", row="a"))
    report = Report(created={"aor": ("a", "b")}, kept={"auth": ("x",)}, findings=(ERROR, placed, row))
    assert Report.from_data(json.loads(json.dumps(report.data()))) == report
