from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from sorcery import InvalidObject, NotFound, Sorcery, Unavailable
from sorcery.environment import Environment, Family
from sorcery.objecttype import ObjectType
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify, Transport
from sorcery.place import Place
from sorcery.query import ALL, Criterion, Query
from sorcery_migrations import adopt, upgrade
from sorcery_realtime import RealtimeWizard
from sorcery_realtime.escape import CODECS
from sorcery_realtime.queries import conditions
from sorcery_realtime.store import RealtimeStore

Open = Callable[..., Sorcery]
Sql = Callable[[str], Callable[[str], list[dict[str, Any]]]]
DEAD = "postgresql://u:hush@127.0.0.1:1/pbx"


@pytest.fixture
def store() -> Iterator[Callable[..., RealtimeStore]]:
    """Return what opens a store of a type over databases in the order of their priorities."""
    wizard = RealtimeWizard()

    def open_(
        object_type: ObjectType, *urls: str, driver: str = "sqlite3", table: str = "", options: str = ""
    ) -> RealtimeStore:
        name = object_type.family or ""
        families = tuple(
            Family(name, driver, str(number), table or name, number) for number, _ in enumerate(urls, start=1)
        )
        addresses = {str(number): url for number, url in enumerate(urls, start=1)}
        environment = Environment(families={name: families}, databases=addresses)
        return wizard.open(object_type, f"{name}{options}", environment)

    yield open_
    wizard.close()


# The three answers


def test_a_row_is_an_object_and_no_row_is_none(url: str, opened: Open) -> None:
    system = opened(url)
    alice = Endpoint(id="alice", context="from-s;x^", allow="!all,ulaw", auth=["alice"], rtp_symmetric=True)
    system.create(alice)
    assert system.retrieve_by_id("endpoint", "alice") == alice
    assert system.retrieve_by_id("endpoint", "Alice") is None
    assert system.retrieve_by_id("endpoint", "") is None


def test_what_a_network_may_send_as_an_id_is_absent(url: str, opened: Open) -> None:
    system = opened(url)
    system.create(Endpoint(id="alice"))
    for hostile in ("a\0b", "\udcff", "x" * 70_000, "' OR ''='", "%", "_lice"):
        assert system.retrieve_by_id("endpoint", hostile) is None
        assert system.retrieve_by_prefix("endpoint", hostile) == []
        assert system.retrieve_by_fields("endpoint", context=hostile) == []


def test_a_server_that_does_not_listen_is_unavailable(opened: Open) -> None:
    system = opened(DEAD)
    with pytest.raises(Unavailable, match="Connection refused") as silence:
        system.retrieve_by_id("endpoint", "alice")
    assert silence.value.store == "realtime ps_endpoints"
    assert "hush" not in str(silence.value) + repr(silence.value.__cause__)


def test_a_missing_file_is_unavailable_and_is_not_made(tmp_path: Path, opened: Open) -> None:
    for path in (tmp_path / "pbx.db", tmp_path / "none" / "pbx.db"):
        with pytest.raises(Unavailable, match="no such file; run: sorcery db adopt --db sqlite:///"):
            opened(f"sqlite:///{path}").retrieve_all("endpoint")
        assert not path.exists()


def test_a_file_that_cannot_be_looked_at_is_unavailable(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(Unavailable, match="unable to open database file"):
        opened(f"sqlite:///{tmp_path}/{'x' * 300}").retrieve_by_id("endpoint", "alice")


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "pbx.db").write_text("[settings]\n" * 200)
    with pytest.raises(Unavailable, match="file is not a database"):
        opened(f"sqlite:///{tmp_path}/pbx.db").retrieve_by_id("endpoint", "alice")


def test_a_missing_table_is_unavailable_and_names_the_command_that_makes_it(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("DROP TABLE ps_aors")
    system = opened(url)
    for ask in (
        lambda: system.retrieve_by_id("aor", "alice"),
        lambda: system.retrieve_all("aor"),
        lambda: system.retrieve_by_fields("aor", outbound_proxy="x"),
        lambda: system.create(Aor(id="alice")),
    ):
        with pytest.raises(Unavailable, match=r"table ps_aors does not exist in .*; run: sorcery db adopt --db "):
            ask()
    adopt(url)
    assert system.retrieve_all("aor") == []


def test_a_locked_sqlite_file_is_unavailable(pbx: str, opened: Open) -> None:
    system = opened(f"{pbx}?timeout=0.1")
    system.create(Aor(id="alice"))
    other = sqlite3.connect(pbx.removeprefix("sqlite:///"), isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="database is locked"):
            system.retrieve_by_id("aor", "alice")
        with pytest.raises(Unavailable, match="database is locked"):
            system.create(Aor(id="bob"))
    finally:
        other.close()
    assert system.retrieve_by_id("aor", "alice") == Aor(id="alice")
    assert system.retrieve_by_id("aor", "bob") is None
    system.create(Aor(id="bob"))


def test_a_table_without_ids_is_unavailable(pbx: str, sql: Sql, store: Callable[..., RealtimeStore]) -> None:
    sql(pbx)("CREATE TABLE bare (name VARCHAR(40))")
    with pytest.raises(Unavailable, match=r"no column id|no such column: id"):
        store(Aor.__sorcery__, pbx, table="bare").search(ALL)


def test_a_connection_that_the_server_dropped_is_replaced(postgresql_url: str, opened: Open, sql: Sql) -> None:
    upgrade(postgresql_url)
    system = opened(postgresql_url)
    system.create(Aor(id="alice"))
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    for ask in (
        lambda: system.retrieve_by_id("aor", "alice"),
        lambda: system.retrieve_all("aor"),
        lambda: system.update(Aor(id="alice", max_contacts=2)),
    ):
        assert sql(postgresql_url)(f"SELECT pg_terminate_backend(pid, 60000) {others}")
        ask()
    assert system.retrieve_all("aor") == [Aor(id="alice", max_contacts=2)]


# Rows


def test_an_empty_text_and_null_mean_the_default_and_a_blank_means_nothing(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("INSERT INTO ps_endpoints (id, context, moh_suggest, outbound_proxy) VALUES ('a', '', NULL, ' ')")
    made = opened(url).retrieve_by_id(Endpoint, "a")
    assert made == Endpoint(id="a")


def test_foreign_columns_are_dropped_and_columns_added_meanwhile_are_read(url: str, opened: Open, sql: Sql) -> None:
    system, execute = opened(url), sql(url)
    execute("ALTER TABLE ps_aors ADD COLUMN owner VARCHAR(40)")
    execute("ALTER TABLE ps_aors DROP COLUMN support_path")
    system.create(Aor(id="a"))
    execute("UPDATE ps_aors SET owner = 'billing'")
    for _ in range(8):
        assert system.retrieve_by_id("aor", "a") == Aor(id="a")
    execute("ALTER TABLE ps_aors ADD COLUMN support_path VARCHAR(5)")
    execute("UPDATE ps_aors SET support_path = 'true'")
    assert system.retrieve_by_id("aor", "a") == Aor(id="a", support_path=True)
    assert system.retrieve_all("aor") == [Aor(id="a", support_path=True)]


def test_columns_whose_names_need_quotes_are_read_and_written(url: str, opened: Open, sql: Sql) -> None:
    quote = "`" if url.startswith("mysql") else '"'
    sql(url)(f"ALTER TABLE ps_endpoints ADD COLUMN {quote}@owner{quote} VARCHAR(40)")
    system = opened(url)
    alice = Endpoint(id="alice", rel100="required", extended={"@owner": "x;y"})
    trunk = Identify(id="trunk", endpoint="alice", match="192.0.2.1")
    system.create(alice)
    system.create(trunk)
    assert system.retrieve_all("identify") == [trunk]
    assert system.retrieve_by_id("endpoint", "alice") == alice
    system.update(Endpoint(id="alice", rel100="no"))
    assert system.retrieve_by_id("endpoint", "alice") == Endpoint(id="alice", rel100="no")


def test_a_real_boolean_column_is_read_and_written(url: str, opened: Open) -> None:
    made = Transport(id="t", protocol="tcp", bind="127.0.0.1:5060", tcp_keepalive_enable=True)
    system = opened(url)
    system.create(made)
    assert system.retrieve_by_id("transport", "t") == made
    system.update(made.evolve(tcp_keepalive_enable=False))
    assert system.retrieve_all("transport") == [made.evolve(tcp_keepalive_enable=False)]


def test_a_bad_row_is_an_error_of_its_own_and_hides_no_other(
    url: str, opened: Open, sql: Sql, store: Callable[..., RealtimeStore], caplog: pytest.LogCaptureFixture
) -> None:
    system = opened(url)
    system.create(Auth(id="good", username="good", password="x"))
    sql(url)("INSERT INTO ps_auths (id, username, nonce_lifetime, password) VALUES ('bad', 'bad', -1, 'hush')")
    with pytest.raises(InvalidObject) as refusal:
        system.retrieve_by_id("auth", "bad")
    assert refusal.value.place == Place("ps_auths", row="bad")
    assert refusal.value.option == "nonce_lifetime"
    assert [auth.id for auth in system.retrieve_all("auth")] == ["good"]
    assert "ps_auths row bad" in caplog.text
    assert "hush" not in caplog.text
    opened_store = store(Auth.__sorcery__, url)
    assert [(f.rule, f.place, f.option, f.value) for f in opened_store.faults()] == [
        ("invalid-object", Place("ps_auths", row="bad"), "nonce_lifetime", "-1")
    ]
    assert opened_store.retrieve_many(["good", "bad"]) == {"good": system.retrieve_by_id("auth", "good")}


def test_a_text_that_is_no_utf_8_hides_no_row(pbx: str, opened: Open, sql: Sql) -> None:
    system = opened(pbx)
    for key in ("a;@1", "b;@2"):
        system.create(contact(key, user_agent="phone"))
    sql(pbx)("UPDATE ps_contacts SET user_agent = CAST(x'70ff' AS TEXT) WHERE id = 'a;@1'")
    assert [each.user_agent for each in system.retrieve_all("contact")] == ["p\udcff", "phone"]
    assert system.retrieve_by_id(Contact, "a;@1") is not None
    sql(pbx)("UPDATE ps_contacts SET id = CAST(x'ff' AS TEXT) WHERE id = 'a;@1'")
    assert [each.id for each in system.retrieve_all("contact")] == ["b;@2"]
    (fault,) = system.faults(["contact"])
    assert (fault.id, fault.remedy) == ("\udcff", "give the row an id, in UTF-8, or delete it")


def test_an_object_is_placed_by_its_row(pbx: str, opened: Open, store: Callable[..., RealtimeStore]) -> None:
    opened(pbx).create(Aor(id="alice"))
    aors = store(Aor.__sorcery__, pbx)
    assert aors.place("alice") == Place("ps_aors", row="alice")
    assert aors.place("bob") is None


# Searching


def contact(id: str, **more: Any) -> Contact:
    return Contact(id=id, uri="sip:x@192.0.2.1;ob", **more)


IDS = ("alice;@1", "alice;@2", "aliceX", "alice^@3", "Alice;@4", "a_b;@5", "axb;@6", "a%;@7", "zoë;@8")


@pytest.fixture
def contacts(url: str, opened: Open) -> Sorcery:
    system = opened(url)
    with system.transaction() as t:
        for number, key in enumerate(IDS):
            t.create(contact(key, expiration_time=1000 + number, user_agent=f"phone_{number}"))
    return system


def test_a_prefix_is_literal_and_minds_case(contacts: Sorcery) -> None:
    for prefix in ("alice;@", "a_b;@", "a%", "alice^", "a", "", "zoë", "A", "/", "nobody"):
        found = {each.id for each in contacts.retrieve_by_prefix("contact", prefix)}
        assert found == {key for key in IDS if key.startswith(prefix)}, prefix


def test_a_prefix_is_served_by_the_index_of_an_sqlite_table(pbx: str, sql: Sql) -> None:
    condition = next(conditions(Query(prefix="alice;@"), Contact.__sorcery__, {}, CODECS["sqlite3"], "sqlite"))
    text = condition.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    (step,) = sql(pbx)(f"EXPLAIN QUERY PLAN SELECT * FROM ps_contacts WHERE {text}")
    assert "USING INDEX" in step["detail"]


def test_a_regular_expression_is_decided_in_memory(contacts: Sorcery) -> None:
    expected = {"^alice;": {0, 1}, "@[12]$": {0, 1}, "^a_": {5}, "^(zo|A)": {4, 8}, "": set(range(9))}
    for regex, numbers in expected.items():
        found = {each.id for each in contacts.retrieve_by_regex("contact", regex)}
        assert found == {IDS[number] for number in numbers}, regex


FIELDS: list[tuple[dict[str, Any], set[int]]] = [
    ({"expiration_time <=": 1002}, {0, 1, 2}),
    ({"expiration_time >": "1006"}, {7, 8}),
    ({"expiration_time": 1003}, {3}),
    ({"expiration_time >=": "99999999999"}, set()),
    ({"user_agent": "phone_4"}, {4}),
    ({"user_agent": "PHONE_4"}, set()),
    ({"user_agent LIKE": "phone_%"}, set(range(9))),
    ({"user_agent LIKE": "PHONE%"}, set()),
    ({"user_agent": ""}, set()),
    ({"user_agent regex": "[67]$"}, {6, 7}),
    ({"user_agent !=": "phone_1"}, set(range(9)) - {1}),
    ({"reg_server": ""}, set(range(9))),
    ({"qualify_2xx_only": False, "expiration_time <": 1001}, {0}),
    ({"id": "a_b;@5"}, {5}),
    ({"id >": "zo"}, {8}),
    ({"uri": "sip:x@192.0.2.1;ob", "via_port": 0}, set(range(9))),
    ({"prune_on_boot": True}, set()),
]


def test_fields_are_compared_as_in_memory(contacts: Sorcery, opened: Open) -> None:
    memory = opened("memory:")
    for each in contacts.retrieve_all("contact"):
        memory.create(each)
    for fields, numbers in FIELDS:
        found = contacts.retrieve_by_fields("contact", **fields)
        assert {each.expiration_time - 1000 for each in found} == numbers, fields
        if "id" not in str(fields):
            assert found == memory.retrieve_by_fields("contact", **fields)


def test_a_pattern_finds_texts_with_blanks_at_their_ends(url: str, opened: Open) -> None:
    system = opened(url)
    for number, agent in enumerate((" a", "a ", "a b", "\ta")):
        system.create(contact(f"c{number}", user_agent=agent))
    expected = {" a%": [" a"], "% a": [" a"], "a %": ["a ", "a b"], "%a%": [" a", "a ", "a b", "\ta"], "\t%": ["\ta"]}
    for pattern, agents in expected.items():
        found = system.retrieve_by_fields("contact", **{"user_agent LIKE": pattern})
        assert [each.user_agent for each in found] == agents, pattern


def test_a_default_that_is_not_stored_is_found(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', NULL), ('b', 3)")
    found = opened(url).retrieve_by_fields("aor", max_contacts=0)
    assert [each.id for each in found] == ["a"]


def test_the_objects_that_name_an_id_are_found_and_few_others_are_read(
    url: str, opened: Open, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    sql(url)(
        "INSERT INTO ps_endpoints (id, aors, timers_min_se) VALUES ('a', 'bob, al_ice', 90), ('b', 'al_ice2', 90),"
        " ('c', 'alxice', -1), ('d', NULL, -1), ('e', 'x y,z', 90)"
    )
    system = opened(url)
    with caplog.at_level("WARNING"):
        found = system.retrieve_by_fields("endpoint", **{"aors names": "al_ice"})
    assert [each.id for each in found] == ["a"]
    assert not caplog.records  # the bad row of c is not read
    assert [each.id for each in system.retrieve_by_fields("endpoint", **{"aors names": "x y"})] == ["e"]


def test_many_ids_are_fetched_in_few_questions(url: str, opened: Open, store: Callable[..., RealtimeStore]) -> None:
    system = opened(url)
    with system.transaction() as t:
        for number in range(1200):
            t.create(Aor(id=f"a{number};"))
    aors = store(Aor.__sorcery__, url, driver="sqlite3" if url.startswith("sqlite") else "odbc")
    asked = [f"a{number};" for number in range(0, 1200, 2)] + ["A1;", "none", "bad\0"]
    assert set(aors.retrieve_many(asked)) == {f"a{number};" for number in range(0, 1200, 2)}


def test_rows_with_one_id_are_one_object(pbx: str, sql: Sql, store: Callable[..., RealtimeStore]) -> None:
    sql(pbx)("CREATE TABLE loose AS SELECT * FROM ps_aors")
    sql(pbx)("INSERT INTO loose (id) VALUES ('a'), ('a'), ('b')")
    assert sorted(each.id for each in store(Aor.__sorcery__, pbx, table="loose").search(ALL)) == ["a", "b"]


@pytest.mark.parametrize(
    ("option", "found", "level"),
    [("yes", 1, None), ("warn", 1, logging.WARNING), ("no", 0, None), ("error", 0, logging.ERROR)],
)
def test_asking_for_everything_may_be_forbidden(
    pbx: str,
    opened: Open,
    store: Callable[..., RealtimeStore],
    caplog: pytest.LogCaptureFixture,
    option: str,
    found: int,
    level: int | None,
) -> None:
    opened(pbx).create(Aor(id="alice"))
    aors = store(Aor.__sorcery__, pbx, options=f",allow_unqualified_fetch={option}")
    assert len(list(aors.search(ALL))) == found
    assert [record.levelno for record in caplog.records] == ([] if level is None else [level])
    assert len(list(aors.search(Query(prefix="al")))) == 1


# Priorities


@pytest.fixture
def standby(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/standby.db"
    upgrade(url)
    return url


def test_a_silent_database_is_followed_by_the_next(pbx: str, opened: Open, store: Callable[..., RealtimeStore]) -> None:
    opened(pbx).create(Aor(id="alice"))
    aors = store(Aor.__sorcery__, DEAD, pbx, driver="odbc")
    assert aors.retrieve("alice") == Aor(id="alice")
    assert aors.retrieve("bob") is None
    assert list(aors.search(ALL)) == [Aor(id="alice")]
    assert aors.retrieve_many(["alice", "bob"]) == {"alice": Aor(id="alice")}
    assert aors.held(["alice", "bob"]) == {"alice"}


def test_with_odbc_no_such_row_is_the_answer(
    pbx: str, standby: str, opened: Open, store: Callable[..., RealtimeStore]
) -> None:
    opened(standby).create(Aor(id="alice"))
    aors = store(Aor.__sorcery__, pbx, standby, driver="odbc")
    assert aors.retrieve("alice") is None
    assert aors.place("alice") is None
    assert aors.retrieve_many(["alice"]) == {}
    assert aors.held(["alice"]) == set()


@pytest.mark.parametrize("driver", ["sqlite3", "pgsql", "mysql"])
def test_with_other_drivers_the_next_priority_may_have_the_row(
    pbx: str, standby: str, opened: Open, store: Callable[..., RealtimeStore], driver: str
) -> None:
    first, second = opened(pbx), opened(standby)
    for id in ("alice", "both"):
        second.create(Aor(id=id, max_contacts=2))
    first.create(Aor(id="both", max_contacts=1))
    aors = store(Aor.__sorcery__, pbx, standby, driver=driver)
    assert aors.retrieve("alice") == Aor(id="alice", max_contacts=2)
    assert aors.retrieve("both") == Aor(id="both", max_contacts=1)
    assert aors.retrieve("nobody") is None
    assert aors.place("alice") == Place("ps_aors", row="alice")
    found = aors.retrieve_many(["nobody", "alice", "both"])
    assert found == {"alice": Aor(id="alice", max_contacts=2), "both": Aor(id="both", max_contacts=1)}
    assert aors.held(["nobody", "alice", "both"]) == {"alice", "both"}
    assert [aor.id for aor in aors.search(ALL)] == ["both"]  # a list, as in Asterisk, is that of the first


def test_a_bad_row_hides_that_of_the_next_priority(
    pbx: str, standby: str, opened: Open, sql: Sql, store: Callable[..., RealtimeStore]
) -> None:
    opened(standby).create(Aor(id="alice"))
    sql(pbx)("INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 'many')")
    aors = store(Aor.__sorcery__, pbx, standby)
    with pytest.raises(InvalidObject):
        aors.retrieve("alice")
    assert aors.retrieve_many(["alice"]) == {}
    assert aors.held(["alice"]) == {"alice"}


@pytest.mark.parametrize("order", ["dead first", "dead second"])
def test_what_a_silent_priority_may_have_is_not_absent(
    pbx: str, opened: Open, store: Callable[..., RealtimeStore], order: str
) -> None:
    opened(pbx).create(Aor(id="alice"))
    aors = store(Aor.__sorcery__, *((DEAD, pbx) if order == "dead first" else (pbx, DEAD)))
    assert aors.retrieve("alice") == Aor(id="alice")
    assert aors.retrieve_many(["alice"]) == {"alice": Aor(id="alice")}
    assert aors.held(["alice"]) == {"alice"}
    asks: tuple[Callable[[], object], ...] = (
        lambda: aors.retrieve("bob"),
        lambda: aors.place("bob"),
        lambda: aors.retrieve_many(["alice", "bob"]),
        lambda: aors.held(["alice", "bob"]),
    )
    for ask in asks:
        with pytest.raises(Unavailable, match="Connection refused"):
            ask()


@pytest.mark.parametrize(
    ("target", "found"), [("asterisk:22.5", True), ("asterisk:22.6", False), ("asterisk:20", False)]
)
def test_odbc_of_an_older_release_goes_on_too(
    tmp_path: Path, pbx: str, standby: str, opened: Open, target: str, found: bool
) -> None:
    opened(standby).create(Aor(id="alice"))
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor = realtime,ps_aors\n")
    (tmp_path / "extconfig.conf").write_text(
        "[settings]\nps_aors => odbc,first,ps_aors,1\nps_aors => odbc,second,ps_aors,2\n"
    )
    (tmp_path / "databases.conf").write_text(f"[first]\nurl = {pbx}\n[second]\nurl = {standby}\n")
    with Sorcery.open(tmp_path, target=target) as system:
        assert (system.retrieve_by_id(Aor, "alice") is not None) is found


def test_what_the_second_priority_has_is_missed_by_writes_or_made_in_the_first(
    tmp_path: Path, pbx: str, standby: str, opened: Open
) -> None:
    opened(standby).create(Aor(id="alice", max_contacts=1))
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor = realtime,ps_aors\n")
    (tmp_path / "extconfig.conf").write_text(
        "[settings]\nps_aors => sqlite3,first,ps_aors,1\nps_aors => sqlite3,second,ps_aors,2\n"
    )
    (tmp_path / "databases.conf").write_text(f"[first]\nurl = {pbx}\n[second]\nurl = {standby}\n")
    system = opened(tmp_path)
    alice = system.retrieve_by_id(Aor, "alice")
    assert alice is not None
    for change in (system.update, system.delete):
        with pytest.raises(NotFound):
            change(alice.evolve(max_contacts=2))
    with (tmp_path / "sorcery.conf").open("a") as file:
        file.write("[general]\nupdate_or_create_on_update_miss = yes\n")
    system.reload()
    system.update(alice.evolve(max_contacts=2))
    assert system.retrieve_by_id(Aor, "alice") == Aor(id="alice", max_contacts=2)
    assert opened(pbx).retrieve_by_id(Aor, "alice") == Aor(id="alice", max_contacts=2)
    assert opened(standby).retrieve_by_id(Aor, "alice") == alice


def test_when_all_are_silent_each_says_why(tmp_path: Path, store: Callable[..., RealtimeStore]) -> None:
    with pytest.raises(Unavailable, match=r"Connection refused.*; sqlite database .*no such file"):
        store(Aor.__sorcery__, DEAD, f"sqlite:///{tmp_path}/none.db").retrieve("alice")


# Threads


def test_many_threads_read_and_write_at_once(url: str, opened: Open) -> None:
    system = opened(url)

    def work(number: int) -> bool:
        mine = Aor(id=f"u{number}", max_contacts=1)
        system.create(mine)
        seen = system.retrieve_by_id("aor", mine.id) == mine
        system.update(mine.evolve(max_contacts=2))
        return seen and system.retrieve_by_fields("aor", id=mine.id) == [mine.evolve(max_contacts=2)]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))
    assert len(system.retrieve_all("aor")) == 64


def test_criteria_follow_a_column_that_went(url: str, opened: Open, sql: Sql) -> None:
    system = opened(url)
    system.create(Aor(id="alice"))
    system.create(Aor(id="bob", voicemail_extension="99"))
    query = {"voicemail_extension": "99"}
    assert [aor.id for aor in system.retrieve_by_fields("aor", **query)] == ["bob"]
    sql(url)("ALTER TABLE ps_aors DROP COLUMN voicemail_extension")
    assert system.retrieve_by_fields("aor", **query) == []


def test_a_query_matches_as_its_criterion_does(store: Callable[..., RealtimeStore], pbx: str, sql: Sql) -> None:
    sql(pbx)("INSERT INTO ps_auths (id, username, password) VALUES ('a', 'alice', 'x'), ('b', 'bob', 'x')")
    query = Query(criteria=(Criterion.parse("username", "alice", Auth.__sorcery__),))
    assert [each.id for each in store(Auth.__sorcery__, pbx).search(query)] == ["a"]


def test_an_id_is_held_whether_its_row_is_good_or_bad(url: str, opened: Open, sql: Sql) -> None:
    system = opened(url)
    for id in ("a;b", "good"):
        system.create(Auth(id=id, username="a", password="x"))
    sql(url)("INSERT INTO ps_auths (id, username, nonce_lifetime, password) VALUES ('bad', 'bad', -1, 'hush')")
    store = system._binding(Auth).bound[0].store
    assert isinstance(store, RealtimeStore)
    asked = ["a;b", "good", "bad", "GOOD", "absent", "zero\0byte", "lone \udcff", *map(str, range(1200))]
    assert store.held(asked) == {"a;b", "good", "bad"}
    assert store.held([]) == set()


def test_a_silent_store_says_of_no_id_that_it_is_held(store: Callable[..., RealtimeStore]) -> None:
    with pytest.raises(Unavailable):
        store(Aor.__sorcery__, DEAD).held(["a"])
