"""How long the core takes: objects by id and by field, changes, and reloads that change nothing."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery_migrations import upgrade

USERS, MANY = 2_000, 40_000
TYPES = ("endpoint", "auth", "aor")

provisioned = cast(Callable[[int], str], runpy.run_path(str(Path(__file__).with_name("load_40000.py")))["provisioned"])


@pytest.fixture(scope="module")
def in_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sorcery]:
    """Hold many users in a `pjsip.conf`."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "pjsip.conf").write_text(provisioned(USERS))
    with Sorcery.open(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def in_memory(in_files: Sorcery) -> Iterator[Sorcery]:
    """Hold the same users in memory."""
    with Sorcery.open("memory:") as opened:
        opened.plan(in_files, TYPES).apply()
        yield opened


@pytest.fixture(scope="module", params=["some", "all"])
def in_cache(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, in_files: Sorcery
) -> Iterator[Sorcery]:
    """Hold the same users in a database, behind caches that know them all."""
    url = f"sqlite:///{tmp_path_factory.mktemp('cache')}/pbx.db"
    upgrade(url)
    with Sorcery.open(url) as opened:
        for name in TYPES:
            opened.map(name, "memory_cache", f"full_backend_cache={'yes' * (request.param == 'all')}", caching=True)
            opened.map(name, "realtime", f"ps_{name}s")
        opened.plan(in_files, TYPES).apply()
        yield opened


@pytest.fixture(scope="module")
def someone(in_files: Sorcery) -> str:
    """Return the id of a user in the middle."""
    ids = [endpoint.id for endpoint in in_files.retrieve_all(Endpoint)]
    assert len(ids) == USERS
    return ids[USERS // 2]


@pytest.mark.benchmark(group="by id")
def test_by_id_in_memory(benchmark: BenchmarkFixture, in_memory: Sorcery, someone: str) -> None:
    assert benchmark(in_memory.retrieve_by_id, Endpoint, someone).id == someone


@pytest.mark.benchmark(group="by id")
def test_by_id_from_a_file(benchmark: BenchmarkFixture, in_files: Sorcery, someone: str) -> None:
    assert benchmark(in_files.retrieve_by_id, Endpoint, someone).id == someone


@pytest.mark.benchmark(group="by id")
def test_by_id_from_a_database_behind_a_cache(benchmark: BenchmarkFixture, in_cache: Sorcery, someone: str) -> None:
    assert benchmark(in_cache.retrieve_by_id, Endpoint, someone).id == someone


@pytest.mark.benchmark(group="by id")
def test_an_absent_one_in_memory(benchmark: BenchmarkFixture, in_memory: Sorcery) -> None:
    assert benchmark(in_memory.retrieve_by_id, Endpoint, "nobody") is None


@pytest.mark.benchmark(group="by fields")
def test_by_an_indexed_field(benchmark: BenchmarkFixture, in_memory: Sorcery, someone: str) -> None:
    found = benchmark(in_memory.retrieve_by_fields, Auth, username=someone)
    assert [auth.id for auth in found] == [someone]


@pytest.mark.benchmark(group="by fields")
def test_by_prefix(benchmark: BenchmarkFixture, in_memory: Sorcery, someone: str) -> None:
    assert someone in [endpoint.id for endpoint in benchmark(in_memory.retrieve_by_prefix, Endpoint, someone)]


@pytest.fixture(scope="module")
def among_many() -> Iterator[Sorcery]:
    """Hold very many users in memory."""
    with Sorcery.open("memory:") as opened:
        with opened.transaction() as changes:
            for number in range(MANY):
                changes.create(
                    Endpoint(id=f"{number:06}", auth=f"{number:06}", aors=f"{number:06}", context="internal")
                )
                changes.create(Auth(id=f"{number:06}", username=f"user{number}", password="secret"))
        opened.retrieve_by_fields(Auth, username="user1")  # the first search builds the index
        yield opened


@pytest.mark.benchmark(group="among 40,000")
def test_by_id_among_many(benchmark: BenchmarkFixture, among_many: Sorcery) -> None:
    assert benchmark(among_many.retrieve_by_id, Endpoint, "020000").id == "020000"


@pytest.mark.benchmark(group="among 40,000")
def test_all_of_many(benchmark: BenchmarkFixture, among_many: Sorcery) -> None:
    assert len(benchmark(among_many.retrieve_all, Endpoint)) == MANY


@pytest.mark.benchmark(group="among 40,000")
def test_by_user_name_among_many(benchmark: BenchmarkFixture, among_many: Sorcery) -> None:
    found = benchmark(among_many.retrieve_by_fields, Auth, username="user20000")
    assert [auth.id for auth in found] == ["020000"]


@pytest.mark.benchmark(group="among 40,000")
def test_by_user_name_among_many_after_a_write(benchmark: BenchmarkFixture, among_many: Sorcery) -> None:
    """Each search is the first after a write, which is not counted."""
    names = itertools.cycle(["before", "after"])
    auth = Auth(id="changing", username=next(names), password="secret")
    among_many.create(auth)

    def write() -> tuple[tuple[object, ...], dict[str, str]]:
        name = next(names)
        among_many.update(auth.evolve(username=name))
        return (Auth,), {"username": name}

    found = benchmark.pedantic(among_many.retrieve_by_fields, setup=write, rounds=1000)  # type: ignore[no-untyped-call]
    assert [auth.id for auth in found] == ["changing"]
    among_many.delete(auth)


@pytest.mark.benchmark(group="among 40,000")
def test_create_and_delete_among_many(benchmark: BenchmarkFixture, among_many: Sorcery) -> None:
    auth = Auth(id="alice", username="alice", password="secret")

    def come_and_go() -> None:
        among_many.create(auth)
        among_many.delete(auth)

    benchmark(come_and_go)
    assert len(among_many.retrieve_all(Auth)) == MANY


@pytest.mark.benchmark(group="among 40,000")
def test_update_among_many(benchmark: BenchmarkFixture, among_many: Sorcery) -> None:
    auth = among_many.retrieve_by_id(Auth, "020000")
    assert auth is not None
    versions = itertools.cycle([auth.evolve(realm="other"), auth])
    benchmark(lambda: among_many.update(next(versions)))
    assert len(among_many.retrieve_all(Auth)) == MANY


@pytest.fixture
def empty() -> Iterator[Sorcery]:
    """Hold nothing, in memory."""
    with Sorcery.open("memory:") as opened:
        yield opened


@pytest.mark.benchmark(group="changes")
def test_create_and_delete_in_memory(benchmark: BenchmarkFixture, empty: Sorcery) -> None:
    aor = Aor(id="alice")

    def come_and_go() -> None:
        empty.create(aor)
        empty.delete(aor)

    benchmark(come_and_go)
    assert empty.retrieve_all(Aor) == []


@pytest.mark.benchmark(group="changes")
def test_update_in_memory(benchmark: BenchmarkFixture, empty: Sorcery) -> None:
    versions = itertools.cycle([Aor(id="alice", max_contacts=1), Aor(id="alice", max_contacts=2)])
    empty.create(next(versions))
    benchmark(lambda: empty.update(next(versions)))
    assert len(empty.retrieve_all(Aor)) == 1


@pytest.mark.benchmark(group="changes")
def test_update_among_2000_in_memory(benchmark: BenchmarkFixture, in_memory: Sorcery, someone: str) -> None:
    aor = in_memory.retrieve_by_id(Aor, someone)
    assert aor is not None
    benchmark(in_memory.update, aor)
    assert len(in_memory.retrieve_all(Aor)) == USERS


@pytest.mark.benchmark(group="changes")
def test_update_in_a_database_behind_a_cache(benchmark: BenchmarkFixture, in_cache: Sorcery, someone: str) -> None:
    aor = in_cache.retrieve_by_id(Aor, someone)
    assert aor is not None
    benchmark(in_cache.update, aor)
    assert in_cache.retrieve_by_id(Aor, someone) == aor


@pytest.mark.benchmark(group="changes")
def test_a_transaction_of_three_in_memory(benchmark: BenchmarkFixture, empty: Sorcery) -> None:
    objects = (
        Endpoint(id="alice", auth="alice", aors="alice"),
        Auth(id="alice", username="alice", password="secret"),
        Aor(id="alice"),
    )
    with empty.transaction() as first:
        for obj in objects:
            first.create(obj)

    def provision() -> None:
        with empty.transaction() as changes:
            for obj in objects:
                changes.update(obj)

    benchmark(provision)
    assert empty.retrieve_by_id(Endpoint, "alice") == objects[0]


@pytest.mark.benchmark(group="reload")
def test_a_reload_of_files_that_did_not_change(benchmark: BenchmarkFixture, in_files: Sorcery) -> None:
    assert not benchmark(in_files.reload)


@pytest.mark.benchmark(group="reload")
def test_a_reload_of_caches_whose_database_did_not_change(benchmark: BenchmarkFixture, in_cache: Sorcery) -> None:
    report = benchmark(in_cache.reload)
    assert not report
    assert not report.errors
