"""Transactions: what they collect, and in which order it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from sorcery import AlreadyExists, NotFound, Object, Transaction, Value, object_type, option
from sorcery.kinds import Reference
from sorcery.pjsip import Aor, Contact
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Op
from sorcery.writing.transaction import Step, dependency_order, ordered
from sorcery.writing.written import Written

TYPES = {cls.__sorcery__.name: cls.__sorcery__ for cls in (Widget, Group)}
ONE, ONE_CHANGED = Widget(id="one", size=1), Widget(id="one", size=2)
GROUP = Group(id="one")


class Stored(list[Sequence[Step]]):
    """What a transaction hands over to be stored."""

    def __call__(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        self.append(steps)
        return tuple(Written(step.op, *step.key, ()) for step in steps)


def carried_out(fill: Callable[[Transaction], object]) -> list[Step]:
    stored = Stored()
    with Transaction(stored, TYPES) as transaction:
        fill(transaction)
        assert stored == []
    (steps,) = stored
    return list(steps)


def test_nothing_is_stored_before_the_block_ends() -> None:
    assert carried_out(lambda t: t.create(ONE)) == [Step(Op.CREATE, ONE)]


def test_a_change_outside_the_block_is_refused_since_nobody_would_store_it() -> None:
    stored = Stored()
    transaction = Transaction(stored, TYPES)
    with pytest.raises(RuntimeError, match="in its block"):
        transaction.create(ONE)
    with transaction:
        transaction.create(ONE)
    with pytest.raises(RuntimeError, match="in its block"):
        transaction.delete(ONE)
    assert stored == [[Step(Op.CREATE, ONE)]]


def test_an_exception_drops_every_change() -> None:
    stored = Stored()
    transaction = Transaction(stored, TYPES)
    with pytest.raises(KeyError), transaction:
        create_and_fail(transaction)
    assert stored == []
    with transaction:
        transaction.delete(GROUP)
    assert stored == [[Step(Op.DELETE, GROUP)]]


def test_what_could_not_be_stored_is_not_tried_again() -> None:
    stored = Stored()

    def store(steps: Sequence[Step]) -> tuple[Written, ...]:
        written = stored(steps)
        if len(stored) == 1:
            raise NotFound("testing_widget", "one")
        return written

    transaction = Transaction(store, TYPES)
    with pytest.raises(NotFound), transaction:
        transaction.update(ONE)
    with transaction:
        transaction.delete(GROUP)
    assert stored == [[Step(Op.UPDATE, ONE)], [Step(Op.DELETE, GROUP)]]


def create_and_fail(transaction: Transaction) -> None:
    transaction.create(ONE)
    raise KeyError


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("create", "update", [Step(Op.CREATE, ONE_CHANGED)]),
        ("create", "delete", []),
        ("update", "update", [Step(Op.UPDATE, ONE_CHANGED)]),
        ("update", "delete", [Step(Op.DELETE, ONE_CHANGED)]),
        ("delete", "create", [Step(Op.UPDATE, ONE_CHANGED, is_strict=True)]),
    ],
)
def test_two_changes_of_an_object_become_one(first: str, second: str, expected: list[Step]) -> None:
    def fill(transaction: Transaction) -> None:
        getattr(transaction, first)(ONE)
        getattr(transaction, second)(ONE_CHANGED)

    assert carried_out(fill) == expected


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        ("create", "create", AlreadyExists),
        ("update", "create", AlreadyExists),
        ("delete", "update", NotFound),
        ("delete", "delete", NotFound),
    ],
)
def test_changes_that_cannot_follow_each_other_are_refused_at_once(
    first: str, second: str, error: type[Exception]
) -> None:
    with Transaction(Stored(), TYPES) as transaction:
        getattr(transaction, first)(ONE)
        with pytest.raises(error, match="testing_widget 'one'"):
            getattr(transaction, second)(ONE)


def test_an_object_that_was_created_and_deleted_may_be_created_again() -> None:
    def fill(transaction: Transaction) -> None:
        transaction.create(ONE)
        transaction.delete(ONE)
        transaction.create(ONE_CHANGED)

    assert carried_out(fill) == [Step(Op.CREATE, ONE_CHANGED)]


READ, OTHER = Widget(id="one", size=8), Widget(id="one", size=9)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("update", READ), ("update", OTHER), Step(Op.UPDATE, ONE_CHANGED, READ)),
        (("update", None), ("update", OTHER), Step(Op.UPDATE, ONE_CHANGED, OTHER)),
        (("update", READ), ("delete", None), Step(Op.DELETE, ONE_CHANGED, READ)),
        (("delete", READ), ("create", None), Step(Op.UPDATE, ONE_CHANGED, READ, is_strict=True)),
        (("create", None), ("update", OTHER), Step(Op.CREATE, ONE_CHANGED)),
    ],
)
def test_of_what_several_changes_of_an_object_expect_the_first_counts(
    first: tuple[str, Object | None], second: tuple[str, Object | None], expected: Step
) -> None:
    def fill(transaction: Transaction) -> None:
        for obj, (change, read) in ((ONE, first), (ONE_CHANGED, second)):
            getattr(transaction, change)(obj, **({} if read is None else {"expected": read}))

    assert carried_out(fill) == [expected]


def test_an_update_after_a_deletion_and_a_creation_is_as_strict_as_these() -> None:
    def fill(transaction: Transaction) -> None:
        transaction.delete(ONE)
        transaction.create(ONE)
        transaction.update(ONE_CHANGED)

    assert carried_out(fill) == [Step(Op.UPDATE, ONE_CHANGED, is_strict=True)]


def test_what_became_of_the_changes_is_known_after_the_block() -> None:
    transaction = Transaction(Stored(), TYPES)
    with transaction:
        transaction.create(ONE)
        transaction.create(GROUP)
        before = transaction.written
    assert before == ()
    assert [(each.op, each.type_name) for each in transaction.written] == [
        (Op.CREATE, "testing_group"),
        (Op.CREATE, "testing_widget"),
    ]
    with pytest.raises(KeyError), transaction:
        create_and_fail(transaction)
    assert transaction.written == ()


def test_objects_of_two_types_may_share_an_id() -> None:
    def fill(transaction: Transaction) -> None:
        transaction.delete(GROUP)
        transaction.create(ONE)

    assert carried_out(fill) == [Step(Op.CREATE, ONE), Step(Op.DELETE, GROUP)]


def test_what_is_referred_to_is_created_first_and_deleted_last() -> None:
    steps: list[Step] = [
        Step(Op.DELETE, Group(id="old")),
        Step(Op.CREATE, ONE),
        Step(Op.DELETE, Widget(id="old")),
        Step(Op.UPDATE, Widget(id="two")),
        Step(Op.CREATE, GROUP),
    ]
    assert ordered(steps, TYPES) == [
        Step(Op.CREATE, GROUP),
        Step(Op.CREATE, ONE),
        Step(Op.UPDATE, Widget(id="two")),
        Step(Op.DELETE, Widget(id="old")),
        Step(Op.DELETE, Group(id="old")),
    ]


def test_objects_of_a_type_are_taken_in_the_order_of_their_ids_by_everybody() -> None:
    steps = [Step(op, Widget(id=id)) for op in (Op.UPDATE, Op.DELETE) for id in ("b", "c", "a")]
    assert [(step.op, step.obj.id) for step in ordered(steps, TYPES)] == [
        *((Op.UPDATE, id) for id in "abc"),
        *((Op.DELETE, id) for id in "abc"),
    ]


@object_type("hen")
class Hen(Object):
    """Comes from an egg."""

    egg: Value[str] = option(Reference(), default="", refers_to="egg")


@object_type("egg")
class Egg(Object):
    """Comes from a hen, and from nowhere else."""

    hen: Value[str] = option(Reference(), default="", refers_to="hen")
    nest: Value[str] = option(Reference(), default="", refers_to="unknown")


def test_types_follow_those_that_they_refer_to_and_a_circle_ends() -> None:
    assert dependency_order(TYPES) == ["testing_group", "testing_widget"]
    assert dependency_order({"hen": Hen.__sorcery__, "egg": Egg.__sorcery__}) == ["egg", "hen"]


def test_what_is_owned_follows_its_owner() -> None:
    assert dependency_order({"contact": Contact.__sorcery__, "aor": Aor.__sorcery__}) == ["aor", "contact"]
