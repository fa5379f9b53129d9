from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sorcery.conf import Block, Variable
from sorcery.environment import Environment
from sorcery_config.sections import Selection
from sorcery_config.store import ConfigStore

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder


def test_without_criteria_every_section_is_an_object(folder: Folder) -> None:
    folder.write("[t](!)\nlines=2\n[a]\n[b](t)\ntype=room\n")
    store = folder.phones("phones.conf")
    folder.load()
    assert folder.ids(store) == ["a", "b"]


def test_the_first_option_of_the_name_decides_in_any_case_and_its_value_with_case(folder: Folder) -> None:
    folder.write(
        "[a]\nTYPE=phone\n[b]\ntype=Phone\n[c]\ntype=phone\ntype=bogus\n[d]\ntype=bogus\ntype=phone\n"
        "[e]\ncontext=x\ntype=phone\n[f]\ncontext=x\n[g]\n"
    )
    store = folder.phones()
    folder.load()
    assert folder.ids(store) == ["a", "c", "e"]


def test_a_child_cannot_override_the_type_of_its_template(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\n[a](t)\ntype=room\n[b](t)\n[n](!)\ncontext=x\n[c](n,t)\n[d](n)\ntype=room\n")
    phones, rooms = folder.phones(), folder.rooms()
    folder.load()
    assert folder.ids(phones) == ["a", "b", "c"]
    assert folder.ids(rooms) == []


def test_a_template_is_never_an_object(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phone\n[house](!)\nstreet=x\n")
    phones, houses = folder.phones(), folder.houses()
    folder.load()
    assert folder.ids(phones) == folder.ids(houses) == []


def test_every_criterion_must_hold(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\ncontext=x\n[b]\ntype=phone\ncontext=y\ncontext=x\n[c]\ncontext=x\n")
    store = folder.phones("phones.conf,criteria=type=phone,criteria=Context=x")
    folder.load()
    assert folder.ids(store) == ["a"]


def test_types_may_select_by_different_options(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\n[b]\nfloor=3\n")
    phones, rooms = folder.phones(), folder.rooms("phones.conf,criteria=floor=3")
    folder.load()
    assert (folder.ids(phones), folder.ids(rooms)) == (["a"], ["b"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[house]\nstreet=x\n", ["house"]),
        ("[house]\n@note=x\n", ["house"]),
        ("[house]\ntype=house\nstreet=x\n", ["house"]),
        ("[House]\nstreet=x\n", []),
        ("[house]\nStreet=x\n", []),
        ("[house]\nstreet=x\ncontext=y\n", []),
        ("[villa]\ntype=house\n", ["villa"]),
    ],
)
def test_an_explicit_name_needs_no_type_but_only_known_fields(folder: Folder, text: str, expected: list[str]) -> None:
    folder.write(text)
    store = folder.houses()
    folder.load()
    assert folder.ids(store) == expected


def test_an_explicit_name_alone_selects_its_section_alone(folder: Folder) -> None:
    folder.write("[house]\nstreet=x\n[villa]\nstreet=y\n")
    environment = Environment(directory=folder.path)
    store = folder.wizard.open(folder.houses().object_type, "phones.conf,explicit_name=house", environment)
    folder.wizard.load([store]).commit()
    assert folder.ids(store) == ["house"]


def test_objects_come_in_file_order_however_they_qualify(folder: Folder) -> None:
    folder.write("[z]\ntype=house\n[house]\nstreet=x\n[a]\ntype=house\n")
    store = folder.houses(",single_object=no")
    folder.load()
    assert list(store.snapshot.objects) == ["z", "house", "a"]


def test_ids_are_names_byte_for_byte(folder: Folder) -> None:
    folder.write("[ sp aced ]\ntype=phone\n[caf\udce9]\ntype=phone\n[sl/ash]\ntype=phone\n[Case]\ntype=phone\n")
    store = folder.phones()
    folder.load()
    assert set(folder.ids(store)) == {" sp aced ", "caf\udce9", "sl/ash", "Case"}
    assert store.retrieve("case") is None


class TestWhatIsToldByCopies:
    """What a section copies may tell whose object it is, before anybody reads it."""

    def selection(self, folder: Folder, *arguments: str) -> Selection[ConfigStore]:
        return Selection([folder.phones(), *map(folder.rooms, arguments)])

    def block(self, **values: str) -> Block:
        return tuple(Variable(key, value, 1, inherited=True) for key, value in values.items())

    def test_it_is_told_where_nothing_else_counts(self, folder: Folder) -> None:
        selection = self.selection(folder, "phones.conf,criteria=TYPE=room")
        blocks = [self.block(context="x"), self.block(Type="room", type="phone")]
        assert [store.object_type.name for store in selection.of_copied(blocks) or ()] == ["room"]
        assert selection.of_copied([self.block(type="other")]) == []

    def test_own_lines_count_where_copies_do_not_say_it_all(self, folder: Folder) -> None:
        selection = self.selection(folder, "phones.conf,criteria=type=room,criteria=floor=3")
        assert selection.of_copied([]) is selection.of_copied([self.block(context="x")]) is None
        assert selection.of_copied([self.block(type="room", floor="3")]) is None
        assert self.selection(folder, "phones.conf,criteria=floor=3").of_copied([self.block(type="phone")]) is None

    def test_a_name_counts_where_a_mapping_names_it(self, folder: Folder) -> None:
        selection = self.selection(folder, "phones.conf,criteria=type=room,explicit_name=hall")
        assert (selection.may_name("hall"), selection.may_name("Hall")) == (True, False)
