"""`conf fmt`: which files it writes, and what it shows."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sorcery.conf.editing import saving

TIDY = "[a]\nx = 1\n"


@pytest.fixture
def ragged(tmp_path: Path) -> Path:
    path = tmp_path / "a.conf"
    path.write_text("[a]\nx=1\n")
    path.chmod(0o604)
    return path


def test_a_file_is_formatted_in_place_with_its_mode(ragged: Path, run: Any) -> None:
    result = run("conf", "fmt", ragged)
    assert (result.code, result.out, result.err) == (0, f"{ragged}\n", "1 file formatted\n")
    assert ragged.read_text() == TIDY
    assert ragged.stat().st_mode & 0o777 == 0o604
    assert run("conf", "fmt", ragged).out == ""


def test_check_names_what_would_change_and_writes_nothing(ragged: Path, run: Any) -> None:
    result = run("conf", "fmt", ragged, "--check")
    assert (result.code, result.out) == (1, f"{ragged}\n")
    assert ragged.read_text() == "[a]\nx=1\n"
    ragged.write_text(TIDY)
    assert run("conf", "fmt", ragged, "--check").code == 0


def test_a_difference_shows_no_password(tmp_path: Path, run: Any) -> None:
    path = tmp_path / "pjsip.conf"
    path.write_text("[a]\npassword=open sesame\n;password=of old\nx=1;password=of old\n; was: password=of old\n")
    result = run("conf", "fmt", path, "--diff")
    assert (result.code, path.read_text()[:12]) == (1, "[a]\npassword")
    assert "+x = 1 ;password=********" in result.out
    assert "sesame" not in result.out
    assert "of old" not in result.out
    assert "+password = open sesame" in run("conf", "fmt", path, "--diff", "--secrets").out


def test_a_password_that_seems_to_go_on_in_another_line_is_masked_whole(tmp_path: Path, run: Any) -> None:
    path = tmp_path / "pjsip.conf"
    path.write_text("[a]\nx=1\npassword=one\x0ctwo\x85three\u2028four\n--password=five\n", newline="")
    out = run("conf", "fmt", path, "--diff").out
    assert not [word for word in ("one", "two", "three", "four", "five") if word in out]
    assert "\n---password=********\n" in out


def test_a_directory_means_its_files_and_what_they_include_within(tmp_path: Path, run: Any) -> None:
    home = tmp_path / "etc"
    (home / "parts").mkdir(parents=True)
    (tmp_path / "other.inc").write_text("[o]\nx=1\n")
    (home / "pjsip.conf").write_text("[a]\n#include parts/*.inc\n#include ../other.inc\n")
    (home / "parts" / "one.inc").write_text("x=1\n")
    (home / "notes.txt").write_text("x=1\n")
    result = run("conf", "fmt", home, "--json")
    assert [each["file"] for each in result.json if each["written"]] == [str(home / "parts/one.inc")]
    assert (home / "parts" / "one.inc").read_text() == "x = 1\n"
    assert (tmp_path / "other.inc").read_text() == "[o]\nx=1\n"


def test_a_file_that_is_broken_in_itself_is_refused_and_others_are_formatted(ragged: Path, run: Any) -> None:
    broken = ragged.with_name("b.conf")
    broken.write_text("[b\nx=1\n")
    result = run("conf", "fmt", ragged.parent)
    assert result.code == 1
    assert f"not formatted: {broken}:1: " in result.err
    assert "close the name" in result.err
    assert (ragged.read_text(), broken.read_text()) == (TIDY, "[b\nx=1\n")


def test_a_part_that_only_another_file_makes_whole_is_formatted(tmp_path: Path, run: Any) -> None:
    part = tmp_path / "part.inc"
    part.write_text("x=1\n[a](base)\n")
    assert run("conf", "fmt", part).code == 0
    assert part.read_text() == "x = 1\n\n[a](base)\n"


def test_a_file_that_somebody_changes_meanwhile_is_not_written(
    ragged: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = saving.check_unchanged

    def others_write_first(*stored: Any) -> None:
        ragged.write_text("[a]\nx=2\n")
        check(*stored)

    monkeypatch.setattr(saving, "check_unchanged", others_write_first)
    result = run("conf", "fmt", ragged, "--json")
    assert (result.code, result.json["error"]["kind"]) == (1, "files-changed")
    assert ragged.read_text() == "[a]\nx=2\n"


def test_what_is_not_there_and_what_is_no_file_is_misuse(tmp_path: Path, run: Any) -> None:
    assert run("conf", "fmt", tmp_path / "none.conf").code == 2
    os.mkfifo(tmp_path / "pipe.conf")  # nobody writes into it
    assert run("conf", "fmt", tmp_path / "pipe.conf").code == 2


def test_a_file_that_cannot_be_read_keeps_no_other_from_it(
    ragged: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = ragged.with_name("b.conf")
    closed.write_text("x=1\n")
    read = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path == closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    result = run("conf", "fmt", ragged.parent)
    assert (result.code, result.out) == (1, f"{ragged}\n")
    assert f"not formatted: {closed}: there is no file here that can be read" in result.err


def test_no_name_is_not_the_current_directory(ragged: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ragged.parent)
    result = run("conf", "fmt", "")
    assert (result.code, ragged.read_text()) == (2, "[a]\nx=1\n")
    assert "is empty" in result.err


def test_an_editor_may_pass_a_text_through() -> None:
    code = "import sys; from sorcery_cli import main; sys.exit(main(['conf', 'fmt', '-']))"
    done = subprocess.run([sys.executable, "-c", code], input=b"[a]\r\nx=\xff", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"[a]\r\nx = \xff\r\n", b"")


def test_standard_input_stands_alone(ragged: Path, run: Any) -> None:
    assert run("conf", "fmt", "-", ragged).code == 2
    assert run("conf", "fmt", "-", "--check").code == 2
