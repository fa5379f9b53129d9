"""Which lines of a section change, so that it gives an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from unittest.mock import patch

import pytest

from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Endpoint, Identify, Transport
from sorcery.pjsip.acl import Acl
from sorcery_config import planning
from sorcery_config.planning import Chosen, Inexpressible, planned
from tests.unit.sorcery_config.conftest import Phone

Lines = Sequence[tuple[str, str]]


def plan(new: Object, own: Lines = (), inherited: Lines = ()) -> Mapping[str, Sequence[str]]:
    """Plan for a section that has these lines and gives an object, if it does."""
    object_type = new.__sorcery__
    start = object_type.draft(new.id)
    for name, text in inherited:
        start.apply(name, text)
    try:
        old = object_type.build(new.id, [*inherited, *own])
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        old = None
    return planned(start.fork(new.id), own, old, new)


def test_an_object_like_the_defaults_needs_no_lines() -> None:
    assert plan(Phone("a")) == {}


def test_a_new_object_has_a_line_for_each_option_that_is_no_default() -> None:
    assert plan(Phone("a", context="x", lines=2, pin="p;")) == {"context": ["x"], "lines": ["2"], "pin": ["p;"]}


def test_only_what_differs_changes() -> None:
    own = [("context", "x"), ("lines", "0x2"), ("mode", "OPEN")]
    assert plan(Phone("a", context="y", lines=2), own) == {"context": ["y"]}


def test_what_is_inherited_is_overridden() -> None:
    assert plan(Phone("a", context="y"), [], [("context", "x")]) == {"context": ["y"]}
    assert plan(Phone("a"), [], [("context", "x")]) == {"context": ["default"]}


def test_an_option_set_back_to_what_is_inherited_loses_its_lines() -> None:
    own = [("context", "y"), ("Context", "z")]
    assert plan(Phone("a", context="x"), own, [("context", "x")]) == {"context": []}


def test_the_spelling_of_the_section_stays() -> None:
    assert plan(Phone("a", context="x"), [("CONTEXT", "y")]) == {"CONTEXT": ["x"]}
    assert plan(Phone("a", colour="x"), [("Context", "y"), ("COLOUR", "z")]) == {"Context": [], "COLOUR": ["x"]}


def test_lines_of_a_list_that_stay_are_kept() -> None:
    own = [("codecs", "a"), ("codecs", "b"), ("codecs", "c")]
    assert plan(Phone("a", codecs=["a", "c", "d"]), own) == {"codecs": ["a", "c", "d"]}
    assert plan(Phone("a", codecs=["a", "x"]), [("codecs", "a,b")]) == {"codecs": ["a,x"]}


def test_what_a_list_inherits_is_added_to() -> None:
    assert plan(Phone("a", codecs=["a", "b"]), [], [("codecs", "a")]) == {"codecs": ["b"]}


def test_what_lines_cannot_undo_is_told() -> None:
    with pytest.raises(Inexpressible, match="codecs"):
        plan(Phone("a", codecs=["b"]), [], [("codecs", "a")])
    with pytest.raises(Inexpressible, match="@x"):
        plan(Phone("a"), [], [("@x", "1")])


def test_codecs_override_what_is_inherited() -> None:
    inherited = [("disallow", "all"), ("allow", "ulaw")]
    assert plan(Endpoint("a", allow="g722"), [], inherited) == {"allow": ["!all,g722"]}
    assert plan(Endpoint("a", allow="!all"), [], inherited) == {"allow": ["!all"]}
    assert plan(Endpoint("a", allow="ulaw,g722"), [], inherited) == {"allow": ["ulaw,g722"]}


def test_other_lines_of_an_option_s_attribute_stay_where_they_can() -> None:
    own = [("disallow", "all"), ("allow", "ulaw")]
    assert plan(Endpoint("a", allow="g722"), own) == {"allow": ["g722"]}


def test_rules_of_networks_keep_their_order() -> None:
    own = [("permit", "10.0.0.0/8"), ("deny", "0.0.0.0/0")]
    wanted = Acl.from_objectset("a", [("deny", "0.0.0.0/0"), ("permit", "10.0.0.0/8")])
    changes = plan(wanted, own)
    assert list(changes["permit"]) == []
    assert changes["deny"] == ["0.0.0.0/0,!10.0.0.0/8"]


def test_extended_fields_are_lines_of_their_own() -> None:
    assert plan(Phone("a", extended={"@x": "1", "@y": "2"}), [("@x", "0"), ("@z", "3")]) == {
        "@x": ["1"],
        "@z": [],
        "@y": ["2"],
    }


def test_lines_that_are_refused_go() -> None:
    own = [("lines", "many"), ("nonsense", "1"), ("context", "x")]
    assert plan(Phone("a", context="x", lines=2), own) == {"lines": ["2"], "nonsense": []}


def test_what_is_required_is_among_the_lines() -> None:
    assert plan(Auth("a", username="u", password="p")) == {"username": ["u"], "password": ["p"]}


def test_what_a_rule_makes_of_other_options_has_no_lines() -> None:
    assert plan(Endpoint.from_objectset("a", [("preferred_codec_only", "yes")])) == {"preferred_codec_only": ["yes"]}


def test_what_a_rule_completes_is_written_as_it_was_meant() -> None:
    assert plan(Transport("a", protocol="tls", bind="0.0.0.0")) == {"protocol": ["tls"], "bind": ["0.0.0.0"]}
    own = [("bind", "0.0.0.0")]
    assert plan(Transport("a", bind="0.0.0.0:5070"), own) == {"bind": ["0.0.0.0:5070"]}
    assert plan(Transport("a", bind="0.0.0.0", tos=8), own) == {"tos": ["8"]}
    found = Identify("a", endpoint="a", match="192.0.2.1,localhost")  # whose addresses are looked up
    assert plan(found) == {"endpoint": ["a"], "match": ["192.0.2.1,localhost"]}


def test_contacts_of_an_aor_stay_one_per_line() -> None:
    own = [("contact", f"sip:{name}@192.0.2.1") for name in "abc"]
    new = Aor("x", contact=["sip:a@192.0.2.1", "sip:c@192.0.2.1"])
    assert plan(new, own) == {"contact": ["sip:a@192.0.2.1", "sip:c@192.0.2.1"]}


def test_what_changes_alike_is_thought_over_once() -> None:
    chosen: Chosen = {}
    new, own = Phone("a", context="y"), [("context", "x"), ("pin", "1")]
    old = Phone("a", context="x", pin="1")
    first = planned(Phone.__sorcery__.draft("a"), own, old, new.evolve(pin="1"), chosen)
    assert first == {"context": ["y"]}
    with patch.object(planning, "_cost", side_effect=AssertionError("thought over again")):
        assert planned(Phone.__sorcery__.draft("b"), own, old, Phone("b", context="y", pin="1"), chosen) == first
    other = [("Context", "x"), ("pin", "1")]
    assert planned(Phone.__sorcery__.draft("c"), other, old, Phone("c", context="y", pin="1"), chosen) == {
        "Context": ["y"]
    }
