"""One type's rows: which are read, and what becomes of bad ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sorcery import InvalidObject, Place, Sorcery
from sorcery.findings import Severity
from sorcery.pjsip import Contact
from sorcery.query import ALL, Query
from sorcery_astdb.file import AstdbFile
from sorcery_astdb.store import HELD, MANY, RANGE, AstdbStore

TABLE = "CREATE TABLE astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))"
VALUE = '{"uri":"sip:a@192.0.2.1"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "astdb.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(TABLE)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[AstdbStore]:
    file = AstdbFile(path)
    yield AstdbStore(file, "registrar", Contact.__sorcery__)
    file.close()


def insert(path: Path, *keys: str, value: object = VALUE) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO astdb VALUES (?, ?)", [(key, value) for key in keys])


def ids(store: AstdbStore, query: Query) -> list[str]:
    return sorted(obj.id for obj in store.search(query))


def test_the_label_is_the_family(store: AstdbStore) -> None:
    assert store.label == "astdb /registrar/contact"


def test_the_place_of_an_object_is_its_row(path: Path, store: AstdbStore) -> None:
    insert(path, "/registrar/contact/a")
    assert store.place("a", "uri") == Place("astdb", row="/registrar/contact/a")
    assert store.place("b") is None


def test_only_rows_of_the_type_are_read(path: Path, store: AstdbStore) -> None:
    insert(path, "/registrar/contact/a", "/registrar/contact/b/c", "/registrar/contacts/x", "/REGISTRAR/contact/y")
    insert(path, "/registrar/contac_/z", "/registrar/contact0", "/registrar/contact", "/other/contact/w")
    assert ids(store, ALL) == ["a", "b/c"]


def test_a_prefix_is_taken_with_case_and_without_wildcards(path: Path, store: AstdbStore) -> None:
    insert(path, *(f"/registrar/contact/{id}" for id in ("a_1", "aX1", "A_1", "a_", "a%1", "a_\U0010ffff")))
    assert ids(store, Query(prefix="a_")) == ["a_", "a_1", "a_\U0010ffff"]
    assert ids(store, Query(prefix="a%")) == ["a%1"]


def test_an_expression_is_searched_for_in_the_id(path: Path, store: AstdbStore) -> None:
    insert(path, *(f"/registrar/contact/{id}" for id in ("alice;@1", "alice;@2", "alicia", "bob", "malice")))
    assert ids(store, Query(regex="^alice;@")) == ["alice;@1", "alice;@2"]
    assert ids(store, Query(regex="^ali(ce|cia)")) == ["alice;@1", "alice;@2", "alicia"]
    assert ids(store, Query(regex="alice$")) == ["malice"]
    assert ids(store, Query(regex="^bo*")) == ["bob"]


def test_ranges_are_answered_by_the_index(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {RANGE}", ("a", "b")).fetchall()
    assert "SEARCH astdb USING INDEX" in plan[0][3]
    assert "key>? AND key<?" in plan[0][3]


def test_a_bad_row_hides_no_other_and_is_told_of(
    path: Path, store: AstdbStore, caplog: pytest.LogCaptureFixture
) -> None:
    insert(path, "/registrar/contact/a", "/registrar/contact/z")
    insert(path, "/registrar/contact/m", value='{"uri":"sip:m","via_port":"many"}')
    insert(path, "/registrar/contact/n", value=None)
    assert ids(store, ALL) == ["a", "z"]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["row skipped"] * 2
    first, second = store.faults()
    assert (first.severity, first.rule) == (Severity.ERROR, "invalid-object")
    assert (first.type_name, first.id, first.option, first.value) == ("contact", "m", "via_port", "many")
    assert str(first.place) == "astdb row /registrar/contact/m"
    assert second.id == "n"
    with pytest.raises(InvalidObject, match="via_port"):
        store.retrieve("m")


def test_a_mended_row_is_no_fault_any_more(path: Path, store: AstdbStore) -> None:
    insert(path, "/registrar/contact/m", value="{")
    assert [finding.id for finding in store.faults()] == ["m"]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE astdb SET value = ?", (VALUE,))
    assert store.faults() == []
    assert ids(store, ALL) == ["m"]


def test_a_row_whose_key_is_no_utf8_hides_no_other(path: Path, store: AstdbStore) -> None:
    insert(path, "/registrar/contact/a")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO astdb VALUES (CAST(? AS TEXT), ?)", (b"/registrar/contact/\xff", VALUE))
    assert ids(store, ALL) == ["a"]
    (finding,) = store.faults()
    assert finding.id == "\udcff"
    assert r"/registrar/contact/\udcff" in str(finding).encode().decode()
    assert store.retrieve("\udcff") is None


def test_rows_of_another_process_are_seen_at_once(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "astdb", "registrar")
        assert sorcery.retrieve_all("contact") == []
        insert(path, "/registrar/contact/a")
        assert sorcery.retrieve_by_id("contact", "a") == Contact(id="a", uri="sip:a@192.0.2.1")


def test_many_ids_are_one_question(path: Path, store: AstdbStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"{number};@\u00fc" for number in range(1200)]
    insert(path, *(f"/registrar/contact/{id}" for id in ids), "/registrar/aor/aor", "/registrar/contact/other")
    asked: list[str] = []
    read = store.file.read

    def noted(statement: str, *parameters: str) -> list[tuple[Any, ...]]:
        asked.append(statement)
        return read(statement, *parameters)

    monkeypatch.setattr(store.file, "read", noted)
    wanted = [*ids, "aor", "absent", "lone \udcff", "0;@\u00fc\0"]
    assert sorted(store.retrieve_many(wanted)) == sorted(ids)
    assert asked == [MANY]
    assert store.retrieve_many(ids[:2]) == {id: Contact(id=id, uri="sip:a@192.0.2.1") for id in ids[:2]}
    assert store.held(wanted) == set(ids)


def test_a_bad_row_among_many_is_left_out_and_logged_but_held(
    path: Path, store: AstdbStore, caplog: pytest.LogCaptureFixture
) -> None:
    insert(path, "/registrar/contact/good")
    insert(path, "/registrar/contact/bad", value="{")
    assert list(store.retrieve_many(["good", "bad", "absent"])) == ["good"]
    assert "bad" in caplog.text
    assert store.held(["good", "bad", "absent"]) == {"good", "bad"}


def test_of_a_file_that_is_not_there_nothing_is_held(tmp_path: Path) -> None:
    store = AstdbStore(AstdbFile(tmp_path / "none.sqlite3"), "registrar", Contact.__sorcery__)
    assert store.retrieve_many(["a"]) == {}
    assert store.held(["a"]) == set()


def test_many_ids_are_answered_by_the_index(path: Path) -> None:
    for statement in (MANY, HELD):
        with closing(sqlite3.connect(path)) as connection:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", ("[]",)).fetchall()
        assert any("SEARCH astdb USING" in row[-1] for row in plan)


def test_what_is_left_of_a_bad_row_is_what_is_good_in_it(path: Path, store: AstdbStore) -> None:
    insert(path, "/registrar/contact/a", value='{"uri":"sip:a@192.0.2.1","endpoint":"a","qualify_frequency":"often"}')
    insert(path, "/registrar/contact/b", value="no JSON")
    assert [finding.id for finding in store.faults()] == ["a", "b"]
    (left,) = store.remains(["a", "b"])
    assert (left.id, left.text("endpoint")) == ("a", "a")
