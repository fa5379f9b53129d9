from __future__ import annotations

import pytest

from sorcery.conf.lines import BUFFER, split_lines


@pytest.mark.parametrize(
    ("data", "texts", "after"),
    [
        (b"", ("",), 2),
        (b"a", ("a",), 2),
        (b"a\n", ("a", ""), 3),
        (b"a\n\nb", ("a", "", "b"), 4),
        (b"a\r\nb\r", ("a\r", "b\r"), 3),
        (b"a\x0bb\x85c\n", ("a\x0bb\udc85c", ""), 3),
    ],
)
def test_line_feeds_alone_end_lines_and_the_end_of_file_counts(data: bytes, texts: tuple[str, ...], after: int) -> None:
    lines = split_lines(data)
    assert lines.texts == texts
    assert lines.after == after


def test_a_byte_order_mark_goes_from_line_1_once() -> None:
    mark = b"\xef\xbb\xbf"
    assert split_lines(mark + mark + b"a\n" + mark + b"b").texts == ("\ufeffa", "\ufeffb")
    assert split_lines(mark + b"a", first=2).texts == ("\ufeffa",)


def test_nul_hides_the_rest_of_the_line() -> None:
    assert split_lines(b"a\0b\n\0c\nd").texts == ("a", "", "d")


def test_a_line_of_8190_bytes_is_kept_and_one_more_is_not() -> None:
    kept, dropped = b"k" * (BUFFER - 1), b"d" * BUFFER
    lines = split_lines(kept + b"\n" + dropped + b"\nb\n" + dropped)
    assert lines.texts == (kept.decode(), "", "b", "")
    assert lines.too_long == {2: "d" * 32, 4: "d" * 32}
    assert lines.fault(2).code == "line-too-long"


def test_length_counts_bytes_not_characters() -> None:
    assert list(split_lines("é".encode() * 4096).too_long) == [1]


def test_a_line_much_too_long_is_dropped_whole() -> None:
    lines = split_lines(b"d" * 20000 + b"\nb")
    assert lines.texts == ("", "b")


def test_a_nul_ends_the_dropping_of_a_long_line() -> None:
    lines = split_lines(b"d" * BUFFER + b"d\0" + b"x" * (BUFFER - 2) + b"rest\nb")
    assert lines.texts == ("", "rest", "b")


def test_a_long_line_with_an_early_nul_goes_on_as_a_line_of_its_own() -> None:
    lines = split_lines(b"a\0" + b"x" * (BUFFER - 2) + b"rest\nb")
    assert lines.texts == ("a", "rest", "b")
    assert not lines.too_long
