from __future__ import annotations

import pickle
import uuid
from typing import Any

import attrs
import pytest

from sorcery.errors import InvalidObject
from sorcery.kinds import Boolean, Integer, Names, Refused, SecretText, Text
from sorcery.objects import Object, ObjectSet, differences, object_type, rule
from sorcery.objecttype import Draft
from sorcery.options import Value, alias, option
from sorcery.secret import Secret


@object_type("trunk")
class Trunk(Object):
    """A line to somewhere."""

    host: str = option(Text())
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


def test_objects_survive_pickling() -> None:
    trunk = Trunk("t", host="h", codecs=["alaw"], extended={"n": "1"})
    assert pickle.loads(pickle.dumps(trunk)) == trunk


def test_a_required_number_may_be_zero_and_must_be_given() -> None:
    @object_type("level")
    class Level(Object):
        value: int = option(Integer(0, 9))

    assert Level(id="a", value=0).settings() == [("value", "0")]
    with pytest.raises(InvalidObject, match=r"value.*required"):
        Level(id="a")  # type: ignore[call-arg]
