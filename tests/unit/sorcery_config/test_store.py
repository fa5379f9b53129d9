from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from sorcery.errors import Unavailable
from sorcery.query import Criterion, Query
from sorcery.wizard import Locating

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder

TEXT = "[t](!)\ntype=phone\ncontext=x\ncodecs=a\n\n[a](t)\nLines=2\nlines=3\ncodecs=b\n[a]\ntype=room\n"


def test_before_the_first_load_a_store_does_not_answer(folder: Folder) -> None:
    folder.write(TEXT)
    store = folder.phones()
    with pytest.raises(Unavailable, match=r"config phones\.conf phone is unavailable: it was not loaded yet"):
        store.retrieve("a")
    with pytest.raises(Unavailable):
        store.search(Query())


def test_objects_are_found_by_field_and_prefix(folder: Folder) -> None:
    folder.write("[ab]\ntype=phone\ncontext=x\n[ac]\ntype=phone\n[b]\ntype=phone\ncontext=x\n")
    store = folder.phones()
    folder.load()
    assert {obj.id for obj in store.search(Query(criteria=(Criterion("context", "", "x"),)))} == {"ab", "b"}
    assert {obj.id for obj in store.search(Query(prefix="a"))} == {"ab", "ac"}


@pytest.mark.parametrize(
    ("option", "line"),
    [("", 6), ("context", 3), ("lines", 8), ("LINES", 8), ("codecs", 9), ("mode", 6), ("nonsense", 6)],
)
def test_a_place_is_the_last_line_of_the_option_or_the_section(folder: Folder, option: str, line: int) -> None:
    folder.write(TEXT)
    store = folder.phones()
    folder.load()
    assert isinstance(store, Locating)
    assert str(store.place("a", option)) == folder.at(line)


def test_a_place_is_that_of_the_type(folder: Folder) -> None:
    folder.write(TEXT)
    rooms = folder.rooms()
    folder.load()
    assert str(rooms.place("a")) == folder.at(10)
    assert rooms.place("b") is None


def test_a_place_follows_the_file_after_a_reload(folder: Folder) -> None:
    folder.write(TEXT)
    store = folder.phones()
    folder.load()
    assert str(store.place("a")) == folder.at(6)
    folder.write("\n" + TEXT)
    folder.load()
    assert str(store.place("a")) == folder.at(7)


def test_a_place_follows_the_file_when_only_another_type_was_loaded(folder: Folder) -> None:
    folder.write(TEXT)
    phones, rooms = folder.phones(), folder.rooms()
    folder.load()
    assert str(phones.place("a")) == folder.at(6)
    folder.write("\n" + TEXT)
    folder.wizard.load([rooms]).commit()
    assert str(phones.place("a")) == folder.at(7)


def test_a_load_lets_go_of_the_sections_that_places_needed(folder: Folder) -> None:
    folder.write(TEXT)
    store = folder.phones()
    folder.load()
    assert store.place("a") is not None
    assert store.located is not None
    sections = weakref.ref(store.located)
    folder.write("\n" + TEXT)
    folder.load()
    gc.collect()
    assert sections() is None


def test_a_place_in_an_include_names_its_file(folder: Folder) -> None:
    folder.write("\n[i]\ntype=phone\n", "d/i.conf")
    folder.write("#include d/i.conf\n")
    store = folder.phones()
    folder.load()
    assert str(store.place("i")) == folder.at(2, "d/i.conf")
    assert str(store.place("i", "type")) == folder.at(3, "d/i.conf")


def test_without_the_file_there_is_no_place(folder: Folder) -> None:
    path = folder.write(TEXT)
    store = folder.phones()
    folder.load()
    path.unlink()
    assert store.place("a") is None
    assert store.retrieve("a") is not None
