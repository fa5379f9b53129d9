"""Copies between systems: what is chosen, what becomes of it, and what is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sorcery import NotListed, Object, Sorcery, Unavailable, UnknownType, object_type
from sorcery.copying.outcome import Copied, Emptied, Fate, Fated, Progress
from sorcery.copying.selection import Selection
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from sorcery.writing.transaction import Step
from sorcery_migrations import upgrade


@pytest.fixture
def source() -> Sorcery:
    """Return a system in memory with two phones, and an aor that nobody refers to."""
    s = Sorcery.open("memory:")
    with s.transaction() as t:
        for name, context in (("alice", "internal"), ("bob", "sales")):
            t.create(Auth(id=f"{name}_auth", username=name, password="open sesame"))
            t.create(Aor(id=name, max_contacts=2))
            t.create(Endpoint(id=name, context=context, auth=[f"{name}_auth"], aors=[name]))
        t.create(Aor(id="spare"))
    return s


@pytest.fixture
def target() -> Sorcery:
    """Return an empty system in memory."""
    return Sorcery.open("memory:")


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    url = f"sqlite:///{tmp_path / 'pbx.db'}"
    upgrade(url)
    return url


@pytest.fixture
def hiding(tmp_path: Path, database: str) -> Path:
    """Return a directory whose aors lie in the database, which lists none of them."""
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors,allow_unqualified_fetch=no\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {database}\n")
    return tmp_path


def ids(s: Sorcery, name: str) -> list[str]:
    return [obj.id for obj in s.retrieve_all(name)]


def counts(copied: Copied) -> dict[str, int]:
    return {fate.value: count for fate in Fate if (count := copied.count(fate))}


def test_all_types_that_both_know_are_copied_secrets_included(source: Sorcery, target: Sorcery) -> None:
    copied = target.copy_from(source)
    assert (counts(copied), copied.verified, copied.is_complete) == ({"created": 7}, 7, True)
    assert target.retrieve_by_id(Auth, "bob_auth") == source.retrieve_by_id(Auth, "bob_auth")


def test_what_is_there_and_the_same_is_left_alone(source: Sorcery, target: Sorcery) -> None:
    target.copy_from(source)
    changed: list[Object] = []
    target.observe(Aor, updated=lambda new, old: changed.append(new), created=changed.append)
    target.update(Aor(id="bob", max_contacts=9))
    changed.clear()
    copied = target.copy_from(source)
    assert counts(copied) == {"updated": 1, "unchanged": 6}
    assert changed == [Aor(id="bob", max_contacts=2)]


def test_an_object_that_differs_may_be_left_alone_or_told(source: Sorcery, target: Sorcery) -> None:
    target.create(Aor(id="bob", max_contacts=9))
    skipped = target.copy_from(source, existing="skip")
    assert (counts(skipped), skipped.is_complete) == ({"created": 6, "skipped": 1}, True)
    failed = target.copy_from(source, existing="fail")
    assert (counts(failed), failed.is_complete) == ({"unchanged": 6}, False)
    (failure,) = failed.failed
    assert (failure.type_name, failure.id) == ("aor", "bob")
    assert failure.reason == "the target holds another one: max_contacts differs"
    assert target.retrieve_by_id(Aor, "bob") == Aor(id="bob", max_contacts=9)
    with pytest.raises(ValueError, match="sometimes"):
        target.copy_from(source, existing="sometimes")


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(source: Sorcery, target: Sorcery) -> None:
    target.create(Aor(id="bob", max_contacts=9))
    target.create(Aor(id="old"))
    copied = target.copy_from(source, Selection(types=["aor"]), dry_run=True, prune=True)
    assert copied.changes == (
        Fated(Fate.CREATED, "aor", "alice"),
        Fated(Fate.UPDATED, "aor", "bob", ("max_contacts",)),
        Fated(Fate.CREATED, "aor", "spare"),
        Fated(Fate.DELETED, "aor", "old"),
    )
    assert (copied.verified, ids(target, "aor")) == (None, ["bob", "old"])


def test_pruning_deletes_what_the_source_does_not_hold(source: Sorcery, target: Sorcery) -> None:
    target.create(Aor(id="old"))
    target.create(Endpoint(id="old", aors=["old"]))
    assert counts(target.copy_from(source, prune=True)) == {"created": 7, "deleted": 2}
    assert (ids(target, "aor"), ids(target, "endpoint")) == (["alice", "bob", "spare"], ["alice", "bob"])
    with pytest.raises(ValueError, match="whole types alone"):
        target.copy_from(source, Selection(prefix="a"), prune=True)


def test_a_source_that_holds_nothing_is_no_reason_to_delete_all(source: Sorcery, target: Sorcery) -> None:
    with pytest.raises(Emptied, match="holds no aor, no endpoint, so pruning would delete all"):
        source.copy_from(target, Selection(types=["aor", "endpoint"]), prune=True)
    assert ids(source, "aor") == ["alice", "bob", "spare"]
    with pytest.raises(Emptied):
        source.copy_from(target, prune=True, dry_run=True)
    assert counts(target.copy_from(Sorcery.open("memory:"), prune=True)) == {}


def test_a_type_of_which_the_source_holds_none_is_pruned_with_consent_alone(source: Sorcery, target: Sorcery) -> None:
    target.create(Contact(id="alice;@1", uri="sip:alice@192.0.2.1"))
    target.create(Aor(id="old"))
    with pytest.raises(Emptied) as refused:
        target.copy_from(source, prune=True)
    assert refused.value.names == ("contact",)
    assert (ids(target, "aor"), ids(target, "endpoint"), ids(target, "contact")) == (["old"], [], ["alice;@1"])
    with pytest.raises(Emptied):
        target.copy_from(source, prune=True, emptied=["auth"])
    assert counts(target.copy_from(source, prune=True, emptied=[Contact])) == {"created": 7, "deleted": 2}
    assert ids(target, "contact") == []
    with pytest.raises(UnknownType):
        target.copy_from(source, prune=True, emptied=["contct"])
    with pytest.raises(ValueError, match="nothing but pruning deletes"):
        target.copy_from(source, emptied=["contact"])


def test_objects_are_chosen_by_id_and_fields(source: Sorcery, target: Sorcery) -> None:
    target.copy_from(source, Selection(types=[Aor], prefix="s"))
    assert (ids(target, "aor"), ids(target, "auth")) == (["spare"], [])
    target.copy_from(source, Selection(types=["auth", "aor"], regex="^b.*b"))
    assert (ids(target, "aor"), ids(target, "auth")) == (["bob", "spare"], ["bob_auth"])
    target.copy_from(source, Selection(types=["endpoint"], where={"endpoint": {"context": "internal"}}))
    assert ids(target, "endpoint") == ["alice"]


def test_what_the_chosen_ones_refer_to_comes_too_and_first(source: Sorcery, target: Sorcery) -> None:
    stored: list[tuple[str, str]] = []
    for name in ("endpoint", "aor", "auth"):
        target.observe(name, created=lambda obj: stored.append((obj.__sorcery__.name, obj.id)))
    chosen = Selection(types=["endpoint"], where={"endpoint": {"context": "sales"}}, with_references=True)
    copied = target.copy_from(source, chosen)
    assert stored == [("auth", "bob_auth"), ("aor", "bob"), ("endpoint", "bob")]
    assert (counts(copied), copied.verified) == ({"created": 3}, 3)


def test_an_object_brings_its_owner(source: Sorcery, target: Sorcery) -> None:
    source.create(Contact(id="alice;@1", uri="sip:a@192.0.2.1"))
    target.copy_from(source, Selection(types=["contact"], with_references=True))
    assert (ids(target, "aor"), ids(target, "contact")) == (["alice"], ["alice;@1"])


def test_a_selection_that_means_nothing_is_refused_before_anything_is_done(source: Sorcery, target: Sorcery) -> None:
    for selection, error in (
        (Selection(types=["aors"]), UnknownType),
        (Selection(where={"endpoint": {"contxt": "x"}}), ValueError),
        (Selection(types=["aor"], where={"endpoint": {"context": "x"}}), ValueError),
        (Selection(regex="("), ValueError),
    ):
        with pytest.raises(error):
            target.copy_from(source, selection)
    assert ids(target, "aor") == []


def test_a_reference_is_not_followed_into_memory(source: Sorcery, database: str) -> None:
    with Sorcery.open(database) as stored, Sorcery.open("memory:") as memory:
        stored.copy_from(source)
        copied = memory.copy_from(stored, Selection(types=["endpoint"], with_references=True))
        assert (counts(copied), ids(memory, "endpoint"), ids(memory, "aor")) == ({"created": 2}, ["alice", "bob"], [])


def test_a_refused_batch_is_halved_until_what_is_to_blame_is_found(source: Sorcery, database: str) -> None:
    with source.transaction() as t:
        for number in range(60):
            t.create(Aor(id=f"{number}"))
        t.create(Aor(id="bad", mailboxes=["x" * 100]))
    with Sorcery.open(database) as target:
        copied = target.copy_from(source, Selection(types=["aor"]))
        assert [(each.type_name, each.id) for each in copied.failed] == [("aor", "bad")]
        assert (counts(copied), copied.verified, len(ids(target, "aor"))) == ({"created": 63}, 63, 63)


def test_a_row_that_is_no_object_is_replaced_or_told(source: Sorcery, database: str) -> None:
    def spoil() -> None:
        with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
            connection.execute("INSERT OR REPLACE INTO ps_aors (id, max_contacts) VALUES ('bob', -7)")
        connection.close()

    with Sorcery.open(database) as target:
        spoil()
        aors = Selection(types=["aor"])
        failed = target.copy_from(source, aors, existing="fail")
        assert [(each.type_name, each.id) for each in failed.failed] == [("aor", "bob")]
        assert counts(target.copy_from(source, aors, existing="skip")) == {"unchanged": 2, "skipped": 1}
        assert counts(target.copy_from(source, aors)) == {"unchanged": 2, "updated": 1}
        assert target.retrieve_by_id(Aor, "bob") == source.retrieve_by_id(Aor, "bob")


def test_what_the_source_cannot_read_is_told_and_never_pruned(source: Sorcery, database: str, target: Sorcery) -> None:
    target.create(Aor(id="bob", max_contacts=9))
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        connection.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('bob', -7), ('cat', 1)")
    connection.close()
    with Sorcery.open(database) as broken:
        copied = target.copy_from(broken, Selection(types=["aor"]), prune=True)
        assert [(each.type_name, each.id) for each in copied.failed] == [("aor", "bob")]
        assert ids(target, "aor") == ["bob", "cat"]
        assert target.copy_from(broken, Selection(types=["aor"], prefix="c")).failed == ()


def test_a_type_of_which_the_source_reads_none_is_not_emptied(database: str, target: Sorcery) -> None:
    target.create(Aor(id="bob", max_contacts=9))
    target.create(Aor(id="old"))
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        connection.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('bob', -7)")
    connection.close()
    with Sorcery.open(database) as broken:
        copied = target.copy_from(broken, Selection(types=["aor"]), prune=True)
    assert [each.id for each in copied.failed] == ["bob"]
    assert ids(target, "aor") == ["bob"]


def test_a_type_that_cannot_be_written_is_told_once_for_each_object(tmp_path: Path, source: Sorcery) -> None:
    (tmp_path / "pjsip.conf").write_text("")
    with Sorcery.open(tmp_path) as files:
        for is_dry in (True, False):
            copied = files.copy_from(source, Selection(types=["aor"]), dry_run=is_dry)
            assert [each.id for each in copied.failed] == ["alice", "bob", "spare"]
            assert "cannot be written" in copied.failed[0].reason


def test_batches_are_transactions_of_a_bounded_size(source: Sorcery, target: Sorcery, monkeypatch: Any) -> None:
    store, sizes = Sorcery._store, []

    def noting(self: Sorcery, steps: Sequence[Step]) -> Any:
        sizes.append([step.obj.id for step in steps])
        return store(self, steps)

    monkeypatch.setattr(Sorcery, "_store", noting)
    told: list[Progress] = []
    target.copy_from(source, Selection(types=["aor"]), batch=2, progress=told.append)
    assert sizes == [["alice", "bob"], ["spare"]]
    assert told == [
        Progress("copying", "aor", 2, 3),
        Progress("copying", "aor", 3, 3),
        Progress("verifying", "aor", 2, 3),
        Progress("verifying", "aor", 3, 3),
    ]


def test_what_is_read_back_and_is_another_one_is_told(
    source: Sorcery, target: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Callable[[Sorcery, Sequence[Step]], Any] = Sorcery._store

    def lossy(self: Sorcery, steps: Sequence[Step]) -> Any:
        kept = [Step(step.op, Aor(id=step.obj.id)) for step in steps if step.obj.id != "spare"]
        return store(self, kept)

    monkeypatch.setattr(Sorcery, "_store", lossy)
    copied = target.copy_from(source, Selection(types=["aor"]))
    assert [(each.id, each.reason) for each in copied.differing] == [
        ("alice", "other than in the source: max_contacts"),
        ("bob", "other than in the source: max_contacts"),
        ("spare", "the target does not hold it, or cannot read it"),
    ]
    assert (copied.verified, copied.is_complete) == (3, False)


def test_a_source_that_gives_no_list_is_not_taken_for_empty(hiding: Path, target: Sorcery) -> None:
    with Sorcery.open(hiding) as source:
        with pytest.raises(NotListed):
            target.copy_from(source, Selection(types=["aor"]))
        assert counts(target.copy_from(source, Selection(types=["aor"], prefix="a"))) == {}


def test_a_silent_source_is_unavailable(tmp_path: Path, target: Sorcery) -> None:
    with Sorcery.open(f"sqlite:///{tmp_path}/none.db") as source, pytest.raises(Unavailable):
        target.copy_from(source, Selection(types=["aor"]))


def test_a_type_that_the_target_does_not_know_is_refused_by_name(target: Sorcery) -> None:
    @object_type("lamp")
    class Lamp(Object):
        pass

    with Sorcery.open("memory:", types=[Lamp]) as source:
        source.create(Lamp(id="red"))
        with pytest.raises(UnknownType, match="lamp"):
            target.copy_from(source, Selection(types=[Lamp]))
        assert target.copy_from(source).is_complete


def test_of_an_empty_target_no_object_is_asked_for(
    source: Sorcery, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sorcery.open(database) as target:
        store = target._binding(Aor).bound[0].store
        monkeypatch.setattr(type(store), "retrieve_many", lambda self, ids: pytest.fail(f"asked for {ids}"))
        assert counts(target.copy_from(source, Selection(types=["aor"]), verify=False)) == {"created": 3}


def test_a_target_that_gives_no_list_is_not_taken_for_empty(
    source: Sorcery, hiding: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, sizes = Sorcery._store, []

    def noting(self: Sorcery, steps: Sequence[Step]) -> Any:
        sizes.append(len(steps))
        return store(self, steps)

    with Sorcery.open(database) as stored, Sorcery.open(hiding) as target:
        stored.create(Aor(id="bob", max_contacts=9))
        stored.create(Aor(id="old"))
        monkeypatch.setattr(Sorcery, "_store", noting)
        with pytest.raises(NotListed):
            target.copy_from(source, Selection(types=["aor"]), prune=True)
        assert (ids(stored, "aor"), sizes) == (["bob", "old"], [])
        assert counts(target.copy_from(source, Selection(types=["aor"]))) == {"created": 2, "updated": 1}
        assert sizes == [3]


def test_what_is_queued_is_not_told_as_stored(source: Sorcery, hiding: Path, database: str) -> None:
    (hiding / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n[writes]\naor=all,queue\n")
    with Sorcery.open(hiding) as target, sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        copied = target.copy_from(source, Selection(types=["aor"]))
        assert (counts(copied), copied.verified, copied.is_complete) == ({"queued": 3}, 0, False)
        assert ids(target, "aor") == []
    connection.close()
