"""The demonstration holds in every step, and leaves nothing behind."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the demonstration as a module that works below `tmp_path`."""
    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples/demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return module


@pytest.mark.parametrize("path", ["/usr/bin:/bin", ""], ids=["as installed", "without a softphone"])
def test_every_step_of_the_demo_holds(tmp_path: Path, path: str) -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "examples/demo.py"],
        env={"PATH": path, "TMPDIR": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "bob was pruned" in run.stdout
    assert "alice hears bob's 620 Hz" in run.stdout
    assert "bob hears alice's 440 Hz" in run.stdout
    assert "Every step held" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_does_not_hold_ends_the_demo_with_the_log_of_the_stack(
    demo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "TALK", demo.TALK.replace("password=as8918hd!@8hs19a1m", "password=another"))
    assert demo.main() == 1
    told = capsys.readouterr().out
    assert "did not hold: 401 with a challenge, then 200" in told
    assert "The log of the stack ends:" in told
    assert "REGISTER" in told.partition("The log of the stack ends:")[2]
    assert "Every step held" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_stack_that_does_not_start_ends_the_demo_with_the_reason(
    demo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "TRANSPORT", "; {port}")
    assert demo.main() == 1
    told = capsys.readouterr().out
    assert "did not hold: it starts, and prints that it is ready" in told
    assert "sorcery-sip: " in told
    assert list(tmp_path.iterdir()) == []
