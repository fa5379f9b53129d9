"""Why a base is missing."""

from pathlib import Path

import pytest

from sorcery import Finding, Place, Severity
from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.templates import explained


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[a](b)\n", "base-missing"),
        ("[a](b)\n[c](!)\n", "base-missing"),
        ("[a](!,B)\n[b](!)\n", "base-later"),
        ("[a](b)\n[b](a)\n", "base-circular"),
        ("[a](b)\n[b](c)\n[c](d,A)\n[d](d)\n", "base-circular"),
        ("[a](+,b)\n[b](!)\n", "base-later"),
    ],
)
def test_the_file_says_where_a_base_is(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "a.conf"
    path.write_text(text)
    finding = Finding(severity=Severity.ERROR, rule="base-missing", message="m", place=Place(str(path), 1))
    assert explained(finding, SourceLines()).rule == rule
