"""What is in force, apart from a system."""

from __future__ import annotations

import pytest

from sorcery import Unavailable, UnknownType
from sorcery.binding import Generation, Opener
from sorcery.environment import Environment
from sorcery.layout import Layout
from sorcery.mapping import Mapping
from sorcery.policy import Policy
from sorcery.registry import Registry
from sorcery.standing import Standing, name_of
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Change, Op, Writer


@pytest.fixture
def standing() -> Standing:
    made = Standing()
    put_empty_stores(made)
    return made


def put_empty_stores(standing: Standing) -> None:
    types = {"testing_group": Group, "testing_widget": Widget}
    layout = Layout(
        types=types,
        environment=Environment(policies={"testing_widget": Policy(repair=True)}),
        fallback=lambda cls: Mapping(cls.__sorcery__.name, "memory"),
    )
    standing.put_in_force(layout, Opener(Registry()).generation(types, layout.mappings(), layout.environment))


def store(standing: Standing, widget: Widget) -> None:
    """Store an object, and tell nobody."""
    widgets = standing.binding(Widget).bound[0]
    assert isinstance(widgets.wizard, Writer)
    widgets.wizard.prepare([Change(widgets.store, Op.CREATE, widget)]).commit()


def test_a_type_is_known_by_its_class_and_by_its_name(standing: Standing) -> None:
    assert standing.binding(Widget) is standing.binding("testing_widget")
    assert set(standing.retrieve) == {Group, Widget, "testing_group", "testing_widget"}
    with pytest.raises(UnknownType, match="nothing"):
        standing.binding("nothing")
    with pytest.raises(UnknownType, match="testing_widget"):
        name_of(Widget, ["testing_group"])


def test_a_type_that_no_policy_names_has_the_default_one(standing: Standing) -> None:
    assert standing.policy(standing.binding(Widget)) == Policy(repair=True)
    assert standing.policy(standing.binding(Group)) == Policy()


def test_after_the_end_nothing_is_in_force_and_what_was_found_before_is_no_answer(standing: Standing) -> None:
    assert standing.dangling() == []
    standing.close()
    assert standing.retrieve == {}
    for ask in (standing.dangling, lambda: standing.in_force, lambda: standing.binding(Widget)):
        with pytest.raises(Unavailable, match="it was closed"):
            ask()


def test_references_are_followed_again_once_something_was_stored(standing: Standing) -> None:
    assert standing.dangling() == []
    store(standing, Widget(id="w", group="absent"))
    assert standing.dangling() == []
    standing.note_change()
    assert [finding.value for finding in standing.dangling()] == ["absent"]


class Replaced(Standing):
    """Other stores are put in force, once, just after somebody has looked which are."""

    is_looked_at = False

    @property
    def in_force(self) -> Generation:
        looked_at = super().in_force
        if self.is_looked_at:
            self.is_looked_at = False
            put_empty_stores(self)
            self.note_change()
        return looked_at


def test_what_stores_held_that_are_let_go_meanwhile_is_not_found_again() -> None:
    standing = Replaced()
    put_empty_stores(standing)
    store(standing, Widget(id="w", group="absent"))
    standing.is_looked_at = True
    assert [finding.value for finding in standing.dangling()] == ["absent"]
    assert standing.dangling() == []
