from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from sorcery.environment import Environment
from sorcery.errors import ConfMissing, ConfSyntaxError
from sorcery.source import Source


@attrs.define
class Folder:
    """Files, each a second younger than the one before, however fast the test is."""

    path: Path
    _ticks: Iterator[int] = attrs.Factory(lambda: itertools.count(1_000_000_000, 1_000_000_000))

    def write(self, text: str, name: str = "phones.conf") -> Path:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        now = next(self._ticks)
        os.utime(path, ns=(now, now))
        return path

    def at(self, line: int, name: str = "phones.conf") -> str:
        return f"{self.path / name}:{line}"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def source(folder: Folder, name: str) -> Source:
    return Source(name, Environment(directory=folder.path))


def remembered(folder: Folder, name: str) -> Source:
    found = source(folder, name)
    found.take(*found.read())
    return found


def test_a_file_lies_in_the_configuration_directory_unless_its_path_is_absolute(folder: Folder) -> None:
    assert source(folder, "phones.conf").path == f"{folder.path}/phones.conf"
    assert source(folder, "/else/phones.conf").path == "/else/phones.conf"


def test_a_source_never_read_has_changed(folder: Folder) -> None:
    folder.write("[a]\n")
    assert not source(folder, "phones.conf").unchanged()


def test_only_size_and_time_tell_that_a_file_has_changed(folder: Folder) -> None:
    path = folder.write("[a]\n")
    known = remembered(folder, "phones.conf")
    times = path.stat().st_mtime_ns
    path.write_text("[b]\n")
    os.utime(path, ns=(times, times))
    assert known.unchanged()
    os.utime(path, ns=(times, times + 1))
    assert not known.unchanged()


def test_an_include_that_changes_or_appears_counts(folder: Folder) -> None:
    folder.write("[b]\n", "b.conf")
    folder.write("#include b.conf\n#tryinclude c.conf\n")
    known = remembered(folder, "phones.conf")
    assert known.unchanged()
    folder.write("[c]\n", "c.conf")
    assert not known.unchanged()
    known = remembered(folder, "phones.conf")
    folder.write("[b]\n[bb]\n", "b.conf")
    assert not known.unchanged()


def test_a_file_that_comes_to_fit_an_include_by_pattern_counts(folder: Folder) -> None:
    folder.write("#tryinclude more/*.conf\n")
    known = remembered(folder, "phones.conf")
    assert known.unchanged()
    folder.write("[b]\n", "more/b.conf")
    assert not known.unchanged()


def test_what_a_command_prints_is_read_each_time(folder: Folder) -> None:
    folder.write("#exec echo\n")
    known = Source("phones.conf", Environment(directory=folder.path, exec_includes=True))
    known.take(*known.read())
    assert not known.unchanged()


def test_the_sections_are_read_again_when_nobody_holds_them(folder: Folder) -> None:
    folder.write("[a]\n")
    known = remembered(folder, "phones.conf")
    outline = known.outline()
    assert outline is not None
    assert [each.name for each in outline.named("a")] == ["a"]
    assert known.outline() is outline
    (folder.path / "phones.conf").unlink()
    assert known.outline() is outline
    del outline
    assert known.outline() is None


class TestPattern:
    def test_its_files_form_one_configuration_in_byte_order(self, folder: Folder) -> None:
        folder.write("[b](t)\n", "d/2.conf")
        folder.write("[t](!)\nx=1\n[a]\n", "d/10.conf")
        outline, reading = source(folder, "d/*.conf").read()
        conf = outline.conf()
        assert [(each.name, each.line) for each in conf.sections()] == [("a", 3), ("b", 1)]
        assert [conf.path_of(each) for each in conf.sections()] == list(reading.paths)
        assert [Path(stamp.path).name for stamp in reading.stamps] == ["10.conf", "2.conf"]

    def test_it_is_unchanged_until_a_file_changes_comes_or_goes(self, folder: Folder) -> None:
        folder.write("[a]\n", "d/a.conf")
        known = remembered(folder, "d/*.conf")
        assert known.unchanged()
        other = folder.write("[b]\n", "d/b.conf")
        assert not known.unchanged()
        known = remembered(folder, "d/*.conf")
        other.unlink()
        assert not known.unchanged()
        known = remembered(folder, "d/*.conf")
        folder.write("[aa]\n", "d/a.conf")
        assert not known.unchanged()

    def test_a_broken_file_refuses_the_whole(self, folder: Folder) -> None:
        folder.write("[a]\n", "d/a.conf")
        folder.write("[b]\n\n[c\n", "d/b.conf")
        with pytest.raises(ConfSyntaxError) as caught:
            source(folder, "d/*.conf").read()
        assert str(caught.value.place) == folder.at(3, "d/b.conf")
        assert caught.value.code == "header-unclosed-bracket"

    def test_what_would_never_end_refuses_the_whole_by_its_own_name(self, folder: Folder) -> None:
        folder.write(";--\n" * 129, "d/a.conf")
        with pytest.raises(ConfSyntaxError) as caught:
            source(folder, "d/*.conf").read()
        assert (caught.value.code, str(caught.value.place)) == ("comment-nest-limit", folder.at(129, "d/a.conf"))

    def test_a_file_that_cannot_be_read_refuses_the_whole(self, folder: Folder) -> None:
        folder.write("[a]\n", "d/a.conf")
        (folder.path / "d" / "b.conf").symlink_to("nowhere")
        with pytest.raises(ConfSyntaxError) as caught:
            source(folder, "d/*.conf").read()
        assert str(caught.value.place) == f"{folder.path}/d/*.conf"
        assert "b.conf" in caught.value.reason

    def test_a_broken_file_that_is_only_included_does_not(self, folder: Folder) -> None:
        folder.write("[b\n", "inner")
        folder.write("[a]\n#include inner\n", "d/a.conf")
        outline, reading = source(folder, "d/*.conf").read()
        conf = outline.conf()
        assert [each.name for each in conf.sections()] == ["a"]
        assert [finding.rule for finding in reading.findings] == ["header-unclosed-bracket"]

    def test_nothing_is_written_to_the_disk(self, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.write("[a]\n", "d/a.conf")
        monkeypatch.setattr(tempfile, "tempdir", str(folder.path / "there is no such folder"))
        outline, _ = source(folder, "d/*.conf").read()
        assert [each.name for each in outline.conf().sections()] == ["a"]

    def test_no_file_at_all_is_missing(self, folder: Folder) -> None:
        nothing = source(folder, "d/*.conf")
        with pytest.raises(ConfMissing):
            nothing.read()
        assert nothing.is_absent

    def test_odd_characters_in_a_folder_or_file_are_no_pattern(self, folder: Folder) -> None:
        odd = subfolder(folder, "x[1];*")
        folder.write("[a]\n", "x[1];*/q{1}.conf")
        outline, _ = Source("*.conf", Environment(directory=odd)).read()
        assert [each.name for each in outline.conf().sections()] == ["a"]


def subfolder(folder: Folder, name: str) -> Path:
    path = folder.path / name
    path.mkdir()
    return path


def test_a_file_in_a_folder_that_cannot_be_entered_is_not_absent(folder: Folder) -> None:
    (folder.path / "around").symlink_to("around")  # for root too
    inner = source(folder, "around/phones.conf")
    assert not inner.is_absent
    with pytest.raises(ConfMissing):
        inner.read()
    assert source(folder, "nowhere/phones.conf").is_absent
    assert source(folder, "around\0/phones.conf").is_absent
