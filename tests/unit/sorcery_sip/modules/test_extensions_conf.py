from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import ConfMissing, ConfSyntaxError
from sorcery.findings import Severity
from sorcery_sip.modules.extensions_conf import read_dialplan

TEXT = """
[general]
static = yes
[phones](!)
exten => _1XX,1,Dial(PJSIP/${EXTEN}) ; calls
[office](phones)
same => n,Hangup()
#include more.conf
exten => 5,1,NoOp(a\\;b)
exten => 5,1,NoOp(again)
"""


def test_the_reader_of_conf_files_reads_it(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("exten => 4,1,NoOp(more\n")
    path = tmp_path / "extensions.conf"
    path.write_text(TEXT)
    dialplan, findings = read_dialplan(path)
    assert list(dialplan.contexts) == ["office"]
    found = {each.name: each for each in dialplan.contexts["office"].extensions}
    assert [step.application for step in found["_1XX"].steps.values()] == ["Dial", "Hangup"]
    assert found["5"].steps[1].arguments.text == "a;b"
    assert [(each.severity, each.rule, str(each.place)) for each in findings] == [
        (Severity.WARNING, "open-parenthesis", f"{tmp_path}/more.conf:1"),
        (Severity.ERROR, "priority-in-use", f"{path}:10"),
    ]
    assert "line 9" in findings[1].message
    assert findings[1].remedy


def test_what_the_reader_says_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "extensions.conf"
    path.write_text("[t]\nnonsense\nexten => 1,0,NoOp\n")
    _, findings = read_dialplan(path)
    assert [each.place.line for each in findings if each.place] == [2, 3]


def test_a_file_that_is_not_there_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfMissing):
        read_dialplan(tmp_path / "extensions.conf")
    (tmp_path / "extensions.conf").write_text("exten => 1,1,NoOp\n")
    with pytest.raises(ConfSyntaxError):
        read_dialplan(tmp_path / "extensions.conf")
