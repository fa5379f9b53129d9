from __future__ import annotations

import pytest

from sorcery_sip.pbx.dialplan.arguments import quoted, split_arguments, unquoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ("a,", ["a", ""]),
        (",", ["", ""]),
        (",a", ["", "a"]),
        ('"a,b",c', ["a,b", "c"]),
        ("f(a,b),c", ["f(a,b)", "c"]),
        ("[a,b],c", ["[a,b]", "c"]),
        (r"a\,b,c", ["a,b", "c"]),
        (r"a\\b", [r"a\b"]),
        ("a)b,c", ["a)b", "c"]),
        ('a"b', ["ab"]),
        (" a , b ", [" a ", " b "]),
    ],
)
def test_arguments_are_set_apart_by_commas(text: str, expected: list[str]) -> None:
    assert split_arguments(text) == expected


def test_the_last_of_so_many_is_the_rest_as_it_is() -> None:
    assert split_arguments('a,"b",c', 2) == ["a", '"b",c']
    assert split_arguments("a,", 2) == ["a", ""]


def test_raw_arguments_keep_their_marks() -> None:
    assert split_arguments(r'one,"two,2",a\,b', is_raw=True) == ["one", '"two,2"', r"a\,b"]


def test_another_separator() -> None:
    assert split_arguments("a:b", separator=":") == ["a", "b"]


def test_quotation_marks_come_and_go() -> None:
    assert quoted('a"b\\') == r'"a\"b\\"'
    assert unquoted('"a"') == "a"
    assert unquoted('"') == '"'
