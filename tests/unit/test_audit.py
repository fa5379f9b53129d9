"""What is wrong beyond what the loading of one object sees."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from sorcery import ConfigurationError, Finding, Object, Place, Severity, Sorcery, Unavailable
from sorcery.audit import refusal
from sorcery.mapping import Mapping
from sorcery.pjsip import Global
from sorcery.survey import Survey, survey
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.wizard import Change, Op, Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "astdb.sqlite3"


@pytest.fixture
def sorcery(file: Path) -> Iterator[Sorcery]:
    """Hold a widget that refers to one good group, one whose row is bad and one that is absent."""
    with Sorcery.open("memory:", types=TYPES, astdb=file) as sorcery:
        sorcery.map(Group, "astdb", "x")
        objects: tuple[Object, ...] = (Group("good"), Group("bad"), Widget("w", groups=["good", "bad", "absent"]))
        for obj in objects:
            sorcery.create(obj)
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE astdb SET value = 'nonsense' WHERE key LIKE '%/bad'")
        yield sorcery


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.value or finding.id) for finding in findings]


def test_a_row_that_holds_no_object_is_a_fault_and_yet_no_dangling_reference(sorcery: Sorcery) -> None:
    assert told(sorcery.faults()) == [("invalid-object", "bad")]
    assert sorcery.faults([Widget]) == []
    assert sorcery.dangling() == []
    assert told(sorcery.dangling(deep=True)) == [("dangling-reference", "absent")]


def test_nothing_is_said_of_references_into_a_store_that_does_not_answer(sorcery: Sorcery, file: Path) -> None:
    file.write_bytes(b"no database any more" * 1000)
    (silent,) = sorcery.faults()
    assert (silent.severity, silent.rule, silent.type_name) == (Severity.ERROR, "unavailable", "testing_group")
    assert sorcery.dangling(deep=True) == []


def test_stores_of_one_database_that_is_down_are_one_finding(tmp_path: Path) -> None:
    with Sorcery.open(f"sqlite:///{tmp_path}/no.db", astdb=tmp_path / "astdb.sqlite3") as s:
        (silent,) = s.faults()
        assert silent.message.startswith("realtime ps_endpoints, realtime ps_auths, ")
        assert silent.message.count("there is no such file") == 1
        assert silent.remedy == "what they hold was not checked"
        assert s.audit(["endpoint"]).silent == {Mapping("endpoint", "realtime", "ps_endpoints")}


def test_what_cannot_be_read_is_told_without_a_reading_of_all_objects(
    sorcery: Sorcery, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery.audit.survey", lambda store: pytest.fail(f"{store.label} is read whole"))
    assert told(sorcery.unreadable()) == [("invalid-object", "bad")]
    assert sorcery.unreadable([Widget]) == []
    file.write_bytes(b"no database any more" * 1000)
    (silent,) = sorcery.unreadable()
    assert (silent.severity, silent.rule, silent.type_name) == (Severity.ERROR, "unavailable", "testing_group")


def test_an_audit_reads_each_store_once(sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(store: Store) -> Survey:
        read.append(store.label)
        return survey(store)

    monkeypatch.setattr("sorcery.audit.survey", counted)
    audit = sorcery.audit()
    assert told(audit.faults()) == [("invalid-object", "bad")]
    assert told(audit.dangling()) == [("dangling-reference", "absent")]
    assert audit.silent == frozenset()
    assert len(read) == len(set(read)) == len(sorcery.types)


def test_a_bad_row_shadows_what_lies_behind_it(sorcery: Sorcery, file: Path) -> None:
    sorcery.map(Group, "memory")
    behind = sorcery._in_force.bindings["testing_group"].bound[1]
    prepared = behind.wizard.prepare([Change(behind.store, Op.CREATE, Group(id)) for id in ("bad", "other")])  # type: ignore[attr-defined]
    prepared.commit()
    audit = sorcery.audit()
    assert audit.objects("testing_group") == {"good": Group("good"), "other": Group("other")}
    assert audit.ids("testing_group") == {"good", "bad", "other"}
    assert audit.objects("unknown") is None


@pytest.mark.parametrize("image", [None, False])
def test_an_image_of_a_type_that_is_not_there_is_told(tmp_path: Path, image: Literal[False] | None) -> None:
    text = "[image]\nfile = last-good\ntypes = aor, endpoints, qqq\n"
    (tmp_path / "sorcery.conf").write_text(text, encoding="utf-8")
    (tmp_path / "pjsip.conf").write_text("", encoding="utf-8")
    with Sorcery.open(tmp_path, image=image) as s:
        first, second = (each for each in s.report.findings if each.rule == "unknown-type")
    assert first.message == "[image] types=aor, endpoints, qqq: no object type 'endpoints' is known here"
    assert (first.remedy, first.place) == ("did you mean endpoint?", Place(str(tmp_path / "sorcery.conf"), 3))
    assert second.remedy.startswith("use one of: acl, aeap/client, aor, ")
    (tmp_path / "sorcery.conf").write_text("[image]\nfil = last-good\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="there is no such option"):
        Sorcery.open(tmp_path, image=image)


def test_a_cache_without_a_store_behind_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor/cache = memory_cache\n", encoding="utf-8")
    (tmp_path / "pjsip.conf").write_text("[alice]\ntype=aor\n", encoding="utf-8")
    with Sorcery.open(tmp_path) as sorcery:
        (found,) = (finding for finding in sorcery.report.findings if finding.rule == "lone-cache")
        assert (found.place, found.type_name) == (Place(str(tmp_path / "sorcery.conf"), 2), "aor")
        sorcery.map("aor", "config", "pjsip.conf,criteria=type=aor")
        assert "lone-cache" not in {finding.rule for finding in sorcery.report.findings}


def test_of_a_type_of_which_one_object_counts_the_others_are_told(file: Path) -> None:
    with Sorcery.open("memory:", astdb=file) as sorcery:
        sorcery.create(Global("b"))
        assert sorcery.faults() == []
        sorcery.create(Global("a"))
        assert told(sorcery.faults()) == [("single-object", "b")]


def test_a_refusal_is_an_error_that_tells_what_it_leads_to() -> None:
    place = Place("sorcery.conf", 3)
    found = refusal(ConfigurationError("it is broken", place=place, remedy="mend it"), "nothing changes")
    assert str(found) == "sorcery.conf:3: error [configuration] it is broken; nothing changes; mend it"
    silent = refusal(Unavailable("pbx", "gone"), "nothing changes")
    assert str(silent) == "error [configuration] pbx is unavailable: gone; nothing changes"
