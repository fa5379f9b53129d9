"""What databases are asked for fits the texts of all shapes, as they are stored."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, column
from sqlalchemy.dialects import mysql, sqlite

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Endpoint
from sorcery.posix import compile_extended
from sorcery_realtime import patterns
from sorcery_realtime.escape import CODECS
from sorcery_realtime.shapes import ASCII, OTHERS, Run, Shape, found_by, literal

ID = column("id", String())
CHARACTERS = [*map(chr, range(1, 128)), "é", "☎"]
PIECES = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "[^;]",
    ";",
    "\\^",
    "[]^-]",
    "\\W",
    " ",
    "é",
    "(ab|;)",
    "(a|^b)",
    "a*",
    "[^b]+",
]

sets = st.sets(st.sampled_from([*ASCII - {"\0"}]), min_size=2).map(frozenset) | st.sampled_from(
    [frozenset("^-"), frozenset("]^"), frozenset("]-"), frozenset("]^-"), frozenset("\\^")]
)


def is_glob(text: str, glob: str) -> bool:
    (found,) = sqlite3.connect(":memory:").execute("SELECT ? GLOB ?", (text, glob)).fetchone()
    return bool(found)


def has_glob(text: str, shape: Shape) -> bool:
    return is_glob(text, patterns._glob(shape))


def has_expression(text: str, shape: Shape) -> bool:
    return re.search(patterns._expression(shape), text, re.DOTALL) is not None


@settings(deadline=None, max_examples=50)
@given(sets, st.booleans())
def test_a_set_is_written_so_that_it_holds_the_same_characters(chars: frozenset[str], has_others: bool) -> None:
    run = Run(chars | {OTHERS} if has_others else chars, 1, 1)
    expected = [char for char in CHARACTERS if char in chars or (has_others and not char.isascii())]
    shape = Shape((run,), begins=True, ends=True)
    assert [char for char in CHARACTERS if has_glob(char, shape)] == expected
    assert [char for char in CHARACTERS if has_expression(char, shape)] == expected


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
    st.sampled_from(["", "^"]),
    st.sampled_from(["", "$"]),
    st.text("abc;^3B é\t", max_size=6),
    st.sampled_from(["odbc", "sqlite3"]),
)
def test_what_an_expression_finds_is_found_as_it_is_stored(
    inner: str, begin: str, end: str, text: str, driver: str
) -> None:
    regex, codec = begin + inner + end, CODECS[driver]
    if compile_extended(regex).search(text) is None:
        return
    forms = [(codec.key(text), patterns.in_ids(found_by(regex), codec))]
    if text not in ("", " "):
        forms.append((codec.encode(text), patterns.in_texts(found_by(regex), codec)))
    for stored, shapes in forms:
        assert any(has_glob(stored, shape) for shape in shapes)
        assert any(has_expression(stored, shape) for shape in shapes)
        assert any(stored.startswith(shape.head) for shape in shapes)
        assert any(shape.text in (None, stored) for shape in shapes)


@pytest.mark.parametrize(("regex", "text"), [("^[]^-]$", "^"), ("^[;.]b$", ";b"), ("^[;x]{2}$", ";;"), ("^.$", ";")])
def test_a_set_holds_what_its_characters_are_escaped_with(regex: str, text: str) -> None:
    (shape,) = patterns.in_ids(found_by(regex), CODECS["odbc"])
    assert has_glob(CODECS["odbc"].key(text), shape)
    assert has_expression(CODECS["odbc"].key(text), shape)


def test_a_text_holds_blanks_that_may_be_escaped() -> None:
    (shape,) = patterns.in_texts(found_by("^[ x]b$"), CODECS["odbc"])
    for stored in (CODECS["odbc"].encode(" b"), "xb"):
        assert has_glob(stored, shape)
        assert has_expression(stored, shape)


def test_a_character_may_be_several_to_a_database_that_keeps_bytes() -> None:
    assert has_expression("aéb".encode().decode("latin-1"), Shape((*literal("a"), Run(ASCII | {OTHERS}, 1, 1))))
    (shape,) = found_by("^a.b$")
    assert patterns._expression(shape) == "^a.{1,4}b$"


def test_what_cannot_be_sent_is_left_open() -> None:
    (shape,) = patterns.in_ids(found_by("^a\udcffb$"), CODECS["odbc"])
    assert shape.head == "a"
    assert has_glob("axb", shape)


def test_mariadb_is_asked_for_no_expression_that_it_could_give_up() -> None:
    def asked(regex: str) -> str:
        condition = patterns.having(found_by(regex), ID, "mysql")
        return str(condition.compile(dialect=mysql.dialect()))  # type: ignore[union-attr]

    assert " REGEXP " in asked("^[ab]*[bc]*d")
    assert " REGEXP " in asked("[bc]+d[ab]*$")
    for regex in ("x[ab]*[bc]+[ac]*d$", "^[ab]*[bc]*[ac]*d", "(a*)*b(c|d)*e+f$"):
        assert " REGEXP " not in asked(regex)


@pytest.mark.parametrize("regex", ["^(a|b)x", "^a"])
def test_prefixes_are_ranges_that_an_index_serves(regex: str) -> None:
    condition = patterns.having(found_by(regex), ID, "sqlite")
    assert "GLOB" not in str(condition.compile(dialect=sqlite.dialect()))  # type: ignore[union-attr]


def test_where_a_condition_is_refused_every_row_is_read(
    pbx: str, opened: Callable[..., Sorcery], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    system = opened(pbx)
    for id in ("alice", "bob"):
        system.create(Endpoint(id, context="sales"))
    monkeypatch.setattr(patterns, "_glob", lambda shape: "*" * 60_000)  # more than SQLite takes
    with caplog.at_level(logging.INFO, "sorcery.realtime"):
        assert [each.id for each in system.retrieve_by_regex(Endpoint, "^a.*e$")] == ["alice"]
    assert "all rows are read instead" in caplog.text
    assert [each.id for each in system.retrieve_by_fields(Endpoint, **{"context regex": "^s.*s$"})] == ["alice", "bob"]
    paged: dict[str, Any] = {"id regex": "^b.*b$"}
    assert [each.id for each in system.iterate(Endpoint, **paged)] == ["bob"]


def test_what_is_refused_without_conditions_too_is_unavailable(pbx: str, opened: Callable[..., Sorcery]) -> None:
    system = opened(pbx)
    with sqlite3.connect(pbx.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TABLE ps_endpoints")
    with pytest.raises(Unavailable, match="ps_endpoints"):
        system.retrieve_by_regex(Endpoint, "^a.*e$")
