from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import ConfSyntaxError, findings, read_conf
from sorcery.conf.messages import RULES, Message, shown
from sorcery.findings import Finding, Severity
from sorcery.place import Place

PLACE = Place("/a.conf", 7)


@pytest.mark.parametrize(
    ("code", "line", "file"),
    [
        ("no-equals", 7, "/a.conf"),
        ("line-too-long", 7, None),
        ("not-regular-file", None, "/a.conf"),
        ("exec-disabled", None, None),
    ],
)
def test_what_a_message_of_asterisk_names(code: str, line: int | None, file: str | None) -> None:
    message = Message.about(code, "text", PLACE)
    assert (message.line, message.file, message.place) == (line, file, PLACE)
    assert str(message) == f"/a.conf:7: {RULES[code].level} [{code}] text"


def test_every_rule_says_what_to_write_instead() -> None:
    assert all(rule.remedy for rule in RULES.values())
    assert {rule.level for rule in RULES.values()} == {"WARNING", "ERROR"}


def test_messages_become_findings(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[a]\nx\n")
    assert findings(read_conf(path)) == [
        Finding(
            severity=Severity.WARNING,
            rule="no-equals",
            message="the line of 'x' has no =",
            remedy=RULES["no-equals"].remedy,
            place=Place(str(path), 2),
        )
    ]


def test_what_ends_a_file_is_an_error_whatever_its_level(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("[a\n")
    with pytest.raises(ConfSyntaxError) as caught:
        read_conf(path)
    assert [each.severity for each in findings(caught.value)] == [Severity.ERROR]


def test_a_long_text_is_shown_by_its_start() -> None:
    assert shown("a\udce9") == r"'a\udce9'"
    assert shown("x" * 9000) == repr("x" * 80 + "...")
