"""Findings as they are printed."""

from __future__ import annotations

import json

import attrs
import pytest
import typer

from sorcery import Finding, Place, Severity, Unavailable
from sorcery_cli.findings import Format, conclude, unavailable


def finding(message: str, place: Place | None = None, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(severity=severity, rule="rule", message=message, place=place)


def conclusion(*findings: Finding, form: Format = Format.TEXT) -> int:
    with pytest.raises(typer.Exit) as ended:
        conclude(findings, form)
    return int(ended.value.exit_code)


def test_findings_are_sorted_by_place_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    last = finding("d", Place("b.conf", 1))
    code = conclusion(last, finding("c", Place("a.conf", 10)), last, finding("b", Place("a.conf", 9)), finding("a"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["a", "b", "c", "d", "warnings"]
    assert code == 1


def test_the_summary_counts_by_severity(capsys: pytest.CaptureFixture[str]) -> None:
    conclusion(finding("a", severity=Severity.WARNING), finding("b", severity=Severity.WARNING))
    assert capsys.readouterr().out.splitlines()[-1] == "0 errors, 2 warnings"


def test_nothing_is_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert conclusion() == 0
    assert capsys.readouterr().out == "nothing found\n"
    assert conclusion(form=Format.JSON) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("form", list(Format))
def test_no_form_shows_the_password_of_an_address(form: Format, capsys: pytest.CaptureFixture[str]) -> None:
    address = "postgresql://u:hunter2@h/d"
    conclusion(attrs.evolve(finding(f"'{address}' is no name"), remedy=f"write [{address}]", value=address), form=form)
    printed = capsys.readouterr().out
    assert "hunter2" not in printed
    assert "postgresql://u:********@h/d" in printed


def test_a_warning_alone_is_exit_1() -> None:
    assert conclusion(finding("a", severity=Severity.WARNING)) == 1


def test_notes_are_told_and_counted_and_leave_the_exit_code_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    note = finding("as it was meant", severity=Severity.NOTE)
    assert conclusion(note, form=Format.TEXT) == 0
    assert capsys.readouterr().out == "note [rule] as it was meant\n0 errors, 0 warnings, 1 note\n"
    assert conclusion(note, finding("a", severity=Severity.WARNING)) == 1
    capsys.readouterr()
    assert conclusion(note, form=Format.SARIF) == 0
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["level"] == "note"


def test_a_store_that_did_not_answer_outweighs_all() -> None:
    assert conclusion(finding("a"), unavailable(Unavailable("realtime", "gone"))) == 3


def test_json_names_place_and_culprit() -> None:
    full = Finding(
        severity=Severity.WARNING,
        rule="r",
        message="m",
        remedy="do",
        place=Place("ps_aors", row="a"),
        type_name="aor",
        id="a",
        option="o",
        value="v",
    )
    assert full.data() == {
        "severity": "warning",
        "rule": "r",
        "message": "m",
        "remedy": "do",
        "source": "ps_aors",
        "column": None,
        "line": None,
        "row": "a",
        "type": "aor",
        "id": "a",
        "option": "o",
        "value": "v",
    }
    assert finding("m").data()["source"] is None
