from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Enum, Integer, String
from sqlalchemy.dialects import mysql, postgresql, sqlite

from sorcery import Draft, Object
from sorcery.kinds import Boolean, Names, Text
from sorcery.kinds import Integer as Whole
from sorcery.objects import object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip import Auth, Contact, Transport
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
    [("^alice;", "alice^3B"), ("^al+", "al"), ("^al*", "a"), ("^al{2}", "all"), ("^al?", "a"), ("^a\\.b", "a.b")],
)
def test_what_a_regular_expression_starts_with_is_a_prefix(regex: str, start: str) -> None:
    assert where(Query(regex=regex), "mysql") == [f"id LIKE '{start}%' ESCAPE '/'"]


@pytest.mark.parametrize(
    ("regex", "kind", "condition"),
    [
        ("^10[0-9]{2}$", "sqlite", "(id GLOB '10[0-9][0-9]')"),
        (
            "^10[0-9]{2}$",
            "postgresql",
            "id LIKE '10%' ESCAPE '/' AND (CAST(id AS TEXT) COLLATE \"C\") ~ '^10[0-9]{2}$'",
        ),
        (
            "^1[^a]$",
            "mysql",
            "id LIKE '1%' ESCAPE '/' AND (char_length(id) > 1000 OR "
            "(CAST(id AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin) REGEXP '(?s)^1[^a]{1,12}$')",
        ),
        ("a.*b;.*c", "mysql", "id LIKE '%a%b^3B%c%' ESCAPE '/'"),
        ("^(bob|alice;)$", "mysql", "id IN ('bob', 'alice^3B')"),
        ("^(a|b)", "mysql", "id LIKE 'a%' ESCAPE '/' OR id LIKE 'b%' ESCAPE '/'"),
    ],
)
def test_an_expression_is_asked_for_in_what_the_database_knows(regex: str, kind: str, condition: str) -> None:
    (found,) = where(Query(regex=regex), kind)
    assert found.endswith(condition)


@pytest.mark.parametrize("regex", [".*", "x*", "()", "a|b*", "\\b", "(a)\\1|"])
def test_an_expression_that_finds_nearly_everything_has_no_condition(regex: str) -> None:
    assert where(Query(regex=regex)) == []


def test_what_is_no_expression_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        where(Query(regex="(a"))


def test_a_text_is_asked_for_as_it_is_stored() -> None:
    assert where(by("label", "a;b")) == ["label = 'a^3Bb'"]
    assert where(by("label", "a;b"), driver="sqlite3") == ["label = 'a;b'"]


def test_a_text_that_is_the_default_may_be_unset() -> None:
    assert where(by("label", "none")) == ["label = 'none' OR label IS NULL OR label = ''"]


def test_a_pattern_keeps_its_wildcards_only() -> None:
    assert where(by("label LIKE", "a_b*%c"), "sqlite", "sqlite3")[0].endswith("(label GLOB 'a_b[*]*c')")
    assert where(by("label LIKE", "a_%"), "mysql") == ["label LIKE 'a/_%' ESCAPE '/'"]


def test_blanks_that_may_be_escaped_are_left_open_in_a_pattern() -> None:
    assert where(by("label LIKE", " a%")) == ["label GLOB '[ 0-9A-F^]*a*'"]
    assert where(by("label LIKE", "%;b"), driver="sqlite3") == ["label GLOB '*;b'"]
    assert where(by("label LIKE", "%;b")) == ["label GLOB '*^3Bb'"]


def test_an_expression_for_a_field_finds_the_text_that_stands_for_nothing() -> None:
    assert where(by("label", "/^(a|b|)$/")) == ["label IN ('a', 'b', '') OR label = '^20'"]


def test_texts_to_leave_out_are_compared_to_the_letter() -> None:
    assert where(by("label !=", "a;b"), "postgresql") == [
        "((CAST(label AS TEXT) COLLATE \"C\") NOT IN ('a^3Bb', '')) OR label IS NULL OR label = ''"
    ]
    assert where(by("label !=", "none")) == ["((label COLLATE \"BINARY\") NOT IN ('none', ''))"]
    (found,) = where(by("id !=", "bob"), "mysql")
    assert found.startswith("(CAST(CAST(id AS CHAR CHARACTER SET utf8mb4) AS BINARY) NOT IN (")


def test_a_number_that_is_no_number_is_unlike_itself() -> None:
    assert where(by("label !=", "nan")) == []


def test_whole_numbers_are_compared_in_columns_of_numbers() -> None:
    assert where(by("level >", 17)) == ["level > 17"]
    assert where(by("level <=", "99999999999")) == ["(level <= 99999999999) OR level IS NULL"]
    assert where(by("level", 3)) == ["level = 3"]
    assert where(by("level !=", 3)) == ["(level <> 3) OR level IS NULL"]


def test_words_that_mean_something_else_are_left_out() -> None:
    text = {"loud": Column("loud", String(20))}
    (found,) = where(by("loud", False), columns=text)
    assert "'yes', 'YES', 'Yes', ''" in found
    assert "'no'" not in found
    assert "NULL" not in found
    (found,) = where(by("loud !=", "no"), columns=text)
    assert "'yes'" not in found
    assert found.endswith("OR loud IS NULL OR loud = ''")
    assert where(by("loud", True)) == ["(loud NOT IN (0)) OR loud IS NULL"]


def test_of_an_enumeration_only_its_own_words_are_left_out() -> None:
    columns: dict[str, Column[Any]] = {"loud": Column("loud", Enum("yes", "no", "true", "false", name="words"))}
    (found,) = where(by("loud", False), "postgresql", columns=columns)
    assert found == "((CAST(loud AS TEXT) COLLATE \"C\") NOT IN ('true', 'yes', ''))"
    assert where(by("loud", True), "postgresql", columns=columns)[0].endswith("OR loud IS NULL")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level <=", "3.5"),
        ("level <=", "1234567890123456"),
        ("level !=", "3.5"),
        ("tags", "a,b"),
        ("label", "/a*/"),
        ("label", " "),
        ("label LIKE", "%"),
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


@object_type("ruled", family="ruled")
class Ruled(Object):
    """An object whose rules say what they set."""

    loud: bool = option(Boolean(), default="no")
    level: int = option(Whole(), default="5")
    other: int = option(Whole(), default="5")

    @rule(sets=("level",))
    def mending(draft: Draft) -> None:
        """The level is at least one."""
        draft["level"] = max(draft["level"], 1)


@object_type("unruly", family="unruly")
class Unruly(Ruled):
    """The same with a rule that does not say what it sets."""

    @rule
    def silent(draft: Draft) -> None:
        """Say nothing."""


def test_what_rules_may_set_is_left_to_memory() -> None:
    columns: dict[str, Column[Any]] = {
        "loud": Column("loud", String(5)),
        "level": Column("level", Integer),
        "other": Column("other", Integer),
    }

    def asked(cls: type[Object]) -> list[str]:
        return [
            name
            for name, value in (("loud", True), ("level", 7), ("other", 7))
            for query in [Query(criteria=(Criterion.parse(name, value, cls.__sorcery__),))]
            if list(conditions(query, cls.__sorcery__, columns, CODECS["odbc"], "sqlite"))
        ]

    assert asked(Ruled) == ["loud", "other"]
    assert asked(Unruly) == []


def test_a_number_that_becomes_another_one_is_left_to_memory() -> None:
    assert "async_operations" not in (Transport.__sorcery__.mended or ())
    query = Query(criteria=(Criterion.parse("async_operations", 1, Transport.__sorcery__),))
    columns: dict[str, Column[Any]] = {"async_operations": Column("async_operations", Integer)}
    assert list(conditions(query, Transport.__sorcery__, columns, CODECS["odbc"], "sqlite")) == []


def test_contacts_that_ran_out_and_users_by_name_are_found_by_their_columns() -> None:
    expiry = Query(criteria=(Criterion.parse("expiration_time <=", "1760000000", Contact.__sorcery__),))
    name = Query(criteria=(Criterion.parse("username", "alice", Auth.__sorcery__),))
    columns: dict[str, Column[Any]] = {
        "expiration_time": Column("expiration_time", BigInteger),
        "username": Column("username", String(40)),
    }
    assert len(list(conditions(expiry, Contact.__sorcery__, columns, CODECS["odbc"], "sqlite"))) == 1
    assert len(list(conditions(name, Auth.__sorcery__, columns, CODECS["odbc"], "sqlite"))) == 1
