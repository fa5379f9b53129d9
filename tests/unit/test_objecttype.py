from __future__ import annotations

import pytest

from sorcery.draft import Draft
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds import Boolean, Integer, Names, Refused, SecretText, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, alias, option
from sorcery.place import Place
from sorcery.release import Release
from sorcery.secret import Secret


@object_type("phone", section="phones", family="phones", conf="phones.conf")
class Phone(Object):
    """A desk phone."""

    mac: str = option(Text())
    line_count: int = option(Integer(1, 12), default="1", name="lines")
    muted: bool = option(Boolean(), default="no")
    pin: Value[Secret] = option(SecretText(), default="", secret=True)
    keys: Value[tuple[str, ...]] = option(Names(adds=True), default="")
    key: Value[tuple[str, ...]] = alias("keys", Names(adds=True), default="")
    old: str = option(Text(), default="", successor="keys")
    Fixed: str = option(Text(), default="", exact_name=True)
    floor: str = option(Text(), default="", misread_as="old", exact_start="floor")
    limit: int = option(Integer(), default="0")

    @rule
    def keys_fit(draft: Draft) -> None:
        """Every key needs a place."""
        draft["limit"] = draft.inherited.get("limit", draft["limit"])
        if draft["limit"] and len(draft["keys"]) > draft["limit"]:
            raise Refused("has too many keys", "remove some", option="keys")


@object_type("lock", conf="lock.conf")
class Lock(Object):
    """A type with a secret under two names."""

    code: Value[Secret] = option(SecretText(), default="", secret=True)
    pin: Value[Secret] = alias("code", SecretText(), is_printed=True)
    room: str = option(Text(), default="")


PHONE = Phone.__sorcery__
MAC = ("mac", "00aa")


def test_a_type_knows_its_name_options_and_places() -> None:
    assert (PHONE.name, PHONE.section, PHONE.family, PHONE.conf) == ("phone", "phones", "phones", "phones.conf")
    assert list(PHONE.options)[:2] == ["mac", "lines"]
    assert PHONE.doc == "A desk phone."


def test_names_are_found_in_any_case_and_attributes_are_no_names() -> None:
    found = PHONE.option("LINES")
    assert found is not None
    assert found.attribute == "line_count"
    assert PHONE.option("line_count") is None


def test_an_exact_name_counts_case() -> None:
    assert PHONE.option("Fixed") is not None
    assert PHONE.option("fixed") is None
    with pytest.raises(InvalidObject):
        PHONE.build("p", [MAC, ("FIXED", "x")])


def test_fields_are_columns_aliases_are_not() -> None:
    assert "key" not in [each.name for each in PHONE.fields()]
    assert not PHONE.has_field("key")
    assert not PHONE.has_field("Lines")
    assert PHONE.has_field("lines")
    assert PHONE.has_field("@anything")


def test_lines_apply_in_order() -> None:
    built = PHONE.build(
        "p", [MAC, ("lines", "2"), ("keys", "a"), ("key", "b,c"), ("LINES", "3"), ("@x", "1"), ("@x", "2")]
    )
    assert built == Phone("p", mac="00aa", line_count=3, keys=["a", "b", "c"], extended={"x": "2"})


def test_a_type_line_says_nothing() -> None:
    assert PHONE.build("p", [MAC, ("Type", "phone")]) == Phone("p", mac="00aa")


def test_an_unknown_option_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidObject) as caught:
        PHONE.build("p", [MAC, ("line", "1")])
    assert str(caught.value) == "phone 'p', option line: unknown option; did you mean lines?"


def test_what_a_mistake_is_most_like_is_sought_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[str] = []

    def search(name: str, known: object, count: int) -> list[str]:
        sought.append(name)
        return ["lines"]

    monkeypatch.setattr("difflib.get_close_matches", search)
    for id in ("p", "q"):
        with pytest.raises(InvalidObject, match="did you mean lines"):
            PHONE.build(id, [MAC, ("as_in_a_template", "1")])
    assert sought == ["as_in_a_template"]


def test_a_refusal_names_the_place_and_the_value() -> None:
    with pytest.raises(InvalidObject) as caught:
        PHONE.build("p", [MAC, ("lines", "many")], place=Place("phones.conf", line=3))
    assert str(caught.value).startswith("phones.conf:3: phone 'p', option lines='many': is not a whole number")


def test_what_is_missing_is_missed_at_the_place_of_the_object() -> None:
    with pytest.raises(InvalidObject, match=r"^phones row p: phone 'p', option mac: is required"):
        PHONE.build("p", [], place=Place("phones", row="p"))


def test_a_required_option_must_have_a_value() -> None:
    with pytest.raises(InvalidObject) as caught:
        PHONE.build("p", [("mac", "")])
    assert (caught.value.option, caught.value.reason) == ("mac", "is required")


def test_a_rule_refuses_and_names_its_option() -> None:
    with pytest.raises(InvalidObject) as caught:
        PHONE.build("p", [MAC, ("keys", "a,b"), ("limit", "1")])
    assert (caught.value.option, caught.value.value, caught.value.remedy) == ("keys", "", "remove some")


def test_what_another_object_says_reaches_the_rules() -> None:
    with pytest.raises(InvalidObject):
        PHONE.build("p", [MAC, ("keys", "a,b")], inherited={"limit": 1})
    draft = PHONE.draft("p", inherited={"limit": 3})
    draft.apply(*MAC)
    assert draft.fork("q").finish() == Phone("q", mac="00aa", limit=3)


def test_repairs_and_deprecations_are_findings() -> None:
    findings: list[Finding] = []
    PHONE.build("p", [MAC, ("muted", "oui"), ("old", "x")], place=Place("f", line=1), findings=findings)
    assert [(f.rule, f.option, f.value, f.place) for f in findings] == [
        ("repaired-value", "muted", "oui", Place("f", line=1)),
        ("deprecated-option", "old", "", Place("f", line=1)),
    ]
    assert findings[1].remedy == "use keys"


def test_a_misread_name_counts_in_compatible_mode_only() -> None:
    lines = [MAC, ("FLOOR", "3")]
    assert PHONE.build("p", lines) == Phone("p", mac="00aa", floor="3")
    assert PHONE.build("p", lines, compat=True) == Phone("p", mac="00aa", old="3")
    assert PHONE.build("p", [MAC, ("floor", "3")], compat=True) == Phone("p", mac="00aa", floor="3")


def test_a_fork_starts_from_what_was_applied_and_goes_its_own_way() -> None:
    template = PHONE.draft("template")
    template.apply(*MAC)
    first, second = template.fork("a"), template.fork("b")
    first.apply("keys", "x")
    first.apply("@note", "n")
    assert first.finish() == Phone("a", mac="00aa", keys=["x"], extended={"note": "n"})
    assert second.finish() == Phone("b", mac="00aa")


def test_a_draft_has_the_attributes_of_the_type_only() -> None:
    draft = PHONE.draft("p")
    draft["line_count"] = 4
    assert draft["line_count"] == 4
    with pytest.raises(KeyError):
        draft["lines"] = 4


def test_no_error_or_finding_shows_a_secret() -> None:
    draft = PHONE.draft("p")
    draft.warn("odd", "left", "pin", "1234")
    known = PHONE.option("pin")
    error = draft.refused(Refused("odd"), known, "1234")
    assert "1234" not in f"{draft.findings} {error} {vars(error)}"


def test_secrets_are_masked_under_every_name_and_empty_ones_stay_empty() -> None:
    pairs = [("code", "1"), ("pin", "2"), ("CODE", ""), ("room", "3"), ("@x", "4")]
    shown = [("code", "********"), ("pin", "********"), ("CODE", ""), ("room", "3"), ("@x", "4")]
    assert list(Lock.__sorcery__.masked(pairs)) == shown


def test_defaults_are_known_as_they_print_and_as_they_are_written() -> None:
    printed = {each.name: pairs for each, pairs in Lock.__sorcery__.printed}
    assert printed == {"code": (("code", ""),), "pin": (("pin", ""),), "room": (("room", ""),)}
    assert dict(PHONE.printed)[PHONE.options["mac"]] == ()
    written = {each.name: pairs for each, pairs in PHONE.written}
    assert (written["mac"], written["muted"], written["lines"]) == ((), (("muted", "no"),), (("lines", "1"),))
    assert "key" not in written


def test_what_a_template_made_is_shared_by_all_forks() -> None:
    template = PHONE.draft("template")
    template.apply(*MAC)
    first = template.fork("a")
    template.apply("keys", "later")
    assert first.prototype is not PHONE.prototype
    assert template.fork("b").prototype is template.fork("c").prototype
    assert template.fork("b")["keys"] == ("later",)
    assert first["keys"] == ()
    assert PHONE.draft("d").fork("e").prototype is PHONE.prototype


def test_a_template_of_a_template_keeps_what_both_say() -> None:
    outer = PHONE.draft("outer")
    outer.apply(*MAC)
    inner = outer.fork("inner")
    inner.apply("lines", "2")
    made = inner.fork("a").finish()
    assert made.settings() == [MAC, ("lines", "2")]
    assert made == Phone("a", mac="00aa", line_count=2)


def test_a_type_prints_on_a_line() -> None:
    assert repr(PHONE).startswith("ObjectType(name='phone', section='phones', family='phones'")
    assert len(repr(PHONE)) < 300


def test_a_draft_that_was_set_back_to_a_default_differs_no_more() -> None:
    template = PHONE.draft("template")
    template.apply(*MAC)
    template.apply("muted", "yes")
    made = template.fork("a")
    made.apply("muted", "no")
    assert made.finish().settings() == [MAC]


@object_type("display", conf="displays.conf", since=("20.3.0", "21.1.0"))
class Display(Object):
    """A type that came later than its releases, with options that came later still."""

    lines: int = option(Integer(), default="2")
    colour: bool = option(Boolean(), default="no", since=("20.5.0", "21.2.0"))
    code: Value[Secret] = option(SecretText(), default="", secret=True, since=("21.2.0",))


def test_a_type_that_a_release_has_as_it_is_stays_itself() -> None:
    own = Display.__sorcery__
    assert own.at(Release.parse("22")) is own
    assert own.at(Release.parse("21.2")) is own
    assert not own.is_newer


def test_an_option_that_a_release_lacks_is_none_there_and_its_attribute_stays_at_its_default() -> None:
    kept = Display.__sorcery__.at(Release.parse("20.4"))
    assert kept.whole is Display.__sorcery__ is Display.__sorcery__.whole
    assert list(kept.options) == ["lines"]
    assert list(kept.newer) == ["colour", "code"]
    assert not kept.has_field("colour")
    built = kept.build("d", [("lines", "3")])
    assert built == Display("d", lines=3)
    with pytest.raises(InvalidObject) as caught:
        kept.build("d", [("Colour", "yes")], place=Place("f", line=4))
    assert str(caught.value) == (
        "f:4: display 'd', option Colour: Asterisk 20.4 does not know the option: it came with 20.5.0, 21.2.0; "
        "remove it, or run a release that has it"
    )


def test_an_object_of_a_type_that_a_release_lacks_is_refused() -> None:
    kept = Display.__sorcery__.at(Release.parse("20.2"))
    assert kept.is_newer
    with pytest.raises(InvalidObject, match=r"Asterisk 20\.2 has no such type: it came with 20\.3\.0, 21\.1\.0"):
        kept.build("d", [("colour", "yes")])
    with pytest.raises(InvalidObject, match="no such type"):
        kept.require_known(Display("d"))


def test_an_object_is_known_to_a_release_while_newer_options_are_at_their_default() -> None:
    kept = Display.__sorcery__.at(Release.parse("20.4"))
    kept.require_known(Display("d", lines=9, colour=False))
    with pytest.raises(InvalidObject) as caught:
        kept.require_known(Display("d", colour=True))
    assert (caught.value.option, caught.value.value) == ("colour", "yes")
    assert caught.value.remedy == "leave it at its default, or name a release that has it"
    with pytest.raises(InvalidObject) as secret:
        kept.require_known(Display("d", code="4711"))
    assert (secret.value.option, secret.value.value) == ("code", "")
