"""Rows: what Asterisk wrote is read, and what is written Asterisk can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorcery import InvalidObject, Object, Secret, StoreRefused, Value, alias, object_type, option
from sorcery.kinds import Boolean, Integer, Names, Real, SecretText, Text, Warn
from sorcery.pjsip import Acl, Aor, Auth, Contact, Endpoint, Global, ResourceList, System
from sorcery.release import Release
from sorcery_astdb.row import object_from_row, row_value

RECORDED = sorted((Path(__file__).parents[2] / "data/astdb").glob("*.json"))


@object_type("gadget")
class Gadget(Object):
    """A type with every sort of text."""

    lines: Value[tuple[str, ...]] = option(Names(adds=True), default="")
    size: int = option(Integer(), default="5")
    weight: Value[float] = option(Real(), default="")
    active: bool = option(Boolean(), default="yes")
    hidden: str = option(Text(), default="", is_printed=False)
    password: Value[Secret] = option(SecretText(), default="", secret=True)
    length = alias("size", Integer())


class Rest(Names):
    """What of a list a second option carries."""

    def texts(self, value: tuple[str, ...]) -> tuple[str, ...]:
        return (",".join(value[1:]),) if value[1:] else ()


class First(Names):
    """What of a list the first option carries."""

    def texts(self, value: tuple[str, ...]) -> tuple[str, ...]:
        return value[:1]


@object_type("pair")
class Pair(Object):
    """A type whose one value is divided between two options."""

    names: Value[tuple[str, ...]] = option(First(adds=True), default="")
    more = alias("names", Rest(adds=True), is_field=True)


class Repeated(Names):
    """A list with one line per name."""

    def texts(self, value: tuple[str, ...]) -> tuple[str, ...]:
        return value

    def pairs(self, name: str, value: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(name, "?")]


@object_type("tree")
class Tree(Object):
    """A type with a list whose printed form cannot be read."""

    twigs: Value[tuple[str, ...]] = option(Repeated(adds=True), default="")


def read(value: object, of: type[Object] = Gadget) -> Object:
    return object_from_row(of.__sorcery__, "one", "/x/gadget/one", value, compat=False)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_row_that_asterisk_wrote_is_read_and_written_the_same(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    id = recorded["key"].removeprefix("/registrar/contact/")
    contact = object_from_row(Contact.__sorcery__, id, recorded["key"], recorded["value"], compat=False)
    written = row_value(contact, "astdb")
    assert json.loads(written) == json.loads(recorded["value"])
    assert len(written) == len(recorded["value"])


def test_recorded_rows_exist() -> None:
    assert {path.stem for path in RECORDED} >= {"plain", "escapes"}


def test_semicolons_and_carets_stand_as_they_are() -> None:
    contact = Contact(id="a;@1", uri="sip:a@192.0.2.1;transport=tcp", user_agent="^3B")
    value = row_value(contact, "astdb")
    assert '"uri":"sip:a@192.0.2.1;transport=tcp"' in value
    assert object_from_row(Contact.__sorcery__, "a;@1", "k", value, compat=False) == contact


@pytest.mark.parametrize("cls", [Acl, Aor, Endpoint, Global, System])
def test_an_object_of_defaults_is_read_back_equal(cls: type[Object]) -> None:
    obj = cls(id="one")
    assert read(row_value(obj, "astdb"), cls) == obj


def test_an_endpoint_is_read_back_equal() -> None:
    pairs = [("allow", "!all,g722,alaw"), ("auth", "a,b"), ("callerid", '"A" <1>'), ("@x", "y")]
    endpoint = Endpoint.from_objectset("one", pairs)
    assert read(row_value(endpoint, "astdb"), Endpoint) == endpoint


def test_access_rules_and_digests_are_read_back_equal() -> None:
    acl = Acl.from_objectset("one", [("acl", "lan"), ("deny", "0.0.0.0/0"), ("permit", "192.0.2.0/24")])
    assert read(row_value(acl, "astdb"), Acl) == acl
    auth = Auth.from_objectset("one", [("username", "u"), ("auth_type", "md5"), ("md5_cred", "f" * 32)])
    assert read(row_value(auth, "astdb"), Auth) == auth


def test_every_option_is_written_as_it_is_printed() -> None:
    gadget = Gadget(id="one", lines=["b", "a"], active=False, hidden="h", password="s", extended={"@x": "1"})
    assert row_value(gadget, "astdb") == (
        '{"lines":"b,a","size":"5","weight":"0.000000","active":"false","hidden":"h","password":"s","@x":"1"}'
    )


def test_a_number_that_printing_would_round_is_written_whole() -> None:
    gadget = Gadget(id="one", weight=0.1234567891)
    assert '"weight":"0.1234567891"' in row_value(gadget, "astdb")
    assert read(row_value(gadget, "astdb")) == gadget


class Rounded(Integer):
    """A number whose printed form is mended when it is read."""

    def pairs(self, name: str, value: int) -> list[tuple[str, str]]:
        return [(name, f"{value}.0")]

    def parse(self, text: str, before: int, warn: Warn) -> int:
        if text.endswith(".0"):
            warn("is no whole number", "it becomes one")
        return super().parse(text.removesuffix(".0"), before, warn)


@object_type("ruler")
class Ruler(Object):
    """A type with an option that Asterisk would warn about if it read what it prints."""

    length: int = option(Rounded(), default="5")


def test_a_printed_form_that_would_be_warned_about_is_not_written() -> None:
    assert row_value(Ruler(id="one", length=6), "astdb") == '{"length":"6"}'


def test_a_name_repeats_where_an_option_takes_several_lines() -> None:
    tree = Tree(id="one", twigs=["b", "a"])
    assert row_value(tree, "astdb") == '{"twigs":"b","twigs":"a"}'
    assert read(row_value(tree, "astdb"), Tree) == tree


def test_a_value_that_two_options_share_is_written_under_both() -> None:
    pair = Pair(id="one", names=["a", "b", "c"])
    assert row_value(pair, "astdb") == '{"names":"a","more":"b,c"}'
    assert read(row_value(pair, "astdb"), Pair) == pair


@object_type("old")
class Old(Object):
    """A type with an option that nobody should use any more."""

    size: int = option(Integer(), default="5", successor="length")


def test_a_deprecated_option_is_written_only_where_it_is_set() -> None:
    assert row_value(Old(id="one"), "astdb") == "{}"
    assert row_value(Old(id="one", size=6), "astdb") == '{"size":"6"}'


def test_what_is_no_field_is_neither_written_nor_read() -> None:
    assert "length" not in row_value(Gadget(id="one", size=9), "astdb")
    assert read('{"length":"9"}') == Gadget(id="one")


def test_an_option_without_a_text_is_not_written() -> None:
    assert row_value(Tree(id="one"), "astdb") == "{}"


def test_names_that_are_no_field_are_dropped() -> None:
    assert read('{"Size":"7","colour":"red","type":"gadget","size":"6"}') == Gadget(id="one", size=6)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        b"{}",
        "",
        "{",
        "[]",
        '[["size","6"]]',
        '"size"',
        "null",
        '{"size":6}',
        '{"size":null}',
        '{"size":{"size":"6"}}',
        '{"other":[]}',
        "[" * 100_000,
        '{"hidden":"\udcff"}',
        '{"size":"many"}',
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_that_holds_no_object_names_its_row(value: object) -> None:
    with pytest.raises(InvalidObject, match="astdb row /x/gadget/one") as raised:
        read(value)
    assert raised.value.place is not None
    assert (raised.value.place.source, raised.value.place.row) == ("astdb", "/x/gadget/one")


def test_the_value_of_a_secret_stays_out_of_the_error() -> None:
    with pytest.raises(InvalidObject) as raised:
        read('{"password":"pa55word",')
    assert "pa55word" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("text", ["a\0b", "a\udcffb"])
def test_a_text_that_asterisk_could_not_read_is_refused(text: str) -> None:
    with pytest.raises(StoreRefused, match="option hidden"):
        row_value(Gadget(id="one", hidden=text), "astdb")
    with pytest.raises(StoreRefused, match="the id"):
        row_value(Gadget(id=text), "astdb")


def test_control_characters_quotes_and_other_scripts_survive() -> None:
    gadget = Gadget(id="one", hidden='\x01\t\n"\\/ä漢\U0001f600\x7f')
    assert row_value(gadget, "astdb").isprintable() is False
    assert "漢" in row_value(gadget, "astdb")
    assert read(row_value(gadget, "astdb")) == gadget


def test_a_row_holds_what_the_release_knows_and_no_default_of_a_newer_option() -> None:
    old = Endpoint.__sorcery__.at(Release.parse("20"))
    assert '"security_negotiation"' in row_value(Endpoint("e", allow="ulaw"), "astdb")
    assert '"security_negotiation"' not in row_value(Endpoint("e", allow="ulaw"), "astdb", old)


def test_of_a_repeated_name_asterisk_reads_the_last_line() -> None:
    value = '{"contact":"sip:192.0.2.1","contact":"sip:192.0.2.2"}'
    meant = object_from_row(Aor.__sorcery__, "a", "/p/aor/a", value, compat=False)
    there = object_from_row(Aor.__sorcery__, "a", "/p/aor/a", value, compat=True)
    assert meant == Aor("a", contact=["sip:192.0.2.1", "sip:192.0.2.2"])
    assert there == Aor("a", contact="sip:192.0.2.2")


def test_a_required_list_comes_back_though_it_starts_as_nothing() -> None:
    lists = ResourceList("friends", event="presence", list_item=["alice", "bob"])
    row = row_value(lists, "astdb")
    assert json.loads(row)["list_item"] == "alice,bob"
    assert object_from_row(ResourceList.__sorcery__, "friends", "key", row, compat=True) == lists
