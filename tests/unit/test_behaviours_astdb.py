"""What Sorcery is known to do, item by item: the AstDB file. See `test_behaviours_core`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sorcery import NotFound, Object, Sorcery, object_type, option
from sorcery.kinds import Integer


@object_type("test", section="tests")
class Sample(Object):
    """Two numbers."""

    bob: int = option(Integer(), default="5")
    joe: int = option(Integer(), default="10")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "astdb.sqlite3"


@pytest.fixture
def s(file: Path) -> Iterator[Sorcery]:
    with open_astdb(file) as sorcery:
        yield sorcery


def open_astdb(file: Path, *, create_on_update_miss: bool = False) -> Sorcery:
    folder = file.parent
    switch = "yes" if create_on_update_miss else "no"
    (folder / "sorcery.conf").write_text(
        f"[general]\nupdate_or_create_on_update_miss = {switch}\n[tests]\ntest = astdb,test\n"
    )
    return Sorcery.open(folder, types=[Sample], astdb=file)


def ids(found: list[Sample]) -> list[str]:
    return [obj.id for obj in found]


def test_58_create_writes_a_row_under_family_and_id(s: Sorcery, file: Path) -> None:
    s.create(Sample(id="blah", bob=6))
    with closing(sqlite3.connect(file)) as connection:
        ((key, value),) = connection.execute("SELECT key, value FROM astdb")
    assert key == "/test/test/blah"
    assert '"bob":"6"' in value.replace(" ", "")


def test_59_of_two_objects_the_one_asked_for_comes_back(s: Sorcery) -> None:
    s.create(Sample(id="blah"))
    s.create(Sample(id="blah2"))
    assert s.retrieve_by_id(Sample, "blah2") == Sample(id="blah2")


def test_60_a_field_finds_one_or_none(s: Sorcery) -> None:
    s.create(Sample(id="blah", joe=42))
    assert ids(s.retrieve_by_fields(Sample, joe=42)) == ["blah"]
    assert s.retrieve_by_fields(Sample, joe=49) == []


def test_61_all_are_found(s: Sorcery) -> None:
    s.create(Sample(id="blah2"))
    s.create(Sample(id="blah"))
    assert ids(s.retrieve_all(Sample)) == ["blah", "blah2"]


def test_62_numbers_are_compared_as_numbers(s: Sorcery) -> None:
    s.create(Sample(id="blah", joe=6))
    assert ids(s.retrieve_by_fields(Sample, **{"joe >=": 6})) == ["blah"]
    assert s.retrieve_by_fields(Sample, **{"joe <": 6}) == []
    assert s.retrieve_by_fields(Sample, **{"joe >=": 10}) == []  # as a text "6" would be more


def test_63_a_regular_expression_finds_by_id(s: Sorcery) -> None:
    for id in ("blah-98joe", "blah-93joe", "neener-93joe"):
        s.create(Sample(id=id))
    assert ids(s.retrieve_by_regex(Sample, "^blah-")) == ["blah-93joe", "blah-98joe"]


def test_64_an_update_is_read_again(s: Sorcery, file: Path) -> None:
    s.create(sample := Sample(id="blah"))
    s.update(sample.evolve(bob=1000, joe=2000))
    with open_astdb(file) as again:
        assert again.retrieve_by_id(Sample, "blah") == Sample(id="blah", bob=1000, joe=2000)


def test_65_an_update_of_nothing_fails_unless_it_is_to_create(s: Sorcery, file: Path) -> None:
    with pytest.raises(NotFound):
        s.update(Sample(id="blah"))
    with open_astdb(file, create_on_update_miss=True) as creating:
        creating.update(Sample(id="blah"))
        assert ids(creating.retrieve_all(Sample)) == ["blah"]


def test_66_what_was_deleted_is_not_found(s: Sorcery) -> None:
    s.create(sample := Sample(id="blah"))
    s.delete(sample)
    assert s.retrieve_by_id(Sample, "blah") is None


def test_67_deleting_what_was_never_created_fails(s: Sorcery) -> None:
    with pytest.raises(NotFound):
        s.delete(Sample(id="blah"))
