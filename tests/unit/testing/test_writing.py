"""The suite finds out writers that do not keep the contract on expected objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sorcery import Object, Sorcery
from sorcery.testing.types import TYPES
from sorcery.testing.writing import WritingConformance
from sorcery.wizard import Change


class Suite(WritingConformance):
    """The suite on memory; not collected, its tests are called."""

    __test__ = False
    survives_reopening = False
    refused_texts = frozenset()


@pytest.fixture
def sorcery() -> Iterator[Sorcery]:
    with Sorcery.open("memory:", types=TYPES) as sorcery:
        yield sorcery


CAUGHT: tuple[Callable[[Suite, Sorcery], None], ...] = (
    lambda suite, sorcery: suite.test_an_object_that_is_another_than_expected_is_a_conflict_and_stays(
        sorcery, "update"
    ),
    lambda suite, sorcery: suite.test_an_object_that_is_another_than_expected_is_a_conflict_and_stays(
        sorcery, "delete"
    ),
    lambda suite, sorcery: suite.test_a_conflict_leaves_nothing_of_its_transaction(sorcery),
    lambda suite, sorcery: suite.test_writers_that_expect_what_they_read_lose_no_update_to_each_other(sorcery),
)


@pytest.mark.parametrize("run", CAUGHT)
def test_a_writer_that_ignores_what_is_expected_fails_the_suite(
    sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch, run: Callable[[Suite, Sorcery], None]
) -> None:
    def ignore(self: Change, current: Object | None) -> None: ...

    monkeypatch.setattr(Change, "check", ignore)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(Suite(), sorcery)


@pytest.mark.parametrize("run", CAUGHT)
def test_a_writer_that_compares_passes(sorcery: Sorcery, run: Callable[[Suite, Sorcery], None]) -> None:
    run(Suite(), sorcery)
