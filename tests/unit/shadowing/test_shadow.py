"""A system with second stores: what is compared, what nobody notices, and what follows its files."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery.shadowing.figures import Figures, Kind
from sorcery_migrations import upgrade

PATIENCE = 60.0
PJSIP = """\
[alice]
type=endpoint
context=internal
[bob]
type=endpoint
[a]
type=aor
"""
SHADOW = "[shadow]\nendpoint = realtime,ps_endpoints\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a directory with two endpoints in a file, and an empty database beside it."""
    upgrade(f"sqlite:///{tmp_path}/pbx.db")
    (tmp_path / "pjsip.conf").write_text(PJSIP)
    (tmp_path / "databases.conf").write_text("[pbx]\nurl=sqlite:///pbx.db\n")
    tables = ("ps_endpoints", "ps_contacts", "ps_aors")
    (tmp_path / "extconfig.conf").write_text("[settings]\n" + "".join(f"{each} => sqlite3,pbx\n" for each in tables))
    (tmp_path / "sorcery.conf").write_text(SHADOW)
    return tmp_path


@pytest.fixture
def database(folder: Path) -> Iterator[Sorcery]:
    """Yield the database by itself."""
    with Sorcery.open(f"sqlite:///{folder}/pbx.db") as s:
        yield s


def figures(s: Sorcery, name: str = "endpoint") -> Figures:
    assert s.shadow is not None
    assert s.shadow.settle(PATIENCE)
    return s.shadow.figures()[name]


def test_the_first_store_answers_and_differences_are_counted(folder: Path, database: Sorcery) -> None:
    database.create(Endpoint(id="alice", context="sales"))
    database.create(Endpoint(id="carol"))
    with Sorcery.open(folder) as s:
        assert s.retrieve_by_id("endpoint", "alice").context == "internal"
        assert s.retrieve_by_id("endpoint", "carol") is None
        assert s.retrieve_by_id("endpoint", "nobody") is None
        assert len(s.retrieve_all("endpoint")) == 2
        found = figures(s)
    assert (found.compared, found.agreed) == (4, 1)
    assert found.kinds == {Kind.DIFFERS: 2, Kind.EXTRA: 2, Kind.MISSING: 1}
    assert found.options == {"context": 2}
    assert {each.id for each in found.examples} == {"alice", "bob", "carol"}
    assert found.shadow_seconds > 0


def test_types_without_a_second_store_are_not_compared(folder: Path) -> None:
    with Sorcery.open(folder) as s:
        s.retrieve_by_id("aor", "a")
        assert s.shadow is not None
        assert (s.shadow.types, s.shadow.settle(PATIENCE)) == (("endpoint",), True)


def test_without_the_section_or_if_it_is_not_wanted_there_is_no_shadow(folder: Path) -> None:
    with Sorcery.open(folder, shadow=False) as s:
        assert s.shadow is None
    (folder / "sorcery.conf").write_text("")
    with Sorcery.open(folder) as s:
        assert s.shadow is None


def test_a_second_store_that_is_down_is_counted_and_noticed_by_nobody(folder: Path) -> None:
    (folder / "databases.conf").write_text("[pbx]\nurl=sqlite:///missing.db\n")
    with Sorcery.open(folder) as s:
        assert s.retrieve_by_id("endpoint", "alice").context == "internal"
        found = figures(s)
        assert (found.compared, found.unavailable) == (0, 1)
        assert "missing.db" in found.trouble


def test_a_second_store_that_hangs_holds_nobody_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sorcery.conf").write_text(f"{SHADOW}waiting = 3\n")
    with Sorcery.open(folder) as s:
        shadow = s.shadow
        assert shadow is not None
        asked, gate = threading.Event(), threading.Event()
        read = shadow._second("endpoint").retrieve

        def hang(id: str) -> object:
            asked.set()
            gate.wait(PATIENCE)
            return read(id)

        monkeypatch.setattr(shadow._second("endpoint"), "retrieve", hang)
        s.retrieve_by_id("endpoint", "alice")
        assert asked.wait(PATIENCE)
        for _ in range(10):
            assert s.retrieve_by_id("endpoint", "bob") is not None
        assert shadow.figures()["endpoint"].dropped == 7
        gate.set()
        assert figures(s).compared == 4


def test_what_changed_between_the_two_looks_is_no_difference(
    folder: Path, database: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.create(Endpoint(id="alice", context="internal"))
    (folder / "sorcery.conf").write_text(f"[res_pjsip]\nendpoint=memory\n{SHADOW}")
    with Sorcery.open(folder) as s:
        s.create(Endpoint(id="alice", context="old"))
        shadow = s.shadow
        assert shadow is not None
        second = shadow._second("endpoint")
        read, looks = second.retrieve, list[str]()

        def late(id: str) -> object:
            if not looks:
                s.update(Endpoint(id="alice", context="internal"))
            looks.append(id)
            return read(id)

        monkeypatch.setattr(second, "retrieve", late)
        s.retrieve_by_id("endpoint", "alice")
        found = figures(s)
        assert (found.compared, found.agreed, found.kinds, len(looks)) == (1, 1, {}, 2)


def test_a_difference_that_a_second_look_cannot_confirm_is_no_agreement(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sorcery.open(folder) as s:
        shadow = s.shadow
        assert shadow is not None
        answers: list[Callable[[], None]] = [lambda: None]

        def fail(id: str) -> None:
            if not answers:
                raise Unavailable("ps_endpoints", "it is down now")
            answers.pop()()

        monkeypatch.setattr(shadow._second("endpoint"), "retrieve", fail)
        s.retrieve_by_id("endpoint", "alice")
        found = figures(s)
        assert (found.compared, found.agreed, found.unavailable, found.kinds) == (0, 0, 1, {})
        assert "it is down now" in found.trouble


def test_a_change_that_hangs_in_the_second_store_keeps_nobody_from_closing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sorcery.conf").write_text("[shadow]\ncontact = realtime,ps_contacts\nwrites = yes\n")
    monkeypatch.setattr("sorcery.shadowing.aside.PATIENCE", 0.1)
    started, gate, ended = threading.Event(), threading.Event(), threading.Event()
    s = Sorcery.open(folder)
    shadow = s.shadow
    assert shadow is not None
    (bound,) = shadow.system._binding("contact").bound
    close = shadow.system.close

    def hang(changes: object) -> None:
        started.set()
        gate.wait(PATIENCE)
        raise Unavailable("ps_contacts", "it hung")

    def closed() -> None:
        close()
        ended.set()

    monkeypatch.setattr(bound.wizard, "carry_out", hang)
    monkeypatch.setattr(shadow.system, "close", closed)
    s.create(Contact(id="a;@1", uri="sip:a@192.0.2.1"))
    assert started.wait(PATIENCE)
    closing = threading.Thread(target=s.close, daemon=True)
    closing.start()
    closing.join(PATIENCE / 2)
    is_closed = not closing.is_alive()
    gate.set()
    assert is_closed
    assert ended.wait(PATIENCE)


def test_some_of_all_questions_are_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([0.1, 0.9, 0.4, 0.6])
    monkeypatch.setattr("random.random", lambda: next(drawn))
    (folder / "sorcery.conf").write_text(f"{SHADOW}sample = 0.5\n")
    with Sorcery.open(folder) as s:
        for _ in range(4):
            s.retrieve_by_id("endpoint", "alice")
        assert figures(s).compared == 2


def test_changes_are_made_in_the_second_store_where_that_is_said(folder: Path, database: Sorcery) -> None:
    (folder / "sorcery.conf").write_text(
        "[shadow]\ncontact = realtime,ps_contacts\naor=realtime,ps_aors\nwrites = contact\n[res_pjsip]\naor=memory\n"
    )
    with Sorcery.open(folder) as s:
        first, second = Contact(id="a;@1", uri="sip:a@192.0.2.1"), Contact(id="a;@2", uri="sip:a@192.0.2.2")
        s.create(first)
        s.create(second)
        s.update(second.evolve(user_agent="phone"))
        s.delete(first)
        s.create(Aor(id="b"))
        assert figures(s, "contact").written == 4
        assert database.retrieve_all(Contact) == [second.evolve(user_agent="phone")]
        assert database.retrieve_all(Aor) == []


def test_a_change_that_the_second_store_does_not_take_is_counted_and_made(folder: Path) -> None:
    (folder / "sorcery.conf").write_text("[shadow]\ncontact = realtime,ps_contacts\nwrites = yes\n")
    with sqlite3.connect(folder / "pbx.db") as connection:
        connection.execute("DROP TABLE ps_contacts")
    connection.close()
    with Sorcery.open(folder) as s:
        s.create(Contact(id="a;@1", uri="sip:a@192.0.2.1"))
        assert s.retrieve_by_id("contact", "a;@1") is not None
        found = figures(s, "contact")
        assert (found.written, found.failed) == (0, 1)
        assert "ps_contacts" in found.trouble


def test_a_reload_follows_the_section_and_keeps_what_was_counted(folder: Path) -> None:
    with Sorcery.open(folder) as s:
        s.retrieve_by_id("endpoint", "alice")
        assert figures(s).compared == 1
        before = s.shadow
        (folder / "sorcery.conf").write_text(f"{SHADOW}contact = realtime,ps_contacts\n")
        assert s.reload().errors == ()
        assert s.shadow is not None
        assert s.shadow is not before
        s.retrieve_by_id("endpoint", "alice")
        s.retrieve_all("contact")
        assert (figures(s).compared, figures(s, "contact").compared) == (2, 1)
        (folder / "sorcery.conf").write_text("")
        s.reload()
        assert s.shadow is None
        assert before is not None
        with pytest.raises(Unavailable):
            before.system.retrieve_all("endpoint")


def test_a_second_file_is_read_again_too(folder: Path) -> None:
    (folder / "next.conf").write_text(PJSIP)
    (folder / "sorcery.conf").write_text("[shadow]\nendpoint = config,next.conf,criteria=type=endpoint\n")
    with Sorcery.open(folder) as s:
        s.retrieve_all("endpoint")
        assert figures(s).agreed == 1
        (folder / "next.conf").write_text(PJSIP.replace("internal", "sales") + "; longer\n")
        s.reload()
        s.retrieve_all("endpoint")
        assert figures(s).options == {"context": 1}


def test_a_second_store_that_cannot_be_opened_is_told_and_the_others_are_asked(folder: Path) -> None:
    lines = f"{SHADOW}aor = realtime,nowhere\ncontact = wizardry\nauth = astdb,next\n"
    (folder / "sorcery.conf").write_text(lines)
    with Sorcery.open(folder) as s:
        told = {each.type_name: each for each in s.report.findings if each.rule == "unusable-shadow"}
        assert set(told) == {"aor", "contact"}
        assert "nowhere" in told["aor"].message
        assert told["contact"].place is not None
        assert told["contact"].place.line == 4
        assert s.shadow is not None
        assert set(s.shadow.types) == {"endpoint", "auth"}
        assert [each.type_name for each in s.reload().findings if each.rule == "unusable-shadow"] == ["aor", "contact"]


def test_both_can_be_compared_as_a_whole_and_made_alike(folder: Path) -> None:
    with Sorcery.open(folder) as s:
        shadow = s.shadow
        assert shadow is not None
        assert [change.obj.id for change in shadow.system.plan(s, shadow.types).changes] == ["alice", "bob"]
        shadow.system.plan(s, shadow.types).apply()
        assert not shadow.system.plan(s, shadow.types)
        s.retrieve_all("endpoint")
        assert figures(s).agreed == 1


def test_counting_begins_anew_when_told_to(folder: Path) -> None:
    with Sorcery.open(folder) as s:
        s.retrieve_by_id("endpoint", "alice")
        assert figures(s).compared == 1
        assert s.shadow is not None
        s.shadow.reset()
        assert figures(s).compared == 0


def test_a_type_that_is_mapped_anew_is_still_compared(folder: Path) -> None:
    with Sorcery.open(folder) as s:
        shadow = s.shadow
        s.map("endpoint", "memory", position=0)
        assert s.shadow is shadow
        s.create(Endpoint(id="dora"))
        assert s.retrieve_by_id("endpoint", "dora") is not None
        assert figures(s).kinds == {Kind.MISSING: 1}
