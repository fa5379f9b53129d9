"""Who has a file open is told by name and number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sorcery.doctor.holders import holders


def test_another_process_that_has_the_file_open_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    code = "import sys; held = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        assert f"(process {other.pid})" in holders(file)
        other.communicate()
    assert holders(file) == ""


def test_we_ourselves_and_files_that_are_not_there_are_not_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("w"):
        assert holders(file) == ""
    assert holders(tmp_path / "no") == ""
