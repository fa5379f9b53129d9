"""Objects drawn at random: a running Asterisk takes, refuses and prints them as we do.

Those that have a table are stored in PostgreSQL by us, one by one; of the types around them, which lie in files of
their own, the lines are drawn, good and bad, and many objects are loaded at once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import sorcery_migrations
from sorcery import InvalidObject, Object, Sorcery, StoreRefused
from sorcery.pjsip import (
    AeapClient,
    Aor,
    AriUser,
    AsteriskPublication,
    Auth,
    Contact,
    Endpoint,
    GeolocationLocation,
    GeolocationProfile,
    Identify,
    InboundPublication,
    OutboundPublish,
    Phoneprov,
    PjprojectLogMappings,
    ResourceList,
    StirShakenProfile,
    StirShakenTn,
    WebsocketClient,
)
from sorcery.testing.strategies import lines, objects
from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import LATER, asked, comparable, known_there, printed, section
from tests.interop.postgresql import Database, PostgreSQL
from tests.interop.test_realtime_asterisk import EXTCONFIG_CONF, SORCERY_CONF
from tests.unit.pjsip.bases import BASES

pytestmark = pytest.mark.interop

STORED: tuple[type[Object], ...] = (
    *(Endpoint, Auth, Aor, Contact, Identify),
    *(ResourceList, OutboundPublish, AsteriskPublication),
)
IN_FILES: tuple[type[Object], ...] = (
    *(ResourceList, OutboundPublish, AsteriskPublication, InboundPublication, Phoneprov),
    *(GeolocationLocation, GeolocationProfile, StirShakenProfile, StirShakenTn),
    *(AeapClient, AriUser, WebsocketClient, PjprojectLogMappings),
)
DRAWN, LOADED = 60, 200
FIXED = settings(
    max_examples=DRAWN, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
FRESH = settings(FIXED, max_examples=LOADED, derandomize=False)

ENDS_ESCAPED = re.compile(r"\\.?[\"'\s]*(?:[,=]|\Z)")
"""An item that ends in an escape: Asterisk reads on behind it, whatever stands there in its memory."""

Lines = list[tuple[str, str]]


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
    """Tell whether an object names no other that is checked, and holds no control characters, which are trimmed."""
    return not any(name.startswith(("geoloc_", "@")) or min(text, default=" ") < " " for name, text in obj.settings())


@pytest.mark.parametrize("cls", STORED, ids=lambda cls: cls.__sorcery__.name)
def test_a_drawn_object_is_printed_by_asterisk_as_by_us(shared: Shared, cls: type[Object]) -> None:
    outcomes = Counter[str]()

    @FIXED
    @given(obj=objects(cls, **BASES.get(cls.__sorcery__.name, {})), number=st.uuids())
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


def drawn(cls: type[Object]) -> list[Lines]:
    """Return the lines of many objects of a type, as a file may hold them and Asterisk 22.10.1 knows them."""
    own = cls.__sorcery__
    found: list[Lines] = []

    @FRESH
    @given(lines(own))
    def collect(pairs: Lines) -> None:
        known = [(name, text) for name, text in pairs if is_known(cls, name) and is_line(name, text)]
        if cls is Phoneprov:  # Asterisk takes its extended fields for variables
            known = [(name, text) for name, text in known if not name.startswith("@")]
        found.append([*BASES.get(own.name, {}).items(), *known])

    collect()
    return found


def built(cls: type[Object], id: str, pairs: Lines) -> Object | None:
    """Return the object that we make of the lines, or None."""
    try:
        return cls.__sorcery__.build(id, pairs, compat=True)
    except InvalidObject:
        return None


def is_known(cls: type[Object], name: str) -> bool:
    """Tell whether Asterisk 22.10.1 has the option, under this name whatever its text is."""
    own = cls.__sorcery__
    if name.lower() == "check_tn_cert_public_url":  # makes Asterisk fetch what the test names
        return False
    return (own.name, name.lower()) not in LATER and (own.option(name) is not None or name.startswith("@"))


def is_line(name: str, text: str) -> bool:
    """Tell whether a file can hold the line, and Asterisk's ARI print what comes of it."""
    return (
        name == name.strip() != ""
        and text == text.strip()
        and text.isprintable()
        and not ({*"\\;"} <= {*text} or {*"[];#"} & {*name})
        and ENDS_ESCAPED.search(text) is None
        and not text.startswith(">")
    )


@pytest.fixture(scope="module")
def taken(asterisk_root: Path) -> Iterator[dict[str, list[tuple[Lines, Attributes | None]]]]:
    """Load all drawn objects into one Asterisk, and ask for each."""
    files = defaultdict(str, {"ari.conf": "[general]\nenabled=yes\n[interop]\ntype=user\npassword=interop\n"})
    every = {cls: drawn(cls) for cls in IN_FILES}
    for cls, found in every.items():
        own = cls.__sorcery__
        for number, pairs in enumerate(found):
            files[str(own.conf)] += section(f"{own.plain_name}-{number}", own.plain_name, pairs)
    with Asterisk(asterisk_root, files) as asterisk:
        yield {
            own.name: [
                (pairs, asked(asterisk, own, f"{own.plain_name}-{number}")) for number, pairs in enumerate(found)
            ]
            for own, found in ((cls.__sorcery__, found) for cls, found in every.items())
        }


@pytest.mark.parametrize("cls", IN_FILES, ids=lambda cls: cls.__sorcery__.name)
def test_drawn_lines_are_taken_refused_and_printed_by_asterisk_as_by_us(
    taken: dict[str, list[tuple[Lines, Attributes | None]]], cls: type[Object]
) -> None:
    own = cls.__sorcery__
    outcomes = Counter[str]()
    for number, (pairs, said) in enumerate(taken[own.name]):
        obj = built(cls, f"{own.plain_name}-{number}", pairs)
        assert (obj is None) == (said is None), str(pairs)
        if obj is None or said is None:
            outcomes["refused"] += 1
            continue
        ours = known_there(obj, printed(obj))
        theirs = {name: text for name, text in said.items() if cls is not Phoneprov or name in ours}
        assert comparable(theirs) == comparable(ours), str(pairs)
        outcomes["taken"] += 1
    assert outcomes["taken"] > LOADED / 20, outcomes
