"""A row that others changed is live here: observers, caches and their indexes, over lost connections too."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth
from sorcery.wizard import Notice
from sorcery_database import address, new_engine
from sorcery_migrations import upgrade
from sorcery_migrations.notices import install, remove
from sorcery_realtime.databases import Database
from sorcery_realtime.store import RealtimeStore
from sorcery_realtime.watching import RealtimeWatch
from sorcery_realtime.watching.hearing import begin
from tests.unit.sorcery_database.outbox.readers import kill_others
from tests.unit.sorcery_realtime.watching.others import Others, eventually

Events = queue.SimpleQueue[tuple[str, str, int | None]]


def observe(s: Sorcery, events: Events) -> None:
    s.observe(
        Aor,
        created=lambda new: events.put(("created", new.id, new.max_contacts)),
        updated=lambda new, old: events.put(("updated", new.id, new.max_contacts)),
        deleted=lambda old: events.put(("deleted", old.id, old.max_contacts)),
    )


@contextlib.contextmanager
def watched(url: str) -> Iterator[tuple[Sorcery, Events]]:
    """Yield a system that watches a database, and what its observers hear of AORs."""
    events: Events = queue.SimpleQueue()
    with Sorcery.open(url) as s:
        observe(s, events)
        with s.watch():
            yield s, events


def heard(events: Events) -> tuple[str, str, int | None]:
    return events.get(timeout=60)


def test_what_others_do_to_a_row_is_heard(url: str, others: Others) -> None:
    install(url)
    with watched(url) as (_, events):
        others.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 1)")
        assert heard(events) == ("created", "alice", 1)
        others.execute("UPDATE ps_aors SET max_contacts = 2")
        assert heard(events) == ("updated", "alice", 2)
        others.execute("UPDATE ps_aors SET id = 'bob'")
        assert sorted([heard(events), heard(events)]) == [("created", "bob", 2), ("deleted", "alice", 2)]
        others.execute("DELETE FROM ps_aors")
        assert heard(events) == ("deleted", "bob", 2)
    assert events.empty()


def test_another_process_is_heard(url: str, others: Others) -> None:
    install(url)
    script = (
        "import sys; from sorcery_database import address, new_engine\n"
        "with new_engine(address(sys.argv[1])).begin() as connection:\n"
        "    connection.exec_driver_sql(\"INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 7)\")"
    )
    with watched(url) as (_, events):
        subprocess.run([sys.executable, "-c", script, url], check=True, timeout=60)
        assert heard(events) == ("created", "alice", 7)


def test_what_was_written_through_itself_is_no_notice(url: str, others: Others) -> None:
    install(url)
    with Sorcery.open(url) as s:
        wizard = s._in_force.bindings["aor"].bound[0].wizard
        told: queue.SimpleQueue[object] = queue.SimpleQueue()
        watch = wizard.watch(lambda notices: told.put([notice.id for notice in notices]))  # type: ignore[attr-defined]
        for n in range(3):
            s.create(Aor(id=f"own{n}"))
        s.update(Aor(id="own1", max_contacts=3))
        with s.transaction() as t:
            t.delete(Aor(id="own2"))
            t.create(Aor(id="own3"))
        others.execute("INSERT INTO ps_aors (id) VALUES ('theirs')")
        assert told.get(timeout=60) == ["theirs"]
        assert told.empty()
        watch.close()


def test_what_is_rolled_back_is_not_heard(url: str, others: Others) -> None:
    install(url)
    with watched(url) as (_, events):
        with others.engine.connect() as connection:
            connection.exec_driver_sql("INSERT INTO ps_aors (id) VALUES ('never')")
            connection.rollback()
        others.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 1)")
        assert heard(events) == ("created", "alice", 1)


@pytest.fixture
def cached(url: str, tmp_path: Path) -> Path:
    """A folder whose AORs lie in the database behind a cache of everything, and its auths behind one of single ones."""
    folder = tmp_path / "etc"
    folder.mkdir()
    caches = "aor/cache = memory_cache,full_backend_cache=yes\nauth/cache = memory_cache\n"
    (folder / "sorcery.conf").write_text(
        f"[res_pjsip]\n{caches}aor = realtime,ps_aors\nauth = realtime,ps_auths\n", encoding="utf-8"
    )
    driver = "sqlite3" if url.startswith("sqlite") else "odbc"
    (folder / "extconfig.conf").write_text(
        f"[settings]\nps_aors => {driver},pbx\nps_auths => {driver},pbx\n", encoding="utf-8"
    )
    (folder / "databases.conf").write_text(f"[pbx]\nurl = {url}\n", encoding="utf-8")
    return folder


AUTH = "INSERT INTO ps_auths (id, auth_type, username, password) VALUES ('alice', 'userpass', 'alice', '{}')"


def test_caches_and_their_indexes_follow(url: str, others: Others, cached: Path) -> None:
    install(url)
    others.execute("INSERT INTO ps_aors (id, mailboxes) VALUES ('alice', '1@a')", AUTH.format("old"))
    with Sorcery.open(cached) as s, s.watch():
        auth = s.retrieve_by_id(Auth, "alice")
        assert auth is not None
        assert [aor.id for aor in s.retrieve_by_fields(Aor, mailboxes="1@a")] == ["alice"]
        others.execute(
            "UPDATE ps_aors SET mailboxes = '2@a'",
            "INSERT INTO ps_aors (id, mailboxes) VALUES ('bob', '2@a')",
            "DELETE FROM ps_auths",
        )
        eventually(lambda: [aor.id for aor in s.retrieve_by_fields(Aor, mailboxes="2@a")] == ["alice", "bob"])
        assert s.retrieve_by_fields(Aor, mailboxes="1@a") == []
        eventually(lambda: s.retrieve_by_id(Auth, "alice") is None)


def test_a_file_without_an_outbox_tells_that_it_changed(sqlite_url: str, cached_file: Path) -> None:
    others = Others(new_engine(address(sqlite_url)))
    with Sorcery.open(cached_file) as s, s.watch() as watching:
        assert s.retrieve_by_id(Aor, "alice") is None
        assert "sorcery db notify on" in watching.unnoticed["aor"]
        others.execute("INSERT INTO ps_aors (id) VALUES ('alice')")
        eventually(lambda: s.retrieve_by_id(Aor, "alice") is not None)
    others.engine.dispose()


@pytest.fixture
def cached_file(sqlite_url: str, tmp_path: Path) -> Path:
    upgrade(sqlite_url)
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\naor/cache = memory_cache,full_backend_cache=yes\naor = realtime,ps_aors\n", encoding="utf-8"
    )
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n", encoding="utf-8")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {sqlite_url}\n", encoding="utf-8")
    return tmp_path


def test_own_writes_to_a_file_without_an_outbox_are_no_notice(sqlite_url: str, cached_file: Path) -> None:
    others = Others(new_engine(address(sqlite_url)))
    with Sorcery.open(cached_file) as s:
        wizard = s._in_force.bindings["aor"].bound[-1].wizard
        told: queue.SimpleQueue[object] = queue.SimpleQueue()
        watch = wizard.watch(lambda notices: told.put(notices))  # type: ignore[attr-defined]
        for n in range(20):
            s.create(Aor(id=f"own{n}"))
        with pytest.raises(queue.Empty):
            told.get(timeout=0.3)
        others.execute("INSERT INTO ps_aors (id) VALUES ('theirs')")
        assert told.get(timeout=60)
        watch.close()
    others.engine.dispose()


def test_without_an_outbox_the_remedy_is_said_once_and_switching_it_on_is_noticed(
    url: str, others: Others, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), Sorcery.open(url) as s:
        events: Events = queue.SimpleQueue()
        observe(s, events)
        with s.watch() as watching:
            assert "aor" not in watching.types
            assert "sorcery db notify on" in watching.unnoticed["aor"]
            said = [record for record in caplog.records if "sorcery db notify on" in record.getMessage()]
            assert len(said) == 1
            install(url)
            eventually(lambda: "aor" in watching.types)
            others.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 1)")
            assert heard(events) == ("created", "alice", 1)
    assert len([record for record in caplog.records if "sorcery db notify on" in record.getMessage()]) == 1


def test_switching_it_off_is_noticed(url: str, others: Others, caplog: pytest.LogCaptureFixture) -> None:
    install(url)
    with watched(url) as (s, _), s.watch() as watching:
        assert "aor" in watching.types
        remove(url)
        eventually(lambda: "aor" not in watching.types)
        eventually(lambda: "sorcery db notify on" in caplog.text)


@pytest.mark.parametrize("name", ["postgresql_url", "mariadb_url"])
def test_nothing_is_lost_over_a_dropped_connection(name: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(name)
    upgrade(url)
    install(url)
    others = Others(new_engine(address(url)))
    with watched(url) as (_, events):
        for n in range(3):
            kill_others(others.engine)
            others.execute(f"INSERT INTO ps_aors (id, max_contacts) VALUES ('a{n}', {n})")
            assert heard(events) == ("created", f"a{n}", n)
    others.engine.dispose()


def test_a_lost_position_makes_caches_look_at_everything(url: str, others: Others, cached: Path) -> None:
    install(url)
    with Sorcery.open(cached) as s, s.watch():
        assert s.retrieve_all(Aor) == []
        remove(url)
        others.execute("INSERT INTO ps_aors (id) VALUES ('unnoticed')")
        install(url)
        eventually(lambda: [aor.id for aor in s.retrieve_all(Aor)] == ["unnoticed"])


def test_a_mapping_that_comes_later_is_watched_too(url: str, others: Others) -> None:
    install(url)
    events: Events = queue.SimpleQueue()
    with Sorcery.open("memory:") as s, s.watch(), Sorcery.open(url) as source:
        s.environment.families.update(source.environment.families)  # type: ignore[attr-defined]
        s.environment.databases.update(source.environment.databases)  # type: ignore[attr-defined]
        observe(s, events)
        s.map("aor", "realtime", "ps_aors")
        others.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 1)")
        assert heard(events) == ("created", "alice", 1)


def test_what_changes_before_a_later_database_is_heard_is_told_as_anything(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(sqlite_url)
    install(sqlite_url)
    database, gate, told = Database(sqlite_url), threading.Event(), queue.SimpleQueue[Sequence[Notice]]()

    def slow(*arguments: Any) -> object:
        assert gate.wait(60)
        return begin(*arguments)

    monkeypatch.setattr("sorcery_realtime.watching.listener.begin", slow)
    store = cast("RealtimeStore", Mock(sources=[Mock(database=database)]))
    stores: list[RealtimeStore] = []
    watch = RealtimeWatch(lambda: stores, told.put, lambda _: None)
    stores.append(store)
    watch.follow()
    Others(database.engine).execute("INSERT INTO ps_aors (id) VALUES ('unheard')")
    gate.set()
    try:
        assert told.get(timeout=60) == [Notice(store)]
    finally:
        watch.close()
        database.close()


def test_files_may_be_left_to_reloads(sqlite_url: str, cached_file: Path) -> None:
    """What a database tells of as a whole reads no file either."""
    others = Others(new_engine(address(sqlite_url)))
    conf = cached_file / "pjsip.conf"
    conf.write_text("[old]\ntype=auth\nusername=old\npassword=secret1\n", encoding="utf-8")
    with Sorcery.open(cached_file) as s, s.watch(files=False):
        conf.write_text("[new]\ntype=auth\nusername=new\npassword=secret2\n", encoding="utf-8")
        others.execute("INSERT INTO ps_aors (id) VALUES ('alice')")
        eventually(lambda: s.retrieve_by_id(Aor, "alice") is not None)
        assert s.retrieve_by_id(Auth, "new") is None
        with s.watch():
            eventually(lambda: s.retrieve_by_id(Auth, "new") is not None)
    others.engine.dispose()
