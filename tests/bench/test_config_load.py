"""How long the wizard `config` takes to load and reload a `pjsip.conf` of many users."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery.environment import Environment
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery.query import ALL
from sorcery.wizard import Loaded
from sorcery_config import ConfigWizard
from sorcery_config.store import ConfigStore

USERS = 2_000

provisioned = cast(Callable[[int], str], runpy.run_path(str(Path(__file__).with_name("load_40000.py")))["provisioned"])


def opened(folder: Path) -> tuple[ConfigWizard, list[ConfigStore]]:
    """Write the users' file and open its three types."""
    (folder / "pjsip.conf").write_text(provisioned(USERS))
    wizard, environment = ConfigWizard(), Environment(directory=folder)
    types = [cls.__sorcery__ for cls in (Endpoint, Auth, Aor)]
    return wizard, [wizard.open(each, f"pjsip.conf,criteria=type={each.name}", environment) for each in types]


@pytest.mark.benchmark(group="config")
def test_loading_2000_users(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    def load() -> list[ConfigStore]:
        wizard, stores = opened(tmp_path)
        wizard.load(stores).commit()
        return stores

    assert [len(store.search(ALL)) for store in benchmark(load)] == [USERS] * 3


@pytest.mark.benchmark(group="config")
def test_reloading_2000_users_that_did_not_change(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    wizard, stores = opened(tmp_path)
    wizard.load(stores).commit()
    assert benchmark(lambda: wizard.load(stores)).stores == {}


@pytest.mark.benchmark(group="config")
def test_reloading_2000_users_of_whom_one_changed(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    wizard, stores = opened(tmp_path)
    wizard.load(stores).commit()
    text, names = provisioned(USERS), itertools.count()

    def edit() -> None:
        (tmp_path / "pjsip.conf").write_text(text.replace("callerid = User 100007", f"callerid = {next(names)}", 1))

    def reload() -> Loaded:
        loaded = wizard.load(stores)
        loaded.commit()
        return loaded

    loaded = benchmark.pedantic(reload, setup=edit, rounds=20)  # type: ignore[no-untyped-call]
    assert [len(loaded.stores[store].difference.updated) for store in stores] == [1, 0, 0]
