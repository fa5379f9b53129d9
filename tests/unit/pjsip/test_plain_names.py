"""Types that share a plain name, as files, mappings and AstDB use it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.mapping import Mapping
from sorcery.pjsip import ChanWebsocketGlobal, GeolocationProfile, MwiExternalMailboxes, StirShakenProfile


def write(folder: Path, **files: str) -> None:
    for name, text in {"pjsip": "", **files}.items():
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")


def test_each_reads_its_own_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        geolocation="[home]\ntype=profile\nnotes=g\n",
        stir_shaken="[home]\ntype=profile\ncurl_timeout=5\n",
        chan_websocket="[global]\ncontrol_message_format=json\n",
    )
    with Sorcery.open(tmp_path) as s:
        assert s.retrieve_all(GeolocationProfile) == [GeolocationProfile("home", notes="g")]
        assert s.retrieve_all("stir_shaken/profile") == [StirShakenProfile("home", curl_timeout=5)]
        assert s.retrieve_all(ChanWebsocketGlobal) == [ChanWebsocketGlobal("global", control_message_format="json")]
        assert s.retrieve_all("global") == []
        assert not s.report.findings


def test_a_mapping_is_of_the_type_whose_section_it_stands_in(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[res_stir_shaken]\nprofile=memory\n")
    with Sorcery.open(tmp_path) as s:
        assert s.mappings("stir_shaken/profile") == (Mapping("stir_shaken/profile", "memory"),)
        (other,) = s.mappings("geolocation/profile")
        assert other.arguments == "geolocation.conf,criteria=type=profile"


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("profile=memory", "move the line to section [res_geolocation] or [res_stir_shaken]"),
        ("eprofile=memory", "remove the line: Asterisk maps it nowhere"),
        ("profil=memory", "did you mean profile?"),
    ],
)
def test_a_line_in_the_wrong_section_is_told(tmp_path: Path, line: str, remedy: str) -> None:
    write(tmp_path, sorcery=f"[res_pjsip]\n{line}\n")
    with Sorcery.open(tmp_path) as s:
        assert [each.remedy for each in s.report.findings] == [remedy]


def test_the_astdb_keeps_them_under_the_plain_name(tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / "astdb.sqlite3"
    with Sorcery.open(tmp_path, astdb=file) as s:
        s.create(MwiExternalMailboxes("100@default", msgs_new=2))
        assert s.retrieve_all(MwiExternalMailboxes) == [MwiExternalMailboxes("100@default", msgs_new=2)]
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT key FROM astdb").fetchall()
    assert ("/mwi_external/mailboxes/100@default",) in rows


def test_of_types_that_no_table_holds_a_database_can_tell_nothing(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[res_stir_shaken]\nprofile=memory\n", pjsip="[e]\ntype=endpoint\nstir_shaken_profile=p\n")
    with Sorcery.open(tmp_path) as s:
        assert s.dangling() == []
    write(tmp_path, sorcery="", pjsip="[e]\ntype=endpoint\nstir_shaken_profile=p\n")
    with Sorcery.open(tmp_path) as s:
        assert [each.value for each in s.dangling()] == ["p"]


def test_built_in_profiles_are_never_missed(tmp_path: Path) -> None:
    write(tmp_path, pjsip="[e]\ntype=endpoint\ngeoloc_incoming_call_profile=<prefer_config>\n")
    with Sorcery.open(tmp_path) as s:
        assert s.dangling() == []
