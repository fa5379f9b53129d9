from __future__ import annotations

import logging

from sorcery.errors import InvalidObject
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


def test_a_log_tells_of_a_finding_at_the_level_of_its_severity() -> None:
    assert {each.value: each.level for each in Severity} == {
        "error": logging.ERROR,
        "warning": logging.WARNING,
        "note": logging.INFO,
    }


def test_findings_are_equal_by_value() -> None:
    assert Finding(severity=Severity.ERROR, rule="r", message="m") == Finding(
        severity=Severity.ERROR, rule="r", message="m"
    )


def test_a_bad_object_becomes_a_finding() -> None:
    place = Place("ps_auths", row="alice")
    error = InvalidObject(
        "auth", "alice", "is no choice", option="auth_type", value="x", remedy="write md5", place=place
    )
    assert Finding.of(error) == Finding(
        severity=Severity.ERROR,
        rule="invalid-object",
        message="auth 'alice', option auth_type='x': is no choice",
        remedy="write md5",
        place=place,
        type_name="auth",
        id="alice",
        option="auth_type",
        value="x",
    )
    assert Finding.of(InvalidObject("auth", "alice", "no")).message == "auth 'alice': no"


def test_a_finding_comes_back_from_its_data_with_its_column() -> None:
    for place in (None, Place("pjsip.conf", 3), Place("pjsip.conf", 3, column=7), Place("ps_aors", row="a")):
        finding = Finding(severity=Severity.ERROR, rule="r", message="m", place=place)
        assert Finding.from_data(finding.data()) == finding


def test_a_huge_value_is_quoted_in_part_in_errors_and_findings() -> None:
    value = "x" * 1_000_000
    error = InvalidObject("endpoint", "alice", f"{value!r} is no codec", option="allow", value=value)
    finding = Finding.of(error)
    texts = (str(error), error.reason, error.culprit, finding.message, str(finding), repr(finding.data()))
    for text in texts:
        assert "x" * 200 in text
        assert "x" * 201 not in text
        assert "(1000000 characters)" in text
    assert str(error).endswith("is no codec")
    assert (error.value, finding.value) == (value, value)
