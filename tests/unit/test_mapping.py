"""Mappings."""

from __future__ import annotations

import pytest

from sorcery import Object, Place, object_type
from sorcery.mapping import Mapping, default_mapping, parse_mapping


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aor", "config,pjsip.conf", Mapping("aor", "config", "pjsip.conf")),
        ("aor", "memory", Mapping("aor", "memory")),
        ("aor", "config,a,b=c,d", Mapping("aor", "config", "a,b=c,d")),
        ("aor/cache", "memory_cache,x=1", Mapping("aor", "memory_cache", "x=1", caching=True)),
        ("aor/whatcachesever", "memory_cache", Mapping("aor", "memory_cache", caching=True)),
        ("aor/x", "memory", Mapping("aor", "memory")),
        ("aor ", " memory , x", Mapping("aor ", " memory ", " x")),
        ("", "memory", None),
        ("aor", "", None),
        ("/cache", "memory", None),
        ("aor", ",x", None),
    ],
)
def test_a_line_is_a_mapping(key: str, value: str, expected: Mapping | None) -> None:
    assert parse_mapping(key, value) == expected


def test_a_mapping_knows_its_place_and_is_equal_without_it() -> None:
    place = Place("sorcery.conf", 3)
    found = parse_mapping("aor", "memory", place)
    assert found == Mapping("aor", "memory")
    assert found is not None
    assert found.place == place


def test_a_mapping_is_printed_as_a_line() -> None:
    assert str(Mapping("aor", "realtime", "ps_aors")) == "aor = realtime,ps_aors"
    assert str(Mapping("aor", "memory_cache", caching=True)) == "aor/cache = memory_cache"


@object_type("plain")
class Plain(Object):
    """A type that lies nowhere."""


@object_type("filed", conf="my.conf")
class Filed(Object):
    """A type that lies in a file."""


@object_type("only", conf="my.conf", single=True, explicit_name="global")
class Only(Object):
    """A type of which there is one object."""


@object_type("kept", conf="my.conf", default_mapping="astdb,registrar")
class Kept(Object):
    """A type with a mapping of its own."""


@pytest.mark.parametrize(
    ("cls", "line"),
    [
        (Plain, "plain = memory"),
        (Filed, "filed = config,my.conf,criteria=type=filed"),
        (Only, "only = config,my.conf,criteria=type=only,single_object=yes,explicit_name=global"),
        (Kept, "kept = astdb,registrar"),
    ],
)
def test_a_type_has_a_mapping_without_configuration(cls: type[Object], line: str) -> None:
    assert str(default_mapping(cls.__sorcery__)) == line
