"""Whatever is replaced in whatever order, a snapshot finds what a dict would, and the ones before stay as they were."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorcery import persistent
from sorcery.query import ALL, Criterion, Ordered, Query
from sorcery.snapshot import Snapshot
from sorcery.testing.types import Widget

IDS = st.text("aé\U0001f600\U0010ffff\udcc3\udca9", max_size=4).filter(bool)
WIDGETS = st.builds(
    Widget,
    label=st.text("ab\udcff", max_size=2),
    size=st.integers(0, 3),
    extended=st.dictionaries(st.just("@note"), st.text("ab", min_size=1, max_size=1)),
)
CHANGES = st.dictionaries(IDS, st.none() | WIDGETS, max_size=20)
TEXTS = st.text("ab0123\udcff", max_size=2)
QUERIES = (
    st.just(ALL)
    | st.builds(Query, prefix=st.text("aé\U0010ffff\udcc3", max_size=2))
    | st.builds(
        Query,
        prefix=st.just("") | st.just("a"),
        criteria=st.lists(
            st.builds(Criterion, st.sampled_from(["label", "size", "@note", "id"]), st.just(""), TEXTS), max_size=2
        ).map(tuple),
    )
)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few objects be many pages."""
    monkeypatch.setattr(persistent, "PAGE", 2)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHANGES, st.lists(st.tuples(CHANGES, st.lists(QUERIES, max_size=3)), max_size=8), st.lists(QUERIES))
def test_a_snapshot_finds_what_a_dict_would(
    start: dict[str, Widget | None],
    steps: list[tuple[dict[str, Widget | None], list[Query]]],
    asked: list[Query],
) -> None:
    model = changed({}, start)
    held = Snapshot(dict(model))
    history = [(held, model)]
    for changes, queries in steps:
        for query in queries:
            check(held, model, query)
        changes = {id: None if obj is None else obj.evolve(id=id) for id, obj in changes.items()}
        held, model = held.replace(changes), changed(model, changes)
        history.append((held, model))
    for snapshot, objects in history:
        assert dict(snapshot.objects) == objects
        for query in (ALL, *asked):
            check(snapshot, objects, query)


def changed(objects: dict[str, Widget], changes: dict[str, Widget | None]) -> dict[str, Widget]:
    """Return what the objects are after changes."""
    after = {**objects, **{id: obj.evolve(id=id) for id, obj in changes.items() if obj is not None}}
    return {id: obj for id, obj in after.items() if changes.get(id, obj) is not None}


def check(snapshot: Snapshot, objects: dict[str, Widget], query: Query) -> None:
    """Hold a snapshot's answer against that of the dict."""
    expected = [objects[id] for id in sorted(objects, key=lambda id: id.encode("utf-8", "surrogateescape"))]
    found = snapshot.search(query)
    assert isinstance(found, Ordered)
    assert set(found) == set(filter(query.predicate(), expected))
    assert len(found) == len(set(found))
    ids = [obj.id.encode("utf-8", "surrogateescape") for obj in found]
    assert ids == sorted(ids)
