"""`create`, `update` and `delete`: what is stored, what is refused, and that nothing is half-written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_cli.change import Line, merged, parse_lines
from sorcery_cli.exits import Misuse


def settings(url: str, type_name: str, id: str) -> list[tuple[str, str]] | None:
    with Sorcery.open(url) as s:
        found = s.retrieve_by_id(type_name, id)
        return None if found is None else found.settings()


def test_create_takes_lines_of_a_file_and_prints_the_object(run: Any, url: str) -> None:
    result = run("--db", url, "create", "aor", "a", "max_contacts=2", "contact=sip:a@192.0.2.1,sip:b@192.0.2.2")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[0] == "+ aor a"
    assert "max_contacts: 2" in result.out
    assert ("contact", "sip:a@192.0.2.1,sip:b@192.0.2.2") in (settings(url, "aor", "a") or [])


def test_repeated_names_apply_in_order(run: Any, url: str) -> None:
    run("--db", url, "create", "endpoint", "a", "disallow=all", "allow=g722", "allow=alaw")
    assert settings(url, "endpoint", "a") == [("allow", "g722,alaw")]


def test_json_names_the_change(run: Any, url: str) -> None:
    created = run("--db", url, "create", "aor", "a", "max_contacts=2", "--json").json
    updated = run("--db", url, "update", "aor", "a", "max_contacts=3", "--json").json
    deleted = run("--db", url, "delete", "aor", "a", "--json").json
    assert created == {
        "op": "create",
        "type": "aor",
        "id": "a",
        "changes": [{"option": "max_contacts", "old": None, "new": "2"}],
    }
    assert updated["changes"] == [{"option": "max_contacts", "old": "2", "new": "3"}]
    assert deleted == {"op": "delete", "type": "aor", "id": "a", "changes": []}
    assert settings(url, "aor", "a") is None


def test_create_refuses_an_id_that_is_taken(run: Any, url: str) -> None:
    run("--db", url, "create", "aor", "a", "max_contacts=2")
    result = run("--db", url, "create", "aor", "a", "max_contacts=9")
    assert result.code == 1
    assert "exists already" in result.err
    assert settings(url, "aor", "a") == [("max_contacts", "2")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["max_contact=2"], "did you mean max_contacts?"),
        (["max_contacts=many"], "max_contacts='many'"),
        (["max_contacts=1", "nonsense=1"], "nonsense"),
    ],
)
def test_a_bad_option_names_itself_and_stores_nothing(run: Any, url: str, words: list[str], told: str) -> None:
    result = run("--db", url, "create", "aor", "a", *words)
    assert (result.code, result.out) == (1, "")
    assert told in result.err
    assert settings(url, "aor", "a") is None


def test_a_word_that_is_no_setting_is_misuse_and_is_not_quoted(run: Any, url: str) -> None:
    result = run("--db", url, "create", "auth", "a", "username=a", "password", "sesame")
    assert result.code == 2
    assert "word 2" in result.err
    assert "sesame" not in result.err


def test_a_secret_is_masked_in_what_is_printed(run: Any, url: str) -> None:
    created = run("--db", url, "create", "auth", "a", "username=a", "password=sesame")
    updated = run("--db", url, "update", "auth", "a", "password=simsim", "--json")
    refused = run("--db", url, "update", "auth", "a", "password=xyzzy", "auth_type=no")
    printed = "".join(result.out + result.err for result in (created, updated, refused))
    assert (created.code, updated.code, refused.code) == (0, 0, 1)
    assert not any(secret in printed for secret in ("sesame", "simsim", "xyzzy"))
    assert updated.json["changes"] == [{"option": "password", "old": "********", "new": "********"}]
    assert ("password", "simsim") in (settings(url, "auth", "a") or [])


def test_a_reference_to_nothing_is_refused_unless_it_is_allowed(run: Any, url: str) -> None:
    refused = run("--db", url, "create", "endpoint", "a", "aors=nobody")
    assert refused.code == 1
    assert "aors='nobody'" in refused.err
    assert refused.err.endswith("create the aor or correct the name, or use --allow-dangling\n")
    assert settings(url, "endpoint", "a") is None
    allowed = run("--db", url, "create", "endpoint", "a", "aors=nobody", "--allow-dangling")
    assert allowed.code == 0
    assert "aors='nobody'" in allowed.err
    assert "--allow-dangling" not in allowed.err
    assert settings(url, "endpoint", "a") == [("aors", "nobody")]


def test_an_object_of_a_type_that_is_not_kept_here_can_be_referred_to(run: Any, url: str) -> None:
    assert run("--db", url, "create", "endpoint", "a", "stir_shaken_profile=b").code == 0
    assert settings(url, "endpoint", "a") == [("stir_shaken_profile", "b")]


def test_a_row_that_holds_no_valid_object_can_be_referred_to(run: Any, url: str, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', '99999999999')")
    connection.close()
    assert run("--db", url, "create", "endpoint", "a", "aors=a").code == 0


def test_a_store_that_does_not_answer_for_a_reference_ends_the_command(run: Any, url: str, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE ps_aors")
    connection.close()
    refused = run("--db", url, "create", "endpoint", "a", "aors=a", "--allow-dangling")
    assert (refused.code, settings(url, "endpoint", "a")) == (3, None)


def test_update_keeps_what_is_not_named(run: Any, url: str) -> None:
    run("--db", url, "create", "aor", "a", "max_contacts=2", "support_path=yes")
    assert run("--db", url, "update", "aor", "a", "max_contacts=3").out.splitlines() == [
        "~ aor a",
        "    max_contacts: 2 -> 3",
    ]
    assert dict(settings(url, "aor", "a") or []) == {"max_contacts": "3", "support_path": "yes"}


def test_update_resets_an_option(run: Any, url: str) -> None:
    run("--db", url, "create", "aor", "a", "max_contacts=2", "support_path=yes")
    assert run("--db", url, "update", "aor", "a", "--reset", "max_contacts").code == 0
    assert settings(url, "aor", "a") == [("support_path", "yes")]
    unknown = run("--db", url, "update", "aor", "a", "--reset", "max_contact")
    assert unknown.code == 1
    assert "did you mean max_contacts?" in unknown.err


@pytest.mark.parametrize(("name", "kept"), [("permit", "deny"), ("disallow", "allow")])
def test_an_option_whose_value_another_one_keeps_cannot_be_reset(run: Any, url: str, name: str, kept: str) -> None:
    run("--db", url, "create", "endpoint", "a", "permit=192.0.2.0/24", "allow=ulaw")
    before = settings(url, "endpoint", "a")
    result = run("--db", url, "update", "endpoint", "a", "--reset", name)
    assert (result.code, result.err) == (2, f"sorcery: --reset {name}: what it sets is kept as {kept}; reset that\n")
    assert settings(url, "endpoint", "a") == before


def test_an_extended_field_can_be_reset(run: Any, directory: Path) -> None:
    run("-C", directory, "create", "contact", "a", "uri=sip:a@192.0.2.1", "@room=1")
    result = run("-C", directory, "update", "contact", "a", "--reset", "@room", "--json")
    assert (result.code, result.json["changes"]) == (0, [{"option": "@room", "old": "1", "new": None}])


def test_update_without_a_difference_says_so(run: Any, url: str) -> None:
    run("--db", url, "create", "aor", "a", "max_contacts=2")
    result = run("--db", url, "update", "aor", "a", "max_contacts=2")
    assert (result.code, result.out) == (0, "aor a: no differences\n")


def test_update_without_a_difference_writes_nothing(run: Any, directory: Path) -> None:
    result = run("-C", directory, "update", "aor", "alice", "max_contacts=2")
    assert (result.code, result.out) == (0, "aor alice: no differences\n")  # in a file, which cannot be written


def test_a_warning_about_a_line_is_told_and_the_object_is_stored(run: Any, url: str) -> None:
    result = run("--db", url, "create", "auth", "a", "username=a", f"md5_cred={'cd' * 16}")
    assert result.code == 0
    assert result.err.startswith("warning [deprecated-option] auth 'a', option md5_cred: ")
    assert "cdcd" not in result.err


def test_what_is_added_to_a_list_and_refused_is_told_with_its_option(run: Any, url: str) -> None:
    run("--db", url, "create", "endpoint", "a", "allow=ulaw")
    result = run("--db", url, "update", "endpoint", "a", "allow+=bogus")
    assert result.code == 1
    assert result.err.startswith("sorcery: endpoint 'a', option allow='bogus': 'bogus' is no codec; write ")
    assert settings(url, "endpoint", "a") == [("allow", "ulaw")]


def test_update_keeps_what_somebody_else_changes_meanwhile(run: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--db", url, "create", "aor", "a", "mailboxes=1@d")
    with Sorcery.open(url) as other:

        def interrupted(old: Object, *arguments: Any) -> list[tuple[str, str]]:
            if other.retrieve_by_id("aor", "a") == Aor(id="a", mailboxes="1@d"):
                other.update(Aor(id="a", mailboxes="1@d,2@d"))
            return merged(old, *arguments)

        monkeypatch.setattr("sorcery_cli.change.merged", interrupted)
        result = run("--db", url, "update", "aor", "a", "mailboxes+=3@d")
    assert result.out.splitlines() == ["~ aor a", "    mailboxes: 1@d,2@d -> 1@d,2@d,3@d"]
    assert settings(url, "aor", "a") == [("mailboxes", "1@d,2@d,3@d")]


def test_update_keeps_what_somebody_else_changes_in_the_file_meanwhile(
    run: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = directory / "pjsip.conf"

    def interrupted(old: Object, *arguments: Any) -> list[tuple[str, str]]:
        path.write_text(path.read_text().replace("max_contacts=2", "max_contacts=5"))
        return merged(old, *arguments)

    monkeypatch.setattr("sorcery_cli.change.merged", interrupted)
    result = run("-C", directory, "update", "aor", "alice", "mailboxes=1@d", "--writable")
    assert (result.code, result.out) == (0, "~ aor alice\n    mailboxes: (empty) -> 1@d\n")
    assert path.read_text().endswith("max_contacts=5\nmailboxes=1@d\n")


def test_update_of_what_does_not_exist_is_exit_1(run: Any, url: str) -> None:
    result = run("--db", url, "update", "aor", "a", "max_contacts=2")
    assert (result.code, result.err) == (1, "sorcery: aor 'a' does not exist\n")


def test_delete_of_what_does_not_exist_is_exit_1(run: Any, url: str) -> None:
    assert run("--db", url, "delete", "aor", "a").code == 1


def test_delete_removes_a_row_that_holds_no_valid_object(run: Any, url: str, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', '99999999999')")
    connection.close()
    assert run("--db", url, "show", "aor", "a").code == 1
    assert run("--db", url, "delete", "aor", "a").code == 0
    assert "does not exist" in run("--db", url, "show", "aor", "a").err


def test_a_run_may_be_let_write_a_file(run: Any, directory: Path) -> None:
    path = directory / "pjsip.conf"
    for words in (
        ("create", "aor", "bob", "max_contacts=3"),
        ("update", "aor", "bob", "max_contacts=4"),
        ("rename", "aor", "bob", "robert"),
        ("delete", "aor", "robert"),
    ):
        before = path.read_bytes()
        refused = run("-C", directory, *words)
        assert (refused.code, refused.err.splitlines()[1:]) == (1, ["  or let this run write it: --writable"])
        assert path.read_bytes() == before
        assert run("-C", directory, *words, "--writable").code == 0
        assert path.read_bytes() != before
    assert "robert" not in path.read_text()


def test_a_type_in_a_file_cannot_be_written(run: Any, directory: Path) -> None:
    before = (directory / "pjsip.conf").read_bytes()
    result = run("-C", directory, "update", "aor", "alice", "max_contacts=5")
    assert result.code == 1
    assert "config" in result.err
    assert (directory / "pjsip.conf").read_bytes() == before


def test_contacts_of_a_directory_lie_in_its_astdb(run: Any, directory: Path) -> None:
    assert run("-C", directory, "create", "contact", "alice;@1", "uri=sip:a@192.0.2.1").code == 0
    assert [each["id"] for each in run("-C", directory, "show", "contact", "--json").json] == ["alice;@1"]


@pytest.mark.parametrize("words", [["create", "aor", "a"], ["update", "aor", "a"], ["delete", "aor", "a"]])
def test_what_would_be_gone_at_the_end_is_refused(run: Any, words: list[str]) -> None:
    result = run("--db", "memory:", *words)
    assert result.code == 1
    assert "in memory only" in result.err


def test_an_empty_id_is_misuse(run: Any, url: str) -> None:
    assert run("--db", url, "create", "aor", "").code == 2


def test_lines_are_split_at_the_first_equals_sign() -> None:
    assert parse_lines(["a=b=c", "d += e", "f="]) == [Line("a", "b=c"), Line("d", "e", True), Line("f", "")]


def test_a_line_does_not_show_its_text() -> None:
    assert "sesame" not in repr(parse_lines(["password=sesame"]))


@pytest.mark.parametrize("word", ["", "a", "=b", "+=b"])
def test_a_word_without_a_name_or_an_equals_sign_is_refused(word: str) -> None:
    with pytest.raises(Misuse, match="word 1"):
        parse_lines([word])


def test_adding_writes_a_longer_line_where_a_later_line_replaces() -> None:
    old = Endpoint(id="a", aors=["x"])
    lines = merged(old, [Line("aors", "y", True)])
    assert lines == [("aors", "x,y")]


def test_adding_writes_one_line_more_where_lines_add_up() -> None:
    old = Endpoint.from_objectset("a", [("set_var", "A=1")])
    assert merged(old, [Line("set_var", "B=2", True)]) == [("set_var", "A=1"), ("set_var", "B=2")]


def test_adding_to_nothing_sets() -> None:
    assert merged(Aor(id="a"), [Line("mailboxes", "1@x", True)]) == [("mailboxes", "1@x")]


def test_a_removal_from_a_list_applies_to_what_was_there() -> None:
    old = Endpoint.from_objectset("a", [("allow", "!all,ulaw,alaw")])
    new = Endpoint.from_objectset("a", merged(old, [Line("disallow", "ulaw")]))
    assert new == Endpoint.from_objectset("a", [("allow", "!all,alaw")])


def test_replacing_takes_all_lines_of_a_name_away() -> None:
    old = Endpoint.from_objectset("a", [("set_var", "A=1"), ("set_var", "B=2"), ("context", "x")])
    assert merged(old, [Line("set_var", "C=3"), Line("SET_VAR", "D=4", True)]) == [
        ("context", "x"),
        ("set_var", "C=3"),
        ("SET_VAR", "D=4"),
    ]


def test_extended_fields_are_merged_too() -> None:
    old = Contact(id="a", uri="sip:a@h", extended={"@x": "1", "@y": "2"})
    assert dict(merged(old, [Line("@x", "3")])) == {"uri": "sip:a@h", "@x": "3", "@y": "2"}


@pytest.fixture
def mapped_twice(directory: Path) -> Path:
    (directory / "sorcery.conf").write_text(
        "[res_pjsip]\n"
        "aor = config,pjsip.conf,criteria=type=aor\n"
        "aor = astdb,near\n"
        "aor = astdb,far\n"
        "[writes]\n"
        "aor = first\n"
    )
    return directory


def test_of_a_type_in_several_stores_each_is_told_of(run: Any, mapped_twice: Path) -> None:
    created = run("-C", mapped_twice, "create", "aor", "bob", "max_contacts=2")
    assert created.code == 0
    assert created.out.splitlines()[-3:] == [
        "    skipped in config pjsip.conf aor",
        "    created in astdb /near/aor",
        "    skipped in astdb /far/aor",
    ]
    updated = run("-C", mapped_twice, "update", "aor", "bob", "max_contacts=3", "--json").json
    assert updated["changes"] == [{"option": "max_contacts", "old": "2", "new": "3"}]
    assert updated["stores"] == [
        {"store": "config pjsip.conf aor", "outcome": "skipped"},
        {"store": "astdb /near/aor", "outcome": "updated"},
        {"store": "astdb /far/aor", "outcome": "skipped"},
    ]
    unchanged = run("-C", mapped_twice, "update", "aor", "bob", "max_contacts=3", "--json").json
    assert "stores" not in unchanged
    assert run("-C", mapped_twice, "delete", "aor", "bob").out.splitlines()[-2] == "    deleted in astdb /near/aor"


def test_what_lies_in_a_file_is_neither_changed_nor_hidden(run: Any, mapped_twice: Path) -> None:
    for words in (("update", "aor", "alice", "max_contacts=9"), ("delete", "aor", "alice")):
        result = run("-C", mapped_twice, *words)
        assert (result.code, result.out) == (1, "")
        assert "'alice' cannot be written: it lies in config pjsip.conf" in result.err


def test_update_replaces_another_version_that_a_second_store_holds(run: Any, mapped_twice: Path) -> None:
    conf = mapped_twice / "sorcery.conf"
    conf.write_text(conf.read_text().replace("aor = first", "aor = all"))
    run("-C", mapped_twice, "create", "aor", "bob", "max_contacts=2")
    with Sorcery.open("memory:", astdb=mapped_twice / "astdb.sqlite3") as far:
        far.map("aor", "astdb", "far")
        far.update(Aor(id="bob", max_contacts=7))
        assert run("-C", mapped_twice, "update", "aor", "bob", "max_contacts=3").code == 0
        assert far.retrieve_by_id("aor", "bob") == Aor(id="bob", max_contacts=3)
