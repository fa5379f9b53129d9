"""Answering callers from the image where the stores do not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import Object, Unavailable
from sorcery.binding import Bound
from sorcery.chain import Chain
from sorcery.image.file import Contents, ImageSettings, write_image
from sorcery.image.front import Front
from sorcery.image.lastgood import LastGood, can_be_silent, image_name
from sorcery.mapping import Mapping
from sorcery.query import ALL, Query
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery.testing.types import Group
from sorcery.wizard import PENDING, Immediate, Op, Reader
from sorcery.writing.transaction import Step

GROUP = Group.__sorcery__
ONE, TWO = Group("one"), Group("two")


class Far:
    """A store elsewhere that may be down, and that yields what it finds piece by piece."""

    label = "far"

    def __init__(self, *objects: Group) -> None:
        self.objects = objects
        self.is_down = False
        self.questions = 0

    def _ask(self) -> None:
        self.questions += 1
        if self.is_down:
            raise Unavailable(self.label, "it is down")

    def retrieve(self, id: str) -> Object | None:
        self._ask()
        return next((obj for obj in self.objects if obj.id == id), None)

    def search(self, query: Query) -> Iterator[Object]:
        yield from self.objects[:1]
        self._ask()
        yield from self.objects[1:]


def bound(store: Reader, arguments: str = "") -> Bound:
    key = (GROUP.name, "far", arguments, False, None)
    return Bound(Mapping(GROUP.name, "far", arguments), object(), store, key)  # type: ignore[arg-type]


def front(tmp_path: Path, *stores: Far | SnapshotStore) -> Front:
    """Return the front of some stores of which an image was made."""
    entries = [bound(store, str(number)) for number, store in enumerate(stores)]
    file = tmp_path / "last-good"
    held = {image_name(each): (list(each.store.search(ALL)), ()) for each in entries if can_be_silent(each)}
    write_image(file, 1e9, held)
    last_good = LastGood(lambda: 1e9)
    last_good.configure(ImageSettings(file), [GROUP.name])
    return Front(last_good, GROUP, entries, stores[0] if len(stores) == 1 else Chain(stores))


def near(*objects: Group) -> SnapshotStore:
    snapshots = SnapshotSet()
    store = SnapshotStore("near", snapshots)
    snapshots.swap({store: Snapshot({obj.id: obj for obj in objects})})
    return store


def test_a_store_that_falls_silent_in_the_middle_of_an_answer_is_silent(tmp_path: Path) -> None:
    far = Far(ONE, TWO)
    answering = front(tmp_path, far)
    far.is_down = True
    assert list(answering.search(ALL)) == [ONE, TWO]
    assert answering.uses == 1
    assert answering.silence is not None


def test_a_single_silent_store_is_asked_once(tmp_path: Path) -> None:
    far = Far(ONE)
    answering = front(tmp_path, near(), far)
    far.is_down, far.questions = True, 0
    assert answering.retrieve("one") == ONE
    assert far.questions == 1


def test_of_several_stores_each_answers_for_itself_while_it_can(tmp_path: Path) -> None:
    first, second = Far(ONE), Far(TWO)
    answering = front(tmp_path, first, second)
    first.is_down = True
    second.objects = (TWO, Group("new"))
    assert [obj.id for obj in answering.search(ALL)] == ["one", "two", "new"]
    assert answering.retrieve("new") == Group("new")
    assert answering.retrieve("absent") is None
    second.is_down = True
    assert [obj.id for obj in answering.search(ALL)] == ["one", "two"]


def test_a_change_that_a_new_image_takes_in_just_now_is_not_lost_between_the_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far, changed = Far(ONE), Group("one", note="changed")
    answering = front(tmp_path, far)
    last_good, contents = answering._last_good, answering._last_good.contents

    def then_settled(*about: Any) -> Contents:
        found = contents(*about)
        last_good.settle(last_good.mark())
        return found

    monkeypatch.setattr(last_good, "contents", then_settled)
    far.is_down = True
    asks: list[Callable[[], object]] = [lambda: answering.retrieve("one"), lambda: next(iter(answering.search(ALL)))]
    for ask in asks:
        last_good.note([Step(Op.UPDATE, changed)])
        assert ask() == changed


def test_only_stores_that_lie_elsewhere_can_be_silent() -> None:
    assert can_be_silent(bound(Far()))
    assert not can_be_silent(bound(near()))


def test_who_wants_an_answer_at_once_gets_it_from_the_stores_or_has_to_wait(tmp_path: Path) -> None:
    answering = front(tmp_path, Far(ONE))
    assert isinstance(answering, Immediate)
    assert answering.retrieve_now("one") is PENDING
    assert answering.search_now(ALL) is PENDING

    class Quick(Far):
        """One that knows at once."""

        def retrieve_now(self, id: str) -> Object | None:
            return self.retrieve(id)

        def search_now(self, query: Query) -> list[Object]:
            return list(self.search(query))

    quick = Quick(ONE)
    answering = front(tmp_path, quick)
    assert answering.retrieve_now("one") == ONE
    assert answering.search_now(ALL) == [ONE]
    quick.is_down = True
    assert answering.retrieve_now("one") is PENDING
    assert answering.search_now(ALL) is PENDING
    assert answering.uses == 0


def test_without_an_image_the_silence_is_the_answer(tmp_path: Path) -> None:
    far = Far(ONE)
    answering = front(tmp_path, far)
    (tmp_path / "last-good").unlink()
    far.is_down = True
    with pytest.raises(Unavailable, match="far is unavailable: it is down") as raised:
        answering.retrieve("one")
    assert "there is no image of it" in str(raised.value.__cause__)
    assert (answering.uses, answering.silence) == (0, None)


def test_an_image_that_another_process_replaces_is_read_anew(tmp_path: Path) -> None:
    far = Far(ONE)
    answering = front(tmp_path, far)
    far.is_down = True
    assert answering.retrieve("two") is None
    write_image(tmp_path / "last-good", 1e9, {image_name(bound(far, "0")): ([ONE, TWO], ())})
    assert answering.retrieve("two") == TWO
