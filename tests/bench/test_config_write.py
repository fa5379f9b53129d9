"""How long the wizard `config` takes to write one change into a `pjsip.conf` of many users."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery import Sorcery
from sorcery.pjsip import Aor, Endpoint

USERS = 2_000

provisioned = cast(Callable[[int], str], runpy.run_path(str(Path(__file__).with_name("load_40000.py")))["provisioned"])


@pytest.fixture
def s(tmp_path: Path) -> Iterator[Sorcery]:
    (tmp_path / "pjsip.conf").write_text(provisioned(USERS))
    with Sorcery.open(tmp_path, writable=True) as s:
        yield s


@pytest.mark.benchmark(group="config")
def test_updating_one_of_2000_users(benchmark: BenchmarkFixture, s: Sorcery) -> None:
    user, names = s.retrieve_by_id(Endpoint, "100007"), itertools.count()
    assert user is not None
    benchmark(lambda: s.update(user.evolve(context=f"c{next(names)}")))


@pytest.mark.benchmark(group="config")
def test_creating_one_beside_2000_users(benchmark: BenchmarkFixture, s: Sorcery) -> None:
    ids = itertools.count()
    benchmark(lambda: s.create(Aor(f"new{next(ids)}")))
