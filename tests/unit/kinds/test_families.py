"""Options whose names share a beginning, in objects and in stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery import InvalidObject, Object, Sorcery, Value, object_type, option
from sorcery.findings import Finding
from sorcery.kinds import NamedLines, Refused, Text

Lines = tuple[tuple[str, str], ...]


@object_type("testing_phone", section="testing", conf="phones.conf")
class Phone(Object):
    model: str = option(Text(), default="")
    keys: Value[Lines] = option(NamedLines(), name="key_*", default="")
    pins: Value[Lines] = option(NamedLines(), name="Pin/*", default="", secret=True, exact_name=True)


@object_type("testing_form", section="testing", conf="forms.conf")
class Form(Object):
    fields: Value[Lines] = option(NamedLines(), name="*", default="")


PAIRS = [("key_1", "a"), ("KEY_Two", "b"), ("model", "m"), ("key_1", "c=d")]


@pytest.fixture
def phone() -> Phone:
    return Phone.from_objectset("p", PAIRS)


def test_lines_are_kept_in_order_and_names_may_repeat(phone: Phone) -> None:
    assert phone.keys == (("1", "a"), ("Two", "b"), ("1", "c=d"))


def test_settings_and_object_set_hold_each_line_under_its_own_name(phone: Phone) -> None:
    lines = [("key_1", "a"), ("key_Two", "b"), ("key_1", "c=d")]
    assert phone.settings() == [("model", "m"), *lines]
    assert phone.settings(every=True) == [("model", "m"), *lines]
    assert phone.objectset() == [("model", "m"), *lines]
    assert Phone.from_objectset("p", phone.settings()) == phone


def test_a_member_has_a_text_of_its_own(phone: Phone) -> None:
    assert phone.text("key_Two") == "b"
    assert phone.text("key_two") is None
    assert phone.text("key_3") is None


def test_a_caller_sets_one_member_or_all(phone: Phone) -> None:
    member: dict[str, Any] = {"key_1": "a"}
    assert Phone("p", **member).keys == (("1", "a"),)
    assert Phone("p", keys={"1": "a"}) == Phone("p", keys=(("1", "a"),))
    assert phone.evolve(key_1="x").keys == (("Two", "b"), ("1", "x"))
    assert phone.evolve(keys=()).keys == ()
    assert Form("f", fields={"x": "1"}).fields == (("x", "1"),)  # the attribute's name is no member here


def test_what_is_no_line_is_refused_by_the_name_that_was_written() -> None:
    for wrong in ({"1": 2}, [("a=b", "c")], ["x"], 5):
        with pytest.raises(InvalidObject):
            Phone("p", keys=wrong)  # type: ignore[arg-type]
    member: dict[str, Any] = {"key_1": 2}
    with pytest.raises(InvalidObject) as caught:
        Phone("p", **member)
    assert caught.value.option == "key_1"
    with pytest.raises(Refused, match="has no ="):
        NamedLines().convert("x")


def test_case_counts_in_the_beginning_only_where_it_is_said_to() -> None:
    assert Phone.from_objectset("p", [("Pin/a", "1")]).pins == (("a", "1"),)
    with pytest.raises(InvalidObject, match="unknown option"):
        Phone.from_objectset("p", [("pin/a", "1")])


def test_a_family_of_all_names_leaves_the_type_and_extended_fields_alone() -> None:
    form = Form.from_objectset("f", [("type", "testing_form"), ("@note", "n"), ("x", "1")])
    assert (form.fields, form.extended) == ((("x", "1"),), (("@note", "n"),))


def test_members_are_fields_and_secret_ones_are_masked() -> None:
    own = Phone.__sorcery__
    assert own.has_field("key_9")
    assert not own.has_field("pin/9")
    assert dict(own.masked([("Pin/a", "1234"), ("key_1", "b")])) == {"Pin/a": "********", "key_1": "b"}
    assert "1234" not in repr(Phone("p", pins={"a": "1234"}))


def test_stores_keep_and_find_them(tmp_path: Path, phone: Phone) -> None:
    single = phone.evolve(id="q", keys={"1": "z"})
    with Sorcery.open("memory:", types=[Phone], astdb=tmp_path / "astdb.sqlite3") as s:
        s.map(Phone, "astdb", "phones")
        s.create(phone)
        s.create(single)
        assert s.retrieve_by_id(Phone, "p") == phone
        assert s.retrieve_by_fields(Phone, key_1="z") == [single]


def test_a_file_gives_them_and_tells_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "phones.conf").write_text("[p]\ntype=testing_phone\nkey_1=a\nkye_2=b\n", encoding="utf-8")
    with Sorcery.open(tmp_path, types=[Phone]) as s:
        (finding,) = (each for each in s.report.findings if each.type_name == "testing_phone")
        assert (finding.option, finding.place and finding.place.line) == ("kye_2", 4)


@object_type("testing_loose", section="testing", conf="loose.conf", optional=True, lenient=True)
class Loose(Object):
    known: str = option(Text(), default="")


def test_a_lenient_type_passes_over_what_it_does_not_know_with_a_warning() -> None:
    findings: list[Finding] = []
    built = Loose.__sorcery__.build("l", [("known", "1"), ("other", "2")], findings=findings)
    assert built == Loose("l", known="1")
    assert [(each.rule, each.option) for each in findings] == [("unknown-option", "other")]


def test_a_file_that_is_optional_is_missed_in_silence(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("", encoding="utf-8")
    with Sorcery.open(tmp_path, types=[Loose, Phone]) as s:
        missing = [each for each in s.report.findings if each.rule == "missing-file"]
    assert len(missing) == 1
    assert "testing_phone" in missing[0].message
