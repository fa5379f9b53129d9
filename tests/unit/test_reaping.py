"""Contacts that are over: whose they were, and when they may be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Aor, Contact
from sorcery.reaping import BATCH, GRACE, LOOK, Reaper
from sorcery_migrations import upgrade


def contact(id: str, expires: int = 1000, server: str = "one", **options: Any) -> Contact:
    return Contact(id=id, uri="sip:a@192.0.2.7", expiration_time=expires, reg_server=server, **options)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Sorcery]:
    url = f"sqlite:///{tmp_path}/pbx.db"
    upgrade(url)
    with Sorcery.open(url) as made:
        yield made


def ids(system: Sorcery) -> list[str]:
    return [found.id for found in system.retrieve_all(Contact)]


def create(system: Sorcery, *objects: Aor | Contact) -> None:
    with system.transaction() as transaction:
        for each in objects:
            transaction.create(each)


def test_a_server_deletes_its_own_as_soon_as_they_expire(system: Sorcery) -> None:
    create(system, contact("a;@1"), contact("a;@2", 1001))
    assert Reaper(system, server="one").expired(1000.9) == ["a;@1"]
    assert ids(system) == ["a;@2"]


def test_those_of_others_are_left_to_them_for_the_grace(system: Sorcery) -> None:
    create(system, contact("a;@1", server="two"), contact("a;@2", server=""))
    reaper = Reaper(system, server="one")
    assert reaper.expired(1000 + GRACE - 1) == []
    assert reaper.expired(1000 + GRACE) == ["a;@1", "a;@2"]
    assert Reaper(system, server="one", grace=0).expired(1000) == []


def test_a_server_without_a_name_owns_what_has_none(system: Sorcery) -> None:
    create(system, contact("a;@1", server=""), contact("a;@2", server="two"))
    assert Reaper(system).expired(1000) == ["a;@1"]


def test_the_name_is_that_of_asterisk_conf(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text("[options]\nsystemname = pbx7\n")
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = memory\n")
    with Sorcery.open(tmp_path) as system:
        create(system, contact("a;@1", server="pbx7"), contact("a;@2", server="pbx8"))
        assert Reaper(system).expired(1000) == ["a;@1"]


def test_what_is_refreshed_meanwhile_stays_and_the_rest_goes(system: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [contact(f"a;@{n:03}") for n in range(BATCH + 5)]
    create(system, *old)
    monkeypatch.setattr(system, "retrieve_by_fields", lambda *_, **__: old)
    system.update(old[3].evolve(expiration_time=2000))
    system.delete(old[7])
    assert Reaper(system, server="one").expired(1000) == [each.id for each in old if each not in (old[3], old[7])]
    assert ids(system) == ["a;@003"]


def test_static_contacts_are_not_touched(system: Sorcery) -> None:
    create(system, contact("a@@1"))
    reaper = Reaper(system, server="one")
    assert reaper.expired(9999) == reaper.orphaned() == []
    assert ids(system) == ["a@@1"]


def test_a_dry_run_deletes_nothing(system: Sorcery) -> None:
    create(system, contact("a;@1"))
    reaper = Reaper(system, server="one")
    assert reaper.expired(1000, dry=True) == reaper.orphaned(dry=True) == ["a;@1"]
    assert ids(system) == ["a;@1"]


def test_own_contacts_without_an_aor_go_and_no_others(system: Sorcery) -> None:
    create(system, Aor(id="a"), contact("a;@1"), contact("b;@1"), contact("b;@2", server="two"), contact("c;@x;@1"))
    assert Reaper(system, server="one").orphaned() == ["b;@1", "c;@x;@1"]
    assert ids(system) == ["a;@1", "b;@2"]


def test_many_are_looked_at_in_pages(system: Sorcery) -> None:
    create(system, *(Aor(id=f"a{n}") for n in range(0, LOOK + 20, 2)), *(contact(f"a{n};@1") for n in range(LOOK + 20)))
    gone = Reaper(system, server="one").orphaned()
    assert sorted(gone) == sorted(f"a{n};@1" for n in range(1, LOOK + 20, 2))
    assert len(ids(system)) == LOOK // 2 + 10


def test_a_row_that_is_no_good_is_an_aor_all_the_same(system: Sorcery, tmp_path: Path) -> None:
    import sqlite3

    create(system, Aor(id="a"), contact("a;@1"))
    with sqlite3.connect(tmp_path / "pbx.db") as database:
        database.execute("UPDATE ps_aors SET max_contacts = 'many'")
    assert Reaper(system, server="one").orphaned() == []


def test_an_aor_of_a_file_that_is_refused_is_one_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = memory\n")
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\nmax_contacts=many\n[b]\ntype=aor\n")
    with Sorcery.open(tmp_path) as system:
        create(system, contact("a;@1"), contact("b;@1"), contact("c;@1"))
        assert Reaper(system, server="one").orphaned() == ["c;@1"]


@pytest.mark.parametrize("text", [None, "[a\ntype=aor\n"])
def test_of_a_file_that_cannot_be_read_nothing_is_taken_to_be_absent(
    tmp_path: Path, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = memory\n")
    if text is not None:
        (tmp_path / "pjsip.conf").write_text(text)
    with Sorcery.open(tmp_path) as system:
        create(system, contact("a;@1"))
        assert Reaper(system, server="one").orphaned() == []
        assert ids(system) == ["a;@1"]
    assert "contacts without an aor are left alone, for some may have one" in caplog.text


def test_a_database_that_is_silent_has_no_absent_aors(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = memory\naor = realtime,ps_aors\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{tmp_path}/absent/pbx.db\n")
    (tmp_path / "pjsip.conf").write_text("")
    with Sorcery.open(tmp_path) as system:
        create(system, contact("a;@1"))
        with pytest.raises(Unavailable):
            Reaper(system, server="one").orphaned()
        assert ids(system) == ["a;@1"]
