from __future__ import annotations

import pytest

from sorcery.conf.editing.tree import Splice, Tree, seen
from sorcery.conf.lines import BUFFER


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"a", b"a\nb\n", b"a\r\nb", b"a\rb", b"\xef\xbb\xbf[a]\n", b"\0\n\xff", b"x" * 9000 + b"\n"]
)
def test_a_file_comes_back(data: bytes) -> None:
    assert bytes(Tree.parse(data)) == data


def test_a_long_line_with_a_nul_counts_as_several() -> None:
    data = b"a=1\0" + b"x" * (BUFFER - 4) + b"b=2\n" + b"c=3\n"
    assert [seen(line) for line in Tree.parse(data).lines] == [b"a=1", b"b=2", b"c=3"]


def test_what_follows_a_nul_may_be_a_line_that_is_too_long() -> None:
    data = b"a=1\0" + b"x" * (BUFFER - 4) + b"y" * BUFFER
    assert [seen(line) for line in Tree.parse(data).lines] == [b"a=1", b""]
    assert bytes(Tree.parse(data)) == data


def test_nothing_is_seen_of_a_line_that_is_too_long() -> None:
    assert seen(b"x" * (BUFFER - 1) + b"\n") == b"x" * (BUFFER - 1)
    assert seen(b"x" * BUFFER + b"\n") == b""


def test_open_block_comments_are_counted_before_each_line_and_at_the_end() -> None:
    assert Tree.parse(b"a\n;-- b\nc ;--\nd --; --;\ne\n").depths() == [0, 0, 1, 2, 0, 0]
    assert Tree.parse(b"a --;\n").depths(1) == [1, 0]


def test_new_lines_end_as_the_others_do() -> None:
    tree = Tree.parse(b"a\r\nb\r\n")
    assert bytes(tree.spliced([Splice("", 1, 1, (b"x",)), Splice("", 1, 2, (b"y",))])) == b"a\r\nx\r\ny\r\n"
    assert bytes(Tree.parse(b"").spliced([Splice("", 0, 0, (b"x",))])) == b"x\n"


@pytest.mark.parametrize(
    ("splice", "result"),
    [
        (Splice("", 2, 2, (b"x",)), b"a\nb\nx"),
        (Splice("", 1, 2), b"a\n"),
        (Splice("", 1, 2, (b"x",)), b"a\nx"),
        (Splice("", 0, 1), b"b"),
        (Splice("", 0, 2), b""),
    ],
)
def test_a_last_line_without_an_end_has_none_in_its_new_form(splice: Splice, result: bytes) -> None:
    assert bytes(Tree.parse(b"a\nb").spliced([splice])) == result


@pytest.mark.parametrize("new", [(), (b"",), (b"x",), (b"x", b""), (b"", b"x")])
@pytest.mark.parametrize("data", [b"a\nb", b"a\nb\n", b"a\r\nb", b"b", b"\n", b"a\n\n"])
def test_what_is_spliced_has_the_lines_that_a_parse_would_find(data: bytes, new: tuple[bytes, ...]) -> None:
    tree = Tree.parse(data)
    for start in range(len(tree.lines) + 1):
        for stop in range(start, len(tree.lines) + 1):
            spliced = tree.spliced([Splice("f", start, stop, new)])
            assert spliced.lines == Tree.parse(bytes(spliced)).lines
