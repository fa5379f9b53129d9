from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import pytest

from sorcery import InvalidObject, Sorcery, Unavailable
from sorcery.pjsip import Aor, Auth, Endpoint, Transport
from sorcery_realtime.packing import ArrayPacking, PostgresqlPacking
from sorcery_realtime.source import Source

Run = Callable[[str], list[dict[str, Any]]]
Sql = Callable[[str], Run]
Open = Callable[..., Sorcery]


def source(system: Sorcery, type: type[Any]) -> Source:
    (found,) = system._binding(type).bound[0].store.sources  # type: ignore[attr-defined]
    assert isinstance(found, Source)
    return found


def test_every_engine_packs_rows(url: str, opened: Open) -> None:
    system = opened(url)
    system.retrieve_by_id(Endpoint, "a")
    kinds = {"sqlite": ArrayPacking, "postgresql": PostgresqlPacking, "mysql+pymysql": ArrayPacking}
    expected = kinds[url.partition(":")[0]]
    assert isinstance(source(system, Endpoint)._packed._packing, expected)


@pytest.mark.parametrize(
    "text", ['say "hi"', "back\\slash", "new\nline", "tab\there", "ünïcødé ☎", "0", "false", "null", "{}", "1e5"]
)
def test_a_text_comes_out_of_a_packed_row_as_it_went_in(url: str, opened: Open, text: str) -> None:
    system = opened(url)
    system.create(Endpoint("a", accountcode=text))
    found = system.retrieve_by_id(Endpoint, "a")
    assert found is not None
    assert found.accountcode == text
    assert system.retrieve_all(Endpoint) == [found]


def test_numbers_and_switches_are_no_less_set_for_being_zero(url: str, opened: Open, sql: Sql) -> None:
    run = sql(url)
    run("INSERT INTO ps_aors (id, qualify_timeout, max_contacts) VALUES ('a', 0, 0)")
    run("INSERT INTO ps_aors (id, qualify_timeout) VALUES ('b', 2.5)")
    system = opened(url)
    assert [system.retrieve_by_id(Aor, id) for id in "ab"] == system.retrieve_all(Aor)
    assert system.retrieve_by_id(Aor, "b") == Aor("b", qualify_timeout=2.5)
    zero = system.retrieve_by_id(Aor, "a")
    assert zero is not None
    assert zero.qualify_timeout == 0


def test_a_real_boolean_is_read_from_a_packed_row(url: str, opened: Open) -> None:
    system = opened(url)
    system.create(Transport("a", bind="0.0.0.0", tcp_keepalive_enable=True))
    assert system.retrieve_by_id(Transport, "a") == Transport("a", bind="0.0.0.0", tcp_keepalive_enable=True)


def test_a_row_that_did_not_change_is_the_same_object_and_a_changed_one_is_another(
    url: str, opened: Open, sql: Sql
) -> None:
    run, system = sql(url), opened(url)
    system.create(Auth("a", username="a", password="one"))
    first = system.retrieve_by_id(Auth, "a")
    run("UPDATE ps_auths SET password = 'two' WHERE id = 'a'")
    assert system.retrieve_by_id(Auth, "a") == Auth("a", username="a", password="two")
    run("UPDATE ps_auths SET password = 'one' WHERE id = 'a'")
    assert system.retrieve_by_id(Auth, "a") == first
    run("DELETE FROM ps_auths WHERE id = 'a'")
    assert system.retrieve_by_id(Auth, "a") is None


def test_a_row_is_remembered_on_engines_that_pack(pbx: str, opened: Open) -> None:
    system = opened(pbx)
    system.create(Auth("a", username="a", password="one"))
    assert system.retrieve_by_id(Auth, "a") is system.retrieve_by_id(Auth, "a")


def test_what_a_host_name_made_is_made_anew(pbx: str, opened: Open, sql: Sql) -> None:
    sql(pbx)("INSERT INTO ps_endpoint_id_ips (id, endpoint, match) VALUES ('i', 'a', 'localhost')")
    system = opened(pbx)
    assert system.retrieve_by_id("identify", "i") is not system.retrieve_by_id("identify", "i")


@pytest.mark.parametrize("number", [1, 2])
def test_columns_that_come_and_go_are_noticed_by_the_next_question(
    url: str, opened: Open, sql: Sql, number: int
) -> None:
    run, system = sql(url), opened(url)
    system.create(Aor("a", max_contacts=3))
    assert system.retrieve_by_id(Aor, "a") == Aor("a", max_contacts=3)
    for _ in range(number):
        run("ALTER TABLE ps_aors RENAME COLUMN max_contacts TO former")
        run(
            'ALTER TABLE ps_aors ADD COLUMN "@note" VARCHAR(20)'
            if "mysql" not in url
            else "ALTER TABLE ps_aors ADD COLUMN `@note` VARCHAR(20)"
        )
        assert system.retrieve_by_id(Aor, "a") == Aor("a")
        run("UPDATE ps_aors SET " + ('"@note"' if "mysql" not in url else "`@note`") + " = 'x'")
        assert system.retrieve_by_id(Aor, "a") == Aor("a", extended={"note": "x"})
        run("ALTER TABLE ps_aors DROP COLUMN " + ('"@note"' if "mysql" not in url else "`@note`"))
        run("ALTER TABLE ps_aors RENAME COLUMN former TO max_contacts")
        assert system.retrieve_by_id(Aor, "a") == Aor("a", max_contacts=3)


def test_values_that_stand_under_another_name_by_now_are_another_object(url: str, opened: Open, sql: Sql) -> None:
    run, system, mark = sql(url), opened(url), "`" if "mysql" in url else '"'
    system.create(Auth("a", username="u", password="p", realm="r"))
    for _ in range(2):
        assert system.retrieve_by_fields(Auth, username="u") == [system.retrieve_by_id(Auth, "a")]
    run(f"ALTER TABLE ps_auths RENAME COLUMN realm TO {mark}@note{mark}")
    expected = Auth("a", username="u", password="p", extended={"note": "r"})
    for _ in range(3):  # the first time the row is read as a whole, then in its new packed form
        assert system.retrieve_by_id(Auth, "a") == expected
        assert system.retrieve_by_fields(Auth, username="u") == [expected]


def test_a_value_that_cannot_be_packed_is_read_column_by_column(pbx: str, opened: Open, sql: Sql) -> None:
    sql(pbx)("INSERT INTO ps_endpoints (id, accountcode) VALUES ('a', x'6162')")
    assert opened(pbx).retrieve_by_id(Endpoint, "a") == Endpoint("a", accountcode="ab")


@pytest.mark.parametrize("number", ["9e999", "-9e999", "0.1", "2.0"])
def test_a_number_is_read_alike_alone_and_in_a_list(pbx: str, opened: Open, sql: Sql, number: str) -> None:
    run, system = sql(pbx), opened(pbx)
    run('ALTER TABLE ps_aors ADD COLUMN "@number" REAL')
    run(f"INSERT INTO ps_aors (id, \"@number\") VALUES ('a', {number})")
    found = system.retrieve_by_id(Aor, "a")
    assert found is not None
    assert [found] == system.retrieve_all(Aor)


def test_a_column_of_any_type_is_read_alike_alone_and_in_a_list(url: str, opened: Open, sql: Sql) -> None:
    run, mark = sql(url), "`" if "mysql" in url else '"'
    kinds = {"real": "DOUBLE PRECISION", "exact": "DECIMAL(12, 4)", "day": "DATE", "small": "SMALLINT", "text": "TEXT"}
    for name, kind in kinds.items():
        run(f"ALTER TABLE ps_aors ADD COLUMN {mark}@{name}{mark} {kind}")
    names = ", ".join(f"{mark}@{name}{mark}" for name in kinds)
    run(f"INSERT INTO ps_aors (id, {names}) VALUES ('a', 0.12345678901234567, 12.5000, '2026-11-26', 7, 'x;y')")
    system = opened(url)
    found = system.retrieve_by_id(Aor, "a")
    assert found is not None
    assert system.retrieve_all(Aor) == [found]
    texts = {"@real": str(0.12345678901234567), "@exact": "12.5", "@day": "2026-11-26", "@small": "7"}
    assert texts.items() <= dict(found.extended).items()


def test_a_packed_row_that_holds_no_object_names_its_place(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("INSERT INTO ps_endpoints (id, device_state_busy_at) VALUES ('a', -5)")
    with pytest.raises(InvalidObject) as caught:
        opened(url).retrieve_by_id(Endpoint, "a")
    assert str(caught.value.place) == "ps_endpoints row a"


def test_a_view_in_the_place_of_a_table_is_read(url: str, opened: Open, sql: Sql) -> None:
    run = sql(url)
    run("ALTER TABLE ps_aors RENAME TO all_aors")
    run("CREATE VIEW ps_aors AS SELECT * FROM all_aors WHERE id <> 'hidden'")
    run("INSERT INTO all_aors (id, max_contacts) VALUES ('a', 2), ('hidden', 2)")
    system = opened(url)
    assert system.retrieve_by_id(Aor, "a") == Aor("a", max_contacts=2)
    assert system.retrieve_by_id(Aor, "hidden") is None
    assert [aor.id for aor in system.iterate(Aor, size=1)] == ["a"]


def test_statements_that_the_server_forgot_are_prepared_again(postgresql_url: str, opened: Open, sql: Sql) -> None:
    from sorcery_migrations import upgrade

    upgrade(postgresql_url)
    system = opened(postgresql_url)
    system.create(Aor("a"))
    assert system.retrieve_by_id(Aor, "a") is not None
    database = source(system, Aor).database
    for verb in ("DISCARD ALL", "DEALLOCATE ALL"):  # as a pooler does, or as on another connection behind one
        database.ask_driver("", methodcaller("execute", verb))
        assert system.retrieve_by_id(Aor, "a") is not None


def test_a_table_that_is_gone_is_unavailable_though_it_was_packed(url: str, opened: Open, sql: Sql) -> None:
    system = opened(url)
    assert system.retrieve_by_id(Aor, "a") is None
    sql(url)("DROP TABLE ps_aors")
    with pytest.raises(Unavailable, match="table ps_aors does not exist"):
        system.retrieve_by_id(Aor, "a")
