"""What Sorcery is known to do, item by item: instances, types, objects, searches, writes, observers, mappings.

The numbers are those of a list of 95 facts about Asterisk's Sorcery. Where we do something else on purpose, the test
shows what, and its docstring says why.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from sorcery import (
    AlreadyExists,
    ConfigurationError,
    Draft,
    InvalidObject,
    Mapping,
    NotFound,
    NotWritable,
    Object,
    Registry,
    Report,
    Sorcery,
    Unavailable,
    UnknownType,
    UnknownWizard,
    Value,
    differences,
    object_type,
    option,
    rule,
)
from sorcery.kinds import Integer, NamedLines, Names
from sorcery.testing.types import Lines
from sorcery_memory import MemoryWizard


@object_type("person", section="people", family="people", conf="people.conf")
class Person(Object):
    """Two numbers, a list with a line per value, and a list in one line."""

    bob: int = option(Integer(), default="5")
    joe: int = option(Integer(), default="10")
    jim: Value[tuple[str, ...]] = option(Lines(), default="444")
    jack: Value[tuple[str, ...]] = option(Names(), default="888,999")

    @rule
    def bob_is_not_ninety(draft: Draft) -> None:
        if draft["bob"] == 90:
            draft["bob"] = 91


@object_type("breakfast", section="people")
class Breakfast(Object):
    """Its options are of one family: whatever begins with `toast/`, a line for each."""

    toasts: Value[tuple[tuple[str, str], ...]] = option(NamedLines(), default="", name="toast/*")


@object_type("anything", section="people")
class Anything(Object):
    """A type that takes every name."""

    lines: Value[tuple[tuple[str, str], ...]] = option(NamedLines(), default="", name="*")


CONF = """
[hey]
bob = 98
joe = 41
[hey2]
bob = 97
joe = 40
[hey3]
bob = 96
joe = 39
"""


@pytest.fixture
def s() -> Iterator[Sorcery]:
    with Sorcery.open("memory:", types=[Person]) as sorcery:
        yield sorcery


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Callable[..., Sorcery]]:
    """Return what opens a folder whose people.conf holds a text, mapped as a line says."""
    opened: list[Sorcery] = []

    def open_folder(text: str, line: str = "person = config,people.conf") -> Sorcery:
        (tmp_path / "sorcery.conf").write_text(f"[people]\n{line}\n")
        (tmp_path / "people.conf").write_text(text)
        opened.append(Sorcery.open(tmp_path, types=[Person]))
        return opened[-1]

    yield open_folder
    for sorcery in opened:
        sorcery.close()


def ids(found: list[Any]) -> list[str]:
    return [obj.id for obj in found]


def test_every_item_of_the_list_has_its_test() -> None:
    here = Path(__file__).parent
    texts = [path.read_text("utf-8") for path in sorted(here.rglob("test_behaviours*.py"))]
    numbers = [int(number) for text in texts for number in re.findall(r"^def test_(\d\d)_", text, re.MULTILINE)]
    assert sorted(numbers) == list(range(1, 96))


# Instances, wizards, types


def test_01_a_wizard_is_registered_once_under_a_name() -> None:
    registry = Registry()
    registry.register("mine", MemoryWizard)
    with pytest.raises(ConfigurationError, match="registered already"):
        registry.register("mine", MemoryWizard)
    assert registry.factory("mine") is MemoryWizard
    registry.unregister("mine")
    with pytest.raises(UnknownWizard, match="unknown wizard 'mine'"):
        registry.unregister("mine")


def test_02_an_instance_is_an_object_and_no_name(s: Sorcery) -> None:
    """Asterisk finds instances by module name and counts references. Here who opened one holds it, and closes it."""
    with Sorcery.open("memory:", types=[Person]) as other:
        other.create(Person(id="a"))
        assert s.retrieve_all(Person) == []


def test_03_a_default_mapping_gives_way_to_a_configured_one(tmp_path: Path) -> None:
    with Sorcery.open(tmp_path, types=[Person]) as sorcery:
        assert list(map(str, sorcery.mappings(Person))) == ["person = config,people.conf,criteria=type=person"]
    (tmp_path / "sorcery.conf").write_text("[people]\nperson = memory\n")
    with Sorcery.open(tmp_path, types=[Person]) as sorcery:
        assert list(map(str, sorcery.mappings(Person))) == ["person = memory"]
    (tmp_path / "sorcery.conf").write_text("[people]\nperson = nowhere\n")
    with pytest.raises(UnknownWizard, match="unknown wizard 'nowhere'"):
        Sorcery.open(tmp_path, types=[Person])


def test_04_a_section_of_the_file_maps_its_types(filed: Callable[..., Sorcery]) -> None:
    assert filed(CONF).mappings("person") == (Mapping("person", "config", "people.conf"),)


def test_05_a_type_has_one_class(s: Sorcery) -> None:
    s.map(Person, "memory", "again")
    impostor: Any = object_type("person", section="people")(type("Impostor", (Object,), {"__annotations__": {}}))
    with pytest.raises(ConfigurationError, match="person is the name of another class"):
        s.map(impostor, "memory")


def test_06_a_type_that_nobody_gave_is_unknown(s: Sorcery) -> None:
    """Whatever is given to a system is mapped: where nothing else says it, to the type's own file, or to memory."""
    with pytest.raises(UnknownType, match="unknown object type 'other'"):
        s.map("other", "memory")


def test_07_options_belong_to_a_class_from_its_declaration() -> None:
    """Asterisk registers fields one by one on a live type; here a class without one of them cannot come to be."""
    assert [each.name for each in Person.__sorcery__.options.values()] == ["bob", "joe", "jim", "jack"]
    with pytest.raises(TypeError):
        Person.__sorcery__.options["new"] = Person.__sorcery__.options["bob"]  # type: ignore[index]


def test_08_a_family_belongs_to_a_class_from_its_declaration() -> None:
    """As item 7. A family is told by how its names begin, which is all that Asterisk's expressions say of theirs."""
    assert [each.name for each in Breakfast.__sorcery__.options.values()] == ["toast/*"]


# Objects


def test_09_a_new_object_has_its_id_type_and_defaults() -> None:
    person = Person(id="a")
    assert (person.id, person.__sorcery__.name, person.bob, person.joe) == ("a", "person", 5, 10)


def test_10_an_object_without_id_gets_one() -> None:
    assert Person().id
    assert Person().id != Person().id


def test_11_a_copy_is_equal_and_keeps_the_order_of_lists() -> None:
    person = Person.from_objectset("a", [("bob", "1"), ("jim", "333"), ("jim", "222")])
    copy = person.evolve()
    assert copy is not person
    assert copy == person
    assert copy.jim == ("444", "333", "222")


def test_12_a_copy_may_differ() -> None:
    """There is no hook: what a copy is to have of its own is said where it is made."""
    person = Person(id="a", joe=11)
    copy = person.evolve(bob=10)
    assert (copy.bob, copy.joe) == (10, 11)
    assert person.bob == 5


def test_13_a_difference_names_what_differs_and_nothing_else() -> None:
    """A list that differs is told whole, old and new: Asterisk tells the added values and never the removed ones."""
    old = Person(id="a", bob=1).evolve(jim=["444"])
    new = Person(id="b", bob=2).evolve(jim=["444", "333", "222"])
    assert differences(old, new) == [("bob", "1", "2"), ("jim", "444", "444, 333, 222")]


def test_14_a_difference_is_of_what_stores_keep() -> None:
    """There is no hook that could say something else: what differs is what `settings` says differently."""
    old, new = Person(id="a", joe=1), Person(id="a", joe=2)
    assert dict(old.settings()) == {"joe": "1"}
    assert differences(old, new) == [("joe", "1", "2")]


def test_15_an_object_set_has_every_option_with_its_text() -> None:
    assert Person(id="a").objectset() == [("bob", "5"), ("joe", "10"), ("jim", "444"), ("jack", "888,999")]


def test_16_an_object_set_has_texts_only(tmp_path: Path) -> None:
    """Its JSON form is what AstDB rows hold: the same names and texts."""
    with Sorcery.open("memory:", types=[Person], astdb=tmp_path / "astdb.sqlite3") as sorcery:
        sorcery.map(Person, "astdb", "test")
        sorcery.create(person := Person(id="a", bob=6))
        (row,) = rows(tmp_path / "astdb.sqlite3")
        assert {**row} == {**dict(Person(id="a").objectset()), **dict(person.settings())}


def rows(file: Path) -> list[dict[str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        return [json.loads(value) for (value,) in connection.execute("SELECT value FROM astdb")]


def test_17_a_family_contributes_its_own_pairs_and_nothing_else() -> None:
    pairs = [("toast/butter", "1"), ("toast/jam", "2"), ("toast/jam", "3")]
    assert Breakfast.from_objectset("a", pairs).objectset() == pairs


def test_18_an_option_is_changed_on_a_copy(s: Sorcery) -> None:
    """Objects are immutable: whoever holds one, holds it as it was."""
    person = Person(id="a")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(person, "joe", 25)  # noqa: B010 - a plain assignment is a type error, which is the point
    assert person.evolve(joe=25).joe == 25


def test_19_rules_see_the_object_once_all_options_are_set() -> None:
    assert Person.from_objectset("a", [("bob", "90"), ("joe", "1")]).bob == 91


def test_20_an_unknown_option_is_refused_and_nothing_comes_of_it() -> None:
    with pytest.raises(InvalidObject, match="person 'a', option joey: unknown option; did you mean joe"):
        Person.from_objectset("a", [("bob", "1"), ("joey", "1")])


def test_21_a_rule_can_rewrite_one_option_and_leave_the_others() -> None:
    person = Person(id="a", bob=90, joe=90)
    assert (person.bob, person.joe) == (91, 90)


def test_22_a_name_of_a_family_reaches_its_reader() -> None:
    breakfast = Breakfast.from_objectset("a", [("toast/butter", "1")])
    assert breakfast.toasts == (("butter", "1"),)
    with pytest.raises(InvalidObject, match="option bread/butter: unknown option"):
        Breakfast.from_objectset("a", [("bread/butter", "1")])


def test_23_an_extended_field_is_set_and_overwritten() -> None:
    """It is read under its own name, with the `@`; given without it, it gets it."""
    person = Person.from_objectset("a", [("@testing", "toast")])
    assert person.text("@testing") == "toast"
    again = person.evolve(extended={"testing": "muffins"})
    assert again.text("@testing") == "muffins"
    assert person.text("@testing") == "toast"


def test_24_a_difference_holds_the_changed_option_alone() -> None:
    assert differences(Person(id="a", bob=1, joe=2), Person(id="a", bob=1, joe=3)) == [("joe", "2", "3")]


def test_25_equal_objects_do_not_differ() -> None:
    assert differences(Person(id="a"), Person(id="a")) == []
    one = Person(id="a", jim=["1", "2"])
    assert differences(one, one) == []


# Storing and finding


def test_26_create_stores_through_memory(s: Sorcery) -> None:
    s.create(Person(id="a"))
    assert ids(s.retrieve_all("person")) == ["a"]


def test_27_of_two_objects_the_one_asked_for_comes_back(s: Sorcery) -> None:
    s.create(Person(id="a"))
    s.create(Person(id="b", joe=2))
    assert s.retrieve_by_id("person", "b") == Person(id="b", joe=2)


def test_28_one_object_is_found_by_a_field(s: Sorcery) -> None:
    """There is no separate search for the first one: take the first of the list, which is sorted by id."""
    s.create(Person(id="a"))
    s.create(Person(id="b", joe=42))
    assert s.retrieve_by_fields("person", joe=42)[0].id == "b"
    assert s.retrieve_by_fields("person", joe=43) == []


def test_29_retrieve_all_returns_both(s: Sorcery) -> None:
    s.create(Person(id="b"))
    s.create(Person(id="a"))
    assert ids(s.retrieve_all("person")) == ["a", "b"]


def test_30_a_search_that_finds_nothing_is_an_empty_list(s: Sorcery) -> None:
    s.create(Person(id="a", joe=6))
    s.create(Person(id="b"))
    assert ids(s.retrieve_by_fields(Person, joe=6)) == ["a"]
    assert s.retrieve_by_fields(Person, joe=7) == []


def test_31_a_regular_expression_finds_by_id(s: Sorcery) -> None:
    for id in ("blah-98joe", "blah-93joe", "neener-93joe"):
        s.create(Person(id=id))
    assert ids(s.retrieve_by_regex(Person, "^blah-")) == ["blah-93joe", "blah-98joe"]


def test_32_after_an_update_the_very_copy_is_found(s: Sorcery) -> None:
    s.create(person := Person(id="a"))
    s.update(copy := person.evolve(bob=1))
    assert s.retrieve_by_id(Person, "a") is copy


def test_33_an_update_of_nothing_fails_unless_it_is_to_create(tmp_path: Path) -> None:
    conf = tmp_path / "sorcery.conf"
    for switch in ("no", "yes"):
        conf.write_text(f"[general]\nupdate_or_create_on_update_miss = {switch}\n[people]\nperson = memory\n")
        with Sorcery.open(tmp_path, types=[Person]) as sorcery:
            if switch == "no":
                with pytest.raises(NotFound):
                    sorcery.update(Person(id="a"))
            else:
                sorcery.update(Person(id="a"))
                assert ids(sorcery.retrieve_all(Person)) == ["a"]


def test_34_what_was_deleted_is_not_found(s: Sorcery) -> None:
    s.create(Person(id="a"))
    s.delete(Person(id="a", joe=3))
    assert s.retrieve_by_id(Person, "a") is None


def test_35_deleting_what_was_never_created_fails(s: Sorcery) -> None:
    with pytest.raises(NotFound, match="person 'a' does not exist"):
        s.delete(Person(id="a"))


def test_36_a_cache_knows_when_an_object_is_stale(s: Sorcery) -> None:
    """No object is asked whether it is stale, it could not know: a cache tells it of its entries."""
    s.map(Person, "memory_cache", "object_lifetime_stale=60", caching=True)
    s.map(Person, "memory")
    s.create(Person(id="a"))
    (cache,) = s.caches.values()
    assert 0 < (cache.entries()[0].stale_in or 0) <= 60
    assert cache.stale("a") == 1
    assert cache.entries()[0].stale_in == 0


def test_37_changes_reach_a_cache_in_front_and_it_answers(s: Sorcery) -> None:
    """What is told to the cache is not part of the change: nobody sees a cache fail a write."""
    s.map(Person, "memory_cache", "name=front", caching=True)
    s.map(Person, "memory")
    cache = s.caches["front"]
    s.create(person := Person(id="a"))
    assert [entry.id for entry in cache.entries()] == ["a"]
    before = cache.figures()["hits"]
    assert s.retrieve_by_id(Person, "a") is person
    assert cache.figures()["hits"] == before + 1
    s.update(copy := person.evolve(bob=1))
    assert s.retrieve_by_id(Person, "a") is copy
    s.delete(copy)
    assert cache.entries() == []
    assert s.retrieve_by_id(Person, "a") is None


def test_38_observers_hear_of_changes_and_of_loads(s: Sorcery) -> None:
    """One without functions is no error: it hears nothing."""
    heard: list[Any] = []
    s.observe(Person)
    s.observe(
        Person,
        created=lambda new: heard.append(("created", new)),
        updated=lambda new, old: heard.append(("updated", new, old)),
        deleted=lambda old: heard.append(("deleted", old)),
        loaded=lambda name: heard.append(("loaded", name)),
    )
    s.create(one := Person(id="a"))
    s.update(two := one.evolve(bob=1))
    s.delete(two)
    s.reload()
    assert heard == [("created", one), ("updated", two, one), ("deleted", two), ("loaded", "person")]


# Files


def test_39_a_section_with_an_unknown_option_is_no_object(filed: Callable[..., Sorcery]) -> None:
    s = filed(CONF.replace("[hey2]", "[hey2]\ntype2 = zombies"))
    assert s.retrieve_by_id(Person, "hey2") is None
    assert s.retrieve_by_id(Person, "hey") == Person(id="hey", bob=98, joe=41)
    assert [finding.id for finding in s.report.errors] == ["hey2"]


def test_40_with_integrity_of_the_file_one_bad_section_keeps_all_out(filed: Callable[..., Sorcery]) -> None:
    """None are loaded; and as nobody knows what the file should hold, nobody is told "absent" either."""
    s = filed(CONF + "type2 = zombies\n", "person = config,people.conf,integrity=file")
    with pytest.raises(Unavailable):
        s.retrieve_by_id(Person, "hey")
    assert s.report.errors


def test_41_criteria_choose_the_sections(filed: Callable[..., Sorcery]) -> None:
    s = filed(CONF.replace("[hey2]", "[hey2]\ntype = zombies"), "person = config,people.conf,criteria=type=zombies")
    assert ids(s.retrieve_all(Person)) == ["hey2"]


def test_42_a_field_finds_the_right_section(filed: Callable[..., Sorcery]) -> None:
    assert filed(CONF).retrieve_by_fields(Person, joe=41)[0].id == "hey"


def test_43_a_field_finds_none_or_one(filed: Callable[..., Sorcery]) -> None:
    s = filed(CONF)
    assert s.retrieve_by_fields(Person, joe=6) == []
    assert ids(s.retrieve_by_fields(Person, joe=41)) == ["hey"]


def test_44_all_are_found_but_the_bad_one(filed: Callable[..., Sorcery]) -> None:
    s = filed(CONF.replace("[hey2]", "[hey2]\ntype2 = zombies"))
    assert ids(s.retrieve_all(Person)) == ["hey", "hey3"]


# What the dialplan asks: not the function itself, which the stack's dialplan has not, but the facts that it needs


def test_45_an_unknown_type_id_or_field_is_told(s: Sorcery) -> None:
    """Modules have no names here. AST_SORCERY would ask these questions."""
    with pytest.raises(UnknownType):
        s.retrieve_by_id("nonsense", "a")
    assert s.retrieve_by_id(Person, "nobody") is None
    assert Person(id="a").text("expletive") is None
    assert Person.__sorcery__.option("expletive") is None


def test_46_a_field_with_one_value_has_one(s: Sorcery) -> None:
    """`single,1` is the first of these, `single,2` is not there. The function comes with a dialplan."""
    assert values(Person(id="a", bob=7), "bob") == ["7"]


def test_47_a_field_with_three_values_has_them_in_order(s: Sorcery) -> None:
    """`concat` joins these, `single,2` is the second. The function comes with a dialplan."""
    three = Person.from_objectset("a", [("jim", "333"), ("jim", "222")])
    assert values(three, "jim") == ["444", "333", "222"]


def test_48_a_question_that_means_nothing_is_an_error(s: Sorcery) -> None:
    """The function's method and number come with a dialplan; an unknown operator and field are what comes closest."""
    for question in ("bob ~", "expletive"):
        with pytest.raises(ValueError, match=question.split()[-1]):
            s.retrieve_by_fields(Person, **{question: "1"})


def values(obj: Object, name: str) -> list[str]:
    """Return all values of a field."""
    return [text for field, text in obj.objectset() if field == name]


def test_49_a_field_is_known_by_its_exact_name_by_its_family_or_as_extended() -> None:
    """The `*` of a family may stand for nothing, as after the `^event_` of Asterisk's own publications."""
    known = Person.__sorcery__.has_field
    assert known("bob")
    assert known("@anything")
    assert not known("Bob")
    assert not known("toast/butter")
    in_family = Breakfast.__sorcery__.has_field
    assert in_family("toast/butter")
    assert in_family("@anything")
    assert in_family("toast/")
    assert not in_family("toast")
    assert not in_family("bob")
    assert Anything.__sorcery__.has_field("whatever")


# Observers of the whole


def test_50_nobody_has_to_watch_for_wizards_and_instances(s: Sorcery) -> None:
    """What comes and goes there is made by the program itself. What it maps later is told, until it closes its ear."""
    mapped: list[str] = []
    subscription = s.observe_system(
        mapped=lambda mapping: mapped.append(str(mapping)), unmapped=lambda mapping: mapped.append(f"-{mapping}")
    )
    s.map(Person, "memory", "one")
    s.unmap(Person, "memory", "one")
    subscription.close()
    s.map(Person, "memory", "two")
    assert mapped == ["-person = memory", "person = memory,one", "-person = memory,one", "person = memory"]


def test_51_the_system_tells_of_its_reloads_and_mappings(s: Sorcery) -> None:
    """Loading at the start is over before anybody can listen; `report` has it."""
    heard: list[Any] = []
    with s.observe_system(
        loading=lambda: heard.append("loading"),
        loaded=heard.append,
        mapped=lambda mapping: heard.append((mapping.type_name, mapping.wizard, mapping.arguments)),
    ):
        s.reload()
        assert heard[0] == "loading"
        assert isinstance(heard[1], Report)
        s.map(Person, "memory", "label")
        assert heard[2] == ("person", "memory", "label")
    count = len(heard)
    s.reload()
    assert len(heard) == count


def test_52_a_load_of_each_type_is_told(s: Sorcery) -> None:
    """Of wizards nothing is told: which store was read is in the report, where it is of use."""
    heard: list[str] = []
    subscription = s.observe(Person, loaded=heard.append)
    s.reload()
    s.reload()
    subscription.close()
    s.reload()
    assert heard == ["person", "person"]


# Mappings


def test_53_mappings_are_counted_and_an_unknown_type_has_none(s: Sorcery) -> None:
    """An unknown type is an exception and no -1."""
    with pytest.raises(UnknownType):
        s.mappings("nonsense")
    s.map(Person, "memory", "one")
    assert len(s.mappings(Person)) == 1
    s.map(Person, "memory", "two")
    assert len(s.mappings(Person)) == 2
    s.unmap(Person, "memory", "one")
    assert len(s.mappings(Person)) == 1


def test_54_a_mapping_is_inserted_and_removed_by_its_arguments(s: Sorcery) -> None:
    """The same wizard may serve a type as often as its arguments differ; no flag has to allow it."""
    s.map(Person, "memory", "one")
    s.map(Person, "memory", "two", position=0)
    assert [mapping.arguments for mapping in s.mappings(Person)] == ["two", "one"]
    with pytest.raises(ConfigurationError, match="person is mapped to memory,one already"):
        s.map(Person, "memory", "one", position=0)
    s.unmap(Person, "memory", "one")
    assert [mapping.arguments for mapping in s.mappings(Person)] == ["two"]


def test_55_a_mapping_is_found_by_its_place(s: Sorcery) -> None:
    """The store that it opened stays inside: whoever wrote past the core would go past caches and observers."""
    s.map(Person, "memory", "one")
    assert s.mappings(Person)[0].wizard == "memory"
    with pytest.raises(IndexError):
        s.mappings(Person)[1]


def test_56_what_is_not_mapped_cannot_be_removed(s: Sorcery) -> None:
    s.map(Person, "memory", "one")
    s.map(Person, "memory", "two")
    with pytest.raises(UnknownType):
        s.unmap("nonsense", "memory")
    with pytest.raises(ConfigurationError, match="person has no mapping to realtime"):
        s.unmap(Person, "realtime")
    s.unmap(Person, "memory")
    assert [mapping.arguments for mapping in s.mappings(Person)] == ["two"]


def test_57_without_a_store_that_takes_it_a_create_fails(filed: Callable[..., Sorcery]) -> None:
    """A file cannot be written to, and holds the id of what a second store could take: nobody would see that."""
    with pytest.raises(NotWritable, match="map it to a writable wizard"):
        filed(CONF).create(Person(id="new"))
    s = filed(CONF, "person = config,people.conf\nperson = memory")
    with pytest.raises(AlreadyExists):
        s.create(Person(id="hey"))
    s.create(Person(id="new"))
    assert ids(s.retrieve_all(Person)) == ["hey", "hey2", "hey3", "new"]
