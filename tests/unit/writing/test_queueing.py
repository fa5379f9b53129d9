from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from sorcery import InvalidObject, NotFound, NotWritable, Registry, Sorcery, Unavailable
from sorcery.testing.faults import Faults, FaultyWizard
from sorcery.testing.types import Group, Widget
from sorcery.writing import queueing
from sorcery.writing.journal import Entry, Journal
from sorcery.writing.queueing import Queue, Replayed
from sorcery.writing.transaction import Step
from sorcery.writing.written import Effect
from sorcery_memory import MemorySpace, MemoryWizard

TYPES = (Widget, Group)


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


class Site:
    """A directory, its memory that may be silent, and systems on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.faults, self.space = folder, Faults(), MemorySpace()
        self.policy("queue")

    def policy(self, text: str, *, of_groups: str = "") -> None:
        (self.folder / "sorcery.conf").write_text(
            "[testing]\ntesting_widget = memory\ntesting_group = memory\n"
            f"[writes]\ntesting_widget = all,{text}\ntesting_group = all,{of_groups or text}\n"
        )

    def open(self) -> Sorcery:
        registry = Registry()
        registry.register("memory", lambda: FaultyWizard(MemoryWizard(self.space), self.faults))
        return Sorcery.open(self.folder, types=TYPES, registry=registry)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def sorcery(site: Site) -> Iterator[Sorcery]:
    with site.open() as sorcery:
        yield sorcery


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody carry out by himself what waits."""
    monkeypatch.setattr(queueing.Queue, "_begin", lambda self: None)


@pytest.mark.usefixtures("still")
def test_a_change_of_a_silent_store_is_queued_and_said_to_be_and_nobody_sees_it(site: Site, sorcery: Sorcery) -> None:
    heard: list[Widget] = []
    sorcery.observe(Widget, created=heard.append)
    with site.faults.fail("prepare"):
        written = sorcery.create(Widget(id="one"))
    assert written.is_queued
    assert written.stores == (("memory testing_widget", Effect.QUEUED),)
    assert str(written) == "testing_widget one: queued in memory testing_widget"
    assert sorcery.retrieve_by_id(Widget, "one") is None
    assert heard == []
    assert sorcery.queue.replay() == Replayed(stored=1)
    assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one")
    assert heard == [Widget(id="one")]
    assert not sorcery.create(Widget(id="two")).is_queued


@pytest.mark.usefixtures("still")
def test_what_comes_after_a_queued_change_does_not_overtake_it(site: Site, sorcery: Sorcery) -> None:
    with site.faults.fail("prepare"):
        sorcery.create(Widget(id="one", size=1))
    assert sorcery.update(Widget(id="one", size=2)).is_queued  # the store answers again, and would not find it
    assert sorcery.update(Widget(id="one", size=3)).is_queued
    assert sorcery.queue.replay() == Replayed(stored=3)
    assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one", size=3)


@pytest.mark.usefixtures("still")
def test_a_transaction_is_one_entry(site: Site, sorcery: Sorcery) -> None:
    with site.faults.fail("prepare"), sorcery.transaction() as transaction:
        transaction.create(Widget(id="w"))
        transaction.create(Group(id="g"))
    assert [each.is_queued for each in transaction.written] == [True, True]
    assert len(sorcery.queue.journal.waiting()) == 1
    with site.faults.fail("prepare", when=lambda call: "w" in call.ids):
        assert sorcery.queue.replay().left == 1
        assert sorcery.retrieve_by_id(Group, "g") is None
    assert sorcery.queue.replay() == Replayed(stored=1)
    assert sorcery.retrieve_by_id(Group, "g") == Group(id="g")


@pytest.mark.usefixtures("still")
def test_a_transaction_that_may_not_be_queued_does_not_overtake_either(site: Site) -> None:
    site.policy("queue", of_groups="fail")
    with site.open() as sorcery:

        def change_both() -> None:
            with sorcery.transaction() as transaction:
                transaction.update(Widget(id="w", size=2))
                transaction.create(Group(id="g"))

        sorcery.create(Widget(id="w"))
        with site.faults.fail("prepare"):
            assert sorcery.update(Widget(id="w", size=1)).is_queued
            with pytest.raises(Unavailable, match="changes that wait"):
                change_both()
        change_both()
        assert sorcery.queue.replay() == Replayed()
        assert sorcery.retrieve_by_id(Widget, "w") == Widget(id="w", size=2)
        assert not sorcery.create(Group(id="h")).is_queued


@pytest.mark.usefixtures("still")
def test_where_nothing_waits_a_replay_makes_no_file(site: Site, sorcery: Sorcery) -> None:
    there = set(site.folder.iterdir())
    assert sorcery.queue.replay() == Replayed()
    assert set(site.folder.iterdir()) == there


def test_what_a_wizard_breaks_on_is_logged_and_tried_again(
    site: Site, sorcery: Sorcery, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal, broken = Queue._refusal, list[int]()

    def breaks(self: Queue, entry: Entry) -> str:
        if not broken:
            broken.append(entry.number)
            raise ZeroDivisionError("a driver's own fault")
        return refusal(self, entry)

    monkeypatch.setattr(Queue, "_refusal", breaks)
    with site.faults.fail("prepare"):
        sorcery.create(Widget(id="one"))
        wait_until(lambda: bool(broken))
    wait_until(lambda: sorcery.retrieve_by_id(Widget, "one") is not None)
    assert "a driver's own fault" in caplog.text


def test_who_queued_a_change_is_not_told_that_it_is_not_where_the_file_cannot_be_read(
    site: Site, sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Journal.append

    def unreadable(self: Journal) -> None:
        raise Unavailable("the queue", "its disk is slow")

    def then_unreadable(self: Journal, steps: Sequence[Step]) -> int:
        number = append(self, steps)
        monkeypatch.setattr(Journal, "oldest", unreadable)
        return number

    monkeypatch.setattr(Journal, "append", then_unreadable)
    with site.faults.fail("prepare"):
        assert sorcery.create(Widget(id="one")).is_queued
    sorcery.queue.close()


def test_what_waits_is_stored_by_itself_when_the_store_answers(site: Site, sorcery: Sorcery) -> None:
    with site.faults.fail("prepare") as fault:
        for number in range(20):
            sorcery.create(Widget(id=f"{number:02}"))
        fault.wait(calls=2)
    wait_until(lambda: not sorcery.queue.journal)
    assert [each.id for each in sorcery.retrieve_all(Widget)] == [f"{number:02}" for number in range(20)]


def test_a_system_that_starts_later_carries_out_what_one_before_it_left(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.open() as sorcery, site.faults.fail("prepare"):
        sorcery.create(Widget(id="one"))
        sorcery.queue.close()
    with site.open() as sorcery:
        sorcery.queue.resume()
        wait_until(lambda: sorcery.retrieve_by_id(Widget, "one") is not None)


@pytest.mark.usefixtures("still")
def test_what_a_store_refuses_at_last_is_put_aside_and_logged_and_holds_up_nothing(
    site: Site, sorcery: Sorcery, caplog: pytest.LogCaptureFixture
) -> None:
    read = Widget(id="two", size=1)
    sorcery.create(read)
    with site.faults.fail("prepare"):
        sorcery.create(Widget(id="one", size=1))
        sorcery.update(Widget(id="two", size=2), expected=read)
        sorcery.update(Widget(id="gone"))
        sorcery.create(Widget(id="three"))
    site.policy("fail")
    with site.open() as other:  # somebody else was quicker
        other.create(Widget(id="one", size=9))
        other.update(Widget(id="two", size=9))
    with caplog.at_level(logging.ERROR, "sorcery.writes"):
        assert sorcery.queue.replay() == Replayed(stored=1, refused=3)
    reasons = [entry.reason for entry in sorcery.queue.journal.refused()]
    assert [reason.partition(";")[0] for reason in reasons] == [
        "testing_widget 'one' exists already (memory testing_widget)",
        "testing_widget 'two' was changed since it was read",
        "testing_widget 'gone' does not exist",
    ]
    told = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 3
    assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one", size=9)
    assert sorcery.retrieve_by_id(Widget, "three") == Widget(id="three")


@pytest.mark.usefixtures("still")
def test_what_was_stored_before_its_note_was_made_is_not_taken_for_a_conflict(site: Site, sorcery: Sorcery) -> None:
    sorcery.create(Widget(id="old"))
    with site.faults.fail("prepare"):
        sorcery.create(Widget(id="new"))
        sorcery.delete(Widget(id="old"))
    with site.faults.fail("commit", after=True):
        assert sorcery.queue.replay().left == 2  # stored, and nobody was told
    assert sorcery.queue.replay() == Replayed(stored=2)
    assert [each.id for each in sorcery.retrieve_all(Widget)] == ["new"]
    assert sorcery.queue.journal.refused() == []


@pytest.mark.usefixtures("still")
def test_a_change_that_may_be_stored_is_neither_queued_nor_made_again(site: Site, sorcery: Sorcery) -> None:
    with site.faults.fail("commit", after=True), pytest.raises(Unavailable) as error:
        sorcery.create(Widget(id="one"))
    assert error.value.is_uncertain
    assert not sorcery.queue.journal


@pytest.mark.usefixtures("still")
def test_what_could_never_be_stored_is_refused_and_not_queued(site: Site, sorcery: Sorcery) -> None:
    with site.faults.fail("prepare"):
        sorcery.create(Widget(id="one"))
        with pytest.raises(InvalidObject):
            sorcery.create(Widget.from_objectset("two", [("size", "large")]))
    assert len(sorcery.queue.journal.waiting()) == 1


@pytest.mark.usefixtures("still")
def test_a_type_that_no_store_takes_is_not_queued(site: Site, tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text(
        "[testing]\ntesting_widget = memory\ntesting_group = config,g.conf\n"
        "[writes]\ntesting_widget = all,queue\ntesting_group = all,queue\n"
    )
    (tmp_path / "g.conf").write_text("")
    with site.open() as sorcery:
        with site.faults.fail("prepare"):
            sorcery.create(Widget(id="one"))
        with pytest.raises(NotWritable):
            sorcery.create(Group(id="g"))


def test_a_change_waits_for_its_store_as_long_as_its_policy_says(site: Site) -> None:
    site.policy("wait=60")
    with site.open() as sorcery:
        fault = site.faults.fail("prepare")
        thread = threading.Thread(target=sorcery.create, args=(Widget(id="one"),))
        thread.start()
        fault.wait(calls=3)
        assert thread.is_alive()
        fault.lift()
        thread.join(60)
        assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one")


def test_one_that_waits_too_long_is_unavailable_and_not_stored(site: Site) -> None:
    site.policy("wait=0.1")
    with site.open() as sorcery:
        with site.faults.fail("prepare") as fault, pytest.raises(Unavailable):
            sorcery.create(Widget(id="one"))
        assert len(fault.calls) > 1
        assert sorcery.retrieve_by_id(Widget, "one") is None
        assert not (site.folder / queueing.FILE).exists()


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each change was to wait, which none does."""
    found: list[float] = []

    def persist(attempt: Callable[[], object], seconds: float, **options: object) -> object:
        found.append(seconds)
        return attempt()

    monkeypatch.setattr(queueing, "persist", persist)
    return found


def test_after_one_has_waited_in_vain_the_next_ones_are_told_at_once_until_the_store_answers(
    site: Site, waited: list[float]
) -> None:
    site.policy("wait=0.1")
    with site.open() as sorcery:
        with site.faults.fail("prepare"):
            for _ in range(3):
                with pytest.raises(Unavailable):
                    sorcery.create(Widget(id="one"))
        assert waited == [0.1]
        with pytest.raises(NotFound):  # which is an answer
            sorcery.update(Widget(id="one"))
        assert waited == [0.1]
        sorcery.create(Widget(id="one"))
        assert waited == [0.1, 0.1]


def test_that_nobody_waits_for_a_silent_store_concerns_its_types_alone(site: Site, waited: list[float]) -> None:
    site.policy("wait=0.1")
    with site.open() as sorcery:
        with site.faults.fail("prepare"), pytest.raises(Unavailable):
            sorcery.create(Widget(id="one"))
        sorcery.create(Group(id="g"))
        assert waited == [0.1, 0.1]


@pytest.mark.usefixtures("still")
def test_the_log_says_that_changes_are_queued_when_they_are(
    site: Site, sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(self: Journal, steps: object) -> int:
        raise Unavailable("the queue", "it is full")

    with site.faults.fail("prepare"):
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            with pytest.raises(Unavailable, match="it is full"):
                sorcery.create(Widget(id="one"))
        assert "queued" not in caplog.text
        sorcery.create(Widget(id="one"))
    assert "changes are queued until it answers" in caplog.text


def test_a_system_that_is_closed_keeps_nobody_waiting(site: Site) -> None:
    site.policy("wait=3600")
    ended = threading.Event()
    with site.open() as sorcery:
        fault = site.faults.fail("prepare")

        def wait() -> None:
            with pytest.raises(Unavailable):
                sorcery.create(Widget(id="one"))
            ended.set()

        threading.Thread(target=wait).start()
        fault.wait(calls=2)
    assert ended.wait(60)


def test_a_queue_without_a_folder_is_a_finding_before_anything_is_to_be_queued(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text(f"[directories]\nastdbdir => {tmp_path}/data\n")
    conf = tmp_path / "sorcery.conf"
    conf.write_text("[res_pjsip]\naor = memory\n[writes]\naor = all,queue\nauth = all,queue\n")
    with Sorcery.open(tmp_path) as s:
        (finding,) = (each for each in s.report.findings if each.rule == "queue-without-folder")
        assert str(finding) == (
            f"{conf}:4: warning [queue-without-folder] [writes] no change of aor, auth can be queued: the folder "
            f"{tmp_path}/data is not there; make it, for the user that this runs as, or name another one as astdbdir "
            "in asterisk.conf"
        )
        (tmp_path / "data").mkdir()
        conf.write_text("[res_pjsip]\naor = memory\n[writes]\naor = all,queue\n")
        assert "queue-without-folder" not in {each.rule for each in s.reload().findings}
        (tmp_path / "data").rmdir()
        conf.write_text("[res_pjsip]\naor = memory\n[writes]\naor = all,wait=1\n")
        assert "queue-without-folder" not in {each.rule for each in s.reload().findings}
