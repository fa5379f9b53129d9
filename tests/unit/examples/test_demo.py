"""The demonstration holds in every step, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_step_of_the_demo_holds(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "examples/demo.py"],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "bob was pruned" in run.stdout
    assert "Every step held" in run.stdout
    assert list(tmp_path.iterdir()) == []
