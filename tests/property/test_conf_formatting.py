"""Whatever a file holds, formatting it changes nothing that Asterisk reads, no comment, and nothing a second time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sorcery.conf import ConfFile, read_conf
from sorcery.conf.editing import Tree
from sorcery.conf.editing.syntax import Kind, read_line
from sorcery.conf.formatting import format_text
from sorcery.conf.lines import BUFFER
from sorcery.conf.text import BLANKS, decode, encode
from sorcery.errors import ConfigurationError, ConfSyntaxError

VECTORS = sorted(path for path in (Path(__file__).parents[1] / "data/conf-vectors").rglob("*") if path.is_file())

PIECES = st.sampled_from([b"x" * (BUFFER - 4), b"\0" + b"x" * BUFFER, b" " * 6]) | st.sampled_from(
    b"\n|\n|\r\n|\r|\0|[|]|(|)|=|=>|+=|;|;|;--|--;|--|\\|\\;| |\t|k|a|#include |\xef\xbb\xbf|\xe9|\xc3\xa9".split(b"|")
)
BYTES = st.lists(PIECES, max_size=40).map(b"".join) | st.binary(max_size=200)
LINES = st.sampled_from(
    b"k=v|k=w; note|k=w   ; note|long.key=w ; note|             ; note|\t; tab|k += x| k=>z |K=\xff|\tl  = 1"
    b"|m=a\\;b;c|m =||\\#k=v|o=1 ;--x  |--;|--; q=1|;--x--;|;-- x|; note  |  ; in|k;-- x --;ey=1|=|odd|#include  ?.inc "
    b"|#bad|type=t|p=1\r|q=a\0b|u+ =1|u+=1|k==x|k= >x|k=>>x|\xef\xbb\xbfk=1|\x01".split(b"|")
)
HEADERS = st.builds(
    lambda before, name, marks, rest: before + b"[" + name + b"]" + marks + rest,
    st.sampled_from([b"", b"", b" ", b"\xef\xbb\xbf"]),
    st.sampled_from([b"a", b" A ", b"tpl"]),
    st.sampled_from([b"", b"", b"(!)", b"(a)", b"(tpl)", b" (!)", b"(+)", b"(!,tpl)", b"(+type=t)"]),
    st.sampled_from([b"", b"", b" ; note", b"     ; note", b"\r", b"junk"]),
)
FILES = st.lists(LINES | LINES | HEADERS, max_size=14).map(b"\n".join)
MAIN = st.builds(bytes.__add__, st.sampled_from([b"", b"\n\n", b"\xef\xbb\xbf"]), FILES.map(b"[tpl](!)\nk=1\n".__add__))
CONTENTS = st.fixed_dictionaries({"main.conf": MAIN, "i.inc": FILES, "j.inc": FILES})


def formatted(data: bytes) -> bytes:
    return encode(format_text(decode(data)))


@contextmanager
def folder(contents: Mapping[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        for name, content in contents.items():
            Path(path, name).write_bytes(content)
        yield Path(path)


def read(contents: Mapping[str, bytes]) -> object:
    """Return all that Asterisk takes from the files but for the numbers of lines, or why it refuses them."""
    with folder(contents) as path:
        try:
            return said(read_conf(path / "main.conf"))
        except ConfSyntaxError as error:
            return error.code


def said(conf: ConfFile) -> object:
    return [
        (
            category.name,
            category.template,
            category.bases,
            [
                (each.key, each.value, each.operator, each.inherited, Path(each.file).name)
                for each in category.variables
            ],
        )
        for category in conf.categories
    ], [message.code for message in conf.messages]


def comments(data: bytes) -> list[bytes]:
    """Return the comments, block comments line by line, without the blanks around each."""
    tree = Tree.parse(data.removeprefix(b"\xef\xbb\xbf"))
    lines = [read_line(raw, depth) for raw, depth in zip(tree.lines, tree.depths(), strict=False)]
    texts = (each.raw if each.kind is Kind.COMMENT else each.raw[each.last :] for each in lines)
    return [text for text in (each.strip(BLANKS.encode()) for each in texts) if text]


@settings(deadline=None, max_examples=300)
@given(CONTENTS)
@example({"main.conf": b"[a]\nx=1\nx += 2\n", "i.inc": b"", "j.inc": b""})
@example({"main.conf": b"[a]\nk=" + b"x" * (BUFFER - 3) + b"\n", "i.inc": b"", "j.inc": b""})
def test_asterisk_reads_what_it_read_before(contents: dict[str, bytes]) -> None:
    assert read({name: formatted(content) for name, content in contents.items()}) == read(contents)


@settings(deadline=None, max_examples=300)
@given(FILES | BYTES)
@example(b"[a]\n x=1      ; one\n yy=2  ; two\n       ; three\n")
@example(b"[a]\nk=1\t; a\n\t; b\n")
@example(b"\n\xef\xbb\xbf[a]")
def test_what_is_formatted_stays(data: bytes) -> None:
    once = formatted(data)
    assert formatted(once) == once


@settings(deadline=None, max_examples=300)
@given(FILES | BYTES)
def test_nothing_but_blanks_comes_or_goes(data: bytes) -> None:
    blanks = bytes(range(0x21))
    assert formatted(data).translate(None, blanks) == data.translate(None, blanks)


@settings(deadline=None, max_examples=300)
@given(FILES)
def test_every_comment_stays_as_it_is_and_in_order(data: bytes) -> None:
    assert comments(formatted(data)) == comments(data)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_every_vector_says_what_it_said(path: Path) -> None:
    data = path.read_bytes()
    once = formatted(data)
    assert formatted(once) == once
    try:
        before: object = said(read_conf(path, directory=path.parent))
    except ConfigurationError as error:
        before = type(error)
    with folder({path.name: once}) as where:
        try:
            after: object = said(read_conf(where / path.name, directory=path.parent))
        except ConfigurationError as error:
            after = type(error)
    assert after == before
