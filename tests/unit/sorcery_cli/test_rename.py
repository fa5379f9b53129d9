"""`rename` and `delete --cascade`: objects that others refer to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint


@pytest.fixture
def phone(url: str) -> str:
    """Return the address of a database with one phone."""
    with Sorcery.open(url) as s, s.transaction() as t:
        t.create(Endpoint("alice", auth="alice", aors="alice,desk"))
        t.create(Auth("alice", username="alice", password="open sesame"))
        t.create(Aor("alice", max_contacts=1))
        t.create(Aor("desk"))
    return url


def test_a_new_id_is_known_to_all(run: Any, phone: str) -> None:
    assert run("--db", phone, "rename", "aor", "desk", "front").out.splitlines() == [
        "+ aor front",
        "~ endpoint alice",
        "    aors: alice,desk -> alice,front",
        "- aor desk",
    ]
    with Sorcery.open(phone) as s:
        assert [each.id for each in s.retrieve_all(Aor)] == ["alice", "front"]
        assert s.dangling(deep=True) == []


def test_a_dry_run_changes_nothing_and_shows_no_secret(run: Any, phone: str) -> None:
    result = run("--db", phone, "rename", "auth", "alice", "al", "--dry-run")
    assert result.code == 0
    assert "+ auth al" in result.out
    assert "sesame" not in result.out
    assert [each["op"] for each in run("--db", phone, "rename", "auth", "alice", "al", "--dry-run", "--json").json] == [
        *("create", "update", "delete")
    ]
    assert run("--db", phone, "show", "auth", "alice").code == 0


def test_what_cannot_be_renamed_is_told(run: Any, phone: str, directory: Path) -> None:
    assert run("--db", phone, "rename", "aor", "desk", "alice").code == 1
    assert run("--db", phone, "rename", "aor", "desk", "a,b").code == 1
    assert run("--db", phone, "rename", "aor", "nobody", "x").code == 1
    result = run("-C", directory, "rename", "aor", "alice", "x")
    assert (result.code, "cannot be written" in result.err) == (1, True)


def test_a_deletion_takes_along_what_belongs_to_the_object(run: Any, phone: str) -> None:
    words = ("--db", phone, "delete", "endpoint", "alice", "--cascade")
    lines = ["- endpoint alice", "- aor alice", "- aor desk", "- auth alice"]
    assert run(*words, "--dry-run").out.splitlines() == lines
    assert run(*words).out.splitlines() == lines
    assert run("--db", phone, "graph").out == ""


def test_a_deletion_may_wait_until_nobody_refers_to_the_object(run: Any, phone: str) -> None:
    words = ("--db", phone, "delete", "auth", "alice")
    for option in ("--unless-referred", "--cascade"):
        result = run(*words, option)
        assert result.code == 1
        assert "referred to by endpoint 'alice', option auth (ps_endpoints row alice)" in result.err
    assert run(*words, "--dry-run").code == 2
    assert run("--db", phone, "delete", "endpoint", "alice", "--unless-referred").code == 0
    assert run(*words, "--unless-referred").code == 0
