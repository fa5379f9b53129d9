"""The files that surround the objects."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sorcery import ConfigurationError, Place
from sorcery.conf import ConfMissing
from sorcery.environment import Environment, Family, Setting, environment_for_url, read_environment
from sorcery.mapping import Mapping
from sorcery.policy import Policy, Scope
from sorcery.release import Release


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    return folder


def messages(environment: Environment) -> list[str]:
    return [str(finding).replace(str(environment.directory), "…") for finding in environment.findings]


def test_an_empty_directory_is_an_environment(tmp_path: Path) -> None:
    found = read_environment(tmp_path)
    assert found == Environment(directory=tmp_path, astdb=tmp_path / "astdb.sqlite3")
    assert found.findings == ()


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such directory"):
        read_environment(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="no such directory"):
        read_environment(tmp_path / "file")


def test_mappings_are_kept_by_section_in_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        sorcery="[general]\nx=y\n[RES_pjsip]\naor/cache=memory_cache,a=1\naor=realtime,ps_aors\n[my]\nt=memory\n",
    )
    found = read_environment(tmp_path).mappings
    assert found["res_pjsip"] == (
        Mapping("aor", "memory_cache", "a=1", caching=True),
        Mapping("aor", "realtime", "ps_aors"),
    )
    assert found["my"] == (Mapping("t", "memory"),)
    assert found["res_pjsip"][1].place == Place(str(tmp_path / "sorcery.conf"), 5)
    assert not found.get("general")


def test_a_mapping_that_is_there_already_is_ignored_with_a_warning(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[a]\nt=memory,1\nt=memory,1\nu=memory\n")
    found = read_environment(tmp_path)
    assert found.mappings["a"] == (Mapping("t", "memory", "1"), Mapping("u", "memory"))
    assert messages(found) == [
        "…/sorcery.conf:3: warning [duplicate-mapping] t = memory,1 repeats a wizard of that type and is ignored; "
        "remove the line"
    ]


def test_a_wizard_may_serve_a_type_twice_and_asterisk_is_said_to_ignore_that(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[a]\nt=memory,1\nt=memory,2\n")
    found = read_environment(tmp_path)
    assert found.mappings["a"] == (Mapping("t", "memory", "1"), Mapping("t", "memory", "2"))
    assert messages(found) == [
        "…/sorcery.conf:3: warning [second-mapping] t = memory,2 repeats a wizard of that type "
        "with other arguments: an Asterisk that reads this file ignores the line; keep one of the two"
    ]
    as_asterisk = read_environment(tmp_path, compat=True)
    assert as_asterisk.mappings["a"] == (Mapping("t", "memory", "1"),)
    assert messages(as_asterisk) == [
        "…/sorcery.conf:3: warning [duplicate-mapping] t = memory,2 repeats a wizard of that type and is ignored; "
        "remove the line"
    ]


def test_an_option_of_a_mapping_that_is_not_cache_is_told(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[a]\nt/cached=memory,1\nt/readonly=astdb,x\nt/cache=memory_cache\n")
    found = read_environment(tmp_path)
    assert [mapping.caching for mapping in found.mappings["a"]] == [True, False, True]
    assert messages(found) == [
        "…/sorcery.conf:2: warning [mapping-option] 'cached' in t/cached is taken for cache; write type or type/cache",
        "…/sorcery.conf:3: warning [mapping-option] 'readonly' in t/readonly means nothing; write type or type/cache",
    ]


def test_sections_that_map_nothing_are_kept_as_they_stand(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[Image]\nfile=a\n[writes]\naor=first\n[image](+)\ntypes=aor,auth\n")
    found = read_environment(tmp_path)
    assert found.mappings == {}
    assert found.sections == {
        "image": (Setting("file", "a"), Setting("types", "aor,auth")),
        "writes": (Setting("aor", "first"),),
    }
    assert found.sections["image"][1].place == Place(str(tmp_path / "sorcery.conf"), 6)
    assert found.findings == ()


def test_writes_are_policies_by_type(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[writes]\naor=first,repair\n")
    assert read_environment(tmp_path).policies == {"aor": Policy(Scope.FIRST, repair=True)}
    write(tmp_path, sorcery="[writes]\naor=last\n")
    with pytest.raises(ConfigurationError, match=r"sorcery.conf:2: \[writes\] aor=last: 'last' is no policy"):
        read_environment(tmp_path)


def test_writes_name_the_files_that_may_be_written(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[writes]\npjsip.conf=yes\n/etc/x.conf=TRUE\nacl.conf=yes\nacl.conf=no\naor=first\n")
    found = read_environment(tmp_path)
    assert found.writable_files == {tmp_path / "pjsip.conf", Path("/etc/x.conf")}
    assert [found.may_write(name) for name in ("pjsip.conf", "/etc/x.conf", "acl.conf", "aor")] == [
        True,
        True,
        False,
        False,
    ]
    assert list(found.policies) == ["aor"]
    assert read_environment(tmp_path, writable=True).may_write("acl.conf")
    write(tmp_path, sorcery="[writes]\npjsip.conf=all\n")
    with pytest.raises(
        ConfigurationError, match=r"sorcery.conf:2: \[writes\] pjsip.conf=all: 'all' is neither yes nor no"
    ):
        read_environment(tmp_path)


@pytest.mark.parametrize(("word", "expected"), [("yes", True), ("no", False), ("", False)])
def test_an_update_may_be_told_to_create(tmp_path: Path, word: str, expected: bool) -> None:
    write(tmp_path, sorcery=f"[general]\nupdate_or_create_on_update_miss={word}\n")
    assert read_environment(tmp_path).create_on_update_miss is expected


def test_asterisk_conf_names_the_astdb_and_the_system(tmp_path: Path) -> None:
    write(tmp_path, asterisk="[directories]\nastdbdir => /srv/db\n[options]\nsystemname = pbx1\nexecincludes=yes\n")
    found = read_environment(tmp_path)
    assert found.astdb == Path("/srv/db/astdb.sqlite3")
    assert found.system_name == "pbx1"
    assert found.exec_includes


def test_asterisks_own_directory_is_meant_where_asterisk_conf_names_none(tmp_path: Path) -> None:
    write(tmp_path, asterisk="[options]\n")
    assert read_environment(tmp_path).astdb == Path("/var/lib/asterisk/astdb.sqlite3")


def test_a_caller_may_name_another_astdb(tmp_path: Path) -> None:
    write(tmp_path, asterisk="[directories]\nastdbdir => /srv/db\n")
    assert read_environment(tmp_path, astdb=tmp_path / "x").astdb == tmp_path / "x"


@pytest.mark.parametrize("name", ["asterisk.conf", "sorcery.conf", "extconfig.conf", "databases.conf"])
def test_a_file_that_is_there_and_cannot_be_read_is_not_taken_for_absent(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("nowhere")
    with pytest.raises(ConfMissing, match=name):
        read_environment(tmp_path)


def test_what_the_parser_passes_over_is_told(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[res_pjsip]\naor memory\naor =\n", databases="[a]\nurl=sqlite:///a.db\nnonsense\n")
    assert [message.split("; ")[0] for message in messages(read_environment(tmp_path))] == [
        "…/sorcery.conf:2: warning [no-equals] the line of 'aor' has no =",
        "…/databases.conf:3: warning [no-equals] the line of 'nonsense' has no =",
        "…/sorcery.conf:3: warning [broken-mapping] the line 'aor=' names no type or no wizard and is ignored",
    ]


def test_a_file_that_is_refused_refuses_the_environment(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[res_pjsip\n")
    with pytest.raises(ConfigurationError, match=r"sorcery\.conf:1"):
        read_environment(tmp_path)


def test_a_change_of_any_file_is_noticed(tmp_path: Path) -> None:
    for name in ("sorcery", "extconfig", "asterisk", "databases"):
        found = read_environment(tmp_path)
        assert not found.has_changed()
        write(tmp_path, **{name: "[a]\n"})
        assert found.has_changed()
    assert not Environment().has_changed()


def test_a_pjsip_wizard_conf_is_mapped_while_it_is_there(tmp_path: Path) -> None:
    without = read_environment(tmp_path)
    assert without.last == {}
    write(tmp_path, pjsip_wizard="; nothing is said here\n\n ;[a]\n")
    assert not without.has_changed()
    write(tmp_path, pjsip_wizard="; here is\n\n\t[a]\n")
    assert without.has_changed()
    found = read_environment(tmp_path)
    assert set(found.last) == {"auth", "aor", "endpoint", "identify", "registration", "phoneprov"}
    assert {(name, str(mapping)) for name, mapping in found.last.items()} >= {("aor", "aor = pjsip_wizard")}
    write(tmp_path, pjsip_wizard="#include a.conf\n")
    assert not found.has_changed()  # that is for the wizard to see
    (tmp_path / "pjsip_wizard.conf").unlink()
    assert found.has_changed()
    (tmp_path / "pjsip_wizard.conf").symlink_to(tmp_path / "nowhere")
    assert not found.has_changed()


def test_a_change_of_an_included_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, sorcery="#tryinclude mappings.conf\n")
    found = read_environment(tmp_path)
    assert not found.has_changed()
    write(tmp_path, mappings="[a]\nt=memory\n")
    assert found.has_changed()
    write(tmp_path, sorcery="#include map*.conf\n")
    found = read_environment(tmp_path)
    assert not found.has_changed()
    write(tmp_path, map2="[b]\nt=memory\n")
    assert found.has_changed()  # another file has come to fit the pattern


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///pbx.db", "sqlite3"),
        ("postgresql://h/d", "pgsql"),
        ("postgresql+psycopg://h/d", "pgsql"),
        ("mysql://h/d", "odbc"),
    ],
)
def test_an_address_holds_every_family(url: str, driver: str) -> None:
    found = environment_for_url(url, ["ps_aors", "PS_Own"])
    assert found.databases == {"url": url}
    assert found.families == {
        "ps_aors": (Family("ps_aors", driver, "url", "ps_aors"),),
        "ps_own": (Family("PS_Own", driver, "url", "PS_Own"),),
    }


def test_files_are_named_relative_to_the_directory(tmp_path: Path) -> None:
    environment = read_environment(tmp_path)
    assert environment.path("pjsip.conf") == tmp_path / "pjsip.conf"
    assert environment.path("/srv/pjsip.conf") == Path("/srv/pjsip.conf")
    assert Environment().path("x") == Path("x")


def test_a_directory_states_the_release_that_reads_it(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[target]\nasterisk = 20.9\n")
    assert read_environment(tmp_path).release == Release(20, 9)
    assert read_environment(tmp_path, release=Release(22)).release == Release(22)
    write(tmp_path, sorcery="[res_pjsip]\nacl=memory\n")
    assert read_environment(tmp_path).release is None


@pytest.mark.parametrize("line", ["asterisk = 12", "asterisk =", "kamailio = 5", "freeswitch = 22"])
def test_a_target_that_is_no_release_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    write(tmp_path, sorcery=f"[target]\n{line}\n")
    with pytest.raises(ConfigurationError, match=r"\[target\]") as caught:
        read_environment(tmp_path)
    assert caught.value.place == Place(f"{tmp_path}/sorcery.conf", line=2)
    assert "asterisk = 22" in caught.value.remedy


@pytest.mark.parametrize("closed", ["etc", "."])
def test_a_directory_that_this_user_may_not_enter_is_not_one_without_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    """Its `sorcery.conf` would be taken for absent, and every type for one that lies in `pjsip.conf`."""
    (tmp_path / "etc").mkdir()
    write(tmp_path / "etc", sorcery="[res_pjsip]\nendpoint=astdb,phones\n")
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    was, mode = os.geteuid(), 0o700 if os.geteuid() == 0 else 0o600
    Path(closed).chmod(mode)
    if was == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(ConfigurationError, match=r"let this user (read it|enter it)"):
            read_environment(Path("etc"))
    finally:
        os.seteuid(was)
        Path(closed).chmod(0o755)
