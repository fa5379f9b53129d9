from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.chain import Chain, pages
from sorcery.pjsip import Aor, Contact
from sorcery.query import ALL
from sorcery_realtime import source
from sorcery_realtime.store import RealtimeStore

Sql = Callable[[str], Callable[[str], list[dict[str, Any]]]]
Open = Callable[..., Sorcery]
IDS = ("10", "9", "A-b", "Z", "a", "a_b", "ab", "b", "B2", "x;y", "ö")


def insert(run: Callable[[str], object], *ids: str) -> None:
    for id in ids:
        run(f"INSERT INTO ps_aors (id, max_contacts) VALUES ('{id}', 3)")


@pytest.mark.parametrize("size", [1, 2, 5, 500])
def test_pages_hold_each_object_once_whatever_the_order_of_the_database(
    url: str, opened: Open, sql: Sql, size: int
) -> None:
    insert(sql(url), *(id if url.startswith("sqlite") else id.replace(";", "^3B") for id in IDS))
    found = [aor.id for aor in opened(url).iterate(Aor, size=size)]
    assert len(found) == len(IDS)
    assert set(found) == set(IDS)


def test_ids_that_a_collation_does_not_tell_apart_are_in_one_page(mariadb_url: str, opened: Open, sql: Sql) -> None:
    run = sql(mariadb_url)
    run("CREATE TABLE ps_aors (id VARCHAR(80), max_contacts INT)")
    insert(run, "alice", "bob", "ALICE", "Alice", "Bob", "carol")
    found = [aor.id for aor in opened(mariadb_url).iterate(Aor, size=2)]
    assert sorted(found) == ["ALICE", "Alice", "Bob", "alice", "bob", "carol"]


def test_rows_that_come_and_go_between_pages_change_nothing_for_the_others(url: str, opened: Open, sql: Sql) -> None:
    run = sql(url)
    insert(run, *(f"u{number}" for number in range(10, 30)))
    objects = opened(url).iterate(Aor, size=5)
    found = [next(objects).id for _ in range(5)]
    run("DELETE FROM ps_aors WHERE id IN ('u12', 'u14', 'u20')")
    insert(run, "u100", "u111", "u255")
    found += [aor.id for aor in objects]
    kept = {f"u{number}" for number in range(10, 30)} - {"u20"}
    assert [id for id in found if id in kept] == sorted(kept)
    assert len(found) == len(set(found))


def test_rows_without_an_id_or_with_one_of_several_end_no_iteration(pbx: str, opened: Open, sql: Sql) -> None:
    run = sql(pbx)
    run("DROP TABLE ps_aors")
    run("CREATE TABLE ps_aors (id VARCHAR(80), max_contacts INTEGER)")
    run("INSERT INTO ps_aors (id) VALUES (NULL), (NULL), (NULL), ('a'), ('a'), ('a'), ('b')")
    run("INSERT INTO ps_aors (id) VALUES (CAST(x'61ff' AS TEXT)), (CAST(x'61fe' AS TEXT)), ('z')")
    assert [aor.id for aor in opened(pbx).iterate(Aor, size=2)] == ["a", "b", "z"]


def test_no_page_is_empty_for_what_rows_hold_no_object_or_none_that_matches(pbx: str, opened: Open, sql: Sql) -> None:
    system, run = opened(pbx), sql(pbx)
    store = system._binding(Aor).bound[0].store
    assert list(pages(store, ALL, 2)) == []
    insert(run, "a", "b", "c", "d", "e")
    run("UPDATE ps_aors SET max_contacts = -7 WHERE id IN ('c', 'd')")
    assert [[aor.id for aor in page] for page in pages(store, ALL, 2)] == [["a", "b"], ["e"]]
    assert [[aor.id for aor in page] for page in pages(Chain([store, store]), ALL, 2)] == [["a", "b"], ["e"]]


def test_fields_choose_what_is_iterated_over(url: str, opened: Open, sql: Sql) -> None:
    run = sql(url)
    insert(run, "a", "b", "c")
    run("UPDATE ps_aors SET max_contacts = 7 WHERE id = 'b'")
    assert [aor.id for aor in opened(url).iterate(Aor, size=1, max_contacts="7")] == ["b"]


def test_a_page_asks_for_no_more_rows_than_it_holds(pbx: str, opened: Open, sql: Sql) -> None:
    insert(sql(pbx), *(f"u{number}" for number in range(10, 40)))
    system = opened(pbx)
    (source,) = system._binding(Aor).bound[0].store.sources  # type: ignore[attr-defined]
    read: list[int] = []
    good = source._good

    def counted(columns: Any, rows: Any, matches: Any) -> Any:
        read.append(len(rows))
        return good(columns, rows, matches)

    source._good = counted
    assert next(system.iterate(Aor, size=4)).id == "u10"
    assert read == [5]  # the last one is looked for once more, with those that are equal to it


def test_ids_that_the_last_database_lacks_are_not_asked_for_twice(pbx: str, opened: Open, sql: Sql) -> None:
    insert(sql(pbx), "a")
    system = opened(pbx)
    (source,) = system._binding(Aor).bound[0].store.sources  # type: ignore[attr-defined]
    source.held = lambda ids: pytest.fail("asked again")
    assert list(system.retrieve_many(Aor, ["a", "b"])) == ["a"]


def test_many_ids_are_answered_by_id_and_what_is_absent_is_left_out(url: str, opened: Open) -> None:
    system = opened(url)
    for id in ("a", "b;c", "d"):
        system.create(Contact(id, uri="sip:a@192.0.2.1", expiration_time=1))
    found = system.retrieve_many(Contact, ["d", "nobody", "b;c", "d", "D", "\ud800", "a\0"])
    assert list(found) == ["d", "b;c"]
    assert found["d"] == system.retrieve_by_id(Contact, "d")


def test_faults_are_found_page_by_page_and_are_those_of_one_reading(
    url: str, opened: Open, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sql(url)
    insert(run, *(f"u{number}" for number in range(10, 30)))
    run("UPDATE ps_aors SET max_contacts = -1 WHERE id IN ('u10', 'u13', 'u14', 'u29')")
    store = opened(url)._binding(Aor).bound[0].store
    assert isinstance(store, RealtimeStore)
    whole = [finding.id for finding in store.survey()[1]]
    monkeypatch.setattr(source, "CHUNK", 3)
    monkeypatch.setattr(source.Source, "survey", lambda self: pytest.fail("reads everything at once"))
    assert sorted(finding.id for finding in store.faults()) == sorted(whole) == ["u10", "u13", "u14", "u29"]
    assert [finding.id for finding in opened(url).unreadable([Aor])] == ["u10", "u13", "u14", "u29"]


def test_faults_of_rows_that_no_page_holds_are_found_too(
    pbx: str, opened: Open, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sql(pbx)
    run("DROP TABLE ps_aors")
    run("CREATE TABLE ps_aors (id, max_contacts INTEGER)")
    run("INSERT INTO ps_aors VALUES (NULL, 1), (NULL, 2), (7, -1), ('a', 1), ('b', -2), ('b', -2), ('', 1), (x'ff', 1)")
    store = opened(pbx)._binding(Aor).bound[0].store
    assert isinstance(store, RealtimeStore)
    monkeypatch.setattr(source, "CHUNK", 1)
    assert set(store.faults()) == set(store.survey()[1])
    assert {"7", "b", ""} < {finding.id for finding in store.faults()}
