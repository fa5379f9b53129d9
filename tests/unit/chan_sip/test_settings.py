"""Which lines count for a section."""

from __future__ import annotations

from sorcery.chan_sip.catalogue import GENERAL, PEER
from sorcery.chan_sip.notes import Ledger, Verdict
from sorcery.chan_sip.settings import Settings
from sorcery.chan_sip.source import Line
from sorcery.place import Place


def lines(*texts: str, first: int = 0) -> list[Line]:
    found = (text.split("=", 1) for text in texts)
    return [Line(key, "s", name, text, Place("sip.conf", key)) for key, (name, text) in enumerate(found, first)]


def test_the_last_line_counts_and_the_others_are_told() -> None:
    ledger, given = Ledger("sip.conf"), lines("context=a", "context=b")
    settings = Settings(given, PEER, ledger)
    assert settings.value("context") == "b"
    assert next(ledger.notes(given)).why == "a later line replaces it"


def test_an_older_name_is_the_same_option() -> None:
    settings = Settings(lines("canreinvite=no"), PEER, Ledger("sip.conf"))
    assert settings.value("directmedia") == "no"


def test_the_general_section_counts_where_the_peer_says_nothing() -> None:
    ledger = Ledger("sip.conf")
    general = Settings(lines("context=a", "language=de", "bindport=5080", first=10), GENERAL, ledger)
    settings = Settings(lines("context=b"), PEER, ledger, general)
    assert [settings.value(name) for name in ("context", "language", "bindport")] == ["b", "de", ""]


def test_lines_that_add_up_begin_with_the_general_ones() -> None:
    ledger = Ledger("sip.conf")
    general = Settings(lines("allow=a", first=10), GENERAL, ledger)
    settings = Settings(lines("allow=b", "disallow=c"), PEER, ledger, general)
    assert [line.value for line in settings.ordered("disallow", "allow")] == ["a", "b", "c"]


def test_nothing_is_lost_of_what_is_off_by_default_and_off() -> None:
    ledger, given = Ledger("sip.conf"), lines("buggymwi=no", "keepalive=0", "buggymwi=yes")
    Settings(given, PEER, ledger)
    assert [note.verdict for note in ledger.notes(given)] == [Verdict.MAPPED, Verdict.MAPPED, Verdict.LOST]


def test_what_is_lost_or_unknown_is_told_at_once() -> None:
    ledger, given = Ledger("sip.conf"), lines("description=x", "nonsense=y")
    Settings(given, PEER, ledger)
    assert {note.verdict for note in ledger.notes(given)} == {Verdict.LOST}
