"""Plans as files: what they hold, whom they show it to, and what they are refused for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sorcery import AlreadyExists, ConfigurationError, Conflict, InvalidObject, Sorcery, UnknownType
from sorcery.pjsip import Aor, Auth
from sorcery.planfile import FEW, OutdatedPlan, SavedChange, SavedPlan
from sorcery.wizard import Op

WANTED = (Aor("alice", max_contacts=2), Auth("alice", username="alice", password="open sesame"))


@pytest.fixture
def saved(tmp_path: Path) -> SavedPlan:
    """A plan that updates one AOR, deletes another and creates an auth, as it is read from its file."""
    with system() as mine, Sorcery.open("memory:") as theirs:
        for each in WANTED:
            theirs.create(each)
        SavedPlan.of(mine.plan(theirs), "memory:").write(tmp_path / "plan.json")
    return SavedPlan.read(tmp_path / "plan.json")


def system() -> Sorcery:
    made = Sorcery.open("memory:")
    made.create(Aor("alice"))
    made.create(Aor("old"))
    return made


def held(s: Sorcery) -> list[Any]:
    return [*s.retrieve_all("aor"), *s.retrieve_all("auth")]


def test_a_plan_is_carried_out_as_it_was_written(saved: SavedPlan) -> None:
    with system() as s:
        plan = saved.resume(s)
        assert "~ aor alice\n    max_contacts: 0 -> 2" in str(plan)
        plan.apply()
        assert held(s) == list(WANTED)


def test_the_file_is_its_owners_alone_and_holds_what_the_repr_does_not(saved: SavedPlan, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "open sesame" in file.read_text()
    assert "sesame" not in repr(saved)
    file.chmod(0o644)
    saved.write(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_each_object_that_is_another_now_is_named_and_nothing_is_done(saved: SavedPlan) -> None:
    with system() as s:
        s.update(Aor("alice", max_contacts=7))
        s.delete(Aor("old"))
        s.create(Auth("alice", username="somebody", password="x"))
        before = held(s)
        with pytest.raises(OutdatedPlan) as caught:
            saved.resume(s)
        assert held(s) == before
    assert {(type(each), each.type_name, each.id) for each in caught.value.conflicts} == {
        (Conflict, "aor", "alice"),
        (Conflict, "aor", "old"),
        (AlreadyExists, "auth", "alice"),
    }
    for told in ("aor 'alice' was changed", "aor 'old' vanished", "auth 'alice' was created"):
        assert told in str(caught.value)


def test_what_changes_between_the_look_and_the_change_is_a_conflict(saved: SavedPlan) -> None:
    with system() as s:
        plan = saved.resume(s)
        s.update(Aor("alice", max_contacts=7))
        with pytest.raises(Conflict):
            plan.apply()
        assert s.retrieve_all("auth") == []


def test_many_objects_are_compared_as_few_are(tmp_path: Path) -> None:
    with Sorcery.open("memory:") as mine, Sorcery.open("memory:") as theirs, Sorcery.open("memory:") as later:
        for number in range(FEW + 1):
            for each in (mine, later):
                each.create(Aor(f"a{number}"))
            theirs.create(Aor(f"a{number}", max_contacts=2))
        saved = SavedPlan.of(mine.plan(theirs), "memory:")
        saved.resume(later).apply()
        assert not later.plan(theirs)
        with pytest.raises(OutdatedPlan, match=f"{FEW + 1 - 20} more; nothing is changed"):
            saved.resume(later)


def test_a_plan_asks_for_what_it_is_about_and_not_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sorcery.open("memory:") as mine, Sorcery.open("memory:") as theirs:
        for number in range(FEW + 1):
            theirs.create(Aor(f"a{number}"))
        saved = SavedPlan.of(mine.plan(theirs), "memory:")
        monkeypatch.setattr("sorcery.retrieval.Retrieval.retrieve_all", None)
        saved.resume(mine).apply()
        monkeypatch.undo()
        assert len(mine.retrieve_all("aor")) == FEW + 1


def test_an_object_that_could_not_be_read_is_replaced_as_long_as_it_cannot_be(tmp_path: Path) -> None:
    data = {"op": "update", "type": "aor", "id": "alice", "old": None, "new": [["max_contacts", "3"]]}
    file = written(tmp_path, [data])
    with Sorcery.open("memory:") as s:
        assert len(SavedPlan.read(file).resume(s)) == 1
    with system() as s, pytest.raises(OutdatedPlan, match="aor 'alice' was changed"):
        SavedPlan.read(file).resume(s)


def written(folder: Path, changes: Any, **others: Any) -> Path:
    file = folder / "by-hand.json"
    file.write_text(json.dumps({"format": "sorcery-plan 1", "made": "", "target": "", "changes": changes} | others))
    return file


CREATE: dict[str, Any] = {"op": "create", "type": "aor", "id": "x", "old": None, "new": []}


@pytest.mark.parametrize(
    "changes",
    [
        [{**CREATE, "op": "destroy"}],
        [{**CREATE, "op": "put"}],
        [{**CREATE, "op": "delete"}],
        [{**CREATE, "new": None}],
        [{**CREATE, "old": []}],
        [{**CREATE, "new": [["one"]]}],
        [{"op": "create"}],
        [7],
        7,
    ],
)
def test_what_means_nothing_is_refused(changes: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"by-hand\.json: this is no plan"):
        SavedPlan.read(written(tmp_path, changes))


def test_another_version_other_texts_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not one of this version"):
        SavedPlan.read(written(tmp_path, [], format="sorcery-plan 2"))
    other = tmp_path / "pjsip.conf"
    other.write_text("[a]\n")
    with pytest.raises(ConfigurationError, match="no plan"):
        SavedPlan.read(other)
    other.write_text("[" * 100_000)
    with pytest.raises(ConfigurationError, match="no plan"):
        SavedPlan.read(other)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        SavedPlan.read(tmp_path / "none")


def test_any_text_comes_back_from_the_file(tmp_path: Path) -> None:
    texts = ["é", "\udce9", "a\nb", '"', "\\", "\x00", "\u2028"]
    changes = [SavedChange(Op.UPDATE, "aor", text, [("mailboxes", text)], [("@x", text)]) for text in texts]
    SavedPlan("t", "m", tuple(changes)).write(tmp_path / "plan.json")
    assert SavedPlan.read(tmp_path / "plan.json").changes == tuple(changes)
    assert len((tmp_path / "plan.json").read_bytes().splitlines()) == len(texts) + 2


def test_a_wrong_name_costs_nobody_a_file(saved: SavedPlan, tmp_path: Path) -> None:
    other = tmp_path / "pjsip.conf"
    other.write_text("[a]\n")
    with pytest.raises(ConfigurationError, match="what lies there is none"):
        saved.write(other)
    assert other.read_text() == "[a]\n"
    with pytest.raises(ConfigurationError, match="cannot be written"):
        saved.write(tmp_path / "none" / "plan.json")


def test_what_is_no_file_stays_what_it_is_and_nobody_waits_for_it(saved: SavedPlan, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, tmp_path / "link"):
        with pytest.raises(ConfigurationError, match="what lies there is none"):
            saved.write(path)
    assert pipe.is_fifo()


def test_a_link_to_a_plan_leads_to_the_new_one(saved: SavedPlan, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "plan.json")
    saved.write(tmp_path / "link")
    SavedPlan("t", "m", ()).write(tmp_path / "link")
    assert SavedPlan.read(tmp_path / "plan.json").changes == ()


def test_where_somebody_broke_it_is_told(saved: SavedPlan, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:-2], lines[-1]]))  # the comma before what was taken out is still there
    with pytest.raises(ConfigurationError, match=rf"plan\.json:{len(lines) - 1}:1: .*; commas stand between changes"):
        SavedPlan.read(file)


def test_what_a_system_does_not_take_is_refused(tmp_path: Path) -> None:
    with Sorcery.open("memory:") as s:
        with pytest.raises(UnknownType):
            SavedPlan.read(written(tmp_path, [{**CREATE, "type": "aors"}])).resume(s)
        with pytest.raises(InvalidObject):
            SavedPlan.read(written(tmp_path, [{**CREATE, "new": [["max_contacts", "many"]]}])).resume(s)
