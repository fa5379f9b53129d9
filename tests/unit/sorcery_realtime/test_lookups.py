"""Questions that differ in their texts alone have one statement, whatever the texts are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Auth, Endpoint
from sorcery_realtime.source import Source

Run = Callable[[str], list[dict[str, Any]]]
Sql = Callable[[str], Run]
Open = Callable[..., Sorcery]

ODD = (
    "a'b",
    'say "hi"',
    "50%",
    "a_b",
    "a/b",
    "semi;colon",
    "caret^",
    " blank ",
    "ünï☎",
    "back\\slash",
    ":p",
    "?",
    "$1",
)


def shapes(system: Sorcery, type: type[Any]) -> set[object]:
    """The shapes of the questions that were put together."""
    (found,) = system._binding(type).bound[0].store.sources  # type: ignore[attr-defined]
    assert isinstance(found, Source)
    assert found._packed._packing is not None
    return set(found._packed._packing._questions)


def test_one_statement_finds_each_text_and_nothing_else(url: str, opened: Open) -> None:
    system = opened(url)
    for number, text in enumerate(ODD):
        system.create(Auth(f"a{number}", username=text, password="x", realm="one"))
    for number, text in enumerate(ODD):
        assert [each.id for each in system.retrieve_by_fields(Auth, username=text)] == [f"a{number}"]
        assert [each.id for each in system.retrieve_by_fields(Auth, realm="one", username=text)] == [f"a{number}"]
        assert system.retrieve_by_fields(Auth, username=text, realm="two") == []
    assert system.retrieve_by_fields(Auth, username="absent") == []
    assert shapes(system, Auth) == {
        (False, ("username",)),
        (False, ("realm", "username")),
        (False, ("username", "realm")),
    }


def test_one_statement_finds_what_begins_with_each_prefix(url: str, opened: Open) -> None:
    system = opened(url)
    ids = [f"{head};@{number}" for head in ("a", "a_", "a%", "a/", "a^") for number in range(2)]
    for id in ids:
        system.create(Endpoint(id, context="sales"))
    for head in ("a", "A", "a_", "a%", "a/", "a^", "x"):
        expected = [id for id in ids if id.startswith(f"{head};@")]
        assert [each.id for each in system.retrieve_by_prefix(Endpoint, f"{head};@")] == expected
    assert shapes(system, Endpoint) == {(True, ())}


def test_an_id_is_asked_for_to_the_letter(url: str, opened: Open) -> None:
    system = opened(url)
    system.create(Endpoint("alice;1", context="sales"))
    assert [each.id for each in system.retrieve_by_fields(Endpoint, id="alice;1", context="sales")] == ["alice;1"]
    assert system.retrieve_by_fields(Endpoint, id="ALICE;1", context="sales") == []
    assert system.retrieve_by_fields(Endpoint, id="alice;1", context="support") == []


def test_what_rows_answer_that_say_nothing_of_a_field_is_found_all_the_same(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("INSERT INTO ps_endpoints (id) VALUES ('a')")
    system = opened(url)
    assert [each.id for each in system.retrieve_by_fields(Endpoint, context="default")] == ["a"]
    assert system.retrieve_by_fields(Endpoint, context="sales") == []
    assert shapes(system, Endpoint) == {(False, ("context",))}


@pytest.mark.parametrize("hostile", ["a\0b", "\udcff", "x" * 70_000])
def test_a_text_that_no_column_holds_is_not_found(url: str, opened: Open, hostile: str) -> None:
    system = opened(url)
    system.create(Endpoint("a", context="sales"))
    assert system.retrieve_by_fields(Endpoint, context="sales") != []
    assert system.retrieve_by_fields(Endpoint, context=hostile) == []
    assert system.retrieve_by_prefix(Endpoint, hostile) == []


def test_a_statement_serves_a_table_that_changed(url: str, opened: Open, sql: Sql) -> None:
    run, system = sql(url), opened(url)
    system.create(Endpoint("a", context="sales", accountcode="7"))
    assert [each.id for each in system.retrieve_by_fields(Endpoint, accountcode="7")] == ["a"]
    run("ALTER TABLE ps_endpoints DROP COLUMN accountcode")
    assert system.retrieve_by_fields(Endpoint, accountcode="7") == []
    run("ALTER TABLE ps_endpoints ADD COLUMN accountcode VARCHAR(20)")
    run("UPDATE ps_endpoints SET accountcode = '7'")
    assert [each.id for each in system.retrieve_by_fields(Endpoint, accountcode="7")] == ["a"]
