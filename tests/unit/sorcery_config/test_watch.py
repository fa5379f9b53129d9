from __future__ import annotations

import queue
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from sorcery.errors import ConfigurationError
from sorcery.filewatch import FileWatch
from sorcery.wizard import Notice, Noticing, Store

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder

SOON = 60.0
"""Seconds that a test waits for what takes about one."""
PHONE = "[a]\ntype=phone\n"


class Heard:
    """Follows a folder's wizard, and keeps what it tells."""

    def __init__(self, folder: Folder) -> None:
        self._notices: queue.Queue[Sequence[Notice]] = queue.Queue()
        self.watch: FileWatch = folder.wizard.watch(self._notices.put)

    def next(self) -> set[Store]:
        """Wait for the next notices; return the stores that they are about."""
        return {notice.store for notice in self._notices.get(timeout=SOON)}

    def nothing(self) -> bool:
        return self._notices.empty()


@pytest.fixture
def heard(folder: Folder) -> Iterator[type[Heard]]:
    """Close what was opened."""
    opened: list[Heard] = []

    class Closed(Heard):
        def __init__(self, folder: Folder) -> None:
            super().__init__(folder)
            opened.append(self)

    yield Closed
    for each in opened:
        each.watch.close()


def test_the_wizard_gives_notices(folder: Folder) -> None:
    assert isinstance(folder.wizard, Noticing)


def test_a_changed_file_is_told_for_each_store_of_it_and_no_other(folder: Folder, heard: type[Heard]) -> None:
    folder.write(PHONE)
    folder.write("", "rooms.conf")
    phones, houses, _ = folder.phones(), folder.houses(), folder.rooms("rooms.conf,criteria=type=room")
    folder.load()
    told = heard(folder)
    folder.write(PHONE + "lines=2\n")
    assert told.next() == {phones, houses}


def test_what_was_loaded_is_no_news_and_the_next_change_is(folder: Folder, heard: type[Heard]) -> None:
    folder.write(PHONE)
    phones = folder.phones()
    folder.load()
    told = heard(folder)
    for lines in (2, 3):
        folder.write(PHONE + f"lines={lines}\n;{'x' * lines}")
        assert told.next() == {phones}
        folder.load()
    assert told.nothing()


def test_a_file_that_takes_the_place_of_another_one_is_told(folder: Folder, heard: type[Heard]) -> None:
    path = folder.write(PHONE)
    phones = folder.phones()
    folder.load()
    told = heard(folder)
    folder.write(PHONE + "lines=2\n", "new.conf").rename(path)
    assert told.next() == {phones}


def test_a_file_that_is_made_later_is_told(folder: Folder, heard: type[Heard]) -> None:
    phones = folder.phones("more/phones.conf,criteria=type=phone")
    folder.load()
    told = heard(folder)
    assert told.next() == {phones}  # it could not be read yet
    folder.write(PHONE, "more/phones.conf")
    assert told.next() == {phones}
    folder.load()
    assert folder.ids(phones) == ["a"]


def test_an_included_file_and_the_target_of_a_link_are_told(folder: Folder, heard: type[Heard]) -> None:
    folder.write(PHONE, "elsewhere/target.conf")
    (folder.path / "link.conf").symlink_to("elsewhere/target.conf")
    folder.write("lines=2\n", "more/inner.conf")
    folder.write("#include link.conf\n#include more/inner.conf\n")
    phones = folder.phones()
    folder.load()
    told = heard(folder)
    folder.write("lines=3\n;\n", "more/inner.conf")
    assert told.next() == {phones}
    folder.load()
    folder.write(PHONE + ";\n", "elsewhere/target.conf")
    assert told.next() == {phones}


def test_a_file_that_a_pattern_comes_to_stand_for_is_told(folder: Folder, heard: type[Heard]) -> None:
    folder.write(PHONE, "d/1.conf")
    phones = folder.phones("d/*.conf,criteria=type=phone")
    folder.load()
    told = heard(folder)
    folder.write("[b]\ntype=phone\n", "d/2.conf")
    assert told.next() == {phones}
    folder.load()
    assert folder.ids(phones) == ["a", "b"]


def test_what_a_file_includes_by_pattern_is_told(folder: Folder, heard: type[Heard]) -> None:
    folder.write(PHONE, "d/1.conf")
    folder.write("#include d/*.conf\n")
    phones = folder.phones()
    folder.load()
    told = heard(folder)
    folder.write("[b]\ntype=phone\n", "d/2.conf")
    assert told.next() == {phones}


def test_a_folder_that_vanishes_and_comes_back_is_followed(folder: Folder, heard: type[Heard]) -> None:
    folder.write(PHONE, "d/phones.conf")
    phones = folder.phones("d/phones.conf,criteria=type=phone")
    folder.load()
    told = heard(folder)
    shutil.rmtree(folder.path / "d")
    assert told.next() == {phones}
    folder.load()
    folder.write(PHONE + "lines=2\n", "d/phones.conf")
    assert told.next() == {phones}


def test_a_store_that_is_opened_later_is_followed(folder: Folder, heard: type[Heard]) -> None:
    told = heard(folder)
    folder.write(PHONE)
    phones = folder.phones()
    folder.load()
    folder.write(PHONE + "lines=2\n")
    while told.next() != {phones}:
        pass


def test_a_closed_watch_ends_its_thread_within_a_second_and_tells_nothing_more(folder: Folder) -> None:
    folder.write(PHONE)
    folder.phones()
    folder.load()
    told = Heard(folder)
    start = time.monotonic()
    told.watch.close()
    assert time.monotonic() - start < 1 + SOON / 4  # a busy machine may take longer
    assert not [each for each in threading.enumerate() if each.name == "sorcery-file-watch"]
    folder.write(PHONE + "lines=2\n")
    assert told.nothing()


def test_it_may_be_closed_by_the_one_who_is_told(folder: Folder) -> None:
    folder.write(PHONE)
    folder.phones()
    folder.load()
    closed = threading.Event()

    def close(notices: Sequence[Notice]) -> None:
        watch.close()
        closed.set()

    watch = folder.wizard.watch(close)
    folder.write(PHONE + "lines=2\n")
    assert closed.wait(SOON)


def test_without_the_library_the_error_says_what_to_install(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'pysorcery\[watch\]'"):
        folder.wizard.watch(lambda notices: None)
