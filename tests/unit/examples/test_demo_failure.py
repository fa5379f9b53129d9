"""A step of the demonstration that does not hold ends it, and the exit status says so."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import demo


def test_the_demo_stops_with_1_at_the_first_step_that_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(demo, "TALK", demo.TALK.replace("password=", "password=not-"))
    assert demo.main() == 1
    out = capsys.readouterr().out
    assert "did not hold: 401 with a challenge, then 200" in out
    assert "\n5. " not in out
    assert "Every step held" not in out
    assert list(tmp_path.iterdir()) == []
