"""The file that holds the last good state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sorcery import ConfigurationError, Place, object_type, option
from sorcery.environment import Environment, Setting
from sorcery.image.file import ImageSettings, image_settings, read_image, write_image
from sorcery.kinds import Integer
from sorcery.objects import Object
from sorcery.query import ALL, Query
from sorcery.testing.types import WIDGETS, Group, Widget

WIDGET = Widget.__sorcery__
MOMENT = 1_800_000_000.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "last-good"
    write_image(file, MOMENT, {"w": (WIDGETS, ["bad"]), "g": ([Group("one", note="x")], []), "none": ([], [])})
    return file


def refused(file: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        read_image(file)
    assert raised.value.place == Place(str(file))
    return raised.value.reason


def test_what_is_written_is_read_back(file: Path) -> None:
    image = read_image(file)
    assert image is not None
    assert image.time == MOMENT
    widgets = image.contents("w", WIDGET)
    assert {obj.id: obj for obj in widgets.objects.search(ALL)} == {obj.id: obj for obj in WIDGETS}
    assert widgets.unreadable == {"bad"}
    assert [obj.id for obj in widgets.objects.search(Query(prefix="alpha;@1"))] == ["alpha;@1"]
    assert image.contents("g", Group.__sorcery__).objects.objects == {"one": Group("one", note="x")}
    assert image.contents("none", Group.__sorcery__).objects.objects == {}
    assert "w" in image
    assert "other" not in image


def test_texts_that_are_no_unicode_are_kept(file: Path) -> None:
    odd = Group("\udcff", note="\udc80 line\nline \x85\u2028")
    write_image(file, MOMENT, {"g": ([odd], [])})
    image = read_image(file)
    assert image is not None
    assert image.contents("g", Group.__sorcery__).objects.objects == {"\udcff": odd}


def test_only_the_owner_may_read_it(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_no_image_is_none(tmp_path: Path) -> None:
    assert read_image(tmp_path / "absent") is None


def test_every_damaged_byte_is_noticed(file: Path) -> None:
    good = file.read_bytes()
    for position in {0, 20, 40, 80, 100, 150, *range(0, len(good), 37), len(good) - 1}:
        file.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        assert refused(file).startswith("the image is not used: it is ")
    file.write_bytes(good)
    assert read_image(file) is not None


@pytest.mark.parametrize("length", [0, 10, 90, 300])
def test_a_cut_image_is_not_used(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])
    assert refused(file).startswith("the image is not used: it is ")


def test_an_image_of_another_version_is_not_used(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"image 1", b"image 2", 1))
    assert refused(file) == "the image is not used: it is no image of this version"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_an_image_that_others_can_write_is_not_used(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert refused(file) == "the image is not used: others can write it"


def test_an_image_of_another_user_is_not_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    if own == 0:
        assert read_image(file) is not None  # the superuser's is as good as one's own
    else:
        assert refused(file) == "the image is not used: others can write it"


def test_what_is_no_file_is_not_used_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") == "the image is not used: it is no regular file"
    assert refused(tmp_path).startswith("the image is not used: it ")


def test_an_object_that_is_none_any_more_is_unreadable(tmp_path: Path) -> None:
    @object_type("testing_group")
    class Stricter(Object):
        """Groups whose note is a number."""

        note: int = option(Integer(), default="0")

    file = tmp_path / "last-good"
    write_image(file, MOMENT, {"g": ([Group("one", note="x"), Group("two", note="2")], [])})
    image = read_image(file)
    assert image is not None
    found = image.contents("g", Stricter.__sorcery__)
    assert found.unreadable == {"one"}
    assert found.objects.objects == {"two": Stricter("two", note=2)}


def test_a_file_that_cannot_be_written_leaves_the_old_image(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = file.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="the image cannot be written: No space left on device"):
        write_image(file, MOMENT + 1, {})
    assert file.read_bytes() == good
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="name a file in a folder that exists"):
        write_image(tmp_path / "absent/last-good", MOMENT, {})


@pytest.mark.parametrize("content", [b"[alice]\ntype=aor\n", b"s"])
def test_what_is_no_image_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "pjsip.conf"
    other.write_bytes(content)
    with pytest.raises(ConfigurationError, match="what lies there is none; name another file"):
        write_image(other, MOMENT, {})
    assert other.read_bytes() == content
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="what lies there is none"):
        write_image(tmp_path / "pipe", MOMENT, {})
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("content", [b"", b"sorcery-image 9 of a later release"])
def test_an_image_that_is_not_used_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last-good").write_bytes(content)
    write_image(tmp_path / "last-good", MOMENT, {})
    assert read_image(tmp_path / "last-good") is not None


# Settings


def settings(**lines: str) -> ImageSettings | None:
    found = tuple(Setting(name, value, Place("sorcery.conf", 2)) for name, value in lines.items())
    return image_settings(Environment(directory=Path("/etc/pbx"), sections={"image": found}))


def test_without_a_section_there_is_no_image() -> None:
    assert image_settings(Environment()) is None
    assert image_settings(Environment(), Path("/a")) == ImageSettings(Path("/a"))


def test_a_section_says_where_it_lies_and_what_it_holds() -> None:
    assert settings(file="last-good") == ImageSettings(Path("/etc/pbx/last-good"))
    found = settings(File="/var/x", maximum_age="60", types="aor, auth")
    assert found == ImageSettings(Path("/var/x"), 60, ("aor", "auth"))
    environment = Environment(sections={"image": (Setting("types", "aor"), Setting("file", "a"))})
    assert image_settings(environment, Path("/b")) == ImageSettings(Path("/b"), types=("aor",))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"file": ""}, "[image] file=: no file is named"),
        ({"types": "aor"}, "[image] types=aor: no file is named in [image]"),
        ({"file": "a", "maximum_age": "1d"}, "[image] maximum_age=1d: this is no number of seconds"),
        ({"file": "a", "maximum_age": "-1"}, "[image] maximum_age=-1: this is no number of seconds"),
        ({"file": "a", "age": "1"}, "[image] age=1: there is no such option"),
    ],
)
def test_a_line_that_means_nothing_is_refused_at_its_place(lines: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        settings(**lines)
    assert raised.value.reason == message
    assert raised.value.place == Place("sorcery.conf", 2)
    assert raised.value.remedy


def test_a_folder_in_the_place_of_an_image_is_refused_and_leaves_nothing_open(tmp_path: Path) -> None:
    held = Path("/proc/self/fd")
    before = len(list(held.iterdir()))
    for _ in range(10):  # other threads of this process may open and close one meanwhile
        with pytest.raises(ConfigurationError, match="the image is not used"):
            read_image(tmp_path)
    assert len(list(held.iterdir())) < before + 10
