"""What a database is asked for holds all that memory would find, whatever the texts and patterns are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, NullPool, create_engine, text

from sorcery import Object
from sorcery.kinds import Boolean, Choice, Integer, Text
from sorcery.objects import object_type
from sorcery.options import option
from sorcery.posix import compile_extended
from sorcery.query import ALL, Criterion, Query
from sorcery_database import address
from sorcery_realtime.databases import Database
from sorcery_realtime.escape import CODECS, Codec
from sorcery_realtime.source import Source
from sorcery_realtime.tables import TableName


@object_type("thing", family="things")
class Thing(Object):
    """An object with an option of each sort that a database can be asked for."""

    label: str = option(Text(), default="none")
    note: str = option(Text(), default="")
    loud: bool = option(Boolean(), default="yes")
    quiet: bool = option(Boolean(), default="no")
    mode: str = option(Choice("inband", "info", "off", aliases={"none": "off"}), default="info")
    grade: str = option(Choice("low", "high"), default="low")
    level: int = option(Integer(), default="5")


FIELDS = ("label", "note", "loud", "quiet", "mode", "grade", "level")
KINDS = {
    "sqlite": "varchar(10)",
    "postgresql": "thing_grade",
    "mariadb": "enum('low', 'high')",
}
TABLE = (
    "CREATE TABLE things (id varchar(255), label varchar(255), note varchar(255), loud varchar(20), quiet varchar(20), "
    "mode varchar(20), level integer, grade {})"
)
INSERT = text(f"INSERT INTO things (id, {', '.join(FIELDS)}) VALUES (:id, {', '.join(f':{each}' for each in FIELDS)})")

CHARACTERS = "aabbcABé;^3B5E.-]_%/\\ \t\n'İ\u0301"
WORDS = ("yes", "YES", "yEs", "no", "No", "1", "0", "off", "t", " yes ", "ýes", "nonsense", "no;yes", "^79es", "")
MODES = ("inband", "INBAND", "İnfo", "info", "off", "Off", "none", " off", "")

texts = st.text(CHARACTERS, max_size=6)
ids = st.text(CHARACTERS, min_size=1, max_size=6)


def atoms() -> st.SearchStrategy[str]:
    sets = "[ab]", "[^a]", "[^;]", "[a-c3^]", "[]^-]", "[^]a-]", "[[:alpha:]]", "[^[:alnum:]]", "[é]", "[;.]", "[ -/]"
    signs = ".", "\\.", "\\^", "\\\\", "\\w", "\\W", "\\s", "\\S", "\\<", "\\b", "^", "$", "\\`", "\\'"
    return st.sampled_from([*sets, *signs, *"aabbc3Bé;%_/- ", "ab", "a;b"])


def composed(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    times = st.sampled_from(["*", "+", "?", "{2}", "{,2}", "{1,3}", "{2,}", "??", "*+"])
    return st.one_of(
        st.lists(parts, max_size=4).map("".join),
        st.lists(parts, min_size=1, max_size=3).map(lambda branches: f"({'|'.join(branches)})"),
        st.tuples(parts, times).map(lambda pair: f"({pair[0]}){pair[1]}"),
        st.tuples(st.sampled_from([*"ab.;é", "[^;]", "[ab]", "\\^"]), times).map("".join),
    )


def compiles(regex: str) -> bool:
    try:
        compile_extended(regex)
    except ValueError:
        return False
    return True


inner = st.recursive(atoms(), composed, max_leaves=6)
patterns = st.tuples(st.sampled_from(["", "^"]), inner, st.sampled_from(["", "$"])).map("".join).filter(compiles)


@st.composite
def rows(draw: st.DrawFn, codec: Codec) -> dict[str, Any]:
    """Return a row as we, Asterisk or a hand in a console may have written it."""
    written = texts.filter(lambda text: text != " ").map(codec.encode)
    told = st.one_of(st.none(), st.just(""), written)
    return {
        "id": codec.key(draw(ids)),
        "label": draw(told),
        "note": draw(told),
        "loud": draw(st.sampled_from([None, *WORDS])),
        "quiet": draw(st.sampled_from([None, *WORDS])),
        "mode": draw(st.sampled_from([None, *MODES])),
        "grade": draw(st.sampled_from([None, "low", "high"])),
        "level": draw(st.sampled_from([None, 0, 5, 7])),
    }


@st.composite
def queries(draw: st.DrawFn) -> Query:
    operators = st.sampled_from(["", " =", " !=", " <", " >=", " LIKE"])
    compared = st.tuples(st.sampled_from(["label", "note", "id"]), operators, texts | st.just("none"))
    matched = st.tuples(st.sampled_from(["label", "note", "id"]), st.just(" regex"), patterns)
    few = st.sampled_from(["loud", "quiet", "mode", "grade", "level"])
    words = st.sampled_from(["yes", "no", "true", "false", "info", "off", "low", "high", "5", "7", "nan", "%n%"])
    meant = st.tuples(few, operators, words)
    searched = patterns.map(lambda regex: Query(regex=regex))
    drawn = st.one_of(compared, matched, meant).map(
        lambda told: Query(criteria=(Criterion.parse(told[0] + told[1], told[2], Thing.__sorcery__),))
    )
    return draw(searched | drawn)


@contextlib.contextmanager
def things(url: str, driver: str) -> Iterator[tuple[Engine, Source]]:
    engine = create_engine(address(url), poolclass=NullPool)
    kind = "mariadb" if address(url).get_backend_name() == "mysql" else address(url).get_backend_name()
    with engine.begin() as connection:
        if kind == "postgresql":
            connection.execute(text("CREATE TYPE thing_grade AS ENUM ('low', 'high')"))
        connection.execute(text(TABLE.format(KINDS[kind])))
    database = Database(url)
    try:
        yield engine, Source(Thing.__sorcery__, database, TableName("things"), CODECS[driver])
    finally:
        database.close()
        engine.dispose()


@pytest.mark.parametrize(
    ("kind", "driver"), [("sqlite", "sqlite3"), ("sqlite", "odbc"), ("postgresql", "odbc"), ("mariadb", "odbc")]
)
def test_a_database_answers_as_memory_does(
    kind: str, driver: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("things")
    url = f"sqlite:///{folder}/pbx.db" if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    if kind == "sqlite":
        (folder / "pbx.db").touch()
    with things(url, driver) as (engine, source), engine.connect() as connection:

        @settings(max_examples=60, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
        @given(
            st.lists(rows(CODECS[driver]), min_size=1, max_size=12, unique_by=lambda row: row["id"]),
            st.lists(queries(), min_size=5, max_size=10),
        )
        def answers_alike(drawn: list[dict[str, Any]], asked: list[Query]) -> None:
            connection.execute(text("DELETE FROM things"))
            connection.execute(INSERT, drawn)
            connection.commit()
            everything = list(source.search(ALL))
            for query in asked:
                expected = {obj.id for obj in everything if query.predicate()(obj)}
                assert {obj.id for obj in source.search(query)} == expected, query

        answers_alike()
