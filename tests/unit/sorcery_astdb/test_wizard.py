"""The wizard: its arguments, its files, its transactions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from sorcery import AlreadyExists, ConfigurationError, Conflict, NotFound, Object, Sorcery, StoreRefused, Unavailable
from sorcery.environment import Environment
from sorcery.pjsip import Aor, Contact
from sorcery.query import ALL
from sorcery.wizard import Change, Op
from sorcery_astdb import AstdbWizard
from sorcery_astdb import file as file_module


def rows(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, value FROM astdb"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "astdb.sqlite3"


def contact(id: str, uri: str = "sip:a@192.0.2.1") -> Contact:
    return Contact(id=id, uri=uri)


def create_together(sorcery: Sorcery, *objects: Object) -> None:
    with sorcery.transaction() as transaction:
        for obj in objects:
            transaction.create(obj)


def test_a_mapping_without_a_prefix_is_refused(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        with pytest.raises(ConfigurationError, match="contact = astdb: astdb needs a prefix") as raised:
            sorcery.map("contact", "astdb")
        assert raised.value.remedy == "write contact = astdb,registrar"


def test_a_mapping_in_an_environment_without_a_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="astdbdir"):
        AstdbWizard().open(Contact.__sorcery__, "registrar", Environment())


def test_opening_touches_no_file(path: Path) -> None:
    AstdbWizard().open(Contact.__sorcery__, "registrar", Environment(astdb=path / "none" / "x"))
    assert not path.exists()


def test_types_of_one_file_change_together(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "astdb", "registrar")
        sorcery.map("aor", "astdb", "own")
        sorcery.create(contact("taken"))
        with pytest.raises(AlreadyExists):
            create_together(sorcery, Aor(id="a"), contact("taken"))
        assert set(rows(path)) == {"/registrar/contact/taken"}
        with sorcery.transaction() as transaction:
            transaction.create(Aor(id="a"))
            transaction.update(contact("taken", "sip:b"))
        assert set(rows(path)) == {"/registrar/contact/taken", "/own/aor/a"}


def test_a_text_that_cannot_be_stored_leaves_nothing_behind(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "astdb", "registrar")
        with pytest.raises(StoreRefused):
            create_together(sorcery, contact("good"), contact("zero", "sip:\0"))
        with pytest.raises(StoreRefused, match="the id"):
            sorcery.create(contact("\udcff"))
        with pytest.raises(NotFound):
            sorcery.delete(contact("\udcff"))
        assert sorcery.retrieve_all("contact") == []


def test_a_change_of_a_row_that_cannot_be_read_mends_it(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "astdb", "registrar")
        sorcery.create(contact("a"))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE astdb SET value = '{'")
        with pytest.raises(AlreadyExists):
            sorcery.create(contact("a"))
        sorcery.update(contact("a"))
        assert sorcery.retrieve_by_id("contact", "a") == contact("a")


def test_updates_and_deletes_of_what_is_absent_are_missed(path: Path) -> None:
    wizard = AstdbWizard()
    store = wizard.open(Contact.__sorcery__, "registrar", Environment(astdb=path))
    put, update, delete = (Change(store, op, contact(op.value)) for op in (Op.PUT, Op.UPDATE, Op.DELETE))
    prepared = wizard.prepare([put, update, delete])
    assert prepared.missed == [update, delete]
    prepared.commit()
    assert [obj.id for obj in store.search(ALL)] == ["put"]
    wizard.close()


def test_a_file_that_others_lock_stores_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_module, "PATIENCE", 0.1)
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "astdb", "registrar")
        sorcery.create(contact("a"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="running Asterisk"):
                sorcery.create(contact("b"))
            assert sorcery.retrieve_by_id("contact", "a") == contact("a")
        sorcery.create(contact("b"))


def test_a_released_store_closes_its_file_with_the_last_one(path: Path, tmp_path: Path) -> None:
    wizard = AstdbWizard()
    environment = Environment(astdb=path)
    first = wizard.open(Contact.__sorcery__, "registrar", environment)
    second = wizard.open(Aor.__sorcery__, "own", environment)
    elsewhere = wizard.open(Aor.__sorcery__, "own", attrs.evolve(environment, astdb=tmp_path / "b"))
    assert first.file is second.file
    assert elsewhere.file is not first.file
    wizard.release(first)
    third = wizard.open(Contact.__sorcery__, "registrar", environment)
    assert third.file is second.file
    handle = second.file.begin()
    wizard.release(second)
    wizard.release(third)
    second.file.commit(handle)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        handle.execute("SELECT 1")
    assert wizard.open(Aor.__sorcery__, "own", environment).file is not second.file
    wizard.close()
    assert elsewhere.file.path not in {file.path for file in wizard._stores}


def test_a_disk_that_runs_full_stores_nothing(path: Path) -> None:
    wizard = AstdbWizard()
    store = wizard.open(Contact.__sorcery__, "registrar", Environment(astdb=path))
    handle = store.file.begin()
    handle.execute("PRAGMA max_page_count = 4")  # this connection is the next writer's too
    store.file.commit(handle)
    many = [Change(store, Op.CREATE, contact(f"a;@{number}")) for number in range(200)]
    with pytest.raises(Unavailable, match="full; make room on the disk"):
        wizard.prepare(many)
    assert store.search(ALL) == []
    wizard.prepare(many[:1]).commit()
    assert [obj.id for obj in store.search(ALL)] == ["a;@0"]
    wizard.close()


def test_the_file_is_part_of_what_a_mapping_means(path: Path) -> None:
    assert AstdbWizard().resolve("registrar", Environment(astdb=path)) == path


def test_a_row_that_holds_no_object_is_not_what_anybody_expects(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "astdb", "registrar")
        sorcery.create(contact("a"))
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE astdb SET value = '{'")
        with pytest.raises(Conflict) as raised:
            sorcery.update(contact("a", "sip:b@192.0.2.1"), expected=contact("a"))
        assert raised.value.current is None
        sorcery.update(contact("a", "sip:b@192.0.2.1"))  # who expects nothing mends it
        assert sorcery.retrieve_by_id("contact", "a") == contact("a", "sip:b@192.0.2.1")


def test_what_another_process_wrote_since_is_compared_and_not_what_was_read(path: Path) -> None:
    with Sorcery.open("memory:", astdb=path) as sorcery:
        sorcery.map("contact", "memory_cache", caching=True)
        sorcery.map("contact", "astdb", "registrar")
        sorcery.create(contact("a"))
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE astdb SET value = replace(value, 'sip:a@', 'sip:b@')")
        read = sorcery.retrieve_by_id("contact", "a")
        assert read == contact("a")
        with pytest.raises(Conflict) as raised:
            sorcery.delete(read, expected=read)
        assert raised.value.current == contact("a", "sip:b@192.0.2.1")
        sorcery.delete(read, expected=raised.value.current)
        assert rows(path) == {}
