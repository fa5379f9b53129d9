from __future__ import annotations

from pathlib import Path

import pytest

from sorcery_sip.pbx.applications import APPLICATIONS
from sorcery_sip.pbx.applications.dial_options import IGNORED, SERVED, DialRequest
from sorcery_sip.pbx.applications.options import arguments_of, options_of, seconds_of
from sorcery_sip.pbx.channels import Channels
from tests.unit.sorcery_sip.pbx.fakes import incoming


def test_missing_arguments_are_empty_and_others_lose_their_blanks() -> None:
    assert arguments_of(" a , b", 3) == ("a", "b", "")
    assert arguments_of("", 2) == ("", "")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {}),
        ("gc", {"g": "", "c": ""}),
        ("g D(1:2)c", {"g": "", "D": "1:2", "c": ""}),
        ("D(a(b)c)g", {"D": "a(b)c", "g": ""}),
        ("D(open", {"D": "open"}),
        ("gt", {"g": ""}),
    ],
)
def test_options_are_letters_with_what_stands_in_parentheses(text: str, options: dict[str, str]) -> None:
    assert options_of(text, served="gcD", ignored="t", application="Dial", channel="c") == options


def test_others_are_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    options_of("gZ(1)\n\x1b", served="g", application="Dial", channel="Fake/a-1")
    assert [record.getMessage() for record in caplog.records] == [
        r"Dial on Fake/a-1: option Z of 'gZ(1)\n\x1b' is not served",
        r"Dial on Fake/a-1: option '\x1b' of 'gZ(1)\n\x1b' is not served",
    ]


@pytest.mark.parametrize(("text", "seconds"), [("", None), ("1.5", 1.5), ("0", 0.0), ("nan", None), ("x", None)])
def test_seconds(text: str, seconds: float | None) -> None:
    assert seconds_of(text, application="Wait", channel="c") == seconds


@pytest.mark.parametrize(("text", "timeout"), [("Fake/bob", None), ("Fake/bob,0", None), ("Fake/bob,2.5,g", 2.5)])
def test_a_dial_without_a_time_goes_on_for_ever(text: str, timeout: float | None) -> None:
    assert DialRequest.parse(text, incoming(Channels())).timeout == timeout


def test_the_reference_names_every_application_and_option_of_dial() -> None:
    page = (Path(__file__).parents[5] / "docs/reference/applications.md").read_text("utf-8")
    for name in APPLICATIONS:
        assert f"`{name}(" in page
    rows = "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert all(f"`{letter}`" in rows or f"`{letter}(" in rows for letter in SERVED)
    assert all(f"`{letter}`" in page for letter in IGNORED)
