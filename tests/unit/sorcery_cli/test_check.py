"""`check`: every fault once, with its place, from files, rows and tables."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import sorcery_migrations
from sorcery import ConfigurationError, Finding, Unavailable
from sorcery.audit import Audit


def execute(database: Path, *statements: str) -> None:
    connection = sqlite3.connect(database)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def rules(findings: Iterable[dict[str, Any]]) -> list[str]:
    return [finding["rule"] for finding in findings]


def test_a_good_directory_is_exit_0(run: Any, directory: Path) -> None:
    assert run("-C", directory, "check").out == "nothing found\n"
    assert run("-C", directory, "check", "--json").json == []
    assert run("-C", directory, "check").code == 0


def test_findings_are_printed_by_place_and_counted(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob](common)\naors=nobody\n[bob]\ntype=aor\nmax_contacts=many\n")
    result = run("-C", directory, "check")
    first, line, mark, second, *_, summary = result.out.splitlines()
    assert first.startswith(f"{directory}/pjsip.conf:20:6: warning [dangling-reference]")
    assert (line, mark) == ("  20 | aors=nobody", "     |      ^^^^^^")
    assert second.startswith(f"{directory}/pjsip.conf:23:14: error [")
    assert "write a whole number" in second
    assert summary == "1 error, 1 warning"
    assert (result.code, result.err) == (1, "")


@pytest.mark.parametrize("words", [("check", "--json"), ("check", "--format", "json"), ("--json", "check")])
def test_json_holds_each_part_of_a_finding(run: Any, directory: Path, words: tuple[str, ...]) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob](common)\naors=nobody\n")
    (*before, last) = words
    result = run("-C", directory, *before, last)
    assert result.code == 1
    assert result.json == [
        {
            "severity": "warning",
            "rule": "dangling-reference",
            "message": "endpoint 'bob', option aors: no aor 'nobody' exists",
            "remedy": "create the aor or correct the name",
            "source": f"{directory}/pjsip.conf",
            "line": 20,
            "column": 6,
            "row": None,
            "type": "endpoint",
            "id": "bob",
            "option": "aors",
            "value": "nobody",
        }
    ]


def test_a_configuration_that_cannot_be_opened_is_a_finding(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=nowizard,x\n")
    result = run("-C", directory, "check", "--json")
    assert (result.code, rules(result.json)) == (1, ["unusable-mapping"])
    assert (result.json[0]["source"], result.json[0]["line"]) == (f"{directory}/sorcery.conf", 2)


def test_a_refused_environment_file_is_a_finding(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("\n[res_pjsip\n")
    result = run("-C", directory, "check", "--json")
    assert (result.code, rules(result.json), result.json[0]["line"]) == (1, ["header-unclosed-bracket"], 2)


def test_a_refused_file_of_objects_is_a_finding(run: Any, directory: Path) -> None:
    (directory / "pjsip.conf").write_text("[alice\n")
    result = run("-C", directory, "check", "--json")
    assert (result.code, rules(result.json)) == (1, ["header-unclosed-bracket"])


def test_a_missing_directory_is_misuse(run: Any, tmp_path: Path) -> None:
    result = run("-C", tmp_path / "no", "check")
    assert (result.code, result.out) == (2, "")
    assert "no such directory" in result.err


def test_a_good_database_is_exit_0(run: Any, url: str) -> None:
    result = run("--db", url, "check")
    assert (result.code, result.out, result.err) == (0, "nothing found\n", "")


def test_a_bad_row_is_named_and_not_logged_as_well(
    run: Any, url: str, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    execute(database, "INSERT INTO ps_aors (id, max_contacts) VALUES ('a', '99999999999')")
    result = run("--db", url, "check", "--json")
    assert (result.code, result.err, caplog.messages) == (1, "", [])
    assert [(each["source"], each["row"], each["option"]) for each in result.json] == [("ps_aors", "a", "max_contacts")]


def test_a_reference_to_a_bad_row_does_not_end_the_check(run: Any, url: str, database: Path) -> None:
    execute(
        database,
        "INSERT INTO ps_aors (id, max_contacts) VALUES ('a', '99999999999')",
        "INSERT INTO ps_endpoints (id, aors) VALUES ('a', 'a')",
    )
    found = run("--db", url, "check", "--json").json
    assert [(each["source"], each["row"]) for each in found] == [("ps_aors", "a")]  # the row is there, and bad


def test_what_tables_lack_is_found_for_the_tables_in_use(run: Any, url: str, database: Path) -> None:
    execute(database, "ALTER TABLE ps_aors DROP COLUMN max_contacts")
    result = run("--db", url, "check", "--json")
    assert result.code == 1
    assert [(each["rule"], each["source"], each["option"]) for each in result.json] == [
        ("missing-column", "ps_aors", "max_contacts")
    ]
    execute(database, "DROP TABLE stir_tn")
    assert "missing-table" in rules(run("db", "check", url, "--json").json)


def test_tables_are_compared_with_those_of_the_release_that_is_named(
    run: Any, directory: Path, url: str, database: Path
) -> None:
    def lacking(*words: str | Path) -> list[str]:
        return [each["option"] for each in run(*words, "check", "--json").json if each["rule"] == "missing-column"]

    execute(database, "ALTER TABLE ps_aors DROP COLUMN qualify_2xx_only", "ALTER TABLE ps_aors DROP COLUMN mailboxes")
    assert lacking("--db", url, "--target", "asterisk:22.1") == ["mailboxes"]
    assert lacking("--db", url, "--target", "asterisk:22") == ["mailboxes", "qualify_2xx_only"]
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n[target]\nasterisk=20.1\n")
    (directory / "extconfig.conf").write_text("[settings]\nps_aors=odbc,asterisk\n")
    (directory / "databases.conf").write_text(f"[asterisk]\nurl={url}\n")
    assert lacking("-C", directory) == ["mailboxes"]


def test_the_tables_of_a_directory_are_checked_too(run: Any, directory: Path, url: str, database: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n")
    (directory / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n")
    (directory / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    execute(database, "ALTER TABLE ps_aors DROP COLUMN max_contacts", "DROP TABLE ps_auths")
    found = run("-C", directory, "check", "--json").json
    assert ("missing-column", "ps_aors") in [(each["rule"], each["source"]) for each in found]
    assert not any(each["source"] == "ps_auths" for each in found)


def test_a_missing_table_is_told_once_and_is_exit_3(run: Any, url: str, database: Path) -> None:
    execute(database, "DROP TABLE ps_aors")
    result = run("--db", url, "check", "--json")
    assert (result.code, [(each["rule"], each["type"]) for each in result.json]) == (3, [("unavailable", "aor")])
    assert "table ps_aors does not exist" in result.json[0]["message"]


def test_a_database_that_only_stands_in_for_another_is_checked_too(
    run: Any, directory: Path, url: str, database: Path, tmp_path: Path
) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n")
    (directory / "pjsip.conf").write_text("")
    (directory / "extconfig.conf").write_text(
        "[settings]\nps_aors => sqlite3,pbx,ps_aors,1\nps_aors => sqlite3,spare,ps_aors,2\n"
    )
    (directory / "databases.conf").write_text(f"[pbx]\nurl = {url}\n[spare]\nurl = sqlite:///{tmp_path}/spare.db\n")
    silent = run("-C", directory, "check", "--json")
    assert (silent.code, rules(silent.json)) == (3, ["unavailable"])
    assert "spare.db" in silent.json[0]["message"]
    shutil.copy(database, tmp_path / "spare.db")
    execute(tmp_path / "spare.db", "DROP TABLE ps_aors")
    assert rules(run("-C", directory, "check", "--json").json) == ["missing-table"]


def test_a_database_that_does_not_let_itself_be_looked_at_is_a_finding_and_the_rest_is_checked(
    run: Any, url: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str, release: object) -> list[Finding]:
        raise ConfigurationError("the database refused", remedy="grant it")

    execute(database, "INSERT INTO ps_endpoints (id, aors) VALUES ('a', 'nobody')")
    monkeypatch.setattr(sorcery_migrations, "check", refuse)
    result = run("--db", url, "check", "--json")
    assert (result.code, rules(result.json)) == (1, ["configuration", "dangling-reference"])


def test_a_store_that_is_lost_on_the_way_is_a_finding_beside_those_before(
    run: Any, url: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(self: Audit) -> list[Finding]:
        raise Unavailable("realtime", "gone")

    execute(database, "INSERT INTO ps_aors (id, max_contacts) VALUES ('a', '99999999999')")
    monkeypatch.setattr(Audit, "dangling", lose)
    result = run("--db", url, "check", "--json")
    assert (result.code, rules(result.json)) == (3, ["unavailable", "invalid-object"])


def test_a_store_that_does_not_answer_is_exit_3(run: Any, tmp_path: Path) -> None:
    result = run("--db", f"sqlite:///{tmp_path}/no.db", "check", "--json")
    assert result.code == 3
    assert set(rules(result.json)) == {"unavailable"}
    assert all(each["type"] for each in result.json)


def test_a_store_that_does_not_answer_is_told_once_and_at_its_mapping(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n")
    (directory / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n")
    (directory / "databases.conf").write_text("[pbx]\nurl = sqlite:///no.db\n")
    (found,) = (each for each in run("-C", directory, "check", "--json").json if each["rule"] == "unavailable")
    assert (found["source"], found["line"]) == (f"{directory}/sorcery.conf", 2)


def test_what_was_passed_over_is_told_beside_the_refusal_that_came_of_it(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n")
    (directory / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3\n")
    assert sorted(rules(run("-C", directory, "check", "--json").json)) == ["broken-family", "unusable-mapping"]
    shown = run("-C", directory, "show", "auth")
    assert f"{directory}/extconfig.conf:2: warning [broken-family]" in shown.err


def test_a_corrupt_astdb_is_exit_3(run: Any, directory: Path) -> None:
    (directory / "astdb.sqlite3").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    checked, shown = run("-C", directory, "check"), run("-C", directory, "show", "contact")
    assert (checked.code, shown.code, shown.out) == (3, 3, "")
    assert "astdb.sqlite3" in checked.out
    assert "astdb.sqlite3" in shown.err


def test_all_that_can_be_opened_is_checked_beside_a_mapping_that_cannot_be_used(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\nauth=nowizard\ncontact=realtime,ps_contacts\n")
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contacts=many\n")
    found = run("-C", directory, "check", "--json").json
    assert sorted(rules(found)) == ["refused-value", "unusable-mapping", "unusable-mapping"]


def test_a_comment_keeps_a_finding_from_being_told(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor ; a test rig\nmax_contacts=1 ; sorcery: ignore locked-out there is one phone\n")
    assert run("-C", directory, "check").code == 0


def test_a_comment_in_an_include_counts_too(run: Any, directory: Path) -> None:
    (directory / "more.conf").write_text("[bob] ; sorcery: ignore locked-out\ntype=aor\nmax_contacts=2\n")
    with (directory / "pjsip.conf").open("a") as file:
        file.write("#include more.conf\n")
    found = run("-C", directory, "check", "--json").json
    assert [(each["rule"], each["source"]) for each in found] == [("unused-suppression", f"{directory}/more.conf")]


def test_an_option_that_the_target_does_not_know_is_found_only_if_a_target_is_named(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contacts=2\nqualify_2xx_only=no\n")
    assert run("-C", directory, "check").code == 0
    assert run("-C", directory, "check", "--target", "asterisk:22").code == 0
    found = run("-C", directory, "check", "--target", "asterisk:22.1", "--json").json
    assert [(each["rule"], each["option"]) for each in found] == [("unknown-to-target", "qualify_2xx_only")]


def test_another_target_is_misuse(run: Any, directory: Path) -> None:
    result = run("-C", directory, "check", "--target", "asterisk:99")
    assert (result.code, result.out) == (2, "")
    assert "asterisk:22" in result.err


def test_the_stated_rate_of_qualifies_counts(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contacts=10\nqualify_frequency=1\n")
    assert run("-C", directory, "check").code == 0
    assert rules(run("-C", directory, "check", "--qualify-rate", "9", "--json").json) == ["qualify-load"]


def test_rows_are_checked_by_the_same_rules(run: Any, url: str, database: Path) -> None:
    execute(
        database,
        "INSERT INTO ps_auths (id, username, password) VALUES ('a', 'a', 'a')",
        "INSERT INTO ps_aors (id, max_contacts) VALUES ('a', 1)",
        "INSERT INTO ps_endpoints (id, auth, aors, disallow) VALUES ('a', 'a', 'a', 'alaw')",
    )
    found = run("--db", url, "check", "--json").json
    assert [(each["source"], each["row"], each["option"], each["rule"]) for each in found] == [
        ("ps_aors", "a", "max_contacts", "locked-out"),
        ("ps_auths", "a", "password", "secret-is-id"),
        ("ps_endpoints", "a", "disallow", "ignored-column"),
    ]


def test_a_release_may_be_named_before_the_command(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contacts=1\nremove_existing=yes\nqualify_2xx_only=yes\n")
    for words in (["--target", "22.1", "check"], ["--target", "22", "check", "--target", "22.1"]):
        assert rules(run("-C", directory, *words, "--json").json) == ["unknown-to-target"]
    (directory / "sorcery.conf").write_text("[target]\nasterisk=22.1\n")
    assert rules(run("-C", directory, "check", "--json").json) == ["unknown-to-target"]
    assert rules(run("-C", directory, "check", "--target", "22", "--json").json) == []
    result = run("--target", "asterisk:9", "-C", directory, "show", "aor")
    assert (result.code, "asterisk:22" in result.err) == (2, True)


def test_a_line_of_a_template_that_objects_are_refused_for_is_told_once(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[t](!)\ntype=aor\nmax_contact=1\n[b](t)\n[c](t)\n[d](t)\n")
    (finding,) = run("-C", directory, "check", "--json").json
    assert (finding["rule"], finding["id"]) == ("unknown-option", "b")
    assert finding["message"].endswith("; so do 2 others that copy the line")


def test_a_comment_beside_the_mapping_says_that_a_row_is_meant(run: Any, directory: Path, url: str) -> None:
    (directory / "pjsip.conf").write_text("")
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n")
    (directory / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    for name in ("kiosk", "lab-1", "lab-2"):
        run("--db", url, "create", "aor", name, "max_contacts=1")
    mapping = "[settings]\nps_aors => odbc,pbx"
    for comment, left in (
        ("", ["kiosk", "lab-1", "lab-2"]),
        (" ; sorcery: ignore locked-out ps_aors:kiosk", ["lab-1", "lab-2"]),
        (" ; sorcery: ignore locked-out ps_aors:lab-* they never move", ["kiosk"]),
    ):
        (directory / "extconfig.conf").write_text(f"{mapping}{comment}\n")
        found = run("-C", directory, "check", "--json").json
        assert [(each["rule"], each["id"]) for each in found] == [("locked-out", name) for name in left]


def test_a_finding_in_the_second_file_of_a_pattern_stands_on_its_line_and_can_be_mended_and_meant(
    run: Any, tmp_path: Path
) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "pjsip.conf").write_text("#include d/*.conf\n")
    (tmp_path / "d/1.conf").write_text("[a]\ntype=aor\nmax_contacts=2\n")
    second = tmp_path / "d/2.conf"
    second.write_text("[b]\ntype=aor\nmax_contact=2\n[c]\ntype=aor\nmax_contacts=1 ; sorcery: ignore locked-out\n")
    assert f"{second}:3:1: error [unknown-option]" in run("-C", tmp_path, "check").out
    assert run("-C", tmp_path, "check", "--fix").code == 0
    assert "max_contacts=2" in second.read_text()


def test_a_repeated_id_hides_no_fault_of_the_objects_of_its_type(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text(
        "[a]\ntype=endpoint\naors=nobody\n[b]\ntype=endpoint\n[b]\ntype=endpoint\n"
        "[i]\ntype=identify\nendpoint=nobody\nmatch=192.0.2.1\n[j]\ntype=identify\nendpoint=b\nmatch=192.0.2.2\n"
    )
    found = run("-C", tmp_path, "check", "--json").json
    assert [(each["rule"], each["id"]) for each in found] == [
        ("dangling-reference", "a"),
        ("duplicate-id", "b"),
        ("dangling-reference", "i"),
    ]


def test_what_refuses_a_file_hides_nothing_else_that_is_wrong_with_its_lines(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text(
        "[phone](!)\ntype=endpoint\n#include nowhere.conf\n[a](phone)\naors=nobody\nallow_transfr=no\n"
        "[b\ntype=endpoint\n[c]\ntype=aor\nmax_contacts=many\nno equals sign\n[d](lost)\n"
        "[d]\ntype=auth\nusername=d\npassword=x\n"
    )
    found = run("-C", tmp_path, "check", "--json").json
    assert [(each["line"], each["rule"]) for each in found] == [
        (3, "include-missing"),
        (6, "unknown-option"),
        (7, "header-unclosed-bracket"),
        (11, "refused-value"),
        (12, "no-equals"),
    ]
    assert [each["message"].partition("; ")[0] for each in found if each["rule"] == "include-missing"] == [
        "'nowhere.conf' cannot be read"
    ]


def test_a_file_that_is_refused_keeps_no_other_from_being_mended(run: Any, tmp_path: Path) -> None:
    (tmp_path / "acl.conf").write_text("[a\n")
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\nmax_contact=2\n")
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor\nauth=config,acl.conf,criteria=type=auth\n"
    )
    result = run("-C", tmp_path, "check", "--fix")
    assert "header-unclosed-bracket" in result.out
    assert "max_contacts=2" in (tmp_path / "pjsip.conf").read_text()
    assert result.code == 1


def test_one_store_of_several_types_that_does_not_answer_is_one(run: Any, directory: Path, tmp_path: Path) -> None:
    (directory / "asterisk.conf").write_text(f"[directories]\nastdbdir = {tmp_path}/nowhere\n")
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=astdb,registrar\nauth=astdb,registrar\n")
    (silent,) = (each for each in run("-C", directory, "check", "--json").json if each["rule"] == "unavailable")
    assert silent["message"].startswith(f"astdb {tmp_path}/nowhere")
    assert " is unavailable: " in silent["message"]


def test_a_rate_below_nothing_is_misuse(run: Any, directory: Path) -> None:
    result = run("-C", directory, "check", "--qualify-rate", "-1")
    assert (result.code, result.out) == (2, "")
    assert "--qualify-rate" in result.err


def test_a_refused_object_hides_no_reference_of_its_own_to_nothing_and_no_use_of_others(
    run: Any, tmp_path: Path
) -> None:
    (tmp_path / "pjsip.conf").write_text(
        "[a]\ntype=endpoint\nallow_transfr=no\ntransport=nowhere\nauth=a\naors=a\n"
        "[a]\ntype=auth\nusername=a\npassword=changeme\n[a]\ntype=aor\nmax_contacts=2\n"
        "[r]\ntype=registration\nserver_uri=sip:x.example\nclient_uri=sip:a@x.example\noutbound_auth=a\n"
    )
    found = run("-C", tmp_path, "check", "--json").json
    assert [(each["line"], each["rule"]) for each in found] == [
        (3, "unknown-option"),
        (4, "dangling-reference"),
        (10, "default-secret"),
    ]


def test_a_list_that_is_no_utf_8_is_looked_at_as_any_other(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_bytes(b"[a]\ntype=endpoint\nauth=caf\xe9\n")
    (found,) = run("-C", tmp_path, "check", "--json").json
    assert found["rule"] == "dangling-reference"


def test_an_option_that_two_types_of_one_section_call_differently_is_not_mended_for_ever(
    run: Any, tmp_path: Path
) -> None:
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\nendpoint=config,pjsip.conf,criteria=type=endpoint\ncontact=config,pjsip.conf\n"
    )
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=endpoint\ncallerid=A\n")
    result = run("-C", tmp_path, "check", "--fix")
    assert (result.code, result.err.splitlines()[-1]) == (1, "2 mended")
    assert (tmp_path / "pjsip.conf").read_text() == "[a]\ntype=endpoint\ncallerid=A\n"


def test_a_table_of_another_name_is_compared_with_that_of_its_type_and_told_by_its_own_name(
    run: Any, directory: Path, url: str, database: Path
) -> None:
    execute(database, "ALTER TABLE ps_aors RENAME TO my_aors", "ALTER TABLE my_aors DROP COLUMN mailboxes")
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=realtime,ps_aors\n")
    (directory / "extconfig.conf").write_text(
        "[settings]\nps_aors=odbc,asterisk,my_aors\nps_aors=odbc,asterisk,no_aors,2\n"
    )
    (directory / "databases.conf").write_text(f"[asterisk]\nurl={url}\n")
    found = [each for each in run("-C", directory, "check", "--json").json if each["source"].endswith("_aors")]
    assert [(each["rule"], each["source"], each["option"]) for each in found] == [
        ("missing-column", "my_aors", "mailboxes"),
        ("missing-table", "no_aors", ""),
    ]
    assert found[0]["remedy"].startswith("ALTER TABLE my_aors ADD COLUMN mailboxes ")
    assert "adopt" not in found[1]["remedy"]


def test_what_is_a_defect_of_asterisk_alone_is_a_note_and_exit_0(run: Any, directory: Path) -> None:
    path = directory / "pjsip.conf"
    path.write_text(path.read_text().replace("context=inside\n", "context=inside\nconnected_line_method=update\n"))
    found = run("-C", directory, "check", "--json")
    assert [(each["severity"], each["rule"]) for each in found.json] == [("note", "compat-direct-media-method")]
    assert found.code == 0
    assert run("-C", directory, "check").out.endswith("0 errors, 0 warnings, 1 note\n")


def test_a_bad_row_is_asked_for_what_it_refers_to_and_those_that_refer_to_it_are_right(
    run: Any, url: str, database: Path
) -> None:
    execute(
        database,
        "INSERT INTO ps_endpoints (id, rtp_timeout, aors, auth) VALUES ('a', 'many', 'nobody', 'bad')",
        "INSERT INTO ps_auths (id, auth_type, username) VALUES ('bad', 'bogus', 'a')",
        "INSERT INTO ps_endpoint_id_ips (id, endpoint, match) VALUES ('i', 'a', '192.0.2.1')",
    )
    found = run("--db", url, "check", "--json").json
    assert [(each["rule"], each["source"], each["row"], each["option"]) for each in found] == [
        ("invalid-object", "ps_auths", "bad", "auth_type"),
        ("dangling-reference", "ps_endpoints", "a", "aors"),
        ("invalid-object", "ps_endpoints", "a", "rtp_timeout"),
    ]
