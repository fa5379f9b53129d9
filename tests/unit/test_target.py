"""What a system is opened on."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import ConfigurationError, Mapping
from sorcery.pjsip import TYPES, Contact, Endpoint, Transport
from sorcery.target import default_of, target_of
from sorcery.testing.types import Group


def test_in_memory_every_type_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = target_of("memory:", TYPES)
    assert target.fallback(Endpoint) == Mapping("endpoint", "memory")
    assert target.environment.astdb == tmp_path / "astdb.sqlite3"
    assert target.refresh is None
    assert target_of("memory:", TYPES, compat=True, astdb=Path("/a")).environment.astdb == Path("/a")


def test_in_a_database_lies_every_type_that_has_a_family(tmp_path: Path) -> None:
    target = target_of(f"sqlite:///{tmp_path}/pbx.db", (*TYPES, Group))
    assert target.fallback(Endpoint) == Mapping("endpoint", "realtime", "ps_endpoints")
    assert target.fallback(Group) == Mapping("testing_group", "realtime", "testing_groups")
    assert {"ps_endpoints", "testing_groups"} <= target.environment.families.keys()
    assert target.refresh is None


def test_a_directory_is_read_and_can_be_read_anew(tmp_path: Path) -> None:
    target = target_of(str(tmp_path), TYPES, compat=True)
    assert target.fallback is default_of
    assert default_of(Contact) == Mapping("contact", "astdb", "registrar")
    assert default_of(Transport).wizard == "config"
    assert target.environment.compat
    assert target.refresh is not None
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor=memory\n", encoding="utf-8")
    assert target.refresh().mappings == {"res_pjsip": (Mapping("aor", "memory"),)}


def test_no_target_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no target is named; name a directory"):
        target_of("", TYPES)
