import asyncio
import os
from pathlib import Path

import pytest

from sorcery_sip.errors import SoundError
from sorcery_sip.io.sounds import SoundLibrary
from sorcery_sip.rtp.sound_file import Sound
from sorcery_sip.rtp.tones import parse_tone


def read(library: SoundLibrary, name: str, language: str = "en") -> Sound:
    return asyncio.run(library.file(name, language))


def write(path: Path, octets: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    return path


def test_tones_have_names() -> None:
    assert SoundLibrary(Path()).tone("busy") == parse_tone("480+620/500,0/500")
    assert SoundLibrary(Path(), {"busy": "425/500,0/500"}).tone("busy") == parse_tone("425/500,0/500")


def test_what_is_no_name_is_notation() -> None:
    assert SoundLibrary(Path()).tone("440/100") == parse_tone("440/100")
    with pytest.raises(SoundError, match="'ringing'"):
        SoundLibrary(Path()).tone("ringing")


def test_a_file_is_found_by_language_or_without(tmp_path: Path) -> None:
    library = SoundLibrary(tmp_path)
    write(tmp_path / "hello.ulaw", b"plain")
    assert read(library, "hello", "de").ulaw == b"plain"
    write(tmp_path / "de/hello.ulaw", b"deutsch")
    assert read(library, "hello", "de").ulaw == b"deutsch"
    assert read(library, "hello", "fr").ulaw == b"plain"


def test_a_file_that_is_not_there_is_looked_for_in_more_folders(tmp_path: Path) -> None:
    library = SoundLibrary(tmp_path / "own", more=(tmp_path / "others",))
    write(tmp_path / "others/en/hello.ulaw", b"others")
    assert read(library, "hello").ulaw == b"others"
    write(tmp_path / "own/hello.ulaw", b"own")
    assert read(library, "hello").ulaw == b"own"


def test_a_name_may_be_a_whole_path_and_have_dots(tmp_path: Path) -> None:
    path = write(tmp_path / "else/hello.v2.alaw", b"\xd5")
    assert read(SoundLibrary(tmp_path / "sounds"), str(path.with_suffix(""))).alaw == b"\xd5"


def test_a_file_that_changed_is_read_again_and_else_it_is_kept(tmp_path: Path) -> None:
    library, path = SoundLibrary(tmp_path), write(tmp_path / "hello.ulaw", b"one")
    first = read(library, "hello")
    assert read(library, "hello") is first
    write(path, b"two")
    os.utime(path, (1, 1))
    assert read(library, "hello").ulaw == b"two"


def test_a_sound_that_is_nowhere_is_told_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match=r"'hello'.*de/hello.*\.wav, \.sln, \.ulaw, \.alaw"):
        read(SoundLibrary(tmp_path), "hello", "de")


@pytest.mark.parametrize("name", ["", "no\0name", "a/" * 3000])
def test_what_can_be_no_file_is_told_too(tmp_path: Path, name: str) -> None:
    with pytest.raises(SoundError):
        read(SoundLibrary(tmp_path), name)


def test_a_file_that_is_no_sound_is_told_with_its_path(tmp_path: Path) -> None:
    write(tmp_path / "en/hello.wav", b"nothing")
    with pytest.raises(SoundError, match=r"en/hello\.wav: no WAV file"):
        read(SoundLibrary(tmp_path), "hello")


def test_a_file_that_cannot_be_read_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "hello.wav").mkdir()
    with pytest.raises(SoundError, match=r"hello\.wav: .*directory"):
        read(SoundLibrary(tmp_path), "hello")


@pytest.mark.parametrize("name", ["", "/", "."])
def test_what_is_no_name_of_a_file_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SoundError, match="no name of a file"):
        read(SoundLibrary(tmp_path), name)
