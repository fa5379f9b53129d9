"""What Sorcery is known to do, item by item: database tables. See `test_behaviours_core`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sorcery import NotFound, NotListed, Object, Sorcery, object_type, option
from sorcery.kinds import Integer


@object_type("sample", section="tests", family="samples")
class Sample(Object):
    """Two numbers."""

    bob: int = option(Integer(), default="5")
    joe: int = option(Integer(), default="10")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[tuple[str, ...]]]:
    """Return what runs a statement past us."""
    path = tmp_path / "pbx.db"

    def execute(statement: str, *values: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    execute("CREATE TABLE samples (id TEXT PRIMARY KEY, bob TEXT, joe TEXT, marker TEXT)")
    return execute


@pytest.fixture
def s(run: Callable[..., object], tmp_path: Path) -> Iterator[Sorcery]:
    with open_table(tmp_path, "samples") as sorcery:
        yield sorcery


def open_table(folder: Path, arguments: str) -> Sorcery:
    (folder / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{folder}/pbx.db\n")
    (folder / "extconfig.conf").write_text("[settings]\nsamples => sqlite3,pbx\n")
    (folder / "sorcery.conf").write_text(f"[tests]\nsample = realtime,{arguments}\n")
    return Sorcery.open(folder, types=[Sample])


def ids(found: list[Sample]) -> list[str]:
    return [obj.id for obj in found]


def test_68_create_stores_a_row_with_the_id(s: Sorcery, run: Callable[..., object]) -> None:
    s.create(Sample(id="blah"))
    assert run("SELECT id FROM samples") == [("blah",)]


def test_69_of_two_rows_the_one_asked_for_comes_back(s: Sorcery) -> None:
    s.create(Sample(id="blah"))
    s.create(Sample(id="blah2", bob=7))
    assert s.retrieve_by_id(Sample, "blah2") == Sample(id="blah2", bob=7)


def test_70_a_field_finds_one_or_none(s: Sorcery) -> None:
    s.create(Sample(id="blah", joe=42))
    assert ids(s.retrieve_by_fields(Sample, joe=42)) == ["blah"]
    assert s.retrieve_by_fields(Sample, joe=49) == []


def test_71_all_are_found(s: Sorcery) -> None:
    s.create(Sample(id="blah"))
    s.create(Sample(id="blah2"))
    assert ids(s.retrieve_all(Sample)) == ["blah", "blah2"]


def test_72_a_mapping_may_refuse_to_be_listed(run: Callable[..., object], tmp_path: Path) -> None:
    with open_table(tmp_path, "samples,allow_unqualified_fetch=no") as sorcery:
        sorcery.create(Sample(id="blah"))
        assert sorcery.retrieve_all(Sample) == []
        assert sorcery.retrieve_by_id(Sample, "blah") == Sample(id="blah")
        with pytest.raises(NotListed), Sorcery.open("memory:", types=[Sample]) as other:
            other.plan(sorcery, [Sample])


def test_73_a_field_finds_one_and_then_none(s: Sorcery) -> None:
    s.create(Sample(id="blah", joe=6))
    s.create(Sample(id="blah2", joe=7))
    assert ids(s.retrieve_by_fields(Sample, joe=6)) == ["blah"]
    assert s.retrieve_by_fields(Sample, joe=8) == []


def test_74_a_regular_expression_finds_anywhere_in_the_id(s: Sorcery) -> None:
    for id in ("blah-98joe", "1blah-93joe", "neener-93joe"):
        s.create(Sample(id=id))
    assert ids(s.retrieve_by_regex(Sample, "blah-")) == ["1blah-93joe", "blah-98joe"]


def test_75_an_empty_expression_is_a_search_for_everything(run: Callable[..., object], tmp_path: Path) -> None:
    with open_table(tmp_path, "samples,allow_unqualified_fetch=no") as sorcery:
        sorcery.create(Sample(id="blah"))
        assert sorcery.retrieve_by_regex(Sample, "") == []


def test_76_an_update_is_read_again(s: Sorcery) -> None:
    s.create(sample := Sample(id="blah"))
    s.update(sample.evolve(bob=1000))
    assert s.retrieve_by_id(Sample, "blah") == Sample(id="blah", bob=1000)


def test_77_what_was_deleted_is_not_found(s: Sorcery) -> None:
    s.create(sample := Sample(id="blah"))
    s.delete(sample)
    assert s.retrieve_by_id(Sample, "blah") is None


def test_78_deleting_what_was_never_created_fails(s: Sorcery) -> None:
    with pytest.raises(NotFound):
        s.delete(Sample(id="blah"))


def test_79_a_row_of_others_is_an_object(s: Sorcery, run: Callable[..., object]) -> None:
    run("INSERT INTO samples (id, bob, joe) VALUES ('blah', '93', '92')")
    assert s.retrieve_by_id(Sample, "blah") == Sample(id="blah", bob=93, joe=92)


def test_80_a_column_that_is_no_option_does_no_harm(s: Sorcery, run: Callable[..., object]) -> None:
    run("INSERT INTO samples (id, bob, marker) VALUES ('blah', '93', 'odd')")
    assert s.retrieve_by_id(Sample, "blah") == Sample(id="blah", bob=93)
