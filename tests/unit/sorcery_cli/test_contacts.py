"""`contacts reap`: what the owners of contacts leave behind."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Contact


@pytest.fixture
def filled(url: str) -> str:
    """Return the address of a database with contacts that are over, and one that is not."""
    now = int(time.time())
    with Sorcery.open(url) as s, s.transaction() as t:
        t.create(Aor("a"))
        for id, server, deadline in (("1", "one", 60), ("2", "two", 60), ("3", "two", 4000), ("4", "one", -9000)):
            t.create(Contact(f"a;@{id}", uri="sip:a@192.0.2.7", reg_server=server, expiration_time=now - deadline))
    return url


def left(url: str) -> list[str]:
    with Sorcery.open(url) as s:
        return [each.id for each in s.retrieve_all(Contact)]


def test_a_server_reaps_its_own_and_what_others_have_left_too_long(run: Any, filled: str) -> None:
    result = run("--db", filled, "contacts", "reap", "--server", "one")
    assert result.out.splitlines() == ["a;@1: it has expired", "a;@3: it has expired", "2 contacts deleted"]
    assert left(filled) == ["a;@2", "a;@4"]


def test_a_dry_run_deletes_nothing(run: Any, filled: str) -> None:
    told = run("--db", filled, "contacts", "reap", "--grace", "0", "--dry-run", "--json").json
    assert told == {"expired": ["a;@1", "a;@2", "a;@3"], "orphaned": [], "deleted": False}
    assert len(left(filled)) == 4


def test_contacts_without_an_aor_go_where_that_is_asked_for(run: Any, filled: str) -> None:
    with Sorcery.open(filled) as s:
        s.delete(Aor("a"))
    assert run("--db", filled, "contacts", "reap", "--server", "one", "--json").json["orphaned"] == []
    told = run("--db", filled, "contacts", "reap", "--server", "one", "--absent-aors", "--json").json
    assert told["orphaned"] == ["a;@4"]
    assert left(filled) == ["a;@2"]


def test_contacts_in_memory_and_a_grace_that_is_none_are_refused(run: Any, filled: str) -> None:
    assert run("--db", "memory:", "contacts", "reap").code == 1
    assert run("--db", filled, "contacts", "reap", "--grace", "-1").code == 2
    assert len(left(filled)) == 4
