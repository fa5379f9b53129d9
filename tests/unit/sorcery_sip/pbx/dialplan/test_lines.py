from __future__ import annotations

import pytest

from sorcery_sip.pbx.dialplan.lines import BadLine, read_extension


def parts(text: str) -> tuple[str, str | None, str, int, str, str, str]:
    line = read_extension(text)
    return line.name, line.caller, line.priority, line.offset, line.label, line.application, line.arguments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100,1,NoOp()", ("100", None, "1", 0, "", "NoOp", "")),
        ("100,1,NoOp", ("100", None, "1", 0, "", "NoOp", "")),
        ("a b,n,Dial(PJSIP/a,20)", ("ab", None, "n", 0, "", "Dial", "PJSIP/a,20")),
        ("_[1,2]X,1,NoOp(x)", ("_[1,2]X", None, "1", 0, "", "NoOp", "x")),
        ("1,n(here),Goto(a,b)", ("1", None, "n", 0, "here", "Goto", "a,b")),
        ("1,n+2(here),NoOp", ("1", None, "n", 2, "here", "NoOp", "")),
        ("1/44 (4),1,NoOp", ("1", "444", "1", 0, "", "NoOp", "")),
        ("1/_X.,1,NoOp", ("1", "_X.", "1", 0, "", "NoOp", "")),
        ("1/,1,NoOp", ("1", "", "1", 0, "", "NoOp", "")),
        ("1,1,${FOO}(a)", ("1", None, "1", 0, "", "${FOO}(a)", "")),
        ("1,1, NoOp(f(a),b)", ("1", None, "1", 0, "", "NoOp", "f(a),b")),
        ("1,1,NoOp,a,b", ("1", None, "1", 0, "", "NoOp,a,b", "")),
    ],
)
def test_a_line_falls_into_its_parts(text: str, expected: tuple[str, str | None, str, int, str, str, str]) -> None:
    assert parts(text) == expected
    assert read_extension(text).doubts == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1,1,NoOp(a", "open-parenthesis"),
        ("1,1,NoOp(a)b", "text-after-arguments"),
        ("1,1,NoOp (a)", "bad-application"),
        ("1,1", "no-application"),
        ("1,n(here,NoOp()", "open-label"),
    ],
)
def test_what_is_doubtful_is_said(text: str, rule: str) -> None:
    assert [doubt.rule for doubt in read_extension(text).doubts] == [rule]


@pytest.mark.parametrize("text", ["", "1", "1,,NoOp", "1,+,NoOp", "1,n+x,NoOp"])
def test_a_line_needs_a_priority(text: str) -> None:
    with pytest.raises(BadLine, match="priority"):
        read_extension(text)


def test_a_hint_is_all_that_follows() -> None:
    assert read_extension("1,hint,PJSIP/a&PJSIP/b,CustomPresence:c").application_text == (
        "PJSIP/a&PJSIP/b,CustomPresence:c"
    )
