from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_realtime.escape import CODECS, Codec

ODBC, SQLITE = CODECS["odbc"], CODECS["sqlite3"]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20).filter(lambda text: text != " ")
CODEC = st.sampled_from([ODBC, SQLITE])


@pytest.mark.parametrize("driver", ["odbc", "pgsql", "mysql"])
def test_these_drivers_escape_the_separator_and_the_escape(driver: str) -> None:
    assert CODECS[driver].key("6001;@a^b") == "6001^3B@a^5Eb"


def test_sqlite3_escapes_nothing() -> None:
    assert SQLITE.key("6001;@a^b") == "6001;@a^b"
    assert SQLITE.split("a;b^3B ") == ["a;b^3B "]


def test_a_column_is_split_and_each_value_trimmed_before_it_is_decoded() -> None:
    assert ODBC.split(" 10.0.0.1 ;\t10.0.0.2^3Bx; ;^20y") == ["10.0.0.1", "10.0.0.2;x", " y"]


def test_only_upper_case_hexadecimal_digits_are_an_escape() -> None:
    assert ODBC.split("a^3bc^3B^") == ["a^3bc;^"]


def test_escapes_are_bytes_of_utf_8() -> None:
    assert ODBC.plain("Zo^C3^AB") == "Zoë"


@pytest.mark.parametrize("codec", [ODBC, SQLITE])
def test_an_empty_column_is_no_value_and_one_blank_is_an_empty_one(codec: Codec) -> None:
    assert codec.split("") == []
    assert codec.split(" ") == [""]


def test_nothing_is_stored_as_a_blank_that_survives_trimming() -> None:
    assert ODBC.encode("") == "^20"
    assert SQLITE.encode("") == " "


def test_a_value_that_would_be_read_as_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="single blank"):
        ODBC.encode(" ")


def test_sqlite3_has_no_form_for_several_values() -> None:
    with pytest.raises(ValueError, match="one value"):
        SQLITE.join(["a", "b"])


@given(CODEC, TEXTS)
def test_a_value_survives_its_column(codec: Codec, text: str) -> None:
    assert codec.split(codec.encode(text)) == [text]


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_several_values_survive_their_column(texts: list[str]) -> None:
    assert ODBC.split(ODBC.join(texts)) == texts


@given(CODEC, st.text(st.characters(codec="utf-8"), max_size=20))
def test_an_id_survives_its_column(codec: Codec, text: str) -> None:
    assert codec.plain(codec.key(text)) == text


@given(CODEC, st.text(st.characters(codec="utf-8"), min_size=1, max_size=10))
def test_what_is_called_simple_stands_for_itself(codec: Codec, stored: str) -> None:
    assert not codec.is_simple(stored) or codec.split(stored) == [stored]
