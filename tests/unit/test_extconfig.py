"""The files that say which table of which database holds what."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import Place
from sorcery.environment import Environment, read_environment
from sorcery.extconfig import Family


def messages(environment: Environment) -> list[str]:
    return [str(finding).replace(str(environment.directory), "…") for finding in environment.findings]


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("ps_aors => odbc,asterisk", Family("ps_aors", "odbc", "asterisk", "ps_aors")),
        ("ps_aors => ODBC,asterisk,aors", Family("ps_aors", "odbc", "asterisk", "aors")),
        ("ps_aors => odbc,asterisk,", Family("ps_aors", "odbc", "asterisk", "ps_aors")),
        ("ps_aors => odbc,asterisk,aors,1", Family("ps_aors", "odbc", "asterisk", "aors")),
        ("ps_aors => odbc,asterisk,aors,x", Family("ps_aors", "odbc", "asterisk", "aors")),
        ("ps_aors => odbc,asterisk,aors,0", Family("ps_aors", "odbc", "asterisk", "aors")),
        ("ps_aors => odbc,asterisk,aors,²", Family("ps_aors", "odbc", "asterisk", "aors")),
        ("PS_aors => odbc,asterisk", Family("PS_aors", "odbc", "asterisk", "PS_aors")),
        ('ps_aors => odbc,"a,b",t', Family("ps_aors", "odbc", "a,b", "t")),
    ],
)
def test_a_line_of_extconfig_is_a_family(tmp_path: Path, line: str, family: Family) -> None:
    (tmp_path / "extconfig.conf").write_text(f"[settings]\n{line}\n[other]\nps_auths => odbc,x\n", encoding="utf-8")
    assert read_environment(tmp_path).families == {"ps_aors": (family,)}


def test_families_fail_over_in_order_of_priority(tmp_path: Path) -> None:
    (tmp_path / "extconfig.conf").write_text(
        "[settings]\nf => odbc,c,t,3\nf => odbc,a,t,1\nf => pgsql,b,t,2\n", encoding="utf-8"
    )
    assert [family.database for family in read_environment(tmp_path).families["f"]] == ["a", "b", "c"]


def test_a_broken_family_is_ignored_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "extconfig.conf").write_text(
        "[settings]\nf => odbc\ng => odbc,a,t,1\ng => odbc,c,t,3\n", encoding="utf-8"
    )
    found = read_environment(tmp_path)
    assert [family.database for family in found.families["g"]] == ["a"]
    assert "f" not in found.families
    assert messages(found) == [
        "…/extconfig.conf:2: warning [broken-family] f => odbc names no database and is ignored; "
        "write family => driver,database[,table[,priority]]",
        "…/extconfig.conf:4: warning [broken-family] g has a priority 3 that follows a gap; write the priority 2",
    ]


def test_databases_have_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBX_DATABASE", "postgresql://u:secret@h/d")
    (tmp_path / "databases.conf").write_text(
        "[a]\nurl=sqlite:///pbx.db\n[b]\nurl=env:PBX_DATABASE\n[c]\nurl=sqlite:////srv/x.db\n"
        "[d]\nurl=sqlite:///:memory:\n[e]\n[f]\nurl=env:NOT_SET_ANYWHERE\n",
        encoding="utf-8",
    )
    found = read_environment(tmp_path)
    assert found.databases == {
        "a": f"sqlite:///{tmp_path}/pbx.db",
        "b": "postgresql://u:secret@h/d",
        "c": "sqlite:////srv/x.db",
        "d": "sqlite:///:memory:",
    }
    assert "secret" not in repr(found)
    assert found.database_places["b"] == Place(str(tmp_path / "databases.conf"), 4)
    assert messages(found) == [
        "…/databases.conf:9: warning [database-without-url] [e] has no url; write url = sqlite:///pbx.db",
        "…/databases.conf:10: warning [database-without-url] [f] takes its url from elsewhere, and the environment "
        "holds no NOT_SET_ANYWHERE; set NOT_SET_ANYWHERE for this process",
    ]
