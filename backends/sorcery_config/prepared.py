"""Changes that are written aside, and the moment in which they take the place of what is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import ExitStack

import attrs

from sorcery.conf import FileStamp
from sorcery.conf.editing import EditRefused, SavedInPart
from sorcery.conf.editing.saving import Aside
from sorcery.errors import PartialWrite, StoreRefused, Unavailable
from sorcery.plain import plain
from sorcery.source import Reading, Source
from sorcery.wizard import Change
from sorcery_config.documents import Opened
from sorcery_config.writing import Written

__all__ = ["ConfigPrepared", "FileWrite", "apart"]


@attrs.frozen(slots=True, eq=False)
class FileWrite:
    """The next state of one configuration file and those that it includes, written aside."""

    source: Source
    opened: Opened
    """The document after the changes."""
    written: Written
    aside: Aside

    @property
    def label(self) -> str:
        """Names the file in messages."""
        return f"config {self.source.name}"

    def reading(self) -> Reading | None:
        """Return the last reading as it is once the files are in place, or None where they have to be read again."""
        last = self.source.reading
        if last is None or not self.opened.is_as_loaded or last.findings:
            return None
        stamps = self.aside.stamps
        now = (stamps.get(each.path, each) if isinstance(each, FileStamp) else each for each in last.stamps)
        dynamic = any(obj.is_dynamic for objects in self.written.values() for obj in objects.values() if obj)
        return attrs.evolve(last, stamps=tuple(now), unsettled=last.unsettled or dynamic)


def apart(paths: Iterable[str], replaced: Set[str], change: Change) -> Set[str]:
    """Return the files that paths lead to; raises `StoreRefused` where one is replaced already.

    Two mapped files may include it: each was edited for itself, and the later one would undo the earlier one.
    """
    targets = {os.path.realpath(path) for path in paths}
    if both := sorted(targets & replaced):
        raise StoreRefused(
            change.store.label,
            change.obj.__sorcery__.name,
            change.obj.id,
            f"{plain(both[0])} is changed by way of another file too, which includes it as well",
            "make the changes one after the other",
        )
    return targets


class ConfigPrepared:
    """Some files that are ready to be replaced; others that write to them wait."""

    def __init__(
        self,
        files: Sequence[FileWrite],
        missed: Sequence[Change],
        publish: Callable[[Mapping[FileWrite, Reading | None]], None],
        held: ExitStack,
    ) -> None:
        self.missed = missed
        self._files, self._publish, self._held = files, publish, held

    def commit(self) -> None:
        """Replace the files, and put the objects in force together.

        Raises `Unavailable` if one was changed just now, or cannot be replaced, and then none is; `PartialWrite` if
        that is so after others were.
        """
        with self._held:
            readings = {file: file.reading() for file in self._files}
            done: list[FileWrite] = []
            try:
                for file in self._files:
                    file.opened.document.check_unchanged()
                for file in self._files:
                    file.aside.put_in_place()
                    done.append(file)
            except EditRefused as error:
                raise self._failure(done, error) from error
            self._publish(readings)

    def rollback(self) -> None:
        """Remove what is written aside."""
        self._held.close()

    def _failure(self, done: Iterable[FileWrite], error: EditRefused) -> PartialWrite | Unavailable:
        outcomes = {file.label: "stored" for file in done}
        failed = next(file for file in self._files if file.label not in outcomes)
        if not outcomes and not isinstance(error, SavedInPart):
            return Unavailable(failed.label, str(error))
        outcomes[failed.label] = str(error)
        return PartialWrite({**{file.label: "not stored" for file in self._files}, **outcomes})
