"""What every storage driver answers while its store does not: neither the object nor "absent"."""

# ruff: noqa: D102 - the name of each test says what it holds

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.testing.types import Group, Widget

__all__ = ["Outage", "OutageConformance"]

Outage = Callable[[], AbstractContextManager[object]]
"""Makes the stores of the fixture `sorcery` fall silent while its context lasts."""


class OutageConformance:
    """What every wizard passes whose store may be down; the subclass gives a fixture `outage` beside `sorcery`."""

    def test_a_store_that_is_down_is_neither_empty_nor_without_the_object(
        self, sorcery: Sorcery, outage: Outage
    ) -> None:
        sorcery.create(Widget(id="one"))
        with outage():
            for id in ("one", "absent"):
                with pytest.raises(Unavailable):
                    sorcery.retrieve_by_id(Widget, id)
            with pytest.raises(Unavailable):
                sorcery.retrieve_all(Widget)
            with pytest.raises(Unavailable):
                sorcery.retrieve_by_fields(Widget, size=5)
            with pytest.raises(Unavailable):
                sorcery.retrieve_by_prefix(Widget, "o")
            with pytest.raises(Unavailable):
                sorcery.retrieve_by_regex(Widget, "^o")
        assert sorcery.retrieve_all(Widget) == [Widget(id="one")]

    def test_a_store_that_is_down_takes_no_change(self, sorcery: Sorcery, outage: Outage) -> None:
        sorcery.create(Widget(id="one", size=1))
        heard: list[object] = []
        sorcery.observe(Widget, created=heard.append, updated=lambda new, _: heard.append(new), deleted=heard.append)
        with outage():
            for change in (sorcery.create, sorcery.update, sorcery.delete):
                with pytest.raises(Unavailable):
                    change(Widget(id="two" if change == sorcery.create else "one", size=2))
            for read in (Widget(id="one", size=1), Widget(id="one", size=9)):  # nobody can compare: it is no conflict
                with pytest.raises(Unavailable):
                    sorcery.update(Widget(id="one", size=2), expected=read)
            with pytest.raises(Unavailable):
                _create_both(sorcery)
        assert heard == []
        assert sorcery.retrieve_all(Widget) == [Widget(id="one", size=1)]
        sorcery.create(Widget(id="two"))
        assert heard == [Widget(id="two")]

    def test_a_reload_while_a_store_is_down_changes_nothing(self, sorcery: Sorcery, outage: Outage) -> None:
        sorcery.create(Widget(id="one"))
        with outage():
            assert not sorcery.reload()
        assert sorcery.retrieve_all(Widget) == [Widget(id="one")]


def _create_both(sorcery: Sorcery) -> None:
    with sorcery.transaction() as transaction:
        transaction.create(Group(id="g"))
        transaction.create(Widget(id="w"))
