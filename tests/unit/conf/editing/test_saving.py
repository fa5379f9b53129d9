from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery.conf import FileStamp
from sorcery.conf.editing import EditRefused, FilesChanged, SavedInPart
from sorcery.conf.editing.saving import Aside, check_unchanged, locked


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one.conf", tmp_path / "other.conf"
    one.write_bytes(b"1\n")
    other.write_bytes(b"2\n")
    return one, other


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_files_are_replaced_and_nothing_is_left_beside_them(files: tuple[Path, Path]) -> None:
    one, other = files
    Aside({str(one): b"3", str(other): b"4"}).put_in_place()
    assert (one.read_bytes(), other.read_bytes()) == (b"3", b"4")
    assert names(one.parent) == {"one.conf", "other.conf"}


def test_who_has_the_old_file_open_reads_on_in_it(files: tuple[Path, Path]) -> None:
    with files[0].open("rb") as reader:
        Aside({str(files[0]): b"3"}).put_in_place()
        assert reader.read() == b"1\n"


def test_mode_and_extended_attributes_stay_and_the_time_is_new(files: tuple[Path, Path]) -> None:
    one, _ = files
    one.chmod(0o640)
    os.utime(one, (1, 1))
    try:
        os.setxattr(one, "user.note", b"x")
        attributes = {"user.note": b"x"}
    except OSError:  # the file system has none
        attributes = {}
    Aside({str(one): b"3"}).put_in_place()
    assert stat.S_IMODE(one.stat().st_mode) == 0o640
    assert one.stat().st_mtime > 1
    assert {name: os.getxattr(one, name) for name in attributes} == attributes


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away: run the tests as root")
def test_a_new_file_has_the_mode_that_is_asked_for_and_an_old_one_its_own(files: tuple[Path, Path]) -> None:
    old, new, other = files[0], files[0].with_name("new"), files[0].with_name("other")
    old.chmod(0o644)
    Aside({str(path): b"3" for path in (old, new, other)}, {str(old): 0o600, str(new): 0o600}).put_in_place()
    assert [path.stat().st_mode & 0o777 for path in (old, new, other)] == [0o644, 0o600, 0o640]


def test_the_owner_stays(files: tuple[Path, Path]) -> None:
    os.chown(files[0], 1234, 4321)
    Aside({str(files[0]): b"3"}).put_in_place()
    assert (files[0].stat().st_uid, files[0].stat().st_gid) == (1234, 4321)


def test_a_link_stays_and_its_target_changes(files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    link = tmp_path / "sub/link.conf"
    link.symlink_to(files[0])
    Aside({str(link): b"3"}).put_in_place()
    assert link.is_symlink()
    assert files[0].read_bytes() == b"3"
    assert names(tmp_path / "sub") == {"link.conf"}


def test_if_one_file_cannot_be_written_none_is(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = files
    synced: list[int] = []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EditRefused, match=r"other\.conf cannot be written: No space left") as caught:
        Aside({str(one): b"3", str(other): b"4"}).put_in_place()
    assert not isinstance(caught.value, SavedInPart)
    assert (one.read_bytes(), other.read_bytes()) == (b"1\n", b"2\n")
    assert names(one.parent) == {"one.conf", "other.conf"}


def test_if_a_rename_fails_after_another_both_are_named(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = map(str, files)
    replace = Path.replace

    def failing(self: Path, target: str) -> Path:
        if target == other:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(SavedInPart) as caught:
        Aside({one: b"3", other: b"4"}).put_in_place()
    assert (caught.value.written, caught.value.unwritten) == ((one,), (other,))
    assert (files[0].read_bytes(), files[1].read_bytes()) == (b"3", b"2\n")
    assert names(files[0].parent) == {"one.conf", "other.conf"}


def test_if_the_first_rename_fails_nothing_is_written(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: Path, target: str) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(EditRefused, match=r"one\.conf cannot be written") as caught:
        Aside({str(path): b"3" for path in files}).put_in_place()
    assert not isinstance(caught.value, SavedInPart)
    assert names(files[0].parent) == {"one.conf", "other.conf"}


def test_a_file_that_is_not_as_it_was_is_told_with_the_line(files: tuple[Path, Path]) -> None:
    one, other = map(str, files)
    check_unchanged({one: b"1\n", other: b"2\n", f"{one}.none": None})
    with pytest.raises(FilesChanged) as caught:
        check_unchanged({one: b"1\n", other: b"2\n3\n"})
    assert str(caught.value.place) == f"{other}:2"
    for held in ({f"{one}.none": b""}, {one: None}, {str(files[0].parent): b""}):
        with pytest.raises(FilesChanged):
            check_unchanged(held)


def test_a_file_that_cannot_be_read_any_more_is_no_empty_one(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(self: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(FilesChanged, match="cannot be read any more"):
        check_unchanged({str(files[0]): b"1\n"})


@pytest.fixture
def holder(files: tuple[Path, Path]) -> Iterator[threading.Event]:
    """Hold the lock on the files' folder in another thread until the event is set."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with locked([str(files[1])]):
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    yield release
    release.set()
    thread.join(30)


def test_a_save_waits_for_another_one(files: tuple[Path, Path], holder: threading.Event) -> None:
    threading.Timer(0.05, holder.set).start()
    with locked([str(files[0])], 30):
        assert holder.is_set()


def test_it_does_not_wait_for_ever(files: tuple[Path, Path], holder: threading.Event) -> None:
    with pytest.raises(EditRefused, match="another program is writing"), locked([str(files[0])], 0):
        pass
    holder.set()
    with locked([str(files[0])], 30):
        pass


def test_the_lock_lies_where_a_link_leads(files: tuple[Path, Path], tmp_path: Path, holder: threading.Event) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/link.conf").symlink_to(files[0])
    with pytest.raises(EditRefused), locked([str(tmp_path / "sub/link.conf")], 0):
        pass


def test_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EditRefused, match="cannot be opened"), locked([str(tmp_path / "none/a.conf")]):
        pass


def test_a_file_system_without_locks_is_refused(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", failing)
    with pytest.raises(EditRefused, match="cannot be locked: No locks available"), locked([str(files[0])]):
        pass


def failing_on_folders(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    sync = os.fsync

    def failing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        sync(handle)

    monkeypatch.setattr(os, "fsync", failing)


def test_what_is_in_place_is_never_told_as_not_written(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_on_folders(monkeypatch, errno.EIO)
    with pytest.raises(SavedInPart, match="may be lost") as caught:
        Aside({str(files[0]): b"3"}).put_in_place()
    assert (caught.value.written, caught.value.unwritten) == ((str(files[0]),), ())
    assert files[0].read_bytes() == b"3"


def test_a_file_system_that_syncs_no_folders_will_do(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    failing_on_folders(monkeypatch, errno.EINVAL)
    Aside({str(files[0]): b"3"}).put_in_place()
    assert files[0].read_bytes() == b"3"


def test_what_is_written_aside_looks_as_it_will_in_place_and_may_be_discarded(files: tuple[Path, Path]) -> None:
    one, other = files
    aside = Aside({str(one): b"33", str(other): b"4"})
    assert (one.read_bytes(), other.read_bytes()) == (b"1\n", b"2\n")
    aside.discard()
    assert names(one.parent) == {"one.conf", "other.conf"}
    aside = Aside({str(one): b"33"})
    aside.put_in_place()
    assert aside.stamps == {str(one): FileStamp.take(str(one))}


KILLED = """
import os, signal, sys
from pathlib import Path
from sorcery.conf.editing.saving import Aside, locked

with locked(sys.argv[1:]):
    Aside({path: b"half" for path in sys.argv[1:]})
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_removed_by_the_next_one(files: tuple[Path, Path]) -> None:
    one, other = files
    killed = subprocess.run([sys.executable, "-c", KILLED, str(one), str(other)], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = names(one.parent) - {"one.conf", "other.conf"}
    assert len(left) == 2
    with locked([str(one)]):
        assert names(one.parent) == {"one.conf", "other.conf"}
    assert (one.read_bytes(), other.read_bytes()) == (b"1\n", b"2\n")


def test_what_others_keep_beside_a_file_stays(files: tuple[Path, Path]) -> None:
    one = files[0]
    others = {".one.conf.swp", ".one.conf.20260101", ".one.conf.aB3dE6", "one.conf.abcdefgh.aside", ".one.conf.aside"}
    for name in others:
        one.with_name(name).write_bytes(b"mine")
    (one.parent / ".dir.abcdefgh.aside").mkdir()
    with locked([str(one)]):
        assert names(one.parent) == {"one.conf", "other.conf", ".dir.abcdefgh.aside"} | others


def test_who_writes_keeps_what_is_aside_from_the_next_one(files: tuple[Path, Path]) -> None:
    one = files[0]
    with locked([str(one)]):
        aside = Aside({str(one): b"3"})
        with pytest.raises(EditRefused, match="another program"), locked([str(one)], 0.1):
            pass
        aside.put_in_place()
    assert one.read_bytes() == b"3"
