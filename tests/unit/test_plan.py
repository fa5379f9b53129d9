"""Plans: differences between two systems."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from sorcery import Conflict, NotListed, Sorcery
from sorcery.pjsip import Aor, Auth
from sorcery.plan import Plan, PlannedChange, compare
from sorcery.testing.types import Widget
from sorcery.wizard import Op
from sorcery.writing.transaction import Step
from sorcery_migrations import upgrade

SAME, OLD, GONE = Widget(id="same"), Widget(id="changed", size=1, remark="x"), Widget(id="gone")
NEW, CREATED = Widget(id="changed", size=2), Widget(id="created", label="l", password="secret")


def plan(*changes: PlannedChange, stored: list[Sequence[Step]] | None = None) -> Plan:
    return Plan(changes, ([] if stored is None else stored).append)


def test_objects_are_compared_by_id() -> None:
    theirs = {obj.id: obj for obj in (SAME, NEW, CREATED)}
    assert compare([GONE, OLD, SAME], theirs) == [
        PlannedChange(Op.CREATE, CREATED),
        PlannedChange(Op.UPDATE, NEW, OLD),
        PlannedChange(Op.DELETE, GONE, GONE),
    ]


def test_equal_objects_make_no_plan() -> None:
    assert compare([SAME], {"same": Widget(id="same")}) == []
    assert not plan()
    assert str(plan()) == "no differences"


def test_what_an_object_takes_over_from_another_one_is_no_difference() -> None:
    lines = [("username", "a"), ("password", "x")]
    inherited = {"supported_algorithms_uas": ["SHA-256"]}
    heir, alone = (Auth.__sorcery__.build("a", lines, inherited=given) for given in (inherited, {}))
    assert heir != alone
    assert compare([alone], {"a": heir}) == []


def test_a_plan_is_printed_with_what_changes_and_without_secrets() -> None:
    printed = str(
        plan(
            PlannedChange(Op.CREATE, CREATED),
            PlannedChange(Op.UPDATE, NEW, OLD),
            PlannedChange(Op.DELETE, GONE),
        )
    )
    assert printed.splitlines() == [
        "+ testing_widget created",
        "    label: l",
        "    password: ********",
        "~ testing_widget changed",
        "    remark: x -> (empty)",
        "    size: 1 -> 2",
        "- testing_widget gone",
    ]


def test_an_option_that_has_no_text_any_more_is_unset() -> None:
    change = PlannedChange(Op.UPDATE, Widget(id="w"), Widget(id="w", lines=["a", "b"]))
    assert change.differences() == [("lines", "a, b", None)]
    assert str(change).endswith("lines: a, b -> (unset)")


def test_a_changed_secret_is_listed_masked() -> None:
    change = PlannedChange(Op.UPDATE, Widget(id="w", password="new"), Widget(id="w", password="old"))
    assert change.differences() == [("password", "********", "********")]


def test_applying_stores_all_changes_at_once_in_order() -> None:
    stored: list[Sequence[Step]] = []
    both = plan(PlannedChange(Op.CREATE, CREATED), PlannedChange(Op.DELETE, GONE, GONE), stored=stored)
    assert len(both) == 2
    both.apply()
    assert stored == [[Step(Op.CREATE, CREATED), Step(Op.DELETE, GONE, GONE)]]


@pytest.mark.parametrize("theirs", [[Aor("alice", max_contacts=2)], []], ids=["update", "delete"])
def test_what_changed_since_the_plan_was_made_is_overwritten_only_on_demand(theirs: list[Aor]) -> None:
    with Sorcery.open("memory:") as mine, Sorcery.open("memory:") as other:
        mine.create(Aor("alice"))
        for aor in theirs:
            other.create(aor)
        found = mine.plan(other)
        mine.update(Aor("alice", max_contacts=5))
        with pytest.raises(Conflict):
            found.apply()
        assert mine.retrieve_all(Aor) == [Aor("alice", max_contacts=5)]
        found.apply(overwrite=True)
        assert mine.retrieve_all(Aor) == theirs


def test_an_object_that_the_other_system_cannot_read_is_no_absent_one(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[alice]\ntype=aor\nmax_contacts=many\n", encoding="utf-8")
    with Sorcery.open("memory:") as mine, Sorcery.open(tmp_path) as theirs:
        mine.create(Aor("alice"))
        mine.create(Aor("bob"))
        found = mine.plan(theirs, ["aor"])
        assert str(found) == "- aor bob"
        (reason,) = found.unreadable
        assert (reason.type_name, reason.id, reason.option, reason.value) == ("aor", "alice", "max_contacts", "many")
        found.apply()
        assert mine.retrieve_all(Aor) == [Aor("alice")]


def test_an_object_that_is_there_and_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "astdb.sqlite3"
    with Sorcery.open("memory:", astdb=file) as mine, Sorcery.open("memory:") as theirs:
        mine.map(Aor, "astdb", "x")
        mine.create(Aor("alice"))
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE astdb SET value = 'nonsense'")
        theirs.create(Aor("alice", max_contacts=2))
        found = mine.plan(theirs, ["aor"])
        assert [(change.op, change.old) for change in found.changes] == [(Op.UPDATE, None)]
        found.apply()
        assert mine.retrieve_all(Aor) == [Aor("alice", max_contacts=2)]
        assert not mine.plan(theirs, ["aor"])


def test_a_store_that_lists_nothing_is_not_taken_for_empty(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/pbx.db")
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\naor = realtime,ps_aors,allow_unqualified_fetch=no\n", encoding="utf-8"
    )
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => odbc,pbx\n", encoding="utf-8")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{tmp_path}/pbx.db\n", encoding="utf-8")
    (tmp_path / "pjsip.conf").write_text(
        "[e]\ntype=endpoint\naors=alice,bob\n[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n", encoding="utf-8"
    )
    with Sorcery.open("memory:") as mine, Sorcery.open(tmp_path) as theirs:
        theirs.create(Aor("alice"))
        mine.create(Aor("alice"))
        assert theirs.retrieve_all(Aor) == []
        with pytest.raises(NotListed, match="aor = realtime,ps_aors,allow_unqualified_fetch=no gives no list"):
            mine.plan(theirs)
        with pytest.raises(NotListed):
            theirs.plan(mine, [Aor])
        assert theirs.dangling(deep=True) == []


WIZARD = """\
[carrier]
type = wizard
sends_auth = yes
remote_hosts = 192.0.2.7
outbound_auth/username = acct
outbound_auth/password = secret
"""


def test_what_a_section_of_pjsip_wizard_conf_stands_for_moves_into_a_database_without_its_mark(tmp_path: Path) -> None:
    (tmp_path / "pjsip_wizard.conf").write_text(WIZARD)
    url = f"sqlite:///{tmp_path / 'pbx.db'}"
    upgrade(url)
    names = ("endpoint", "auth", "aor", "identify")
    with Sorcery.open(tmp_path) as files, Sorcery.open(url) as database:
        made = database.plan(files, names)
        assert "pjsip_wizard" not in str(made)
        made.apply()
        assert not database.plan(files, names)
        assert not files.plan(database, names)
