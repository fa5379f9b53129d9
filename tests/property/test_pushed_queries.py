"""What a database is asked for holds all that memory would find, whatever the texts and patterns are."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import pytest
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

SEEDS = 40
CHARACTERS = "aabbcABé;^3B5E.-]_%/\\ \t\n'İ\u0301"
WORDS = ("yes", "YES", "yEs", "no", "No", "1", "0", "off", "t", " yes ", "ýes", "nonsense", "no;yes", "^79es", "")
MODES = ("inband", "INBAND", "İnfo", "info", "off", "Off", "none", " off", "")

SETS = ("[ab]", "[^a]", "[^;]", "[a-c3^]", "[]^-]", "[^]a-]", "[[:alpha:]]", "[^[:alnum:]]", "[é]", "[;.]", "[ -/]")
SIGNS = (".", "\\.", "\\^", "\\\\", "\\w", "\\W", "\\s", "\\S", "\\<", "\\b", "^", "$", "\\`", "\\'")
ATOMS = (*SETS, *SIGNS, *"aaabbbccc3Bé;;%_/- ", "ab", "a;b")
TIMES = ("*", "+", "?", "{0}", "{2}", "{,2}", "{1,3}", "{2,}", "??", "*+")
OPERATORS = ("", " =", " !=", " <", " >=", " LIKE")
WANTED = ("yes", "no", "true", "false", "info", "off", "low", "high", "5", "7", "nan", "%n%")


class Drawn:
    """Rows and queries out of one seed."""

    def __init__(self, seed: int, codec: Codec) -> None:
        self.random, self.codec = random.Random(seed), codec
        self.rows = list({row["id"]: row for row in (self._row() for _ in range(12))}.values())
        self.queries = [self._query() for _ in range(12)]

    def _text(self, least: int = 0) -> str:
        text = "".join(self.random.choices(CHARACTERS, k=self.random.randint(least, 6)))
        return text if text != " " else "a b"

    def _row(self) -> dict[str, Any]:
        """Return a row as we, Asterisk or a hand in a console may have written it."""
        choice = self.random.choice
        return {
            "id": self.codec.key(self._text(1)),
            "label": choice([None, "", self.codec.encode(self._text()), self.codec.encode(self._text(1))]),
            "note": choice([None, "", self.codec.encode(self._text())]),
            "loud": choice([None, *WORDS]),
            "quiet": choice([None, *WORDS]),
            "mode": choice([None, *MODES]),
            "grade": choice([None, "low", "high"]),
            "level": choice([None, 0, 5, 7]),
        }

    def _query(self) -> Query:
        """Return a search that finds some of the rows, often."""
        sort = self.random.choice(["id", "regex", "compared", "compared", "meant"])
        if sort == "id":
            return Query(regex=self._pattern())
        field, operator = self.random.choice(["label", "note", "id"]), " regex"
        if sort == "regex":
            wanted = self._pattern()
        elif sort == "compared":
            operator = self.random.choice(OPERATORS)
            wanted = self.random.choice([self._text(), "none", *(self._stored(row[field]) for row in self.rows)])
        else:
            field, operator = self.random.choice(FIELDS[2:]), self.random.choice(OPERATORS)
            wanted = self.random.choice(WANTED)
        if operator == " LIKE":
            cut = self.random.randint(0, len(wanted))
            wanted = f"{wanted[:cut]}%{wanted[cut + 1 :]}"
        return Query(criteria=(Criterion.parse(field + operator, wanted, Thing.__sorcery__),))

    def _stored(self, stored: str | None) -> str:
        return self.codec.plain(stored or "")

    def _pattern(self) -> str:
        while True:
            pattern = self.random.choice(["", "^"]) + self._inner(2) + self.random.choice(["", "$"])
            with contextlib.suppress(ValueError):
                compile_extended(pattern)
                return pattern

    def _inner(self, depth: int) -> str:
        """Return a part of an expression: some atoms, groups of some, and what repeats."""
        parts = []
        for _ in range(self.random.randint(1, 4)):
            part = self.random.choice(ATOMS)
            if depth and self.random.random() < 0.3:
                part = f"({'|'.join(self._inner(depth - 1) for _ in range(self.random.randint(1, 3)))})"
            if self.random.random() < 0.25:
                part += self.random.choice(TIMES)
            parts.append(part)
        return "".join(parts)


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
        for seed in range(SEEDS):
            drawn = Drawn(seed, CODECS[driver])
            connection.execute(text("DELETE FROM things"))
            connection.execute(INSERT, drawn.rows)
            connection.commit()
            everything = list(source.search(ALL))
            for query in drawn.queries:
                expected = {obj.id for obj in everything if query.predicate()(obj)}
                assert {obj.id for obj in source.search(query)} == expected, query
