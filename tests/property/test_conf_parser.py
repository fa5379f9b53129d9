"""Whatever a `.conf` file holds, reading it ends, and ends in a parse or in a `ConfigurationError`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery.conf import ConfFile, dump, dump_messages, findings, read_conf
from sorcery.conf.comments import Comments
from sorcery.conf.lines import split_lines
from sorcery.conf.text import encode
from sorcery.errors import ConfigurationError, ConfSyntaxError

NAMES = ("main.conf", "i.inc", "j.inc", "sub/k.inc")

WORDS = st.sampled_from(
    b"a B tpl x\ty \r \xc3\xa9 \xe9 \xef\xbb\xbf \0 \x7f TEMPLATES include restrict".split(b" ")
    + b"main.conf i.inc j.inc *.inc sub/* {i,j}.inc sub none /".split(b" ")
    + [b"", b" ", b"n" * 79, b"n" * 80, b"v" * 8189]
)
MARKS = st.sampled_from(
    b"[ ] ( ) (!) (+) (+ , & = => += > \\ \" ' < ; ;-- --; ;--- -- # * ? {2} ^ $ | . [a-b] [[:alpha:]".split(b" ")
)
FREE = st.lists(WORDS | MARKS, max_size=8).map(b"".join)
LINES = st.one_of(
    st.builds(lambda name: b"[" + name + b"]", WORDS),
    st.builds(
        lambda name, options: b"[" + name + b"](" + b",".join(options) + b")", WORDS, st.lists(WORDS | FREE, max_size=3)
    ),
    st.builds(lambda name, condition: b"[" + name + b"](+" + condition + b")", WORDS, FREE),
    st.builds(lambda key, mark, value: key + mark + value, WORDS, st.sampled_from([b"=", b"+=", b"=>"]), WORDS | FREE),
    st.builds(
        lambda word, name: b"#" + word + b" " + name,
        st.sampled_from([b"include", b"tryinclude", b"exec"]),
        WORDS | FREE,
    ),
    FREE,
)
BODY = st.lists(
    st.sampled_from(
        b"k = v|k=w ; note|k += x|k=>z| K=\xff|;--x|--;|\\k=v|=|k|k=\\;| ;|v=-- ;|\xe9+=1|#include i.inc".split(b"|")
    ),
    max_size=4,
).map(b"\n".join)
SECTIONS = st.builds(
    lambda name, bases, body: b"[" + name + b"]" + bases + b"\n" + body,
    st.sampled_from([b"a", b"A", b"b", b"tpl", b"x\ty", b"\xe9", b"n" * 80]),
    st.sampled_from([b"", b"", b"(!)", b"(a)", b"(b)", b"(tpl,a)", b"(+)", b"(+,a)", b"(a,,tpl) "]),
    BODY,
)
NEAR_PLAIN = st.lists(SECTIONS | BODY, max_size=8).map(b"\n".join)
NEAR_CONF = st.lists(LINES, max_size=12).map(b"\n".join)
TEXTS = NEAR_CONF | st.binary(max_size=200)


def read(contents: Mapping[str, bytes]) -> ConfFile | ConfigurationError:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        try:
            return read_conf(Path(folder) / "main.conf")
        except ConfigurationError as error:
            return error


def told(outcome: ConfFile | ConfigurationError) -> list[list[str | int | None]]:
    if isinstance(outcome, ConfFile):
        return dump_messages(outcome.messages, outcome.directory)
    assert isinstance(outcome, ConfSyntaxError)
    return [[message.code, message.text, message.place.line] for message in outcome.messages]


def shapes(conf: ConfFile) -> list[list[int]]:
    return [[len(block) for block in category.blocks] for category in conf.categories]


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS)))
def test_any_bytes_yield_a_parse_or_a_configuration_error(contents: dict[str, bytes]) -> None:
    outcome = read(contents)
    if isinstance(outcome, ConfigurationError):
        assert outcome.place is not None
        assert outcome.remedy
    else:
        assert len(dump(outcome)) == len(outcome.categories)
        assert len(dump_messages(outcome.messages, outcome.directory)) == len(findings(outcome))


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(NAMES, NEAR_CONF)))
def test_every_name_key_and_value_can_be_turned_back_into_bytes(contents: dict[str, bytes]) -> None:
    outcome = read(contents)
    if isinstance(outcome, ConfFile):
        for category in outcome.categories:
            assert len(encode(category.name)) <= 79
            assert all(encode(each.key) for each in category.variables)
            assert all(encode(each.value).strip() == encode(each.value) for each in category.variables)


@settings(deadline=None)
@given(st.fixed_dictionaries({"main.conf": NEAR_PLAIN, "i.inc": NEAR_PLAIN, "j.inc": NEAR_CONF, "sub/k.inc": TEXTS}))
def test_a_plain_section_is_read_as_any_other(contents: dict[str, bytes]) -> None:
    outcome = read(contents)
    with patch("sorcery.conf.drafts.plain_header", return_value=None):
        expected = read(contents)
    assert type(outcome) is type(expected)
    assert told(outcome) == told(expected)
    if isinstance(outcome, ConfFile) and isinstance(expected, ConfFile):
        assert dump(outcome) == dump(expected)
        assert shapes(outcome) == shapes(expected)


@given(st.lists(FREE, max_size=6))
def test_a_blocks_end_gives_back_only_what_stood_outside(lines: list[bytes]) -> None:
    """Whatever a comment hides, what is left of a line is made of the line's own characters, in order."""
    comments = Comments()
    for number, line in enumerate(split_lines(b"\n".join(lines)).texts, 1):
        left = comments.live(line, number)
        rest = iter(encode(line))
        assert left is None or all(byte in rest for byte in encode(left))


@given(st.binary(max_size=300) | st.builds(lambda a, b: a * 8190 + b, st.sampled_from([b"x", b"\0"]), FREE))
def test_lines_lose_nothing_but_nul_tails_and_long_lines(data: bytes) -> None:
    lines = split_lines(data)
    if b"\0" not in data and not lines.too_long:
        assert "\n".join(lines.texts).encode("utf-8", "surrogateescape") == data.removeprefix(b"\xef\xbb\xbf")
    assert len(lines.texts) >= data.count(b"\n") + 1
