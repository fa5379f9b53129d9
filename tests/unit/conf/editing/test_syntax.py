from __future__ import annotations

import itertools

import pytest

from sorcery.conf.editing.syntax import Kind, Line, read_line


def parts(line: Line) -> tuple[bytes, ...]:
    raw = line.raw
    behind = line.equals + (2 if line.operator == b"=>" else 1)
    cuts = [0, line.start, line.key_end, behind, line.first, line.last, len(raw)]
    return tuple(raw[start:stop] for start, stop in itertools.pairwise(cuts))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"k=v\n", (b"", b"k", b"=", b"", b"v", b"\n")),
        (b"\t k  = v w  ; note\r\n", (b"\t ", b"k", b"  =", b" ", b"v w", b"  ; note\r\n")),
        (b"k => v", (b"", b"k", b" =>", b" ", b"v", b"")),
        (b"k= > v", (b"", b"k", b"=", b" ", b"> v", b"")),
        (b"k += v\n", (b"", b"k", b" +=", b" ", b"v", b"\n")),
        (b"k =  ; note", (b"", b"k", b" =", b"", b"", b"  ; note")),
        (b"k = a\\;b;c", (b"", b"k", b" =", b" ", b"a\\;b", b";c")),
        (b"\\=x=1", (b"", b"\\=x", b"=", b"", b"1", b"")),
        (b"k = v ;-- begins\n", (b"", b"k", b" =", b" ", b"v", b" ;-- begins\n")),
        (b"k=v\0hidden\n", (b"", b"k", b"=", b"", b"v", b"\0hidden\n")),
    ],
)
def test_a_setting_is_taken_apart(raw: bytes, expected: tuple[bytes, ...]) -> None:
    line = read_line(raw)
    assert line.kind is Kind.SETTING
    assert line.is_plain
    assert parts(line) == expected


@pytest.mark.parametrize(
    ("raw", "key", "value", "adds"),
    [
        (b"k += v", "k", "v", True),
        (b"\\+=1", "+", "1", False),
        (b"\\++=1", "+", "1", True),
        (b"\\=x=1", "=x", "1", False),
        (b"\\\\;x=1", ";x", "1", False),
        (b"\\;x=a\\\\;b", ";x", "a\\;b", False),
        (b"\xe9=\xff", "\udce9", "\udcff", False),
    ],
)
def test_key_and_value_are_those_of_the_parser(raw: bytes, key: str, value: str, adds: bool) -> None:
    line = read_line(raw)
    assert (line.key, line.value, line.adds) == (key, value, adds)


@pytest.mark.parametrize(("raw", "depth"), [(b"k;-- x --;ey=1", 0), (b"--; k=1", 1), (b"k=1 ;-- x --; 2", 0)])
def test_a_text_that_a_block_comment_tears_apart_is_not_plain(raw: bytes, depth: int) -> None:
    line = read_line(raw, depth)
    assert line.kind is Kind.SETTING
    assert not line.is_plain


def test_what_a_block_comment_hides_is_a_comment() -> None:
    assert read_line(b"k=v", 1).kind is Kind.COMMENT
    assert read_line(b" \r\n", 1).kind is Kind.BLANK


def test_a_byte_order_mark_counts_for_nothing_on_the_first_line() -> None:
    assert read_line(b"\xef\xbb\xbf[a]", is_first=True).kind is Kind.HEADER
    assert read_line(b"\xef\xbb\xbf[a]").kind is Kind.OTHER
