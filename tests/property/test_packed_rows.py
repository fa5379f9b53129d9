"""A row is the same object, or as bad, whether it is read packed and quickly or column by column with its findings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery import InvalidObject, Object, Sorcery
from sorcery.findings import Finding
from sorcery.pjsip import Aor, Auth, Endpoint, Identify, Transport
from sorcery_migrations import upgrade
from sorcery_realtime.source import Source

TYPES = (Aor, Auth, Endpoint, Identify, Transport)
WORDS = (
    *(
        "yes",
        "no",
        "maybe",
        "0",
        "1",
        "7",
        "-5",
        "90",
        "1800",
        "none",
        "all",
        "userpass",
        "md5",
        "digest",
        "udp",
        "tls",
    ),
    *("!all,ulaw", "ulaw;alaw", "a;b", "a,b", ";", " ", "^3B", "^20", "^zz", " x ", '"Al" <7>', "Al <7-7>", "always"),
    *("0.0.0.0:5060", "10.0.0.0/8", "local_first", "MD5:900150983cd24fb0d6963f7d28e17f72", "rfc4733", "sdes", "dtls"),
)
Values = st.one_of(
    st.none(),
    st.sampled_from(WORDS),
    st.text(max_size=6),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=4),
)


class Tables:
    """Asterisk's tables, and a system that reads them."""

    def __init__(self, path: Path) -> None:
        upgrade(f"sqlite:///{path}")
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.system = Sorcery.open(f"sqlite:///{path}")

    def source(self, type: type[Object]) -> Source:
        (found,) = self.system._binding(type).bound[0].store.sources  # type: ignore[attr-defined]
        assert isinstance(found, Source)
        return found

    def put(self, type: type[Object], row: dict[str, Any]) -> None:
        table = str(self.source(type).name)
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        self.connection.execute(f"DELETE FROM {table}")
        self.connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def slowly(self, type: type[Object]) -> Object | None:
        """Return what the row is that there is, as it is read where all that is wrong with it is looked for."""
        source = self.source(type)
        cursor = source.database.fetch(str(source.name), f"SELECT * FROM {source.name}", ())
        findings: list[Finding] = []
        build = source._reader.builder(cursor[0], findings)
        return next((build(row) for row in cursor[1]), None)

    def close(self) -> None:
        self.system.close()
        self.connection.close()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    made = Tables(tmp_path_factory.mktemp("rows") / "pbx.db")
    yield made
    made.close()


def outcome(ask: Callable[[], Object | None]) -> object:
    try:
        return ask()
    except InvalidObject as error:
        return str(error), str(error.place), error.option


@settings(max_examples=60)
@given(data=st.data())
def test_a_packed_row_is_the_object_that_it_is_column_by_column(tables: Tables, data: st.DataObject) -> None:
    declared: type[Object] = data.draw(st.sampled_from(TYPES), "type")
    fields = [each.name for each in declared.__sorcery__.fields() if not each.is_family]
    columns = tables.connection.execute(f"SELECT * FROM {tables.source(declared).name}").description
    names = sorted({each[0] for each in columns}.intersection(fields))
    row = data.draw(st.dictionaries(st.sampled_from(names), Values, max_size=8), "row")
    if declared is Auth and data.draw(st.booleans(), "is whole"):
        row |= {"username": "u", "password": "p"}
    for _ in range(2):  # the second time the meanings of its texts are remembered
        tables.put(declared, {"id": "a", **row})
        expected = outcome(lambda: tables.slowly(declared))
        assert outcome(lambda: tables.system.retrieve_by_id(declared, "a")) == expected
        is_good = isinstance(expected, Object)
        assert tables.system.retrieve_many(declared, ["a"]) == ({"a": expected} if is_good else {})
        if is_good and declared is Auth and row.get("username") == "u":
            assert tables.system.retrieve_by_fields(Auth, username="u") == [expected]
