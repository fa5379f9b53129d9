import time

import pytest

from sorcery_sip.message.quoting import quote, split_list, unquote


def test_quote_and_unquote_undo_each_other() -> None:
    text = 'a "b" \\ c'
    assert quote(text) == r'"a \"b\" \\ c"'
    assert unquote(quote(text)[1:-1]) == text


def test_a_line_end_in_quotes_is_a_blank() -> None:
    assert quote("a\r\nb: c\n") == '"a b: c "'


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b ,,c", ["a", "b", "c"]),
        ('"a,b" <sip:x,y>, <sip:z>', ['"a,b" <sip:x,y>', "<sip:z>"]),
        (r'"a\",b", c', [r'"a\",b"', "c"]),
        ('a, "b, c', ["a", '"b, c']),
        ("a, <b, c", ["a", "<b, c"]),
        ('a, "b\\', ["a", '"b\\']),
    ],
)
def test_lists_are_divided_outside_quotes_and_brackets(text: str, elements: list[str]) -> None:
    assert split_list(text) == elements


def test_hostile_lists_take_linear_time() -> None:
    begin = time.process_time()
    for piece in ("<", '"', '\\"', '"<', "<\\"):
        split_list("," + piece * (60_000 // len(piece)))
    assert time.process_time() - begin < 1
