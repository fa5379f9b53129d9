"""What `[shadow]` may say, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.environment import read_environment
from sorcery.mapping import Mapping
from sorcery.shadowing.settings import ShadowSettings, shadow_settings

MAPPINGS = {"endpoint": (Mapping("endpoint", "config", "pjsip.conf"),), "contact": (Mapping("contact", "memory"),)}


def said(folder: Path, *lines: str) -> tuple[ShadowSettings | None, list[str]]:
    (folder / "sorcery.conf").write_text("\n".join(("[shadow]", *lines, "")))
    settings, findings = shadow_settings(read_environment(folder), MAPPINGS)
    return settings, [f"{finding.message}; {finding.remedy}" for finding in findings]


def test_a_line_names_the_second_store_of_a_type(tmp_path: Path) -> None:
    settings, findings = said(tmp_path, "endpoint = realtime,ps_endpoints", "contact = astdb")
    assert findings == []
    assert settings == ShadowSettings(
        mappings={
            "endpoint": Mapping("endpoint", "realtime", "ps_endpoints"),
            "contact": Mapping("contact", "astdb"),
        }
    )


def test_the_section_maps_nothing(tmp_path: Path) -> None:
    said(tmp_path, "endpoint = realtime,ps_endpoints")
    assert read_environment(tmp_path).mappings == {}


def test_options_stand_beside_the_types(tmp_path: Path) -> None:
    lines = ("endpoint = astdb", "contact = astdb", "sample = 0.25", "waiting = 7")
    for writes, types in (("yes", {"endpoint", "contact"}), ("no", set()), ("contact", {"contact"})):
        settings, findings = said(tmp_path, *lines, f"writes = {writes}")
        assert settings is not None
        assert (settings.sample, settings.waiting, set(settings.writes), findings) == (0.25, 7, types, [])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("endpont = astdb", "no object type 'endpont' is known here; the line is passed over; did you mean endpoint?"),
        ("endpoint =", "it names no type or no wizard; the line is passed over; write type = wizard[,arguments]"),
        ("endpoint/cache = memory_cache", "a cache is no store to compare with"),
        ("endpoint = config,pjsip.conf", "the type is mapped to it already"),
        ("sample = 0", "this is no part of all questions; the line is passed over; write sample = 0.1"),
        ("sample = 1.5", "this is no part of all questions"),
        ("sample = half", "this is no part of all questions"),
        ("waiting = 0", "this is no number of questions"),
        ("writes = contact, aor", "'aor' is no type in [shadow]"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_and_passed_over(tmp_path: Path, line: str, told: str) -> None:
    settings, (finding,) = said(tmp_path, "contact = astdb", line)
    assert told in finding
    assert settings is not None
    assert (set(settings.mappings), settings.sample, settings.waiting) == ({"contact"}, 1.0, 1000)


def test_without_a_type_there_are_no_settings(tmp_path: Path) -> None:
    assert said(tmp_path, "sample = 0.5") == (None, [])
