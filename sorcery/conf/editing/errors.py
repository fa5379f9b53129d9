"""What an edit, or writing it to disk, is refused for."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery.plain import plain

__all__ = ["EditRefused", "FilesChanged", "SavedInPart", "SectionMissing"]


class EditRefused(ConfigurationError):
    """An edit that cannot be made, or that would change more than it should; the document stays as it was."""

    def __init__(self, reason: str, *, place: Place | None = None, remedy: str = "") -> None:
        super().__init__(plain(reason), place=place, remedy=plain(remedy))


class SectionMissing(EditRefused, LookupError):
    """A selector that no section fits."""


class FilesChanged(EditRefused):
    """A file that is not as it was read: nothing is written. Read it anew, and make the edits again."""


class SavedInPart(EditRefused):
    """Some files were replaced before another could not be.

    `written` are the paths of those that hold the edits now, `unwritten` of those that do not. If there are none of
    these, all hold them, but the disk did not confirm it.
    """

    def __init__(self, reason: str, written: Iterable[str], unwritten: Iterable[str]) -> None:
        self.written, self.unwritten = tuple(written), tuple(unwritten)
        rest = f"not in {', '.join(self.unwritten)}" if self.unwritten else "may be lost with the power"
        super().__init__(
            f"{reason}; the edits are in {', '.join(self.written)}, and {rest}",
            place=Place((self.unwritten or self.written)[0]),
            remedy="read the files anew, and make the missing edits again",
        )
