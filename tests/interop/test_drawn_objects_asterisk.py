"""Objects drawn at random, stored in PostgreSQL by us: a running Asterisk reads and prints them as we do."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import sorcery_migrations
from sorcery import Object, Sorcery, StoreRefused
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify
from sorcery.testing.strategies import objects
from tests.interop.asterisk import Asterisk
from tests.interop.objects import comparable, printed
from tests.interop.postgresql import PostgreSQL
from tests.interop.test_realtime_asterisk import asterisk_over

pytestmark = pytest.mark.interop

BASES: dict[type[Object], dict[str, str]] = {
    Endpoint: {},
    Auth: {"username": "u", "password": "p"},
    Aor: {},
    Contact: {"uri": "sip:a@192.0.2.1"},
    Identify: {"endpoint": "e", "match": "192.0.2.1"},
}
DRAWN = 60
FIXED = settings(
    max_examples=DRAWN, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Shared(NamedTuple):
    """A database of ours, and the Asterisk above it."""

    sorcery: Sorcery
    asterisk: Asterisk


@pytest.fixture(scope="module")
def shared(asterisk_root: Path, postgresql_over_tcp: PostgreSQL) -> Iterator[Shared]:
    database = postgresql_over_tcp.create_database()
    sorcery_migrations.upgrade(database.url)
    with (
        Sorcery.open(database.url, compat=True) as sorcery,
        asterisk_over(asterisk_root, database) as asterisk,
    ):
        yield Shared(sorcery, asterisk)


def is_plain(obj: Object) -> bool:
    """Tell whether an object names no other that is checked, and holds no control characters, which are trimmed."""
    return not any(name.startswith(("geoloc_", "@")) or min(text, default=" ") < " " for name, text in obj.settings())


@pytest.mark.parametrize("cls", BASES, ids=lambda cls: cls.__sorcery__.name)
def test_a_drawn_object_is_printed_by_asterisk_as_by_us(shared: Shared, cls: type[Object]) -> None:
    outcomes = Counter[str]()

    @FIXED
    @given(obj=objects(cls, **BASES[cls]), number=st.uuids())
    def compare(obj: Object, number: object) -> None:
        obj = obj.evolve(id=str(number))
        assume(is_plain(obj))
        try:
            shared.sorcery.create(obj)
        except StoreRefused:
            outcomes["too long for its column"] += 1
            return
        assert shared.sorcery.retrieve_by_id(cls, obj.id) == obj
        said = shared.asterisk.ari_get(cls.__sorcery__.name, obj.id)
        assert said is not None
        assert comparable(said) == comparable(printed(obj))
        outcomes["alike"] += 1
        shared.sorcery.delete(obj)

    compare()
    assert outcomes["alike"] > DRAWN / 2, outcomes
