"""A difference between two that judge is made as small as it goes, here with an Asterisk of our own making."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from sorcery.pjsip import Aor, Endpoint, Transport
from tests.interop.asterisk import Attributes
from tests.interop.reduction import FOUND, KEEP, read, recorded, reduced, told, vector
from tests.interop.trials import Lines, Trial, Verdict

LINES = [("context", "x"), ("set_var", "abcQdef"), ("allow", "ulaw"), ("@note", "Q")]


def judge(trials: Sequence[Trial]) -> list[Verdict]:
    """Judge as an Asterisk would that refuses a `Q` in a variable, and prints the note in capitals."""
    return [Verdict(trial, str(at), _lower(trial.lines), _theirs(trial.lines)) for at, trial in enumerate(trials)]


def _theirs(lines: Lines) -> Attributes | None:
    if any(name == "set_var" and "Q" in text for name, text in lines):
        return None
    return {name: text.upper() if name == "@note" else text.lower() for name, text in lines}


def _lower(lines: Lines) -> Attributes:
    return {name: text.lower() for name, text in lines}


def test_what_remains_is_the_line_and_the_character_that_differ() -> None:
    (verdict,) = judge([Trial(Endpoint, LINES)])
    assert reduced(verdict, judge).trial.lines == [("set_var", "Q")]


def test_another_difference_that_shows_on_the_way_does_not_take_the_place_of_the_first() -> None:
    (verdict,) = judge([Trial(Endpoint, [("@note", "abc"), ("context", "x")])])
    small = reduced(verdict, judge)
    assert small.difference == verdict.difference == {"@note"}
    assert [name for name, _ in small.trial.lines] == ["@note"]
    assert len(small.trial.lines[0][1]) == 1


def test_a_difference_that_does_not_come_again_is_returned_as_it_was() -> None:
    verdict = Verdict(Trial(Aor, [("max_contacts", "1"), ("contact", "sip:a")]), "x", {}, None)
    assert reduced(verdict, lambda trials: [Verdict(trial, "x", {}, {}) for trial in trials]) is verdict


def test_trials_that_cannot_become_smaller_come_to_an_end() -> None:
    def bound(trials: Sequence[Trial]) -> list[Verdict]:
        return [
            Verdict(Trial(Transport, [("bind", "127.0.0.1:5060"), *trial.lines[1:]]), "x", {}, None) for trial in trials
        ]

    (verdict,) = bound([Trial(Transport, [("bind", ""), ("tos", "x")])])
    assert reduced(verdict, bound).trial.lines == [("bind", "127.0.0.1:5060")]


def test_a_vector_is_told_whole_and_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEEP, raising=False)
    verdict = Verdict(Trial(Aor, [("contact", "sip:a;lr"), ("@Type", "é")]), "x", None, {"contact": "sip:a;lr"})
    message = told(verdict, tmp_path)
    made = vector(verdict)
    assert made.conf in message
    assert made.json in message
    assert "we refuse what Asterisk takes" in message
    assert list(read(tmp_path / f"{made.name}.conf")) == [(verdict.trial, verdict.theirs)]


def test_what_is_printed_differently_is_told_by_its_name(tmp_path: Path) -> None:
    verdict = Verdict(Trial(Aor, []), "x", {"contact": "a", "tos": "1"}, {"contact": "b", "tos": "1"})
    assert "contact: Asterisk prints 'b', we 'a'" in told(verdict, tmp_path)
    assert "tos: " not in told(verdict, tmp_path)


def test_kept_vectors_are_tried_again() -> None:
    assert len(recorded()) == len(list(FOUND.glob("*.json"))) > 0
    for path in FOUND.glob("*.json"):
        assert set(json.loads(path.read_text(encoding="utf-8"))) == {"objects"}
