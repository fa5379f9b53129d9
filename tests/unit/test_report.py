"""Reports of loads."""

from __future__ import annotations

import pytest

from sorcery import Finding, Report, Severity

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
