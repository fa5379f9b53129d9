from __future__ import annotations

import pytest

from sorcery.errors import (
    AlreadyExists,
    ConfigurationError,
    Conflict,
    InvalidObject,
    NotFound,
    NotWritable,
    PartialWrite,
    SorceryError,
    Unavailable,
    UnknownType,
    UnknownWizard,
    untraced,
)
from sorcery.place import Place
from sorcery.testing.types import Widget


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("broken"),
        UnknownType("x", ["endpoint"]),
        UnknownWizard("x", ["config"]),
        InvalidObject("aor", "a", "broken"),
        AlreadyExists("aor", "a"),
        NotFound("aor", "a"),
        Conflict("aor", "a"),
        NotWritable("aor", ["config"]),
        PartialWrite({"astdb": "stored"}),
        Unavailable("pbx", "gone"),
    ],
)
def test_every_error_is_caught_as_one(error: Exception) -> None:
    assert isinstance(error, SorceryError)


def test_an_invalid_object_names_place_object_option_value_and_remedy() -> None:
    error = InvalidObject(
        "endpoint",
        "alice",
        "is no number",
        option="rtp_timeout",
        value="soon",
        remedy="write seconds",
        place=Place("pjsip.conf", line=7),
    )
    assert str(error) == "pjsip.conf:7: endpoint 'alice', option rtp_timeout='soon': is no number; write seconds"
    assert (error.type_name, error.id, error.option, error.value) == ("endpoint", "alice", "rtp_timeout", "soon")


def test_a_broken_rule_names_no_value() -> None:
    assert str(InvalidObject("identify", "x", "has no criterion")) == "identify 'x': has no criterion"


def test_an_unknown_name_lists_the_known_ones() -> None:
    assert "use one of: aor, endpoint" in str(UnknownType("endpiont", ["endpoint", "aor"]))


def test_a_configuration_error_is_a_value_error_and_absence_a_lookup_error() -> None:
    assert issubclass(ConfigurationError, ValueError)
    assert issubclass(NotFound, LookupError)
    assert issubclass(UnknownType, LookupError)


def test_a_conflict_tells_what_is_stored_now_and_a_vanished_object_from_a_changed_one() -> None:
    gone = Conflict("testing_widget", "a", "astdb")
    assert str(gone) == "testing_widget 'a' vanished since it was read (astdb)"
    assert gone.current is None
    changed = Conflict("testing_widget", "a", current=Widget(id="a", password="hush"))
    assert str(changed) == "testing_widget 'a' was changed since it was read; start anew from what it is now"
    assert changed.current == Widget(id="a", password="hush")


def test_a_partial_write_says_what_became_of_each_store() -> None:
    error = PartialWrite({"astdb": "stored", "pbx": "unavailable"})
    assert str(error) == "stored in part: astdb: stored; pbx: unavailable"
    assert error.outcomes == {"astdb": "stored", "pbx": "unavailable"}


def test_what_may_not_be_written_says_how_to_allow_it() -> None:
    allow = "write pjsip.conf = yes"
    assert str(NotWritable("aor", ["aor = config"], guard=allow)).endswith(f"(memory, realtime or astdb), or {allow}")
    assert str(NotWritable("aor", [], id="a", store="config", guard=allow)).endswith(f"change it there, or {allow}")


def test_an_error_loses_the_frames_of_all_in_its_chain_also_behind_one_that_was_never_raised() -> None:
    told, between, driver = Unavailable("store", "gone"), ValueError("made, and not raised"), KeyError("driver")
    told.__cause__, between.__cause__ = between, driver
    for error in (driver, told):
        with pytest.raises(type(error)):
            raise error
    assert driver.__traceback__ is not None
    assert untraced(told) is told
    assert told.__traceback__ is driver.__traceback__ is None


def test_an_error_whose_causes_lead_back_to_it_loses_its_frames_too() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert untraced(one) is one
