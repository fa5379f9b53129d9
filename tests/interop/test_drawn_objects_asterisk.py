"""Objects drawn at random, others at each run: a running Asterisk takes, refuses and prints them as we do.

Those that have a table are stored in PostgreSQL by us, one by one. Of every type that Asterisk reads from a file the
lines are drawn, good and bad, and many objects are loaded at once; what both judge differently is made small, and
becomes a vector. `bucket/*`, `mwi_external/mailboxes`, `nat_hook`, `subscription_persistence` and
`stir_shaken/eprofile` lie in no file; sections of the wizard are drawn in `test_drawn_wizards_asterisk.py`.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings

import sorcery_migrations
from sorcery import Object, Sorcery, StoreRefused
from sorcery.kinds import Refused
from sorcery.pjsip import (
    TYPES,
    Aor,
    AriGeneral,
    AsteriskPublication,
    Auth,
    Contact,
    Endpoint,
    Identify,
    OutboundPublish,
    ResourceList,
    Wizard,
)
from sorcery.pjsip.kinds.tos import TypeOfService
from sorcery.testing.strategies import objects
from tests.interop.asterisk import Asterisk
from tests.interop.drawing import drawn
from tests.interop.objects import comparable, printed
from tests.interop.postgresql import Database, PostgreSQL
from tests.interop.reduction import KEEP, recorded, reduced, told
from tests.interop.test_realtime_asterisk import EXTCONFIG_CONF, SORCERY_CONF
from tests.interop.trials import Trial, Verdict, judged
from tests.unit.pjsip.bases import BASES

pytestmark = pytest.mark.interop

STORED: tuple[type[Object], ...] = (
    *(Endpoint, Auth, Aor, Contact, Identify),
    *(ResourceList, OutboundPublish, AsteriskPublication),
)
IN_FILES = [cls for cls in TYPES if cls.__sorcery__.conf and cls not in (Wizard, AriGeneral)]
"""Without `general` in `ari.conf` there is no ARI to ask."""
MANY = [cls for cls in IN_FILES if not cls.__sorcery__.single]
SINGLE = [cls for cls in IN_FILES if cls.__sorcery__.single]
DRAWN, LOADED, STARTS, AT_ONCE = 60, 100, 5, 2
"""Three objects of a type of which there is one are refused as a whole; two are taken."""
LAST_SECOND = 2**31 * 31_556_952
FRESH = settings(
    max_examples=DRAWN, derandomize=False, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Shared(NamedTuple):
    """A database of ours, and the Asterisk above it."""

    sorcery: Sorcery
    asterisk: Asterisk


def realtime(database: Database) -> dict[str, str]:
    """Return the files of an Asterisk whose objects lie in a database, those of publications and lists included."""
    more = [cls.__sorcery__ for cls in STORED if cls.__sorcery__.section not in SORCERY_CONF]
    mappings = (f"[{own.section}]\n{own.plain_name} = realtime,{own.family}\n" for own in more)
    return {
        "sorcery.conf": SORCERY_CONF + "".join(mappings),
        "extconfig.conf": EXTCONFIG_CONF + "".join(f"{own.family} => pgsql,pbx\n" for own in more),
        "res_pgsql.conf": database.res_pgsql_conf,
    }


@pytest.fixture(scope="module")
def shared(asterisk_root: Path, postgresql_over_tcp: PostgreSQL) -> Iterator[Shared]:
    database = postgresql_over_tcp.create_database()
    sorcery_migrations.upgrade(database.url)
    with (
        Sorcery.open(database.url, compat=True) as sorcery,
        Asterisk(asterisk_root, realtime(database)) as asterisk,
    ):
        yield Shared(sorcery, asterisk)


def is_plain(obj: Object) -> bool:
    """Tell whether an object names no other that is checked, and holds no control characters, which are trimmed.

    Nor may a contact expire after more years than an `int` of C counts: Asterisk prints times by way of a calendar.
    """
    if isinstance(obj, Contact) and abs(obj.expiration_time) > LAST_SECOND:
        return False
    return not any(name.startswith(("geoloc_", "@")) or min(text, default=" ") < " " for name, text in obj.settings())


@pytest.mark.parametrize("cls", STORED, ids=lambda cls: cls.__sorcery__.name)
def test_a_drawn_object_is_printed_by_asterisk_as_by_us(shared: Shared, cls: type[Object]) -> None:
    outcomes, numbers = Counter[str](), itertools.count()

    @FRESH
    @given(objects(cls, **BASES.get(cls.__sorcery__.name, {})))
    def compare(obj: Object) -> None:
        obj = obj.evolve(id=f"drawn-{next(numbers)}")
        assume(is_plain(obj))
        try:
            shared.sorcery.create(obj)
        except StoreRefused:
            outcomes["too long for its column"] += 1
            return
        try:
            assert shared.sorcery.retrieve_by_id(cls, obj.id) == obj
            said = shared.asterisk.ari_get(cls.__sorcery__.name, obj.id)
            assert said is not None
            assert comparable(said) == comparable(printed(obj)), str(obj.settings())
            outcomes["alike"] += 1
        finally:
            shared.sorcery.delete(obj)

    compare()
    assert outcomes["alike"] > DRAWN / 2, outcomes


@pytest.fixture(scope="module")
def verdicts(asterisk_root: Path) -> dict[type[Object], list[Verdict]]:
    """Draw, and let Asterisk judge: many objects in one start, and those that are single in several."""
    found: dict[type[Object], list[Verdict]] = {cls: [] for cls in IN_FILES}
    single = {cls: drawn(cls, STARTS * AT_ONCE) for cls in SINGLE}
    loads = [[trial for cls in MANY for trial in drawn(cls, LOADED)] + recorded()]
    for start in range(0, STARTS * AT_ONCE, AT_ONCE):
        loads.append([trial for trials in single.values() for trial in trials[start : start + AT_ONCE]])
    for verdict in (verdict for load in loads for verdict in judged(asterisk_root, load)):
        found[verdict.trial.cls].append(verdict)
    return found


@pytest.mark.parametrize("cls", IN_FILES, ids=lambda cls: cls.__sorcery__.name)
def test_drawn_lines_are_taken_refused_and_printed_by_asterisk_as_by_us(
    verdicts: dict[type[Object], list[Verdict]], cls: type[Object], asterisk_root: Path, tmp_path: Path
) -> None:
    for verdict in verdicts[cls]:
        if not verdict.is_alike:
            pytest.fail(told(reduced(verdict, lambda trials: judged(asterisk_root, trials)), tmp_path))
    taken = sum(verdict.theirs is not None for verdict in verdicts[cls])
    assert taken > len(verdicts[cls]) / 20


def test_at_least_five_hundred_objects_are_fresh_at_each_run(verdicts: dict[type[Object], list[Verdict]]) -> None:
    assert len(IN_FILES) == 27
    assert sum(map(len, verdicts.values())) > 1000
    different = {(cls, repr(verdict.trial.lines)) for cls, found in verdicts.items() for verdict in found}
    assert len(different) > 500


def test_a_difference_is_made_small_and_told_as_a_vector(
    asterisk_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEEP, raising=False)
    understood = TypeOfService.parse

    def wrong(kind: TypeOfService, text: str, *rest: object) -> int:
        if text == "0xf4":
            raise Refused("is a fault of this test")
        return understood(kind, text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(TypeOfService, "parse", wrong)
    lines = [("allow", "!all,ulaw"), ("tos_audio", "0xf4"), ("context", "x"), ("dtmf_mode", "info")]
    (verdict,) = judged(asterisk_root, [Trial(Endpoint, lines)])
    assert not verdict.is_alike
    message = told(reduced(verdict, lambda trials: judged(asterisk_root, trials)), tmp_path)
    assert "we refuse what Asterisk takes" in message
    (written,) = tmp_path.glob("endpoint-*.conf")
    section = written.read_text()
    assert section.endswith("]\ntype = endpoint\ntos_audio = 0xf4\n\n")
    (said,) = json.loads(written.with_suffix(".json").read_text())["objects"].values()
    assert said["tos_audio"] == "244"
    assert str(written) in message
    assert section in message
