"""What is known of the last good state: the image, and what was changed since."""

from __future__ import annotations

import threading

import pytest

from sorcery import Object, Unavailable
from sorcery.image.lastgood import LIMIT, LastGood, moment
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Op
from sorcery.writing.transaction import Step

NAME = "testing_group"


@pytest.fixture
def good() -> LastGood:
    good = LastGood()
    good.configure(None, [NAME])
    return good


def note(good: LastGood, op: Op, *objects: Object) -> None:
    good.note(Step(op, obj) for obj in objects)


def test_the_last_change_of_an_object_counts(good: LastGood) -> None:
    note(good, Op.CREATE, Group("one"), Group("two"))
    note(good, Op.UPDATE, Group("one", note="new"))
    note(good, Op.DELETE, Group("two"))
    assert good.changed(NAME) == {"one": (Group("one", note="new"),), "two": (None,)}


def test_changes_of_types_without_an_image_are_not_kept(good: LastGood) -> None:
    note(good, Op.CREATE, Widget("one"))
    assert good.changed("testing_widget") == {}


def test_an_image_settles_the_changes_before_it_and_no_later_ones(good: LastGood) -> None:
    note(good, Op.DELETE, Group("one"), Group("two"))
    marked = good.mark()
    note(good, Op.DELETE, Group("two"), Group("three"))  # equal to what is marked, and later
    good.settle(marked)
    assert list(good.changed(NAME)) == ["two", "three"]
    good.settle(good.mark())
    assert good.changed(NAME) == {}


def test_a_change_while_an_image_settles_those_before_it_is_kept(good: LastGood) -> None:
    again = threading.Thread(target=note, args=(good, Op.UPDATE, Group("one", note="again")))

    class Meanwhile(dict[str | None, tuple[Object | None]]):
        def get(self, key: str | None) -> tuple[Object | None] | None:  # type: ignore[override]
            found = super().get(key)
            again.start()
            again.join(0.1)  # as long as it takes, unless it is made to wait
            return found

    note(good, Op.UPDATE, Group("one"))
    marked = good.mark()
    good._changed[NAME] = Meanwhile(good._changed[NAME])
    good.settle(marked)
    again.join(60)
    assert good.changed(NAME) == {"one": (Group("one", note="again"),)}


def test_after_too_many_changes_nothing_is_told_of_their_type_until_an_image_knows_of_them(good: LastGood) -> None:
    note(good, Op.CREATE, *(Group(str(number)) for number in range(LIMIT)))
    note(good, Op.UPDATE, Group("0"))
    assert len(good.changed(NAME)) == LIMIT
    marked = good.mark()
    note(good, Op.CREATE, Group("more"))
    good.settle(marked)
    with pytest.raises(Unavailable, match="more than 10000 objects were changed since the image was made"):
        good.changed(NAME)
    good.settle(good.mark())
    assert good.changed(NAME) == {}


def test_without_settings_there_is_no_image(good: LastGood) -> None:
    assert good.image() is None


def test_a_moment_is_printed_without_a_doubt() -> None:
    assert moment(1_800_000_000.5) == "2027-01-15T08:00:00+00:00"
