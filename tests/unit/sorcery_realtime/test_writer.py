from __future__ import annotations

import sqlite3
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from sorcery import (
    AlreadyExists,
    Conflict,
    InvalidObject,
    NotFound,
    Object,
    PartialWrite,
    Sorcery,
    StoreRefused,
    Transaction,
    Unavailable,
)
from sorcery.environment import Environment, Family
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify
from sorcery.wizard import Change, Op
from sorcery_migrations import upgrade
from sorcery_realtime import RealtimeWizard
from sorcery_realtime.databases import BEGIN, OPTIONS, Database
from sorcery_realtime.rerun import Rerun
from sorcery_realtime.source import Source

Open = Callable[..., Sorcery]
Sql = Callable[[str], Callable[[str], list[dict[str, Any]]]]
DEAD = "postgresql://u:hush@127.0.0.1:1/pbx"


def put(system: Sorcery, obj: Object) -> None:
    """Create or replace."""
    binding = system._binding(obj.__sorcery__.name)
    bound = binding.bound[0]
    bound.wizard.prepare([Change(bound.store, Op.PUT, obj)]).commit()  # type: ignore[attr-defined]


# What is written


def test_options_at_their_default_are_null_and_booleans_are_yes_or_no(
    postgresql_url: str, opened: Open, sql: Sql
) -> None:
    upgrade(postgresql_url)
    opened(postgresql_url).create(Endpoint(id="a;b", context="x;y", force_rport=False, rtp_symmetric=True))
    (row,) = sql(postgresql_url)("SELECT * FROM ps_endpoints")
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "a^3Bb",
        "context": "x^3By",
        "force_rport": "no",
        "rtp_symmetric": "yes",
    }


def test_sqlite_rows_have_a_value_wherever_asterisk_would_refuse_null(pbx: str, opened: Open, sql: Sql) -> None:
    opened(pbx).create(Aor(id="a;b", max_contacts=3))
    (row,) = sql(pbx)("SELECT * FROM ps_aors")
    assert row["id"] == "a;b"
    assert (row["max_contacts"], row["default_expiration"], row["remove_existing"]) == (3, 3600, "no")
    assert row["qualify_timeout"] == 3.0


def test_a_contact_is_written_as_asterisk_writes_it(postgresql_url: str, opened: Open, sql: Sql) -> None:
    upgrade(postgresql_url)
    made = Contact(id="6001;@ab", uri="sip:6001@192.0.2.7;ob", expiration_time=1760000000, via_port=5060)
    opened(postgresql_url).create(made)
    (row,) = sql(postgresql_url)("SELECT * FROM ps_contacts")
    assert (row["id"], row["uri"]) == ("6001^3B@ab", "sip:6001@192.0.2.7^3Bob")
    assert (row["expiration_time"], row["qualify_timeout"], row["via_port"]) == (1760000000, 3.0, 5060)
    assert (row["user_agent"], row["path"], row["prune_on_boot"]) == ("", "", "no")
    assert None not in row.values()


def test_several_values_share_a_column_of_an_escaping_driver(postgresql_url: str, opened: Open, sql: Sql) -> None:
    upgrade(postgresql_url)
    made = Endpoint.from_objectset("a", [("set_var", "A=1;2"), ("set_var", "B=2")])
    system = opened(postgresql_url)
    system.create(made)
    assert sql(postgresql_url)("SELECT set_var FROM ps_endpoints") == [{"set_var": "A=1^3B2;B=2"}]
    assert system.retrieve_by_id(Endpoint, "a") == made


def test_several_values_are_refused_where_the_driver_keeps_one(pbx: str, opened: Open) -> None:
    made = Endpoint.from_objectset("a", [("set_var", "A=1"), ("set_var", "B=2")])
    with pytest.raises(StoreRefused, match="option set_var cannot be stored: the driver sqlite3 keeps one value"):
        opened(pbx).create(made)


def test_an_update_clears_what_was_set_and_leaves_foreign_columns_alone(url: str, opened: Open, sql: Sql) -> None:
    execute, system = sql(url), opened(url)
    execute("ALTER TABLE ps_aors ADD COLUMN owner VARCHAR(40)")
    system.create(Aor(id="a", max_contacts=3, outbound_proxy="sip:p.example.org", support_path=True))
    execute("UPDATE ps_aors SET owner = 'billing'")
    system.update(Aor(id="a", support_path=True))
    assert system.retrieve_by_id("aor", "a") == Aor(id="a", support_path=True)
    assert execute("SELECT owner FROM ps_aors") == [{"owner": "billing"}]


def test_an_option_can_be_set_to_nothing(url: str, opened: Open) -> None:
    system, silent = opened(url), Endpoint(id="a", moh_suggest="")
    system.create(silent)
    assert system.retrieve_all("endpoint") == [silent] != [Endpoint(id="a")]


# Whether it is there


def test_creating_twice_fails_and_changes_nothing(url: str, opened: Open) -> None:
    system = opened(url)
    system.create(Aor(id="a", max_contacts=1))
    with pytest.raises(AlreadyExists):
        system.create(Aor(id="a", max_contacts=2))
    assert system.retrieve_all("aor") == [Aor(id="a", max_contacts=1)]


def test_creating_twice_fails_without_a_unique_key_too(pbx: str, sql: Sql) -> None:
    sql(pbx)("CREATE TABLE loose AS SELECT * FROM ps_aors WHERE 0")
    wizard, store = one(Aor, "loose", pbx)
    commit(wizard, Change(store, Op.CREATE, Aor(id="a;%")))
    with pytest.raises(AlreadyExists):
        commit(wizard, Change(store, Op.CREATE, Aor(id="a;%")))
    assert len(sql(pbx)("SELECT id FROM loose")) == 1
    wizard.close()


def test_updating_what_is_absent_is_not_found_even_if_nothing_would_change(url: str, opened: Open) -> None:
    system = opened(url)
    with pytest.raises(NotFound):
        system.update(Aor(id="a"))
    system.create(Aor(id="a"))
    system.update(Aor(id="a"))
    system.update(Aor(id="a"))


def test_putting_creates_or_replaces(url: str, opened: Open) -> None:
    system = opened(url)
    for number in (1, 2):
        put(system, Aor(id="a;b", max_contacts=number))
        assert system.retrieve_all("aor") == [Aor(id="a;b", max_contacts=number)]


def test_what_a_table_refuses_is_not_put(postgresql_url: str, sql: Sql, opened: Open) -> None:
    upgrade(postgresql_url)
    sql(postgresql_url)("ALTER TABLE ps_aors ADD COLUMN owner VARCHAR(40) NOT NULL")
    with pytest.raises(StoreRefused, match="owner"):
        put(opened(postgresql_url), Aor(id="a"))
    assert sql(postgresql_url)("SELECT id FROM ps_aors") == []


def test_ids_are_deleted_and_updated_to_the_letter(url: str, opened: Open) -> None:
    system, others = opened(url), ("axb", "aab", "a", "azzb")
    ids = ("a_b", "a%", "a;b", "a^3Bb", "Zoë", "a'b", '"', "a\\", " a")
    with system.transaction() as t:
        for each in (*others, *ids):
            t.create(Aor(id=each))
    for each in ids:
        system.update(Aor(id=each, max_contacts=7))
        assert [found.id for found in system.retrieve_by_fields("aor", max_contacts=7)] == [each]
        system.delete(Aor(id=each))
        with pytest.raises(NotFound):
            system.delete(Aor(id=each))
    assert {found.id for found in system.retrieve_all("aor")} == set(others)


def test_case_decides_even_where_the_collation_ignores_it(mariadb_url: str, opened: Open) -> None:
    upgrade(mariadb_url)
    system = opened(mariadb_url)
    system.create(Aor(id="alice"))
    for change in (system.update, system.delete):
        with pytest.raises(NotFound):
            change(Aor(id="ALICE"))
    with pytest.raises(StoreRefused, match="Duplicate entry"):
        system.create(Aor(id="ALICE"))
    assert system.retrieve_all("aor") == [Aor(id="alice")]


def test_ids_that_no_database_holds_are_refused_or_not_found(url: str, opened: Open) -> None:
    system = opened(url)
    for hostile in ("a\0b", "\udcff"):
        with pytest.raises(StoreRefused, match="column id takes text"):
            system.create(Aor(id=hostile))
        with pytest.raises(NotFound):
            system.delete(Aor(id=hostile))


# What is refused


def test_a_value_that_is_too_long_names_column_length_and_limit(url: str, opened: Open) -> None:
    system = opened(url)
    with pytest.raises(StoreRefused, match="column context takes 40 characters and the value has 41"):
        system.create(Endpoint(id="a", context="x" * 41))
    assert system.retrieve_all("endpoint") == []
    system.create(Endpoint(id="a", context="x" * 40))


def test_escapes_count(postgresql_url: str, opened: Open) -> None:
    upgrade(postgresql_url)
    with pytest.raises(StoreRefused, match="the value has 42, escapes included"):
        opened(postgresql_url).create(Endpoint(id="a", context="x" * 39 + ";"))


def test_a_word_that_an_enumeration_lacks_is_refused_with_those_it_has(postgresql_url: str, opened: Open) -> None:
    upgrade(postgresql_url)
    with pytest.raises(StoreRefused, match="column dtmf_mode does not take 'none'; use one of: rfc4733, inband"):
        opened(postgresql_url).create(Endpoint(id="a", dtmf_mode="none"))


def test_a_secret_is_in_no_refusal(url: str, opened: Open) -> None:
    with pytest.raises(StoreRefused) as refusal:
        opened(url).create(Auth(id="a", username="a", password="hush" * 30))
    assert "column password" in str(refusal.value)
    assert "hushhush" not in "".join(traceback.format_exception(refusal.value))


def test_a_server_that_quotes_the_row_is_not_quoted(postgresql_url: str, opened: Open, sql: Sql) -> None:
    upgrade(postgresql_url)
    sql(postgresql_url)("ALTER TABLE ps_auths ADD COLUMN owner VARCHAR(40) NOT NULL")
    with pytest.raises(StoreRefused, match="owner") as refusal:
        opened(postgresql_url).create(Auth(id="a", username="a", password="hush" * 2))
    assert "hushhush" not in "".join(traceback.format_exception(refusal.value))


def test_a_missing_column_matters_only_to_what_is_set(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("ALTER TABLE ps_aors DROP COLUMN qualify_2xx_only")
    system = opened(url)
    system.create(Aor(id="a"))
    system.update(Aor(id="a", max_contacts=1))
    with pytest.raises(StoreRefused, match="table ps_aors has no column qualify_2xx_only; run: sorcery db adopt"):
        system.update(Aor(id="a", qualify_2xx_only=True))
    assert system.retrieve_all("aor") == [Aor(id="a", max_contacts=1)]


def test_a_column_added_or_dropped_meanwhile_is_noticed(url: str, opened: Open, sql: Sql) -> None:
    execute, system = sql(url), opened(url)
    execute("ALTER TABLE ps_aors DROP COLUMN support_path")
    system.create(Aor(id="a"))
    execute("ALTER TABLE ps_aors ADD COLUMN support_path VARCHAR(5)")
    system.update(Aor(id="a", support_path=True))
    assert system.retrieve_by_id("aor", "a") == Aor(id="a", support_path=True)
    execute("ALTER TABLE ps_aors DROP COLUMN support_path")
    with pytest.raises(StoreRefused, match="support_path"):
        system.update(Aor(id="a"))
    system.update(Aor(id="a", max_contacts=2))
    assert system.retrieve_all("aor") == [Aor(id="a", max_contacts=2)]


def test_a_foreign_column_that_must_be_given_is_named(url: str, opened: Open, sql: Sql) -> None:
    execute = sql(url)
    default = " DEFAULT ''" if url.startswith("sqlite") else ""
    execute(f"ALTER TABLE ps_aors ADD COLUMN owner VARCHAR(40){default}")
    if url.startswith("sqlite"):
        execute("CREATE TRIGGER owned BEFORE INSERT ON ps_aors BEGIN SELECT RAISE(ABORT, 'owner is missing'); END")
    elif url.startswith("mysql"):
        execute("ALTER TABLE ps_aors MODIFY owner VARCHAR(40) NOT NULL")
    else:
        execute("ALTER TABLE ps_aors ALTER owner SET NOT NULL")
    with pytest.raises(StoreRefused, match="owner"):
        opened(url).create(Aor(id="a"))


def test_another_unique_key_is_no_taken_id(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("CREATE UNIQUE INDEX one_name ON ps_auths (username)")
    system = opened(url)
    system.create(Auth(id="a", username="alice", password="x"))
    with pytest.raises(StoreRefused, match=r"table ps_auths in .*: .*(?:one_name|username)"):
        system.create(Auth(id="b", username="alice", password="x"))


# All or nothing


def test_several_types_come_true_together_or_not_at_all(url: str, opened: Open) -> None:
    system = opened(url)
    with system.transaction() as t:
        t.create(Endpoint(id="a", auth=["a"], aors=["a"]))
        t.create(Auth(id="a", username="a", password="x"))
        t.create(Aor(id="a"))

    def break_it(t: Transaction) -> None:
        t.create(Auth(id="b", username="b", password="x"))
        t.update(Aor(id="a", max_contacts=9))
        t.delete(Endpoint(id="a"))
        t.create(Identify(id="b", endpoint="e" * 300, match="192.0.2.1"))

    with pytest.raises(StoreRefused, match="column endpoint takes 255"), system.transaction() as t:
        break_it(t)
    assert [each.id for each in system.retrieve_all("auth")] == ["a"]
    assert system.retrieve_all("aor") == [Aor(id="a")]
    assert [each.id for each in system.retrieve_all("endpoint")] == ["a"]


def test_nobody_sees_prepared_changes_and_a_rollback_leaves_nothing(url: str) -> None:
    upgrade(url)
    wizard, store = one(Aor, "ps_aors", url)
    prepared = wizard.prepare([Change(store, Op.CREATE, Aor(id="a")), Change(store, Op.DELETE, Aor(id="b"))])
    assert [change.obj.id for change in prepared.missed] == ["b"]
    assert store.retrieve("a") is None
    prepared.rollback()
    assert store.retrieve("a") is None
    commit(wizard, Change(store, Op.CREATE, Aor(id="a")))
    assert store.retrieve("a") == Aor(id="a")
    wizard.close()


def test_whoever_puts_second_replaces_what_the_first_put(postgresql_url: str) -> None:
    upgrade(postgresql_url)
    wizard, store = one(Aor, "ps_aors", postgresql_url)
    first = wizard.prepare([Change(store, Op.PUT, Aor(id="a", max_contacts=1))])
    second = threading.Thread(target=lambda: commit(wizard, Change(store, Op.PUT, Aor(id="a", max_contacts=2))))
    second.start()
    second.join(0.3)
    assert second.is_alive()
    first.commit()
    second.join(60)
    assert store.retrieve("a") == Aor(id="a", max_contacts=2)
    wizard.close()


def test_a_second_writer_of_an_sqlite_file_waits_for_the_first(pbx: str) -> None:
    wizard, store = one(Aor, "ps_aors", pbx)
    first = wizard.prepare([Change(store, Op.CREATE, Aor(id="a"))])
    second = threading.Thread(target=lambda: commit(wizard, Change(store, Op.UPDATE, Aor(id="a", max_contacts=2))))
    second.start()
    second.join(0.2)
    assert second.is_alive()
    first.commit()
    second.join(60)
    assert store.retrieve("a") == Aor(id="a", max_contacts=2)
    wizard.close()


# What is expected


@pytest.mark.parametrize("op", [Op.UPDATE, Op.DELETE])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_what_another_writer_is_about_to_change_is_waited_for_and_compared(url: str, op: Op, end: str) -> None:
    wizard, store = one(Aor, "ps_aors", url)
    read, theirs = Aor(id="a", max_contacts=1), Aor(id="a", max_contacts=2)
    commit(wizard, Change(store, Op.CREATE, read))
    other_wizard, other_store = one(Aor, "ps_aors", url)
    other = other_wizard.prepare([Change(other_store, Op.UPDATE, theirs)])
    ours = Aor(id="a", max_contacts=3)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(commit, wizard, Change(store, op, ours, read))
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.2)
        getattr(other, end)()
        if end == "commit":
            with pytest.raises(Conflict) as raised:
                waiting.result(timeout=60)
            assert raised.value.current == theirs
        else:
            waiting.result(timeout=60)
    assert store.retrieve("a") == (theirs if end == "commit" else None if op is Op.DELETE else ours)
    for each in (wizard, other_wizard):
        each.close()


def test_a_row_that_holds_no_object_is_not_what_anybody_expects(url: str, opened: Open, sql: Sql) -> None:
    system, read = opened(url), Auth(id="a", username="a", password="x")
    system.create(read)
    sql(url)("UPDATE ps_auths SET username = NULL")
    with pytest.raises(InvalidObject):
        system.retrieve_by_id(Auth, "a")
    with pytest.raises(Conflict) as raised:
        system.update(Auth(id="a", username="b", password="x"), expected=read)
    assert raised.value.current is None
    system.update(Auth(id="a", username="b", password="x"))  # who expects nothing mends it


def test_a_row_that_comes_when_it_was_found_missing_is_not_changed_unseen(
    postgresql_url: str, opened: Open, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(postgresql_url)
    system, execute, among = opened(postgresql_url), sql(postgresql_url), Source.among

    def insert(self: Source, *words: Any) -> Any:
        found = among(self, *words)
        execute("INSERT INTO ps_aors (id) VALUES ('a') ON CONFLICT DO NOTHING")  # a miss is looked into once more
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Source, "among", insert)
        with pytest.raises(Conflict):
            system.update(Aor(id="a", max_contacts=2), expected=Aor(id="a", max_contacts=1))
    assert system.retrieve_all(Aor) == [Aor(id="a")]


def test_an_expected_row_is_found_to_the_letter(url: str, opened: Open) -> None:
    system = opened(url)
    for id in ("Case", "a;b"):
        system.create(Aor(id=id, max_contacts=1))
        system.update(Aor(id=id, max_contacts=2), expected=Aor(id=id, max_contacts=1))
        with pytest.raises(Conflict):
            system.delete(Aor(id=id), expected=Aor(id=id, max_contacts=1))
    for absent in ("CASE", "zero\0byte", "lone \udcff"):
        with pytest.raises(Conflict) as raised:
            system.delete(Aor(id=absent), expected=Aor(id=absent))
        assert raised.value.current is None
    assert [(aor.id, aor.max_contacts) for aor in system.retrieve_all(Aor)] == [("Case", 2), ("a;b", 2)]


# Silence


def test_a_server_lost_before_the_commit_is_unavailable(postgresql_url: str, sql: Sql) -> None:
    upgrade(postgresql_url)
    wizard, store = one(Aor, "ps_aors", postgresql_url)
    prepared = wizard.prepare([Change(store, Op.CREATE, Aor(id="a"))])
    sql(postgresql_url)(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    with pytest.raises(Unavailable, match="realtime ps_aors is unavailable: postgresql database"):
        prepared.commit()
    assert store.retrieve("a") is None
    wizard.close()


def test_a_row_that_another_holds_is_unavailable_after_a_while(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(postgresql_url)
    monkeypatch.setitem(BEGIN, "postgresql", "BEGIN; SET LOCAL lock_timeout = '100ms'")
    (mine, store), (theirs, other) = one(Aor, "ps_aors", postgresql_url), one(Aor, "ps_aors", postgresql_url)
    commit(mine, Change(store, Op.CREATE, Aor(id="a")))
    held = theirs.prepare([Change(other, Op.UPDATE, Aor(id="a", max_contacts=1))])
    with pytest.raises(Unavailable, match="lock timeout"):
        mine.prepare([Change(store, Op.UPDATE, Aor(id="a", max_contacts=2))])
    held.commit()
    assert store.retrieve("a") == Aor(id="a", max_contacts=1)
    mine.close()
    theirs.close()


# Priorities and several databases


def one(cls: type[Object], table: str, *urls: str) -> tuple[RealtimeWizard, Any]:
    """Return a wizard and its store over databases in the order of their priorities."""
    wizard = RealtimeWizard()
    return wizard, opened_in(wizard, cls, table, *urls)


def opened_in(wizard: RealtimeWizard, cls: type[Object], table: str, *urls: str) -> Any:
    driver = "sqlite3" if urls[-1].startswith("sqlite") else "odbc"
    families = tuple(Family(table, driver, url, table, number) for number, url in enumerate(urls, start=1))
    return wizard.open(cls.__sorcery__, table, Environment(families={table: families}, databases={u: u for u in urls}))


def commit(wizard: RealtimeWizard, *changes: Change) -> None:
    wizard.prepare(changes).commit()


@pytest.fixture
def standby(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/standby.db"
    upgrade(url)
    return url


def test_a_table_that_has_an_id_alone_is_updated_too(postgresql_url: str, sql: Sql) -> None:
    sql(postgresql_url)("CREATE TABLE ps_aors (id text PRIMARY KEY)")
    wizard, aors = one(Aor, "ps_aors", postgresql_url)
    ids = [str(number) for number in range(5)]
    commit(wizard, *(Change(aors, Op.CREATE, Aor(id)) for id in ids))
    commit(wizard, *(Change(aors, Op.UPDATE, Aor(id)) for id in ids))
    assert set(aors.retrieve_many(ids)) == set(ids)
    wizard.close()


def test_a_write_goes_to_the_next_priority_while_the_first_is_silent(pbx: str, sql: Sql) -> None:
    wizard, aors = one(Aor, "ps_aors", DEAD, pbx)
    auths = opened_in(wizard, Auth, "ps_auths", pbx)
    auth = Auth(id="a", username="a", password="x")
    commit(wizard, Change(auths, Op.CREATE, auth), Change(aors, Op.CREATE, Aor(id="a")))
    assert aors.retrieve("a") == Aor(id="a")
    assert len(sql(pbx)("SELECT id FROM ps_auths")) == 1
    wizard.close()


def test_a_row_that_somebody_holds_sends_nobody_to_the_next_priority_which_no_reader_asks(
    pbx: str, standby: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 0.1})
    (mine, store), (theirs, other) = one(Aor, "ps_aors", pbx, standby), one(Aor, "ps_aors", pbx)
    spare, second = one(Aor, "ps_aors", standby)
    for wizard, each in ((theirs, other), (spare, second)):
        commit(wizard, Change(each, Op.CREATE, Aor(id="a")))
    held = theirs.prepare([Change(other, Op.UPDATE, Aor(id="a", max_contacts=1))])
    for write in (mine.prepare, mine.carry_out):
        with pytest.raises(Unavailable, match=r"pbx.db.*locked"):
            write([Change(store, Op.UPDATE, Aor(id="a", max_contacts=2))])
    assert second.retrieve("a") == Aor(id="a")
    held.commit()
    for wizard in (mine, theirs, spare):
        wizard.close()


def test_who_is_interrupted_while_it_commits_holds_no_other_database(
    pbx: str, standby: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard, aors = one(Aor, "ps_aors", pbx)
    auths = opened_in(wizard, Auth, "ps_auths", standby)
    auth = Auth(id="a", username="a", password="x")
    prepared = wizard.prepare([Change(auths, Op.CREATE, auth), Change(aors, Op.CREATE, Aor(id="a"))])
    end = Database.end

    def interrupted(self: Database, connection: Connection, verb: str) -> None:
        end(self, connection, "ROLLBACK")
        if verb == "COMMIT":
            raise KeyboardInterrupt

    monkeypatch.setattr(Database, "end", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepared.commit()
    monkeypatch.undo()
    commit(wizard, Change(auths, Op.CREATE, auth), Change(aors, Op.CREATE, Aor(id="a")))
    assert (auths.retrieve("a"), aors.retrieve("a")) == (auth, Aor(id="a"))
    wizard.close()


def test_a_write_that_no_database_takes_leaves_nothing(pbx: str, standby: str, sql: Sql) -> None:
    sql(standby)("DROP TABLE ps_aors")
    wizard, aors = one(Aor, "ps_aors", DEAD, standby)
    auths = opened_in(wizard, Auth, "ps_auths", pbx)
    auth = Auth(id="a", username="a", password="x")
    with pytest.raises(Unavailable, match=r"Connection refused.*table ps_aors does not exist"):
        wizard.prepare([Change(auths, Op.CREATE, auth), Change(aors, Op.CREATE, Aor(id="a"))])
    assert auths.retrieve("a") is None
    commit(wizard, Change(auths, Op.CREATE, auth))
    assert auths.retrieve("a") == auth
    wizard.close()


def test_two_databases_commit_together(pbx: str, standby: str) -> None:
    wizard, aors = one(Aor, "ps_aors", pbx)
    auths = opened_in(wizard, Auth, "ps_auths", standby)
    auth = Auth(id="a", username="a", password="x")
    commit(wizard, Change(auths, Op.CREATE, auth), Change(aors, Op.CREATE, Aor(id="a")))
    assert (auths.retrieve("a"), aors.retrieve("a")) == (auth, Aor(id="a"))
    wizard.close()


def test_a_database_lost_before_another_has_committed_leaves_nothing_in_either(pbx: str, standby: str) -> None:
    wizard, aors = one(Aor, "ps_aors", f"{pbx}?timeout=0.1")
    auths = opened_in(wizard, Auth, "ps_auths", standby)
    changes = Change(aors, Op.CREATE, Aor(id="a")), Change(auths, Op.CREATE, Auth(id="a", username="a", password="x"))
    prepared = wizard.prepare(changes)
    reader = sqlite3.connect(pbx.removeprefix("sqlite:///"), isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM ps_aors").fetchall()  # a commit waits for readers
        with pytest.raises(Unavailable, match="database is locked"):
            prepared.commit()
    finally:
        reader.close()
    assert (aors.retrieve("a"), auths.retrieve("a")) == (None, None)
    commit(wizard, *changes)
    assert auths.retrieve("a") is not None
    wizard.close()


def test_a_database_lost_after_another_has_committed_is_told(pbx: str, standby: str) -> None:
    wizard, aors = one(Aor, "ps_aors", f"{pbx}?timeout=0.1")
    auths = opened_in(wizard, Auth, "ps_auths", f"{standby}?timeout=0.1")
    auth = Auth(id="a", username="a", password="x")
    prepared = wizard.prepare([Change(aors, Op.CREATE, Aor(id="a")), Change(auths, Op.CREATE, auth)])
    reader = sqlite3.connect(standby.removeprefix("sqlite:///"), isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM ps_auths").fetchall()  # a commit waits for readers
        with pytest.raises(PartialWrite) as told:
            prepared.commit()
    finally:
        reader.close()
    assert told.value.outcomes["realtime ps_aors"] == "stored"
    assert "database is locked" in told.value.outcomes["realtime ps_auths"]
    assert aors.retrieve("a") == Aor(id="a")
    assert auths.retrieve("a") is None
    wizard.close()


# Undone at the commit

RIVALS = """
CREATE SEQUENCE undone;
CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('undone') <= {times} THEN
        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER undo AFTER UPDATE ON ps_aors DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.id = 'a0') EXECUTE FUNCTION undo();
"""
"""Undoes so many transactions at their commit; a sequence counts on all the same."""

MANY = [Aor(id=f"a{number}") for number in range(20)]


def update_many(s: Sorcery, contacts: int) -> None:
    with s.transaction() as transaction:
        for aor in MANY:
            transaction.update(aor.evolve(max_contacts=contacts))


@pytest.fixture
def many(postgresql_url: str, opened: Open) -> Sorcery:
    upgrade(postgresql_url)
    system = opened(postgresql_url)
    with system.transaction() as transaction:
        for aor in MANY:
            transaction.create(aor)
    return system


def test_a_large_transaction_that_is_undone_at_its_commit_is_made_again(
    many: Sorcery, postgresql_url: str, sql: Sql
) -> None:
    sql(postgresql_url)(RIVALS.format(times=3))
    update_many(many, 7)
    assert {aor.max_contacts for aor in many.retrieve_all(Aor)} == {7}
    assert sql(postgresql_url)("SELECT last_value FROM undone") == [{"last_value": 4}]


def test_one_that_is_undone_again_and_again_says_that_nothing_is_stored(
    many: Sorcery, postgresql_url: str, sql: Sql
) -> None:
    sql(postgresql_url)(RIVALS.format(times=100))
    with pytest.raises(Unavailable, match="nothing is stored, make the change again") as told:
        update_many(many, 7)
    assert not told.value.is_uncertain
    assert sql(postgresql_url)("SELECT last_value FROM undone") == [{"last_value": 6}]
    assert {aor.max_contacts for aor in many.retrieve_all(Aor)} == {0}


def test_one_whose_rows_a_rival_changed_meanwhile_is_not_made_again(
    many: Sorcery, postgresql_url: str, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    def delete_one(_: float) -> None:
        if sql(postgresql_url)("SELECT id FROM ps_aors WHERE id = 'a5'"):
            sql(postgresql_url)("DELETE FROM ps_aors WHERE id = 'a5'")

    sql(postgresql_url)(RIVALS.format(times=1))
    monkeypatch.setattr("sorcery_realtime.writer.Rerun", lambda: Rerun(sleep=delete_one))
    with pytest.raises(Unavailable, match="nothing is stored") as told:
        update_many(many, 7)
    assert not told.value.is_uncertain
    assert {aor.max_contacts for aor in many.retrieve_all(Aor)} == {0}
