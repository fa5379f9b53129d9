"""The PJSIP types against what a real Asterisk 22.10.1 understood of a thousand objects."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sorcery.conf import Category, read_conf
from sorcery.errors import InvalidObject
from sorcery.objects import Object
from sorcery.pjsip import TYPES, Endpoint, Global

VECTORS = Path(__file__).parents[2] / "data" / "object-vectors"
BY_NAME = {cls.__sorcery__.name: cls for cls in TYPES if cls.__sorcery__.conf == "pjsip.conf"}

Printed = Mapping[str, str | list[str]]

WHOLE_TYPES = {
    ("duplicate-ids", "endpoint"),  # two sections of one id take the whole type away
    ("duplicate-ids", "identify"),
    ("many-globals", "global"),  # so do three objects of a single type
    ("many-globals", "system"),
}
OUTSIDE = {
    "endpoint/geoloc-incoming-call-profile-bad",  # no such profile: references are not checked here
    "endpoint/geoloc-outgoing-call-profile-bad",
    "registration/rmix-677",  # no transport of that kind in the file
    "registration/rmix-679",
    "transport/sock-same",  # the address is in use
    "transport/sock-any-again",
    "transport/sock-bracket",
    "transport/sock-elsewhere",  # the address is not this machine's
    "transport/sock-port-only",
    "transport/sock-mapped",  # no socket of that family can be bound to it
}
RESOLVED = {"identify/imix-639"}  # what localhost is, the resolver says


def wanted(name: str) -> dict[str, Printed | None]:
    loaded: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded["objects"]  # type: ignore[no-any-return]


def type_of(section: Category) -> str | None:
    """The type of a section: its first type line, or a name that stands for a type."""
    for variable in section.variables:
        if variable.key.lower() == "type":
            return variable.value
    explicit = {cls.__sorcery__.explicit_name: name for name, cls in BY_NAME.items()}
    return explicit.get(section.name)


def sections(name: str) -> Iterator[tuple[str, Category]]:
    for section in read_conf(VECTORS / f"{name}.conf").sections():
        found = type_of(section)
        if found in BY_NAME:
            yield f"{found}/{section.name}", section


def build(key: str, section: Category, inherited: Mapping[str, Any]) -> Object | None:
    own = BY_NAME[key.partition("/")[0]].__sorcery__
    pairs = [(variable.key, variable.value) for variable in section.variables]
    try:
        return own.build(section.name, pairs, compat=True, inherited=inherited if own.name == "auth" else {})
    except InvalidObject:
        return None


def auth_defaults(name: str) -> Mapping[str, Any]:
    """What the last good global object of a file says of auth objects."""
    built = [build(key, section, {}) for key, section in sections(name) if key.startswith("global/")]
    good = [obj for obj in built if isinstance(obj, Global)]
    return good[-1].bequest if good else {}


def grouped(obj: Object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, text in obj.objectset(compat=True):
        found[name].append(text)
    return found


def comparable(obj: Object, name: str, texts: list[str]) -> list[str]:
    """The texts of one attribute in an order that does not depend on a hash."""
    if name in ("named_call_group", "named_pickup_group"):
        return sorted(", ".join(texts).split(", "))
    variables = obj.set_var if isinstance(obj, Endpoint) else {}
    return sorted(texts) if name in variables else texts


def cases() -> Iterator[Any]:
    for path in sorted(VECTORS.glob("*.conf")):
        expected, places = wanted(path.stem), defaultdict[str, list[Category]](list)
        for key, section in sections(path.stem):
            places[key].append(section)
        for key in expected:
            kind = key.partition("/")[0]
            if kind in BY_NAME and (path.stem, kind) not in WHOLE_TYPES and key not in OUTSIDE:
                yield pytest.param(path.stem, key, places[key], id=f"{path.stem}-{key}")


CASES = list(cases())
DEFAULTS = {path.stem: auth_defaults(path.stem) for path in sorted(VECTORS.glob("*.conf"))}


def test_there_are_vectors_for_nearly_all_types() -> None:
    seen = {case.values[1].partition("/")[0] for case in CASES}
    assert seen == set(BY_NAME)
    assert len(CASES) == 1027


def test_no_vector_is_left_out_but_what_depends_on_other_objects_or_on_sockets() -> None:
    every = {(path.stem, key) for path in VECTORS.glob("*.conf") for key in wanted(path.stem)}
    assert len(every) == 1048
    rest = every - {case.values[:2] for case in CASES}
    apart = {(name, key) for name, key in rest if (name, key.partition("/")[0]) in WHOLE_TYPES or key in OUTSIDE}
    assert rest - apart == {("selection", "contact/case-17")}  # which is read from no file


@pytest.mark.parametrize(("name", "key", "places"), CASES)
def test_an_object_is_taken_or_refused_and_printed_as_asterisk_does(
    name: str, key: str, places: list[Category]
) -> None:
    expected = wanted(name)[key]
    found = [obj for section in places if (obj := build(key, section, DEFAULTS[name])) is not None]
    if expected is None:
        assert not found
        return
    (obj,) = found
    printed = grouped(obj)
    lists = {name: text if isinstance(text, list) else [text] for name, text in expected.items()}
    if key.startswith("global/") and obj.user_agent == Global(id="x").user_agent:  # type: ignore[attr-defined]
        printed.pop("user_agent"), lists.pop("user_agent")
    if key.startswith("phoneprov/"):  # the module that provisions phones adds variables of its own
        lists = {name: texts for name, texts in lists.items() if name in printed}
    if key in RESOLVED:
        assert set(lists.pop("match")) <= set(printed.pop("match"))
    assert {name: comparable(obj, name, texts) for name, texts in printed.items()} == {
        name: comparable(obj, name, texts) for name, texts in lists.items()
    }


@pytest.mark.parametrize(("name", "key", "places"), CASES)
def test_settings_give_the_object_again(name: str, key: str, places: list[Category]) -> None:
    for section in places:
        obj = build(key, section, DEFAULTS[name])
        if obj is not None:
            own = type(obj).__sorcery__
            inherited = DEFAULTS[name] if own.name == "auth" else {}
            assert own.build(obj.id, obj.settings(), inherited=inherited) == obj
            assert own.build(obj.id, obj.settings(every=True), inherited=inherited) == obj
