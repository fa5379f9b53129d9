"""What formatting makes of a file; that it changes nothing else is shown by the property tests."""

from __future__ import annotations

import pytest

from sorcery.conf.formatting import format_text
from sorcery.errors import ConfSyntaxError


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("k=v", "k = v"),
        ("k   =   v", "k = v"),
        ("k=>v", "k => v"),
        ("k =", "k ="),
        ("k==v", "k = =v"),
        ("k= >v", "k = >v"),
        ("\\[k]=v", "\\[k] = v"),
        ("k=a\\;b;c", "k = a\\;b ;c"),
        ("k = v   ", "k = v"),
        ("    k=v", "    k = v"),
        ("k+= v", "k+= v"),
        ("k+ =v", "k+ = v"),
        ("no equals  ", "no equals"),
        ("#include   x.conf   ", "#include   x.conf   "),
        ("#exec  /bin/x  ", "#exec  /bin/x  "),
        ("k;-- x --;ey=1", "k;-- x --;ey=1"),
        ("; note \t", "; note"),
        ("  [a](!,b)   ; note", "[a](!,b)     ; note"),
        ("[ a ] (!)", "[ a ] (!)"),
    ],
)
def test_a_line(before: str, after: str) -> None:
    assert format_text(f"[x]\n{before}\n").removeprefix("[x]\n").strip("\n") == after.strip("\n")


def test_sections_and_paragraphs_have_one_blank_line_between_them() -> None:
    text = "\n\n[a]\nx = 1\n\n\n; about y\ny = 2\n; about b\n[b]\n[c](b)\n[d](b)\n\n\n"
    assert format_text(text) == "[a]\nx = 1\n\n; about y\ny = 2\n\n; about b\n[b]\n[c](b)\n[d](b)\n"


def test_comments_in_a_column_stay_in_one() -> None:
    text = "[a]\ntype=endpoint     ; what\ncontext=internal  ; where\n                  ; and why\nallow=ulaw ; one\n"
    assert format_text(text) == (
        "[a]\ntype = endpoint    ; what\ncontext = internal ; where\n                   ; and why\nallow = ulaw ; one\n"
    )


def test_the_inside_of_a_block_comment_stays() -> None:
    text = "[a]\n;-- off  \nx=1   \n\n\n  [b]\n  x --;  \ny = 1\n"
    assert format_text(text) == text


def test_a_comment_that_goes_on_below_a_value_is_not_taken_for_the_next_section() -> None:
    text = "[a]\nx = 1 ; one\n      ; more\n[b]\n"
    assert format_text(text) == "[a]\nx = 1 ; one\n      ; more\n\n[b]\n"


@pytest.mark.parametrize("text", ["[a]\nx=1\n--;\ny=1", "[a]\nx=1\0y", "[a]\n;-- open\nx=1"])
def test_what_may_hide_lines_is_left_alone(text: str) -> None:
    assert format_text(text) == text


def test_a_line_that_would_become_too_long_stays() -> None:
    line = "k=" + "x" * 8187
    assert format_text(f"[a]\n{line}\n") == f"[a]\n{line}\n"


def test_line_ends_and_byte_order_mark_stay() -> None:
    assert format_text("\ufeff\r\n[a]\r\nx=1\r\n[b]\r\ny=1") == "\ufeff[a]\r\nx = 1\r\n\r\n[b]\r\ny = 1\r\n"


def test_block_comments_too_deep_are_refused() -> None:
    with pytest.raises(ConfSyntaxError, match="block comment"):
        format_text(";--\n" * 129)


def test_nothing_and_blanks_alone_are_an_empty_file() -> None:
    assert format_text("") == format_text(" \n\t\n\n") == ""
