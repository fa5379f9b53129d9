from __future__ import annotations

import pytest

from sorcery.kinds import Refused
from sorcery.pjsip import Endpoint
from sorcery.pjsip.kinds.codecs import CODECS, CodecList, Codecs


def test_codecs_are_an_ordered_collection_of_names() -> None:
    codecs = Endpoint("e", allow="!all,opus,ulaw:20").allow
    assert (list(codecs), len(codecs), "opus" in codecs, "alaw" in codecs) == (["opus", "ulaw"], 2, True, False)
    assert (codecs.framing("ulaw"), codecs.framing("opus"), codecs.framing("alaw")) == (20, 0, 0)
    assert (str(codecs), repr(codecs)) == ("opus,ulaw:20", "Codecs('opus,ulaw:20')")


def test_all_is_every_known_codec_but_none() -> None:
    assert Endpoint("e", allow="all").allow.names == CODECS
    assert "none" not in CODECS


def test_adding_a_codec_again_keeps_its_place_and_framing() -> None:
    assert str(Endpoint("e", allow="ulaw:20,alaw,ulaw:40").allow) == "ulaw:20,alaw"


def test_disallow_edits_the_list_of_a_python_caller_too() -> None:
    assert Endpoint("e", allow="ulaw,alaw,g722", disallow="alaw").allow.names == ("ulaw", "g722")
    assert Endpoint("e", disallow="all", allow="ulaw").allow.names == ("ulaw",)
    assert Endpoint("e", allow="ulaw").evolve(allow="alaw").allow.names == ("alaw",)
    assert Endpoint("e", allow="ulaw").evolve(disallow="!alaw").allow.names == ("ulaw", "alaw")


def test_codecs_are_taken_from_lists_and_mappings() -> None:
    kind = CodecList()
    assert kind.convert(["!all", "ULAW", "opus:20"]) == kind.convert({"ulaw": 0, "opus": 20})
    assert kind.convert(Codecs((("ulaw", 20),))) == Codecs((("ulaw", 20),))
    for bad in (["bogus"], [5], 5, {"ulaw": -1}, Codecs((("bogus", 0),))):
        with pytest.raises(Refused):
            kind.convert(bad)


def test_framing_is_written_and_never_printed() -> None:
    endpoint = Endpoint("e", allow="ulaw:20,alaw")
    assert ("allow", "(ulaw|alaw)") in endpoint.objectset()
    assert endpoint.settings() == [("allow", "ulaw:20,alaw")]


def test_an_empty_list_prints_nothing_and_has_a_text_of_its_own() -> None:
    endpoint = Endpoint("e", allow="ulaw,!ulaw")
    assert ("allow", "(nothing)") in endpoint.objectset()
    assert endpoint.settings() == []
    assert dict(endpoint.settings(every=True))["allow"] == "!all"
    assert Endpoint("e", allow="!all") == endpoint


def test_most_of_all_is_written_as_what_it_leaves_out() -> None:
    for text in ("all", "all,!ulaw,!opus"):
        endpoint = Endpoint("e", allow=text)
        assert endpoint.settings() == [("allow", text)]
        assert Endpoint.from_objectset("e", endpoint.settings()) == endpoint
    for text in ("all,!ulaw,ulaw", "all:20", "ulaw:20,all", "none,all"):
        ((_, written),) = Endpoint("e", allow=text).settings()
        assert written == str(Endpoint("e", allow=text).allow)


def test_codecs_can_be_written_so_that_nothing_before_them_counts() -> None:
    kind, before = CodecList(), Codecs((("gsm", 0),))
    for codecs in (Codecs(), Codecs((("ulaw", 20), ("alaw", 0))), Codecs(tuple((name, 0) for name in CODECS[:-1]))):
        (text,) = kind.overriding(codecs)
        assert kind.parse(text, before, lambda problem, outcome: None) == codecs
    assert CodecList(removes=True).overriding(before) == ()


def test_codecs_are_preferred_taken_out_and_put_together() -> None:
    ours = Codecs.of("opus", "ulaw:20", "g722")
    assert str(ours.with_first("g722", "ulaw")) == "g722,ulaw:20,opus"
    assert str(ours.with_first("alaw:40")) == "alaw:40,opus,ulaw:20,g722"
    assert str(ours.without("opus", "gsm")) == "ulaw:20,g722"
    assert str(ours.common(["g722", "alaw", "opus"])) == "opus,g722"
    assert ours.first_common(Codecs.of("gsm", "g722", "ulaw")) == "ulaw"
    assert ours.first_common(()) is None
    assert str(Codecs.of("alaw", "ulaw").merged(ours)) == "alaw,ulaw,opus,g722"
    assert Codecs.of("all", "!none").names == CODECS
    assert Endpoint("e").evolve(allow=ours.without("ulaw")).settings() == [("allow", "opus,g722")]
    with pytest.raises(Refused, match="'bogus' is no codec"):
        ours.with_first("bogus")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "ulaw,opus"),
        ("prefer:configured", "opus,ulaw"),
        ("operation:only_preferred", "ulaw,gsm,opus"),
        ("prefer:configured, operation:only_nonpreferred", "ulaw,gsm,opus"),
        ("operation:only_nonpreferred", "opus,ulaw,g722"),
        ("operation:union", "ulaw,gsm,opus,g722"),
        ("prefer:configured, operation:union", "opus,ulaw,g722,gsm"),
        ("prefer:configured, keep:first", "opus"),
    ],
)
def test_preferences_combine_the_codecs_of_a_call_with_those_of_an_endpoint(text: str, expected: str) -> None:
    preferences = Endpoint("e", codec_prefs_incoming_answer=text).codec_prefs_incoming_answer
    assert str(preferences.combined(Codecs.of("ulaw", "gsm", "opus"), Codecs.of("opus", "ulaw", "g722"))) == expected
