"""The sounds of a server: tones by name, and files in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from sorcery_sip.errors import SoundError, shorten
from sorcery_sip.rtp.sound_file import SUFFIXES, Sound, read_sound
from sorcery_sip.rtp.tones import US_TONES, Tone, parse_tone

__all__ = ["SoundLibrary"]


class SoundLibrary:
    """The `Sounds` of a PBX: files lie in `folder/LANGUAGE` or in the folder itself; a name may be a whole path.

    What is not there is looked for in the same way in `more` folders.
    """

    def __init__(self, folder: Path, tones: Mapping[str, str] = US_TONES, *, more: Sequence[Path] = ()) -> None:
        self._folders, self._tones = (folder, *more), tones

    def tone(self, text: str) -> Tone:
        """Return a tone, by its name or in Asterisk's notation. Raises `SoundError`."""
        return parse_tone(self._tones.get(text, text))

    async def file(self, name: str, language: str = "en") -> Sound:
        """Return the sound of a file, named without its ending; it is read in a thread. Raises `SoundError`."""
        return await asyncio.to_thread(self._read, name, language)

    def _read(self, name: str, language: str) -> Sound:
        if not Path(name).name:
            raise SoundError(f"sound {shorten(name)}: that is no name of a file")
        wanted = [place / name for folder in self._folders for place in (folder / language, folder)]
        for path in (base.with_name(base.name + suffix) for base in wanted for suffix in SUFFIXES):
            try:
                found = path.stat()
                return _read_version(path, found.st_mtime_ns, found.st_size)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                if isinstance(error, SoundError):
                    raise
                raise SoundError(f"{path}: {error}") from error
        places = " or ".join(map(str, dict.fromkeys(wanted)))
        raise SoundError(f"sound {shorten(name)}: no file {places} with {', '.join(SUFFIXES)}")


@lru_cache(maxsize=64)
def _read_version(path: Path, _modified: int, _size: int) -> Sound:
    """Read a file, or take what was read while it was the same."""
    return read_sound(str(path), path.read_bytes())
