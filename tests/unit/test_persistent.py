"""Immutable mappings: a changed copy holds the change, the original does not, and both share the rest."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from sorcery import persistent
from sorcery.persistent import PAGE, HashMap, SortedMap


@pytest.fixture(params=[4, PAGE])
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(persistent, "PAGE", request.param)
    return int(request.param)


def numbered(count: int) -> dict[str, int]:
    return {f"{number:06}": number for number in range(count)}


def items(sorted_map: SortedMap[str, int]) -> list[tuple[str, int]]:
    keys = [key for keys, _ in sorted_map._pages for key in keys]
    return list(zip(keys, sorted_map.values(), strict=True))


def pages(sorted_map: SortedMap[str, int]) -> list[int]:
    """Return how long the pages are, having looked whether the bounds lie between them."""
    found = [keys for keys, _ in sorted_map._pages]
    assert len(sorted_map._bounds) == len(found) - 1
    for bound, before, after in zip(sorted_map._bounds, found, found[1:], strict=False):
        assert all(key < bound for key in before)
        assert all(key >= bound for key in after)
    return [len(keys) for keys in found]


def test_a_hash_map_is_a_mapping_of_what_it_was_made_from() -> None:
    held = numbered(1000)
    made = HashMap.of(held)
    assert isinstance(made, Mapping)
    assert dict(made) == held
    assert len(made) == 1000
    assert made["000007"] == made.get("000007") == 7
    assert "000007" in made
    assert "none" not in made
    assert made.get("none") is None
    assert made.get("none", 0) == 0
    with pytest.raises(KeyError):
        made["none"]


def test_a_changed_hash_map_leaves_the_old_one_as_it_was() -> None:
    old = HashMap.of(numbered(1000))
    new = old.replaced({"000001": 17, "000002": None, "none": None, "new": 3})
    assert dict(old) == numbered(1000)
    assert dict(new) == {**{key: n for key, n in numbered(1000).items() if n != 2}, "000001": 17, "new": 3}
    assert (len(old), len(new)) == (1000, 1000)
    assert len(new.replaced(dict.fromkeys(new))) == 0


def test_a_change_of_a_hash_map_copies_a_small_part_of_it() -> None:
    old = HashMap.of(numbered(10_000))
    new = old.replaced({"000001": 17})
    copied = [part for part, before in zip(new._parts, old._parts, strict=True) if part is not before]
    assert len(copied) == 1
    assert len(copied[0]) < 100


@pytest.mark.usefixtures("page")
def test_a_sorted_map_yields_its_values_by_key() -> None:
    shuffled = list(numbered(1000).items())
    random.Random(1).shuffle(shuffled)
    made = SortedMap.of(dict(shuffled))
    assert items(made) == list(numbered(1000).items())
    assert items(SortedMap.of({})) == []


@pytest.mark.usefixtures("page")
def test_a_sorted_map_yields_the_values_from_one_key_to_before_another() -> None:
    made = SortedMap.of(numbered(1000))
    edges = ("", "000000", "0000005", "000004", "000127", "000128", "000256", "0004995", "000999", "0009995", "1")
    for low in edges:
        for high in edges:
            assert list(made.between(low, high)) == [n for key, n in numbered(1000).items() if low <= key < high]
    assert list(SortedMap[str, int].of({}).between("", "x")) == []


@pytest.mark.usefixtures("page")
def test_a_changed_sorted_map_leaves_the_old_one_as_it_was() -> None:
    old = SortedMap.of(numbered(1000))
    new = old.replaced({"000001": 17, "000002": None, "none": None, "0000015": 3, "": 4})
    assert items(old) == list(numbered(1000).items())
    held = {**{key: n for key, n in numbered(1000).items() if n != 2}, "000001": 17, "0000015": 3, "": 4}
    assert items(new) == sorted(held.items())


def test_a_change_of_a_sorted_map_copies_one_page_of_it() -> None:
    old = SortedMap.of(numbered(10_000))
    new = old.replaced({"0050005": 17})
    before = {id(page) for page in old._pages}
    copied = [page for page in new._pages if id(page) not in before]
    assert len(copied) == 1
    assert len(copied[0][0]) == PAGE + 1


def test_pages_are_split_when_they_grow_and_joined_when_they_shrink(page: int) -> None:
    keys = list(numbered(20 * page))
    for order in (keys, keys[::-1], random.Random(1).sample(keys, len(keys))):
        held: SortedMap[str, int] = SortedMap.of({})
        for key in order:
            held = held.replaced({key: 1})
        lengths = pages(held)
        assert max(lengths) <= 2 * page
        assert len(lengths) <= 40
        for key in order:
            held = held.replaced({key: None})
        assert pages(held) == [0]


def test_what_comes_and_goes_for_long_leaves_no_pages_behind(page: int) -> None:
    """Every id is another one than before, and the newest goes first: the pages that it leaves have full neighbours."""
    held: SortedMap[str, int] = SortedMap.of({"": 0})
    for generation in range(30):
        keys = [f"{generation:04}-{number:06}" for number in range(5 * page)]
        held = held.replaced(dict.fromkeys(keys, 1))
        for key in reversed(keys):
            held = held.replaced({key: None})
    assert pages(held) == [1]


@pytest.mark.usefixtures("page")
def test_many_changes_at_once_are_as_one_after_another() -> None:
    some = random.Random(7)
    held, model = SortedMap.of(numbered(2000)), numbered(2000)
    for _ in range(20):
        keys = [f"{some.randrange(4000):06}" for _ in range(some.choice([1, 30, 1500]))]
        changes = {key: some.choice([None, None, some.randrange(9)]) for key in keys}
        held = held.replaced(changes)
        model.update({key: value for key, value in changes.items() if value is not None})
        for key in [key for key, value in changes.items() if value is None]:
            model.pop(key, None)
        pages(held)
        assert items(held) == sorted(model.items())
