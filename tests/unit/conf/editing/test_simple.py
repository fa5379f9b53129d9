"""What stands where in a file whose outline tells it is what a look at its lines would find."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import read_outline
from sorcery.conf.editing.confined import Looks
from sorcery.conf.editing.simple import FEW, simple_survey
from sorcery.conf.editing.survey import Survey, survey

TEXT = """\
; head
[t](!)
type=a

[a](t)
x=1
  [indented]
y=2
[a]
; [a]
x=[a]
[b\\;c]
[A]
x=1 ; [a]
[a]"""


def surveys(folder: Path, text: str) -> tuple[Survey, Survey]:
    path = folder / "main.conf"
    path.write_bytes(text.encode())
    outline = read_outline(path)
    simple = simple_survey(outline, Looks.of([outline.content]))
    assert simple is not None
    return simple, survey(str(path), str(folder), {})


@pytest.mark.parametrize("text", [TEXT, TEXT + "\n", TEXT.replace("\n", "\r\n"), "", "; nothing\n", "[a]"])
def test_it_finds_what_a_look_at_the_lines_finds(tmp_path: Path, text: str) -> None:
    simple, looked = surveys(tmp_path, text)
    positions = range(len(looked.outline.entries))
    count = text.count("\n") + bool(text.rpartition("\n")[2])
    for position in positions:
        (one,), (other,) = simple.spans(position), looked.spans(position)
        assert one == other._replace(stop=min(other.stop, count))
        assert (simple.plain_span(position) is None) is (looked.plain_span(position) is None)


def test_names_are_searched_for_and_then_looked_up_alike(tmp_path: Path) -> None:
    simple, looked = surveys(tmp_path, TEXT)
    for _ in range(FEW):
        for name in ("a", "A", "t", "b", "indented", "none", "\ud800", "x" * 90):
            assert list(simple.named(name)) == list(looked.named(name))


def test_a_header_that_adds_elsewhere_takes_a_look(tmp_path: Path) -> None:
    path = tmp_path / "main.conf"
    path.write_text("[a]\n[a](+)\n")
    outline = read_outline(path)
    assert simple_survey(outline, Looks.of([outline.content])) is None
