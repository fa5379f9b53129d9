"""The wizard in a configuration directory: behind all other mappings, while there is a file."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sorcery import Mapping, Sorcery, Unavailable
from sorcery.pjsip import Aor, Endpoint

WIZARD = "[a]\ntype = wizard\naccepts_registrations = yes\nendpoint/context = wizard\n"
BOTH = "[a]\ntype = endpoint\ncontext = file\n[b]\ntype = endpoint\n"
LAST = Mapping("endpoint", "pjsip_wizard")


def write(folder: Path, **files: str) -> None:
    """Write `.conf` files, each with a time of its own: a change within the clock's tick would go unseen."""
    for name, text in files.items():
        path = folder / f"{name}.conf"
        later = path.stat().st_mtime_ns + 1_000_000 if path.exists() else None
        path.write_text(text)
        if later:
            os.utime(path, ns=(later, later))


def wizards(sorcery: Sorcery, name: str = "endpoint") -> list[str]:
    return [mapping.wizard for mapping in sorcery.mappings(name)]


def context(sorcery: Sorcery, id: str = "a") -> str | None:
    found = sorcery.retrieve_by_id(Endpoint, id)
    return found.context if found else None


def test_without_the_file_nothing_is_mapped_to_it(tmp_path: Path) -> None:
    write(tmp_path, pjsip=BOTH)
    with Sorcery.open(tmp_path) as sorcery:
        assert wizards(sorcery) == ["config"]


def test_with_the_file_the_types_of_its_objects_are_mapped_to_it_last(tmp_path: Path) -> None:
    write(tmp_path, pjsip="", pjsip_wizard=WIZARD, sorcery="[res_pjsip]\naor = memory\naor/cache = memory_cache\n")
    with Sorcery.open(tmp_path) as sorcery:
        for name in ("endpoint", "auth", "identify", "registration", "phoneprov"):
            assert wizards(sorcery, name) == ["config", "pjsip_wizard"]
        assert wizards(sorcery, "aor") == ["memory", "memory_cache", "pjsip_wizard"]
        assert wizards(sorcery, "transport") == ["config"]
        sorcery.map("aor", "memory", "more")
        assert wizards(sorcery, "aor") == ["memory", "memory_cache", "memory", "pjsip_wizard"]


def test_a_mapping_like_it_counts_in_its_place(tmp_path: Path) -> None:
    write(tmp_path, pjsip=BOTH, pjsip_wizard=WIZARD)
    write(
        tmp_path, sorcery="[res_pjsip]\nendpoint = pjsip_wizard\nendpoint = config,pjsip.conf,criteria=type=endpoint\n"
    )
    with Sorcery.open(tmp_path) as sorcery:
        assert wizards(sorcery) == ["pjsip_wizard", "config"]
        assert context(sorcery) == "wizard"


def test_an_object_elsewhere_hides_the_one_of_a_section(tmp_path: Path) -> None:
    write(tmp_path, pjsip=BOTH, pjsip_wizard=WIZARD)
    with Sorcery.open(tmp_path) as sorcery:
        assert context(sorcery) == "file"
        assert [(obj.id, obj.context) for obj in sorcery.retrieve_all(Endpoint)] == [("a", "file"), ("b", "default")]
        assert sorcery.retrieve_by_fields(Endpoint, context="wizard") == []
        assert [obj.id for obj in sorcery.retrieve_all(Aor)] == ["a"]


def test_a_reload_sees_the_file_come_change_and_go(tmp_path: Path) -> None:
    write(tmp_path, pjsip="")
    with Sorcery.open(tmp_path) as sorcery:
        heard: list[str] = []
        sorcery.observe(
            Endpoint,
            created=lambda new: heard.append(f"+{new.id}"),
            updated=lambda new, old: heard.append(f"{old.context}>{new.context}"),
            deleted=lambda old: heard.append(f"-{old.id}"),
        )
        assert not sorcery.reload()
        write(tmp_path, pjsip_wizard=WIZARD)
        assert sorcery.reload().created == {"aor": ("a",), "endpoint": ("a",)}
        assert sorcery.mappings(Endpoint)[-1] == LAST
        write(tmp_path, pjsip_wizard=WIZARD.replace("= wizard\n", "= other\n").replace("type = other", "type = wizard"))
        assert sorcery.reload().updated == {"endpoint": ("a",)}
        (tmp_path / "pjsip_wizard.conf").unlink()
        assert sorcery.reload().deleted == {"aor": ("a",), "endpoint": ("a",)}
        assert wizards(sorcery) == ["config"]
        assert heard == ["+a", "wizard>other", "-a"]


def test_findings_name_the_line_and_come_at_each_reload(tmp_path: Path) -> None:
    write(tmp_path, pjsip="", pjsip_wizard=WIZARD + "endpoint/nonsense = 1\n")
    with Sorcery.open(tmp_path) as sorcery:
        for report in (sorcery.report, sorcery.reload()):
            (finding,) = report.findings
            assert str(finding.place) == f"{tmp_path / 'pjsip_wizard.conf'}:5"
            assert finding.rule == "unknown-option"


def test_a_dangling_reference_names_the_line_that_it_comes_from(tmp_path: Path) -> None:
    write(tmp_path, pjsip="", pjsip_wizard=WIZARD + "transport = nowhere\n")
    with Sorcery.open(tmp_path) as sorcery:
        (finding,) = sorcery.report.findings
        assert (finding.rule, str(finding.place)) == ("dangling-reference", f"{tmp_path / 'pjsip_wizard.conf'}:5")


@pytest.fixture
def realtime(tmp_path: Path) -> Path:
    """Return a folder whose endpoints are in a database, with one of them there."""
    with closing(sqlite3.connect(tmp_path / "pbx.db")) as connection, connection:
        connection.execute("CREATE TABLE ps_endpoints (id TEXT PRIMARY KEY, context TEXT)")
        connection.execute("INSERT INTO ps_endpoints VALUES ('b', 'row')")
    write(
        tmp_path,
        pjsip="",
        pjsip_wizard=WIZARD,
        sorcery="[res_pjsip]\nendpoint = realtime,ps_endpoints\n",
        extconfig="[settings]\nps_endpoints => sqlite3,pbx\n",
        databases="[pbx]\nurl = sqlite:///pbx.db\n",
    )
    return tmp_path


def test_it_stands_behind_a_database(realtime: Path) -> None:
    with Sorcery.open(realtime) as sorcery:
        assert wizards(sorcery) == ["realtime", "pjsip_wizard"]
        assert (context(sorcery, "a"), context(sorcery, "b"), context(sorcery, "c")) == ("wizard", "row", None)
        with closing(sqlite3.connect(realtime / "pbx.db")) as connection, connection:
            connection.execute("INSERT INTO ps_endpoints VALUES ('a', 'row')")
        assert context(sorcery, "a") == "row"
        assert [obj.context for obj in sorcery.retrieve_all(Endpoint)] == ["row", "row"]


def test_a_file_that_was_never_good_keeps_nobody_from_the_database(realtime: Path) -> None:
    write(realtime, pjsip_wizard="[a\n")
    with Sorcery.open(realtime) as sorcery:
        assert context(sorcery, "b") == "row"
        with pytest.raises(Unavailable, match="pjsip_wizard"):
            sorcery.retrieve_by_id(Endpoint, "a")
