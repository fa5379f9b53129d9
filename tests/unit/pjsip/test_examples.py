"""Single options of the PJSIP types: what Asterisk makes of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery.errors import InvalidObject
from sorcery.pjsip import TYPES

EXAMPLES = Path(__file__).parents[2] / "data" / "pjsip-examples.txt"
BY_NAME = {cls.__sorcery__.name: cls for cls in TYPES}
COMMENT = re.compile(r"(?<!\\);.*")
OUTSIDE = {
    "geoloc_incoming_call_profile=nosuch",  # no such profile: references are not checked here
    "bind=",  # the port of the wildcard address was in use: the object vectors take it
}
HASHED = {"named_call_group", "named_pickup_group"}
"""Lists that Asterisk prints in the order of a hash."""

Pairs = list[tuple[str, str]]


def pairs(settings: str, separator: str) -> Pairs:
    """The settings as a file would give them."""
    found = []
    for setting in settings.split(separator) if settings else ():
        name, _, text = COMMENT.sub("", setting).replace("\\;", ";").partition("=")
        found.append((name.strip(), text.strip()))
    return found


def results(text: str, first: str) -> Iterator[tuple[str, str]]:
    for part in text.split(" && "):
        named = re.match(r"\[([^]]+)\] (.*)", part)
        yield (named[1], named[2]) if named else (first, part)


def cases() -> Iterator[Any]:
    type_name, base = "", Pairs()
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        header = re.fullmatch(r"\[([a-z_/-]+)(?: (.*))?\]", line)
        if header:
            type_name, base = header[1], pairs(header[2] or "", " ")
        elif line and not line.startswith("#"):
            settings, _, result = line.partition(" =>")
            if settings not in OUTSIDE:
                yield pytest.param(type_name, base, pairs(settings, " && "), result.strip(), id=f"{type_name}-{line}")


CASES = list(cases())


def test_no_example_is_left_out_but_for_two_that_depend_on_the_machine() -> None:
    written = [line for line in EXAMPLES.read_text(encoding="utf-8").splitlines() if " =>" in line and line[0] != "#"]
    assert len(written) == 575
    assert len(CASES) == 575 - len(OUTSIDE)
    assert {case.values[0] for case in CASES} <= set(BY_NAME)


@pytest.mark.parametrize(("type_name", "base", "own", "result"), CASES)
def test_an_option_reads_back_as_asterisk_prints_it(type_name: str, base: Pairs, own: Pairs, result: str) -> None:
    build = BY_NAME[type_name].__sorcery__.build
    lines = [(name, text) for name, text in base if name != own[0][0]] + own
    if result == "REJECTED":
        with pytest.raises(InvalidObject):
            build("x", lines, compat=True)
        return
    printed = build("x", lines, compat=True).objectset(compat=True)
    for name, text in results(result, own[0][0]):
        found = sorted(have for printed_name, have in printed if printed_name == name)
        if text == "(gone)":
            assert not found
        elif name in HASHED:
            assert sorted(found[0].split(", ")) == sorted(("" if text == "(empty)" else text).split(", "))
        else:
            assert found == sorted("" if one == "(empty)" else one for one in text.split(" + "))
