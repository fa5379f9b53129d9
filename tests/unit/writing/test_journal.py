from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sorcery import Unavailable
from sorcery.pjsip import Auth
from sorcery.wizard import Op
from sorcery.writing import journal as journal_module
from sorcery.writing.journal import Entry, Journal
from sorcery.writing.transaction import Step

ALICE = Auth("alice", username="alice", password="open sesame")
OLD = Auth("old", username="old", password="sesame")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "writes.sqlite3")


def ids(entries: list[Entry]) -> list[str]:
    return [change.id for entry in entries for change in entry.changes]


def create(id: str) -> list[Step]:
    return [Step(Op.CREATE, Auth(id, username="u", password="open sesame"))]


def test_a_journal_that_nobody_wrote_to_makes_no_file(journal: Journal) -> None:
    assert not journal
    assert (journal.oldest(), journal.waiting(), journal.refused()) == (None, [], [])
    assert not journal.path.exists()


def test_changes_come_back_as_they_were_in_their_order(journal: Journal) -> None:
    changed = ALICE.evolve(username="al")
    journal.append([Step(Op.CREATE, ALICE), Step(Op.DELETE, OLD)])
    journal.append([Step(Op.UPDATE, changed, ALICE, is_strict=True)])
    first, second = journal.waiting()
    assert journal
    assert [each.step(Auth) for each in first.changes] == [
        Step(Op.CREATE, ALICE),
        Step(Op.DELETE, OLD),
    ]
    assert [each.step(Auth) for each in second.changes] == [Step(Op.UPDATE, changed, ALICE, is_strict=True)]
    assert journal.oldest() == first
    journal.done(first.number)
    assert journal.oldest() == second


def test_its_file_is_its_owners_alone_and_its_secrets_are_in_no_repr(journal: Journal) -> None:
    journal.append([Step(Op.CREATE, ALICE)])
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert b"open sesame" in journal.path.read_bytes()
    assert "open sesame" not in repr(journal.waiting())


def test_what_is_refused_is_kept_aside_until_it_is_dropped_or_tried_again(journal: Journal) -> None:
    for id in ("a", "b", "c"):
        journal.append(create(id))
    for entry in journal.waiting()[:2]:
        journal.refuse(entry.number, f"{entry.changes[0].id} is taken")
    assert ids(journal.waiting()) == ["c"]
    assert [(entry.changes[0].id, entry.reason) for entry in journal.refused()] == [
        ("a", "a is taken"),
        ("b", "b is taken"),
    ]
    a, b = (entry.number for entry in journal.refused())
    assert journal.retry(a)
    assert not journal.retry(a)
    assert ids(journal.waiting()) == ["c", "a"]
    assert journal.drop(b)
    assert not journal.drop(b)
    assert journal.refused() == []


def test_no_number_is_given_twice(journal: Journal) -> None:
    first = journal.append(create("a"))
    journal.refuse(first, "no")
    assert journal.append(create("b")) > first


def test_a_journal_that_has_grown_as_large_as_it_may_takes_no_more(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "PAGES", 20)
    with pytest.raises(Unavailable, match="it is full: carry out or drop what waits"):
        _fill(journal)
    kept = ids(journal.waiting())
    assert kept
    assert len(kept) < 1000
    journal.done(journal.waiting()[0].number)
    assert ids(journal.waiting()) == kept[1:]


def _fill(journal: Journal) -> None:
    for number in range(1000):
        journal.append(create(f"{number:0500}"))


def test_one_process_at_a_time_carries_entries_out(journal: Journal) -> None:
    with journal.turn() as mine:
        assert mine
        with Journal(journal.path).turn() as theirs:
            assert not theirs
    with journal.turn() as mine:
        assert mine


def test_a_file_that_is_no_journal_is_unavailable_and_its_content_is_not_told(journal: Journal) -> None:
    journal.path.write_text("open sesame " * 1000)
    with pytest.raises(Unavailable, match="file is not a database") as told:
        journal.append(create("a"))
    assert "sesame" not in str(told.value)
    with pytest.raises(Unavailable, match="file is not a database"):
        journal.waiting()


CHILD = """
import sys
from pathlib import Path
from sorcery.pjsip import Auth
from sorcery.wizard import Op
from sorcery.writing.journal import Journal
from sorcery.writing.transaction import Step

journal = Journal(Path(sys.argv[1]))
number = 0
while True:
    journal.append([Step(Op.CREATE, Auth(f"{number}-{half}", username="u", password="p")) for half in ("a", "b")])
    print(number, flush=True)
    number += 1
"""


def test_what_was_accepted_outlives_a_kill_and_nothing_is_half_there(journal: Journal) -> None:
    with subprocess.Popen([sys.executable, "-c", CHILD, str(journal.path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line == "5\n":
                child.send_signal(signal.SIGKILL)
                break
        accepted = [5, *map(int, child.stdout.read().split())]
    kept = [[change.id for change in entry.changes] for entry in journal.waiting()]
    assert kept == [[f"{number}-a", f"{number}-b"] for number in range(len(kept))]
    assert len(kept) > accepted[-1]
