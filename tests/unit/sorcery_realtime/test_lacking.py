"""Columns that a table lacks are told of once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint

Run = Callable[[str], list[dict[str, Any]]]
Sql = Callable[[str], Run]
Open = Callable[..., Sorcery]


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what lists the warnings so far."""
    caplog.set_level(logging.WARNING, "sorcery.realtime")
    return lambda: [each.getMessage() for each in caplog.records]


ASKS: tuple[Callable[[Sorcery], object], ...] = (
    lambda s: s.retrieve_by_id(Aor, "a"),
    lambda s: s.retrieve_many(Aor, ["a", "b"]),
    lambda s: s.retrieve_all(Aor),
    lambda s: s.retrieve_by_fields(Aor, max_contacts="1"),
    lambda s: list(s.iterate(Aor)),
)


@pytest.mark.parametrize("ask", ASKS, ids=("id", "many", "all", "fields", "pages"))
def test_whatever_is_asked_first_names_the_missing_columns_once(
    pbx: str, opened: Open, sql: Sql, warnings: Callable[[], list[str]], ask: Callable[[Sorcery], object]
) -> None:
    run = sql(pbx)
    for name in ("mailboxes", "qualify_2xx_only"):
        run(f"ALTER TABLE ps_aors DROP COLUMN {name}")
    run("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', 1)")
    run("INSERT INTO ps_aors (id, max_contacts) VALUES ('b', 1)")
    system = opened(pbx)
    for each in (ask, ask, *ASKS):
        each(system)
    (message,) = warnings()
    assert message.startswith("table ps_aors in ")
    assert "lacks the columns mailboxes, qualify_2xx_only" in message
    assert "run: sorcery db adopt --db " in message
    assert system.retrieve_by_id(Aor, "a") == Aor("a", max_contacts=1)


def test_a_column_that_goes_later_is_told_of_then(
    url: str, opened: Open, sql: Sql, warnings: Callable[[], list[str]]
) -> None:
    run, system = sql(url), opened(url)
    run("ALTER TABLE ps_aors DROP COLUMN mailboxes")
    assert system.retrieve_by_id(Aor, "a") is None
    run("ALTER TABLE ps_aors DROP COLUMN qualify_2xx_only")
    for _ in range(2):
        assert system.retrieve_all(Aor) == []
    assert ["mailboxes" in each for each in warnings()] == [True, False]
    assert "lacks the column qualify_2xx_only:" in warnings()[1]


def test_of_a_whole_schema_nothing_is_told(url: str, opened: Open, warnings: Callable[[], list[str]]) -> None:
    system = opened(url)
    for name in system.types:
        if system.mappings(name)[0].wizard == "realtime":
            system.retrieve_by_id(name, "a")
    assert warnings() == []


def test_a_release_misses_only_what_it_knows(pbx: str, sql: Sql, warnings: Callable[[], list[str]]) -> None:
    run = sql(pbx)
    run("ALTER TABLE ps_auths DROP COLUMN password_digest")
    run("ALTER TABLE ps_auths DROP COLUMN realm")
    with Sorcery.open(pbx, target="asterisk:22.0") as system:
        system.retrieve_by_id(Auth, "a")
    (message,) = warnings()
    assert "lacks the column realm:" in message


def test_what_a_view_leaves_out_it_leaves_out_on_purpose(
    url: str, opened: Open, sql: Sql, warnings: Callable[[], list[str]]
) -> None:
    run = sql(url)
    run("ALTER TABLE ps_endpoints RENAME TO phones")
    run("CREATE VIEW ps_endpoints AS SELECT id, context FROM phones")
    run("INSERT INTO phones (id, context) VALUES ('a', 'sales')")
    system = opened(url)
    assert system.retrieve_by_id(Endpoint, "a") == Endpoint("a", context="sales")
    assert system.retrieve_all(Endpoint) == [Endpoint("a", context="sales")]
    assert warnings() == []
