"""Objects in the making: their order, and what PJSIP would refuse or repair."""

from __future__ import annotations

import pytest

from sorcery.chan_sip.notes import Ledger, Verdict
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.source import Line
from sorcery.errors import InvalidObject
from sorcery.place import Place

PLACE = Place("sip.conf", 1)


def line(key: int = 0, option: str = "context", value: str = "x") -> Line:
    return Line(key, "p", option, value, PLACE)


def test_options_come_in_the_order_of_the_type_and_lines_of_one_attribute_as_they_came() -> None:
    part = Part("endpoint", "p", PLACE, "p")
    for name, text in (("permit", "10.0.0.0/8"), ("aors", "p"), ("deny", "0.0.0.0/0"), ("context", "in")):
        part.add(name, text)
    assert part.settle(Ledger("sip.conf"))
    assert [pair.option for pair in part.pairs] == ["context", "aors", "permit", "deny"]


def test_what_is_refused_is_taken_out_and_told() -> None:
    part, ledger, culprit = Part("endpoint", "p", PLACE, "p"), Ledger("sip.conf"), line()
    part.add("context", "in")
    ledger.tell(culprit, part.add("dtmf_mode", "morse", culprit))
    assert part.settle(ledger)
    (note,) = ledger.notes([culprit])
    assert [pair.option for pair in part.pairs] == ["context"]
    assert (note.verdict, note.became) == (Verdict.LOST, "")
    assert "endpoint/dtmf_mode=morse" in note.why


@pytest.mark.parametrize(("type_name", "option"), [("endpoint", "deny"), ("transport", "local_net")])
def test_of_several_networks_one_that_is_refused_is_taken_out_alone(type_name: str, option: str) -> None:
    part, ledger = Part(type_name, "p", PLACE, "p"), Ledger("sip.conf")
    texts = ("10.0.0.0/8", "nonsense", "192.0.2.0/24", "more nonsense")
    lines = [line(number, option, text) for number, text in enumerate(texts)]
    for each in lines:
        ledger.tell(each, part.add(option, each.value, each))
    if type_name == "transport":
        part.add("bind", "0.0.0.0")
    assert part.settle(ledger)
    assert [pair.text for pair in part.pairs if pair.option == option] == ["10.0.0.0/8", "192.0.2.0/24"]
    verdicts = [note.verdict for note in ledger.notes(lines)]
    assert verdicts == [Verdict.MAPPED, Verdict.LOST, Verdict.MAPPED, Verdict.LOST]


def test_what_is_repaired_is_written_as_it_counts() -> None:
    part, ledger, culprit = Part("endpoint", "p", PLACE, "p"), Ledger("sip.conf"), line()
    ledger.tell(culprit, part.add("call_group", "1,77", culprit))
    assert part.settle(ledger)
    (note,) = ledger.notes([culprit])
    assert (part.text("call_group"), note.became) == ("1", "endpoint/call_group=1")
    assert note.verdict is Verdict.CHANGED


def test_an_object_that_lacks_what_it_needs_is_none() -> None:
    part, ledger, culprit = Part("registration", "r", PLACE, "general"), Ledger("sip.conf"), line()
    part.add("client_uri", "sip:a@b", culprit)
    assert not part.settle(ledger)
    assert next(ledger.notes([culprit])).verdict is Verdict.LOST


def test_a_secret_is_told_by_its_name() -> None:
    part = Part("auth", "a", PLACE, "p")
    assert part.add("password", "hush") == "auth/password"
    assert "hush" not in repr(part)


def test_building_looks_host_names_up_and_settling_does_not() -> None:
    part = Part("identify", "i", PLACE, "p")
    part.add("endpoint", "p")
    part.add("match", "nowhere.invalid")
    assert part.settle(Ledger("sip.conf"))
    with pytest.raises(InvalidObject, match=r"nowhere\.invalid"):
        part.build()
