from __future__ import annotations

import os
from pathlib import Path

import pytest

from sorcery.conf import files as files_module
from sorcery.conf.files import MAX_PATH, Files
from sorcery.conf.messages import Fault
from sorcery.conf.model import FileStamp, PatternStamp


def test_relative_names_count_from_the_directory_and_absolute_ones_do_not() -> None:
    files = Files("/etc/asterisk")
    assert files.find("a.inc") == ["/etc/asterisk/a.inc"]
    assert files.find("/a/./b.inc") == ["/a/./b.inc"]
    assert Files("/").find("a") == ["/a"]
    assert not files.undecidable


def test_a_path_is_cut_at_255_bytes() -> None:
    (path,) = Files("/etc").find("é" * 200)
    assert len(os.fsencode(path)) == MAX_PATH


def test_a_pattern_is_stamped_with_what_it_stands_for(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    assert files.find("*.none") == files.find("*.none") == []
    (stamp,) = files.stamps
    assert stamp == PatternStamp("*.none", f"{tmp_path}/", ())
    assert not files.undecidable


def test_a_pattern_without_bound_is_refused() -> None:
    with pytest.raises(Fault) as caught:
        Files("/").find("{a,b}" * 30)
    assert caught.value.code == "include-too-many"


def test_a_repeated_name_gets_a_made_up_one() -> None:
    files = Files("/")
    assert [files.made_up_name(name) for name in ("a", "b", "a", "./a", "a")] == ["", "", "a~~1", "", "a~~2"]


def test_a_file_is_read_and_stamped(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    files = Files(str(tmp_path))
    assert files.content(str(path)) == b"abc"
    assert files.stamps == (FileStamp(str(path), 3, path.stat().st_mtime_ns),)


def test_a_file_that_is_not_there_is_stamped_as_absent(tmp_path: Path) -> None:
    files = Files(str(tmp_path))
    for name in ("none", "x" * 300, "nul\0"):
        assert files.content(f"{tmp_path}/{name}") is None
    assert all(isinstance(stamp, FileStamp) and stamp.size is None for stamp in files.stamps)


def test_a_folder_and_a_fifo_are_no_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    files = Files("/")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(Fault) as caught:
            files.content(str(path))
        assert caught.value.code == "not-regular-file"
    (tmp_path / "fifo").unlink()
    (tmp_path / "fifo").write_text("a file now")
    _, stamp = files.stamps
    assert not stamp.holds()


def test_reading_again_and_again_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "MAX_REPEATED", 2 * 128)
    files = Files("/")
    path = str(tmp_path / "a")
    for _ in range(3):
        files.content(path)
    with pytest.raises(Fault) as caught:
        files.content(path)
    assert caught.value.code == "include-too-many"
