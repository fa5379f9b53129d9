"""The line that is shown with a finding, and what of it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import Finding, Place, Severity
from sorcery.checks.sourcelines import SourceLines
from sorcery_cli.excerpt import excerpt


def shown(path: Path, line: str, option: str = "", value: str = "", rule: str = "refused-value") -> list[str]:
    path.write_text(f"{line}\n")
    finding = Finding(
        severity=Severity.ERROR, rule=rule, message="m", place=Place(str(path), 1), option=option, value=value
    )
    return [beside for _, beside in excerpt(finding, SourceLines())]


def test_the_mark_stands_below_the_offending_text(tmp_path: Path) -> None:
    assert shown(tmp_path / "a", "\taors = a,nobody ; x", "aors", "nobody") == [
        " aors = a,nobody ; x",
        "          ^^^^^^",
    ]


@pytest.mark.parametrize(
    ("line", "option", "rule"),
    [
        ("password = geheim", "password", "weak-secret"),
        ("Password=geheim ; geheim", "password", "weak-secret"),
        ("password += geheim", "password", "weak-secret"),
        ("password=>geheim", "password", "weak-secret"),
        ("outbound_auth/password=geheim", "outbound_auth/password", "refused-value"),
        ("md5_cred=geheim", "md5_cred", "digest-not-hex"),
        ("pasword=geheim", "pasword", "unknown-option"),
        ("username=10o1 ; password=geheim", "username", "refused-value"),
        ("url=postgresql://user:geheim@db/pbx", "", "configuration"),
    ],
)
def test_passwords_are_not_shown(tmp_path: Path, line: str, option: str, rule: str) -> None:
    text, mark = shown(tmp_path / "a", line, option, rule=rule)
    assert "geheim" not in text
    assert "^" in mark


def test_control_characters_are_shown_as_escapes_and_long_lines_cut(tmp_path: Path) -> None:
    text, mark = shown(tmp_path / "a", "x=\x1b[31mred", "x")
    assert (text, mark) == ("x=\\x1b[31mred", "^")
    assert len(shown(tmp_path / "a", "x=" + "y" * 5000, "x")[0]) < 200


def test_a_long_line_takes_no_longer_than_its_length(tmp_path: Path) -> None:
    assert shown(tmp_path / "a", " " * 1_000_000 + "x", "x", rule="no-equals")  # else nobody lives to see it end


def test_what_stands_in_no_line_shows_nothing() -> None:
    finding = Finding(severity=Severity.ERROR, rule="r", message="m", place=Place("ps_aors", row="a"))
    assert list(excerpt(finding, SourceLines())) == []
