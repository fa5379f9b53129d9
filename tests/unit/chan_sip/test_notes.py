"""One note of each line, whoever told what of it."""

from __future__ import annotations

from sorcery.chan_sip.notes import Ledger, Note, Verdict
from sorcery.chan_sip.source import Line
from sorcery.place import Place

LINE = Line(7, "p", "host", "192.0.2.1", Place("sip.conf", 3))


def test_a_line_that_is_told_twice_has_one_note_with_the_worse_verdict() -> None:
    ledger = Ledger("sip.conf")
    ledger.tell(LINE, "aor/contact=x")
    ledger.tell(LINE, "identify/match=y", why="nearly")
    ledger.tell(LINE, "aor/contact=x")
    (note,) = ledger.notes([LINE])
    assert (note.verdict, note.became, note.why) == (Verdict.CHANGED, "aor/contact=x, identify/match=y", "nearly")


def test_a_line_of_many_endpoints_names_some_of_them() -> None:
    ledger = Ledger("sip.conf")
    for number in range(20):
        ledger.tell(LINE, f"endpoint/allow={number}")
    assert next(ledger.notes([LINE])).became.endswith("endpoint/allow=11, and 8 more")


def test_a_default_is_told_once_and_last() -> None:
    ledger = Ledger("sip.conf")
    for _ in range(2):
        ledger.default("nat", "auto", "endpoint/rewrite_contact=yes", "PJSIP does not look")
    ledger.lose(LINE, "gone")
    assert [each.option for each in ledger.notes([LINE])] == ["host", "nat"]


def test_a_note_is_one_line_of_text() -> None:
    note = Note(
        place=Place("sip.conf", 3),
        section="p\x1b",
        option="host",
        value="x",
        verdict=Verdict.LOST,
        became="",
        why="gone",
    )
    assert str(note) == "sip.conf:3: lost: [p\\x1b] host=x; gone"


def test_a_note_is_data() -> None:
    ledger = Ledger("sip.conf")
    ledger.tell(LINE, "aor/contact=x")
    assert next(ledger.notes([LINE])).data() == {
        "source": "sip.conf",
        "line": 3,
        "row": None,
        "section": "p",
        "option": "host",
        "value": "192.0.2.1",
        "verdict": "mapped",
        "became": "aor/contact=x",
        "why": "",
    }
