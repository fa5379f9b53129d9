"""Connections that short questions hand to one another, and the places that they take in the pool."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from sqlalchemy import PoolProxiedConnection

from sorcery_realtime.databases import POOL, Database
from sorcery_realtime.kept import KEPT, Kept, Lent

PLACES = int(POOL["pool_size"] + POOL["max_overflow"])


class Connection:
    """A connection as the pool lends it."""

    def __init__(self) -> None:
        self.is_valid, self.closed = True, 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def kept() -> Kept:
    return Kept(cast("Callable[[], PoolProxiedConnection]", Connection))


def closed(lent: Any) -> int:
    found: int = lent.connection.closed
    return found


def test_one_question_hands_its_connection_to_the_next(kept: Kept) -> None:
    first = kept.lend()
    kept.take(first, has_room=True)
    assert kept.lend() is first
    assert kept.lend() is not first
    assert closed(first) == 0


def test_a_few_are_kept_and_the_others_given_back(kept: Kept) -> None:
    lent = [kept.lend() for _ in range(KEPT + 2)]
    for each in lent:
        kept.take(each, has_room=True)
    assert len(kept) == KEPT
    assert [closed(each) for each in lent] == [0] * KEPT + [1, 1]


def test_where_there_is_no_room_a_connection_is_given_back(kept: Kept) -> None:
    lent = kept.lend()
    kept.take(lent, has_room=False)
    assert (len(kept), closed(lent)) == (0, 1)


def test_a_connection_that_ended_is_not_kept(kept: Kept) -> None:
    lent = kept.lend()
    cast("Any", lent.connection).is_valid = False
    kept.take(lent, has_room=True)
    assert (len(kept), closed(lent)) == (0, 1)


def test_what_was_lent_before_connections_came_in_doubt_is_not_lent_again(kept: Kept) -> None:
    idle, used = kept.lend(), kept.lend()
    kept.take(idle, has_room=True)
    kept.renew()
    kept.take(used, has_room=True)
    assert (len(kept), closed(idle), closed(used)) == (0, 1, 1)


def test_one_that_comes_back_while_all_are_renewed_is_not_kept(kept: Kept) -> None:
    class Late(Connection):
        def __getattribute__(self, name: str) -> Any:
            if name == "is_valid":
                kept.renew()
            return super().__getattribute__(name)

    lent = Lent(cast("PoolProxiedConnection", Late()), kept.lend().era)
    kept.take(lent, has_room=True)
    assert (len(kept), closed(lent)) == (0, 1)


def test_one_that_is_kept_makes_room_and_where_none_is_nothing_happens(kept: Kept) -> None:
    lent = kept.lend()
    kept.take(lent, has_room=True)
    kept.make_room()
    kept.make_room()
    assert (len(kept), closed(lent)) == (0, 1)


def test_kept_connections_take_no_place_from_those_who_need_all(pbx: str) -> None:
    database = Database(pbx)
    few, all_places = threading.Barrier(KEPT, timeout=60), threading.Barrier(PLACES, timeout=60)
    with ThreadPoolExecutor(PLACES) as threads:
        list(threads.map(lambda _: database.ask_driver("", lambda connection: few.wait()), range(KEPT)))
        assert len(database._kept) == KEPT
        assert (
            len(list(threads.map(lambda _: database.read("", lambda connection: all_places.wait()), range(PLACES))))
            == PLACES
        )
    database.close()


def test_kept_connections_take_no_place_where_one_more_watches_the_file(pbx: str) -> None:
    database, readers = Database(pbx), PLACES - KEPT
    database.version_of_others()
    few, others = threading.Barrier(KEPT, timeout=60), threading.Barrier(readers, timeout=60)
    with ThreadPoolExecutor(readers) as threads:
        list(threads.map(lambda _: database.ask_driver("", lambda connection: few.wait()), range(KEPT)))
        assert (
            len(list(threads.map(lambda _: database.read("", lambda each: others.wait()), range(readers)))) == readers
        )
    database.close()


def test_a_closed_database_keeps_none(pbx: str) -> None:
    database = Database(pbx)
    database.ask_driver("", lambda connection: connection.execute("SELECT 1").fetchall())
    assert len(database._kept) == 1
    database.close()
    assert len(database._kept) == 0
    database.ask_driver("", lambda connection: connection.execute("SELECT 1").fetchall())  # by who did not hear of it
    assert len(database._kept) == 0


def test_a_kept_connection_serves_a_long_question_rather_than_a_new_one(pbx: str) -> None:
    database = Database(pbx)
    kept = database.ask_driver("", lambda connection: connection)
    assert database.read("", lambda connection: connection.connection.dbapi_connection) is kept
    database.close()


def test_a_crowded_server_with_a_kept_connection_is_not_given_up(pbx: str) -> None:
    database = Database(pbx)
    assert not database._has_others
    database.ask_driver("", lambda connection: connection)
    assert database._has_others
    database.close()
