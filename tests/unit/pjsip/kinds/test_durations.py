"""Durations: numbers in files and objects, which Python callers may give as a `timedelta`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sorcery.errors import InvalidObject
from sorcery.kinds import Integer
from sorcery.pjsip import TYPES, Aor, Endpoint, System, WebsocketClient


def test_a_timedelta_becomes_the_number_that_a_file_holds() -> None:
    aor = Aor("a", qualify_frequency=timedelta(minutes=1), qualify_timeout=timedelta(milliseconds=1500))
    assert (aor.qualify_frequency, aor.qualify_timeout) == (60, 1.5)
    assert aor.settings() == [("qualify_frequency", "60"), ("qualify_timeout", "1.500000")]
    assert aor.evolve(qualify_frequency=timedelta(0)).qualify_frequency == 0
    assert aor == Aor("a", qualify_frequency=60, qualify_timeout=1.5)
    assert type(aor.qualify_frequency) is int


def test_milliseconds_are_those_of_the_option() -> None:
    assert System("s", timer_t1=timedelta(seconds=1)).timer_t1 == 1000
    assert WebsocketClient("w", uri="ws://h", connection_timeout=timedelta(seconds=2)).connection_timeout == 2000


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (timedelta(milliseconds=500), "is no whole number of seconds"),
        (timedelta(seconds=-1), "out of range"),
        (timedelta(days=2), "out of range"),
        (1.5, "float is not taken"),
    ],
)
def test_what_is_no_such_duration_is_refused(value: object, says: str) -> None:
    with pytest.raises(InvalidObject, match=says):
        Aor("a").evolve(qualify_frequency=value)
    with pytest.raises(InvalidObject, match="no whole number of milliseconds"):
        System("s", timer_t1=timedelta(microseconds=1))


def test_every_number_that_is_said_to_be_seconds_or_milliseconds_takes_one() -> None:
    others = {"expiration_time", "expires", "dtls_rekey"}
    seen = 0
    for cls in TYPES:
        for option in cls.__sorcery__.options.values():
            if isinstance(option.kind, Integer) and "econds" in option.doc and option.name not in others:
                assert option.kind.convert(timedelta(seconds=30)) in (30, 30_000), option.name
                seen += 1
    assert seen > 30
    assert Endpoint("e", fax_detect_timeout=timedelta(seconds=30)).fax_detect_timeout == 30
