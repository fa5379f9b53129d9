from __future__ import annotations

import copy
import inspect
import pickle
import sys
import uuid
from typing import Any, ClassVar

import attrs
import pytest

from sorcery.draft import Draft
from sorcery.errors import InvalidObject
from sorcery.kinds import Boolean, Integer, Names, Refused, SecretText, Text
from sorcery.objects import Object, ObjectSet, differences, object_type, rule
from sorcery.options import Value, alias, option
from sorcery.secret import Secret


@object_type("trunk")
class Trunk(Object):
    """A line to somewhere."""

    host: str = option(Text(), doc="Where it leads.")
    channels: int = option(Integer(), default="30")
    up: bool = option(Boolean(), default="yes")
    secret: Value[Secret] = option(SecretText(), default="", secret=True)
    codecs: Value[tuple[str, ...]] = option(Names(), default="ulaw")
    codec: Value[tuple[str, ...]] = alias("codecs", Names(adds=True), default="")
    hidden: str = option(Text(), default="", is_printed=False)

    @rule
    def some_channels(draft: Draft) -> None:
        """No trunk without channels."""
        if not draft["channels"]:
            raise Refused("needs channels", option="channels")

    def defects(self, pairs: ObjectSet) -> ObjectSet:
        return [(name, text[:3]) for name, text in pairs]


@object_type("room")
class Room(Object):
    """A type that another one is made from."""

    visits: ClassVar[list[str]] = []

    rooms: int = option(Integer())
    note: str = option(Text(), default="")
    colour: str = option(Text(), default="red")

    @rule
    def visited(draft: Draft) -> None:
        Room.visits.append(draft.id)


@object_type("suite")
class Suite(Room):
    """A declared subclass."""

    colour: str = option(Text(), default="blue")
    tags_list: Value[tuple[str, ...]] = option(Names(), default="", name="tags")

    @rule
    def many_rooms_need_tags(draft: Draft) -> None:
        if draft["rooms"] > 3 and not draft["tags_list"]:
            raise Refused("needs a tag", option="tags")


@object_type("garden")
class Garden(Object):
    """A type that has nothing in common with a room."""

    trees: int = option(Integer(), default="2")
    note: str = option(Text(), default="green")


@object_type("terrace")
class Terrace(Suite, Garden):
    """A class with two declared bases."""

    note: str = option(Text(), default="sunny")


class Undeclared(Trunk):
    """A subclass that adds behaviour, and no options."""

    def where(self) -> str:
        return f"to {self.host}"


def test_an_object_is_made_of_values_or_of_the_texts_of_a_file() -> None:
    made = Trunk("t", host="h", channels=2, up=False, secret="s", codecs=["alaw", "g722"])
    assert made == Trunk("t", host="h", channels="2", up="no", secret=Secret("s"), codecs="alaw,g722")  # type: ignore[arg-type]
    assert (made.id, made.host, made.channels, made.up, made.codecs) == ("t", "h", 2, False, ("alaw", "g722"))


def test_an_id_that_is_no_text_is_refused() -> None:
    number: Any = 101
    with pytest.raises(InvalidObject, match=r"trunk '101': int is not taken for an id; pass text: '101'"):
        Trunk(number, host="h")
    with pytest.raises(InvalidObject, match="int is not taken"):
        Trunk("t", host="h").evolve(id=number)
    with pytest.raises(InvalidObject, match="int is not taken"):
        Trunk.from_objectset(number, [("host", "h")])


def test_without_an_id_an_object_gets_a_random_one() -> None:
    assert uuid.UUID(Trunk(host="h").id) != uuid.UUID(Trunk(host="h").id)
    assert uuid.UUID(Trunk("t", host="h").evolve(id="").id)
    assert uuid.UUID(Trunk.from_objectset("", [("host", "h")]).id)


def test_arguments_add_up_as_lines_do() -> None:
    assert Trunk("t", host="h", codec="alaw").codecs == ("ulaw", "alaw")


def test_bad_arguments_are_refused() -> None:
    for arguments in (
        {},
        {"host": "h", "channels": -1},
        {"host": "h", "channels": 0},
        {"host": "h", "colour": "red"},
        {"host": "h", "type": "trunk"},
    ):
        with pytest.raises(InvalidObject):
            Trunk("t", **arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": 1.5}, "option channels='1.5': float is not taken; pass a whole number from 0 to 4294967295"),
        ({"channels": "many"}, "option channels='many': is not a whole number; write a whole number from 0"),
        ({"up": None}, "option up='None': NoneType is not taken; pass a bool, or one of yes"),
        ({"secret": b"hunter2"}, "option secret: bytes is not taken; pass text or a Secret"),
        ({"codecs": ["a,b"]}, "option codecs=.*: 'a,b' cannot be a name in a list; pass texts without commas"),
        ({"chanels": 1}, "option chanels: unknown option; did you mean channels?"),
        ({"zzz": 1}, "option zzz: unknown option; remove it"),
    ],
)
def test_an_error_names_object_option_and_value_and_says_what_to_do(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidObject, match=f"^trunk 't', {message}"):
        Trunk("t", host="h", **changes)
    with pytest.raises(InvalidObject, match=f"^trunk 't', {message}"):
        Trunk("t", host="h").evolve(**changes)


def test_a_missing_option_is_named() -> None:
    with pytest.raises(InvalidObject, match=r"^trunk 't', option host: is required; write text"):
        Trunk("t")  # type: ignore[call-arg]
    with pytest.raises(InvalidObject, match=r"^trunk 't', option host: is required; write text"):
        Trunk("t", host="h").evolve(host="")


def test_an_attribute_whose_option_has_another_name_is_suggested_to_python_callers() -> None:
    with pytest.raises(InvalidObject, match=r"option tags_lists: unknown option; did you mean tags_list\?"):
        Suite("s", rooms=1, tags_lists="")  # type: ignore[call-arg]
    with pytest.raises(InvalidObject, match=r"option tags_lists: unknown option; remove it"):
        Suite.from_objectset("s", [("rooms", "1"), ("tags_lists", "")])


@pytest.mark.parametrize(
    ("extended", "message"),
    [
        ({"x": 3}, "option x: int is not taken for the text of a pair; pass two texts"),
        ({3: "x"}, "option 3: int is not taken for the name of a pair; pass two texts"),
        ("abc", r"trunk 't': str is not taken for the extended fields; pass \{name: text\}"),
        (3, "int is not taken for the extended fields"),
    ],
)
def test_extended_fields_are_texts(extended: Any, message: str) -> None:
    with pytest.raises(InvalidObject, match=message):
        Trunk("t", host="h", extended=extended)


def test_an_object_set_is_made_of_texts() -> None:
    number: Any = 3
    with pytest.raises(InvalidObject, match="option host: int is not taken for the text of a pair; pass two texts"):
        Trunk.from_objectset("t", [("host", number)])


def test_an_object_never_changes() -> None:
    trunk = Trunk("t", host="h")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        trunk.host = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        trunk.colour = "red"  # type: ignore[attr-defined]


def test_objects_are_equal_by_value_and_hashable() -> None:
    assert Trunk("t", host="h") == Trunk.from_objectset("t", [("host", "h")])
    assert len({Trunk("t", host="h"), Trunk("t", host="h"), Trunk("u", host="h")}) == 2
    assert Trunk("t", host="h", extended={"a": "1"}) != Trunk("t", host="h")
    assert Trunk("t", host="h", extended={"b": "2", "a": "1"}) == Trunk("t", host="h", extended={"a": "1", "b": "2"})


def test_evolving_changes_a_copy() -> None:
    trunk = Trunk("t", host="h", codecs=["alaw"], extended={"a": "1"})
    other = trunk.evolve(id="u", channels=5, codecs="g722", extended={"@b": "2"})
    assert other == Trunk("u", host="h", channels=5, codecs=["g722"], extended={"b": "2"})
    assert trunk.channels == 30
    assert trunk.evolve() == trunk
    with pytest.raises(InvalidObject):
        trunk.evolve(channels=0)


def test_objects_of_one_template_are_equal_to_those_that_are_made_otherwise() -> None:
    template = Trunk.__sorcery__.draft("")
    template.apply("host", "h")
    template.apply("channels", "5")
    made = [template.fork("t"), template.fork("u")]
    made[0].apply("codecs", "g722")
    first, second = (draft.finish() for draft in made)
    assert first == Trunk("t", host="h", channels=5, codecs=["g722"])
    assert second == Trunk("u", host="h", channels=5)
    assert hash(first) == hash(Trunk("t", host="h", channels=5, codecs=["g722"]))
    assert first != Trunk("t", host="h", codecs=["g722"])
    assert second.settings() == [("host", "h"), ("channels", "5")]
    assert second.evolve(channels=30).settings() == [("host", "h")]
    assert repr(second.evolve(channels=30)) == "Trunk('u', host='h')"


def test_an_object_is_equal_to_objects_of_its_own_class_only() -> None:
    assert Suite("t", rooms=1) != Room("t", rooms=1)
    assert Trunk("t", host="h") != "t"


def test_an_object_is_small_whatever_its_type_has() -> None:
    assert sys.getsizeof(Trunk("t", host="h")) <= 80
    assert not hasattr(Trunk("t", host="h"), "__dict__")


def test_an_object_set_holds_the_printed_options_and_the_extended_fields() -> None:
    trunk = Trunk("t", host="h", secret="s", hidden="x", extended={"note": "n"})
    assert trunk.objectset() == [
        ("host", "h"),
        ("channels", "30"),
        ("up", "true"),
        ("secret", "s"),
        ("codecs", "ulaw"),
        ("@note", "n"),
    ]


def test_defects_show_in_the_compatible_object_set_only() -> None:
    assert ("codecs", "ula") in Trunk("t", host="h").objectset(compat=True)
    assert ("codecs", "ulaw") in Trunk("t", host="h").objectset()


def test_settings_are_what_differs() -> None:
    assert Trunk("t", host="h", up=False, extended={"n": "1"}).settings() == [("host", "h"), ("up", "no"), ("@n", "1")]
    assert Trunk("t", host="h").settings(every=True) == [
        ("host", "h"),
        ("channels", "30"),
        ("up", "yes"),
        ("secret", ""),
        ("codecs", "ulaw"),
        ("hidden", ""),
    ]


def test_single_texts_are_found_by_name() -> None:
    trunk = Trunk("t", host="h", extended={"note": "n"})
    assert (trunk.text("HOST"), trunk.text("id"), trunk.text("@note")) == ("h", "t", "n")
    assert (trunk.text("hidden"), trunk.text("colour"), trunk.text("@other")) == (None, None, None)


def test_a_repr_shows_what_was_set_and_no_secret() -> None:
    trunk = Trunk("t", host="h", secret="hunter2", extended={"note": "n"})
    assert repr(trunk) == "Trunk('t', host='h', secret=Secret('********'), @note='n')"


def test_a_repr_hides_a_secret_whatever_its_kind() -> None:
    @object_type("door")
    class Door(Object):
        code: str = option(Text(), default="", secret=True)

    assert repr(Door("d", code="1234")) == "Door('d', code=Secret('********'))"
    assert repr(Door("d")) == "Door('d')"


def test_differences_are_listed_with_secrets_masked() -> None:
    old, new = Trunk("t", host="h", secret="one"), Trunk("t", host="i", secret="two", extended={"n": "1"})
    assert differences(old, new) == [
        ("host", "h", "i"),
        ("secret", "********", "********"),
        ("@n", None, "1"),
    ]
    assert ("secret", "one", "two") in differences(old, new, secrets=True)
    assert differences(old, old) == []


@pytest.mark.parametrize(
    "obj",
    [
        Trunk("t", host="h", codecs=["alaw"], secret="s", extended={"n": "1"}),
        Room("r", rooms=2),
        Suite("s", rooms=3, tags_list=["a"], note="n", extended={"n": "1"}),
        Undeclared("u", host="h"),
    ],
)
def test_objects_survive_pickling_and_copying(obj: Object) -> None:
    for twin in (pickle.loads(pickle.dumps(obj)), copy.copy(obj), copy.deepcopy(obj), copy.deepcopy([obj])[0]):
        assert twin == obj
        assert type(twin) is type(obj)
        assert twin.settings() == obj.settings()


def test_what_was_pickled_is_neither_read_anew_nor_repaired() -> None:
    room = Room("r", rooms=2)
    pickled = pickle.dumps(room)
    Room.visits.clear()
    assert pickle.loads(pickled) == room
    assert Room.visits == []
    assert room.evolve(rooms=3).rooms == 3
    assert Room.visits == ["r"]


def test_what_was_pickled_of_a_class_that_has_changed_is_refused() -> None:
    make, (cls, *_) = Room("r", rooms=2).__reduce__()
    with pytest.raises(InvalidObject, match="room 'r', option floor: was pickled when the type had this option"):
        make(cls, "r", {"rooms": 2, "floor": 1}, ())
    with pytest.raises(InvalidObject, match="room 'r', option rooms: was pickled when this was not required"):
        make(cls, "r", {}, ())


def test_a_subclass_has_the_options_and_rules_of_its_base_and_its_own() -> None:
    Room.visits.clear()
    suite = Suite("s", rooms=3, tags_list="a,b", note="n")
    assert (suite.rooms, suite.tags_list, suite.note, suite.colour) == (3, ("a", "b"), "n", "blue")
    assert Room.visits == ["s"]
    assert suite.settings() == [("rooms", "3"), ("note", "n"), ("tags", "a,b")]
    assert Room("r", rooms=1).colour == "red"
    with pytest.raises(InvalidObject, match="needs a tag"):
        Suite("s", rooms=4)
    with pytest.raises(InvalidObject, match="option tags"):
        Room.from_objectset("r", [("rooms", "1"), ("tags", "a")])


def test_a_class_may_have_several_declared_bases() -> None:
    Room.visits.clear()
    terrace = Terrace("t", rooms=4, tags_list="a", trees=3)
    assert (terrace.rooms, terrace.tags_list, terrace.trees, terrace.note) == (4, ("a",), 3, "sunny")
    assert terrace.colour == "blue"
    assert Room.visits == ["t"]
    every = {"trees": "3", "note": "sunny", "rooms": "4", "colour": "blue", "tags": "a"}
    assert dict(terrace.settings(every=True)) == every
    with pytest.raises(InvalidObject, match="needs a tag"):
        terrace.evolve(tags_list="")


def test_what_is_made_of_a_subclass_is_of_the_subclass() -> None:
    made = Undeclared("u", host="h")
    for each in (made, made.evolve(channels=2), Undeclared.from_objectset("u", [("host", "h")])):
        assert type(each) is Undeclared
    assert made.where() == "to h"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.colour = "red"  # type: ignore[attr-defined]


def test_attrs_knows_the_attributes() -> None:
    trunk: Any = Trunk("t", host="h", codecs=["alaw"], extended={"n": "1"})
    names = ["id", "extended", "host", "channels", "up", "secret", "codecs", "hidden"]
    assert attrs.has(Trunk)
    assert [field.name for field in attrs.fields(type(trunk))] == names
    assert attrs.fields(type(trunk)).host.type == "str"
    assert list(attrs.asdict(trunk, recurse=False)) == names
    assert attrs.asdict(trunk, recurse=False)["codecs"] == ("alaw",)
    assert attrs.evolve(trunk, channels=2) == trunk.evolve(channels=2)
    suite: Any = Suite
    assert {field.name for field in attrs.fields(suite)} == {"id", "extended", "rooms", "note", "colour", "tags_list"}


def test_objects_match_patterns() -> None:
    match Trunk("t", host="h"):
        case Trunk(id, host="h", channels=channels):
            assert (id, channels) == ("t", 30)
        case _:
            pytest.fail("no pattern matched")
    positional: Any = Trunk.__match_args__
    assert positional[:3] == ("id", "extended", "host")


def test_options_are_documented_attributes() -> None:
    assert inspect.getdoc(Trunk.host) == "Where it leads."


def test_a_required_number_may_be_zero_and_must_be_given() -> None:
    @object_type("level")
    class Level(Object):
        value: int = option(Integer(0, 9))

    assert Level(id="a", value=0).settings() == [("value", "0")]
    with pytest.raises(InvalidObject, match=r"value.*required"):
        Level(id="a")  # type: ignore[call-arg]
