from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Enum, Integer, String
from sqlalchemy.dialects import mysql, postgresql, sqlite

from sorcery import Object
from sorcery.kinds import Boolean, Names, Text
from sorcery.kinds import Integer as Whole
from sorcery.objects import object_type
from sorcery.options import Value, option
from sorcery.pjsip import Auth, Contact, Endpoint
from sorcery.query import ALL, Criterion, Query
from sorcery_realtime.escape import CODECS
from sorcery_realtime.queries import conditions

DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]
    "mysql": mysql.dialect(),
}


@object_type("thing", family="things")
class Thing(Object):
    """An object whose columns may decide some questions."""

    label: str = option(Text(), default="none")
    tags: Value[tuple[str, ...]] = option(Names(), default="")
    level: int = option(Whole(), default="5")
    loud: bool = option(Boolean(), default="yes")


COLUMNS = {
    "label": Column("label", String(40)),
    "tags": Column("tags", String(40)),
    "level": Column("level", BigInteger),
    "loud": Column("loud", Integer),
}


def where(query: Query, kind: str = "sqlite", driver: str = "odbc", columns: Any = COLUMNS) -> list[str]:
    return [
        str(each.compile(dialect=DIALECTS[kind], compile_kwargs={"literal_binds": True})).replace("%%", "%")
        for each in conditions(query, Thing.__sorcery__, columns, CODECS[driver], kind)
    ]


def by(name: str, value: object) -> Query:
    return Query(criteria=(Criterion.parse(name, value, Thing.__sorcery__),))


def test_everything_has_no_condition() -> None:
    assert where(ALL) == []


def test_a_prefix_is_a_range_on_sqlite_that_its_index_serves() -> None:
    (found,) = where(Query(prefix="a_b;@"), driver="sqlite3")
    assert found.startswith("(id COLLATE \"BINARY\") >= 'a_b;@' AND")


def test_a_prefix_is_a_literal_pattern_elsewhere() -> None:
    assert where(Query(prefix="a_b%/;@"), "postgresql") == ["id LIKE 'a/_b/%//^3B@%' ESCAPE '/'"]


@pytest.mark.parametrize(
    ("regex", "start"),
    [("^alice;", "alice^3B"), ("^al+", "al"), ("^al*", "a"), ("^al{2}", "a"), ("^al?ice", "a"), ("^a\\.b", "a.b")],
)
def test_what_a_regular_expression_starts_with_is_a_prefix(regex: str, start: str) -> None:
    assert where(Query(regex=regex), "mysql") == [f"id LIKE '{start}%' ESCAPE '/'"]


@pytest.mark.parametrize("regex", ["alice", "^(a|b)", "^a|b", ".*", "^.x"])
def test_other_expressions_have_no_condition(regex: str) -> None:
    assert where(Query(regex=regex)) == []


def test_a_text_is_asked_for_as_it_is_stored() -> None:
    assert where(by("label", "a;b")) == ["label = 'a^3Bb'"]
    assert where(by("label", "a;b"), driver="sqlite3") == ["label = 'a;b'"]


def test_a_text_that_is_the_default_may_be_unset() -> None:
    assert where(by("label", "none")) == ["label = 'none' OR label IS NULL OR label = ''"]


def test_a_pattern_keeps_its_wildcards_only() -> None:
    assert where(by("label LIKE", "a_%")) == ["label LIKE 'a/_%' ESCAPE '/'"]


def test_whole_numbers_are_compared_in_columns_of_numbers() -> None:
    assert where(by("level >", 17)) == ["level > 17"]
    assert where(by("level <=", "99999999999")) == ["(level <= 99999999999) OR level IS NULL"]
    assert where(by("level", 3)) == ["level = 3"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level <=", "3.5"),
        ("level <=", "1234567890123456"),
        ("level !=", 3),
        ("loud", True),
        ("tags", "a,b"),
        ("label", "/a/"),
        ("label", " "),
        ("label LIKE", " a%"),
        ("label LIKE", "% a"),
        ("@x", "y"),
    ],
)
def test_what_a_column_cannot_decide_is_left_to_memory(name: str, value: object) -> None:
    assert where(by(name, value)) == []


def test_columns_that_are_missing_or_enumerations_decide_nothing() -> None:
    assert where(by("label", "x"), columns={}) == []
    assert where(by("label", "x"), columns={"label": Column("label", Enum("a", "b"))}) == []
    assert where(by("level", 7), columns={"level": Column("level", String(40))}) == []


def test_texts_that_no_database_holds_are_not_sent() -> None:
    assert where(by("label", "a\0")) == []
    assert where(Query(prefix="a\udcff"), "postgresql") == ["false"]


def test_an_id_is_asked_for_in_its_escaped_form() -> None:
    assert where(by("id", "a;@b")) == ["id = 'a^3B@b'"]


def test_numbers_of_types_with_rules_are_left_to_memory() -> None:
    assert Endpoint.__sorcery__.rules
    query = Query(criteria=(Criterion.parse("dtls_rekey", 5, Endpoint.__sorcery__),))
    columns: dict[str, Column[Any]] = {"dtls_rekey": Column("dtls_rekey", Integer)}
    assert list(conditions(query, Endpoint.__sorcery__, columns, CODECS["odbc"], "sqlite")) == []


def test_contacts_that_ran_out_and_users_by_name_are_found_by_their_columns() -> None:
    expiry = Query(criteria=(Criterion.parse("expiration_time <=", "1760000000", Contact.__sorcery__),))
    name = Query(criteria=(Criterion.parse("username", "alice", Auth.__sorcery__),))
    columns: dict[str, Column[Any]] = {
        "expiration_time": Column("expiration_time", BigInteger),
        "username": Column("username", String(40)),
    }
    assert len(list(conditions(expiry, Contact.__sorcery__, columns, CODECS["odbc"], "sqlite"))) == 1
    assert len(list(conditions(name, Auth.__sorcery__, columns, CODECS["odbc"], "sqlite"))) == 1
