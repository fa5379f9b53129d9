"""`sorcery new`: the objects of one thing together, or none of them, and a password that only its owner is told."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint, Registration
from sorcery.recipes import RECIPES
from tests.unit.recipes.systems import CERTIFICATE, KEY

PASSWORD = "hunter2hunter2"


@pytest.fixture
def writable(tmp_path: Path) -> Path:
    """Return a directory whose `pjsip.conf` may be written, with a transport of each kind in it."""
    folder = tmp_path / "writable"
    folder.mkdir()
    (folder / "sorcery.conf").write_text("[writes]\npjsip.conf = yes\n")
    (folder / "pjsip.conf").write_text(
        "; by hand\n[udp]\ntype=transport\nbind=0.0.0.0\n[wss]\ntype=transport\nprotocol=wss\nbind=0.0.0.0\n"
        f"[tls]\ntype=transport\nprotocol=tls\nbind=0.0.0.0\nmethod=tlsv1_2\n"
        f"cert_file={CERTIFICATE}\npriv_key_file={KEY}\n"
    )
    return folder


def stored(target: str | Path, type_name: str, id: str) -> Any:
    with Sorcery.open(target) as s:
        return s.retrieve_by_id(type_name, id)


def test_without_a_recipe_all_are_listed(run: Any) -> None:
    result = run("new")
    assert result.code == 0
    assert all(name in result.out for name in RECIPES)
    listed = run("new", "--json").json
    assert [each["recipe"] for each in listed][: len(RECIPES)] == list(RECIPES)
    assert listed[0]["summary"] == "A desk phone that registers, at home or behind NAT."


@pytest.mark.parametrize("name", list(RECIPES))
def test_each_recipe_says_what_it_takes(run: Any, name: str) -> None:
    result = run("new", name, "--help")
    assert result.code == 0
    assert re.search(r"ID +<str>", result.out)
    assert "Raises" not in result.out


def test_an_unknown_recipe_is_misuse(run: Any) -> None:
    assert run("new", "fone", "1").code == 2


def test_a_phone_is_three_objects_in_a_database(run: Any, url: str) -> None:
    result = run("--db", url, "new", "phone", "100", "--name", "Alice", "--max-contacts", "2", "--no-nat")
    assert result.code == 0
    assert [line for line in result.out.splitlines() if line.startswith("+")] == [
        "+ endpoint 100",
        "+ auth 100",
        "+ aor 100",
    ]
    endpoint: Endpoint = stored(url, "endpoint", "100")
    assert (endpoint.callerid.name, endpoint.rewrite_contact) == ("Alice", False)
    assert stored(url, "aor", "100").max_contacts == 2
    assert len(stored(url, "auth", "100").password.reveal()) == 24


def test_everything_goes_into_a_file_that_may_be_written_and_a_check_finds_no_fault(run: Any, writable: Path) -> None:
    for words in (
        ("phone", "100"),
        ("softphone", "101"),
        ("webrtc", "102"),
        ("ata", "103"),
        ("trunk", "near", "--hosts", "192.0.2.1,192.0.2.2:5070"),
        ("registered-trunk", "far", "--server", "192.0.2.3", "--username", "us", "--secret-from", "generate"),
        ("transport", "tcp", "--protocol", "tcp"),
    ):
        result = run("-C", writable, "new", *words)
        assert result.code == 0, result.err
    checked = run("-C", writable, "check")
    assert (checked.code, checked.out) == (0, "nothing found\n")
    assert (writable / "pjsip.conf").read_text().startswith("; by hand\n[udp]\n")
    assert stored(writable, "endpoint", "101").transport == "tls"


def test_a_file_that_may_not_be_written_says_how_to_allow_it_and_stays(run: Any, directory: Path) -> None:
    before = (directory / "pjsip.conf").read_bytes()
    result = run("-C", directory, "new", "phone", "100")
    assert result.code == 1
    assert "[writes]" in result.err
    assert "--writable" in result.err
    assert (directory / "pjsip.conf").read_bytes() == before
    assert run("-C", directory, "new", "phone", "100", "--writable").code == 0
    assert stored(directory, "auth", "100").username == "100"


@pytest.mark.parametrize("words", [("phone",), ("transport",), ("trunk", "--hosts", "192.0.2.1")])
def test_an_empty_id_is_misuse_and_makes_nothing(run: Any, writable: Path, words: tuple[str, ...]) -> None:
    before = (writable / "pjsip.conf").read_bytes()
    result = run("-C", writable, "new", *words, "")
    assert (result.code, result.err) == (2, "sorcery: the id is empty; name what to create\n")
    assert (writable / "pjsip.conf").read_bytes() == before


def test_a_password_that_was_made_is_found_where_the_note_says(run: Any, writable: Path, url: str) -> None:
    told = run("-C", writable, "new", "phone", "100").err
    assert f"`sorcery -C {writable} show auth 100 --secrets`" in told
    assert f"`sorcery --db {url} show auth 100 --secrets`" in run("--db", url, "new", "phone", "100").err


def test_a_password_that_a_column_of_the_auth_gives_was_not_made(run: Any, url: str, tmp_path: Path) -> None:
    (tmp_path / "phones.csv").write_text(f"id,auth/password\n100,{PASSWORD}\n")
    result = run("--db", url, "new", "phone", "--from-csv", tmp_path / "phones.csv", "--seal", "asterisk")
    assert (result.code, result.err) == (0, "")


def test_ids_that_are_taken_are_all_named_and_nothing_is_stored(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "100", "max_contacts=1")
    run("--db", url, "create", "endpoint", "100")
    result = run("--db", url, "new", "phone", "100")
    assert result.code == 1
    assert "endpoint '100' exists already" in result.err
    assert "aor '100' exists already too" in result.err
    assert stored(url, "auth", "100") is None


def test_what_lies_in_memory_is_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\nendpoint=memory\nauth=memory\naor=memory\n")
    result = run("-C", tmp_path, "new", "phone", "100")
    assert result.code == 1
    assert "endpoint is held in memory only" in result.err


def test_words_change_the_objects_as_files_would(run: Any, url: str) -> None:
    words = ("endpoint/language=de", "endpoint/set_var=A=1", "aor/support_path=yes")
    assert run("--db", url, "new", "phone", "100", *words).code == 0
    assert stored(url, "endpoint", "100").language == "de"
    assert stored(url, "aor", "100").support_path


@pytest.mark.parametrize(
    ("word", "told"),
    [("language=de", "write TYPE/NAME=VALUE"), ("identify/match=1", "endpoint, auth, aor"), ("endpoint/x", "word 1")],
)
def test_a_word_about_no_object_is_misuse(run: Any, url: str, word: str, told: str) -> None:
    result = run("--db", url, "new", "phone", "100", word)
    assert result.code == 2
    assert told in result.err
    assert stored(url, "endpoint", "100") is None


def test_a_word_that_no_object_can_have_is_refused(run: Any, url: str) -> None:
    result = run("--db", url, "new", "phone", "100", "endpoint/languag=de")
    assert result.code == 1
    assert "did you mean language?" in result.err


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_a_check_would_say_is_told_at_once(
    run: Any, url: str, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PW", "1234")
    result = run("--db", url, "new", "phone", "100", "--secret-from", "env:PW", "aor/remove_existing=no", *more)
    assert result.code == 0
    assert [line.partition("]")[0] for line in result.err.splitlines()] == [
        "warning [weak-secret",
        "warning [locked-out",
    ]
    assert "1234" not in result.err


def test_an_id_that_finds_the_contacts_of_others_is_told_where_contacts_lie_in_a_table(
    run: Any, tmp_path: Path, writable: Path
) -> None:
    words = ("new", "phone", "a_b")
    assert "wildcard" not in run("-C", writable, *words).err
    etc = tmp_path / "etc"
    assert run("-C", etc, "init", "--backend", "sqlite:///pbx.db").code == 0
    conf = etc / "sorcery.conf"
    conf.write_text(conf.read_text().replace("contact = astdb,registrar", "contact = realtime,ps_contacts"))
    with (etc / "extconfig.conf").open("a") as file:
        file.write("ps_contacts => sqlite3,pbx\n")
    assert run("-C", etc, *words).err.startswith("warning [wildcard-id] aor 'a_b': ")


def test_nothing_is_said_of_what_is_right_or_of_others(run: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", PASSWORD)
    run("--db", url, "create", "aor", "other", "max_contacts=1")  # which locks out
    run("--db", url, "create", "endpoint", "other", "aors=other")
    assert run("--db", url, "new", "phone", "100", "--secret-from", "env:PW").err == ""


def test_a_dry_run_prints_lines_of_a_file_and_stores_nothing(run: Any, url: str) -> None:
    result = run("--db", url, "new", "phone", "100", "endpoint/outbound_proxy=sip:a;lr", "--dry-run")
    assert result.code == 0
    assert result.out.startswith("[100]\ntype = endpoint\n")
    assert "outbound_proxy = sip:a\\;lr\n" in result.out
    assert "password = ********\n" in result.out
    assert stored(url, "endpoint", "100") is None


def test_what_a_dry_run_prints_is_what_a_file_wants(run: Any, url: str, tmp_path: Path) -> None:
    words = ("registered-trunk", "far", "--server", "192.0.2.1", "--username", "us", "--secret-from", "generate")
    result = run("--db", url, "new", *words, "--proxy", "192.0.2.9", "--dry-run", "--secrets")
    (tmp_path / "pjsip.conf").write_text(result.out)
    found: Registration = stored(tmp_path, "registration", "far")
    assert found.outbound_proxy == "sip:192.0.2.9;lr"
    assert len(stored(tmp_path, "auth", "far-oauth").password.reveal()) == 24


def test_a_dry_run_fails_as_the_run_would(run: Any, url: str) -> None:
    assert run("--db", url, "new", "softphone", "100", "--dry-run").code == 1
    run("--db", url, "new", "phone", "100")
    assert run("--db", url, "new", "phone", "100", "--dry-run").code == 1


def test_a_transport_elsewhere_may_be_named(run: Any, url: str) -> None:
    refused = run("--db", url, "new", "softphone", "100", "--transport", "outside")
    assert "no such transport exists" in refused.err
    assert run("--db", url, "new", "softphone", "100", "--transport", "outside", "--allow-dangling").code == 0
    assert stored(url, "endpoint", "100").transport == "outside"


def test_a_password_comes_from_where_nobody_sees_it(
    run: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICE_PW", PASSWORD)
    (tmp_path / "bob").write_text(f"{PASSWORD}x\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}y\n"))
    for id, place in (("100", "env:ALICE_PW"), ("101", f"file:{tmp_path / 'bob'}"), ("102", "-")):
        result = run("--db", url, "new", "phone", id, "--secret-from", place)
        assert result.code == 0
        assert PASSWORD not in result.out + result.err
    texts = [stored(url, "auth", id).password.reveal() for id in ("100", "101", "102")]
    assert texts == [PASSWORD, f"{PASSWORD}x", f"{PASSWORD}y"]


def test_a_password_on_the_command_line_is_misuse_and_not_repeated(run: Any, url: str) -> None:
    result = run("--db", url, "new", "phone", "100", "--secret-from", PASSWORD)
    assert result.code == 2
    assert PASSWORD not in result.out + result.err
    assert stored(url, "auth", "100") is None


@pytest.mark.parametrize("name", ["password", "md5_cred", "oauth_secret"])
def test_a_password_among_the_words_is_misuse_and_not_repeated(run: Any, url: str, name: str) -> None:
    result = run("--db", url, "new", "phone", "100", f"auth/{name}={PASSWORD}")
    assert result.code == 2
    assert "use --secret-from" in result.err
    assert PASSWORD not in result.out + result.err


def test_a_password_that_was_made_is_told_where_it_is_asked_for(run: Any, url: str) -> None:
    quiet = run("--db", url, "new", "phone", "100")
    made = stored(url, "auth", "100").password.reveal()
    assert made not in quiet.out + quiet.err
    assert "show auth 100 --secrets" in quiet.err
    told = run("--db", url, "new", "phone", "101", "--secrets")
    assert f"    password: {stored(url, 'auth', '101').password.reveal()}\n" in told.out
    data = run("--db", url, "new", "phone", "102", "--secrets", "--json").json
    (auth,) = [each for each in data if each["type"] == "auth"]
    password = {"option": "password", "old": None, "new": stored(url, "auth", "102").password.reveal()}
    assert password in auth["changes"]


def test_a_password_that_was_made_is_told_once_on_a_terminal(
    run: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery_cli.recipes.making.sys.stdout.isatty", lambda: True)
    result = run("--db", url, "new", "phone", "100")
    assert result.out.count(stored(url, "auth", "100").password.reveal()) == 1
    monkeypatch.setenv("ALICE_PW", PASSWORD)
    given = run("--db", url, "new", "phone", "101", "--secret-from", "env:ALICE_PW")
    assert PASSWORD not in given.out


def test_a_reference_is_kept_where_it_is_followed(run: Any, writable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALICE_PW", PASSWORD)
    words = ("new", "phone", "100", "--secret-from", "env:ALICE_PW", "--keep-reference")
    refused = run("-C", writable, *words)
    assert refused.code == 2
    assert "[secrets]" in refused.err
    with (writable / "sorcery.conf").open("a") as file:
        file.write("[secrets]\nenv = yes\n")
    kept = run("-C", writable, *words)
    assert (kept.code, kept.err) == (0, "")  # a check finds nothing in what it stands for
    assert "password=env:ALICE_PW\n" in (writable / "pjsip.conf").read_text()
    assert stored(writable, "auth", "100").password.reveal() == PASSWORD


def test_a_sealed_phone_has_digests_and_no_password(run: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALICE_PW", PASSWORD)
    result = run("--db", url, "new", "phone", "100", "--secret-from", "env:ALICE_PW", "--seal", "asterisk")
    assert result.code == 0
    auth: Auth = stored(url, "auth", "100")
    assert not auth.password
    assert (auth.realm, list(auth.password_digest)) == ("asterisk", ["MD5", "SHA-256"])
    assert run("--db", url, "check").out == "nothing found\n"


def test_a_sealed_phone_has_the_digests_that_were_asked_for(
    run: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICE_PW", PASSWORD)
    words = ("--secret-from", "env:ALICE_PW", "--seal", "asterisk", "--algorithms", "SHA-256")
    assert run("--db", url, "new", "phone", "100", *words).code == 0
    assert "SHA-256" in stored(url, "auth", "100").password_digest
    assert list(stored(url, "auth", "100").supported_algorithms_uas) == ["SHA-256"]


def test_a_password_that_nobody_would_ever_know_is_not_sealed(run: Any, url: str) -> None:
    refused = run("--db", url, "new", "phone", "100", "--seal", "asterisk")
    assert refused.code == 2
    assert stored(url, "auth", "100") is None
    told = run("--db", url, "new", "phone", "100", "--seal", "asterisk", "--secrets")
    assert re.search(r"^password of 100: \w{24}$", told.out, re.MULTILINE)


@pytest.mark.parametrize("realm", ["", " ", "*"])
def test_a_realm_that_is_none_is_misuse(run: Any, url: str, monkeypatch: pytest.MonkeyPatch, realm: str) -> None:
    monkeypatch.setenv("PW", PASSWORD)
    result = run("--db", url, "new", "phone", "100", "--secret-from", "env:PW", "--seal", realm)
    assert result.code == 2
    assert "name the realm that phones are challenged with" in result.err


def test_a_reference_in_a_table_is_not_sealed_as_if_it_were_the_password(
    run: Any, writable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICE_PW", PASSWORD)
    (tmp_path / "phones.csv").write_text("id,secret\n100,env:ALICE_PW\n")
    with (writable / "sorcery.conf").open("a") as file:
        file.write("[secrets]\nenv = yes\n")
    words = ("new", "phone", "--from-csv", tmp_path / "phones.csv")
    refused = run("-C", writable, *words, "--seal", "asterisk")
    assert refused.code == 1
    assert "its password lies elsewhere" in refused.err
    assert (run("-C", writable, *words).code, run("-C", writable, "check").out) == (0, "nothing found\n")
    assert stored(writable, "auth", "100").password.reveal() == PASSWORD


def test_a_line_that_no_file_can_hold_is_not_printed_as_one(run: Any, url: str) -> None:
    result = run("--db", url, "new", "phone", "100", "--context", " inside", "--dry-run")
    assert (result.code, result.out) == (1, "")
    assert "a value cannot begin or end with a blank" in result.err


def test_what_answers_others_is_not_sealed(run: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", PASSWORD)
    words = ("--server", "192.0.2.1", "--username", "us", "--secret-from", "env:PW", "--seal", "asterisk")
    assert run("--db", url, "new", "registered-trunk", "far", *words).code == 0
    assert stored(url, "auth", "far-oauth").password.reveal() == PASSWORD


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("phone",), "name what to create by an ID"),
        (("registered-trunk", "a", "--server", "192.0.2.1"), "--username is missing"),
        (("registered-trunk", "a", "--server", "192.0.2.1", "--username", "u"), "--secret-from is missing"),
        (("transport", "a", "--protocol", "sctp"), "--protocol"),
        (("phone", "100", "--max-contacts", "two"), "--max-contacts"),
    ],
)
def test_what_is_missing_or_means_nothing_is_misuse(run: Any, url: str, words: tuple[str, ...], told: str) -> None:
    result = run("--db", url, "new", *words)
    assert result.code == 2
    assert told in result.err


def test_a_password_for_another_system_is_made_only_if_told(run: Any, url: str) -> None:
    words = ("new", "trunk", "near", "--hosts", "192.0.2.1")
    assert run("--db", url, *words).code == 0
    assert stored(url, "endpoint", "near").outbound_auth == ()
    result = run("--db", url, "new", "trunk", "far", "--hosts", "192.0.2.2", "--secret-from", "generate", "--secrets")
    assert stored(url, "auth", "far-oauth").password.reveal() in result.out


def test_what_has_to_be_seen_to_elsewhere_is_told(run: Any, writable: Path) -> None:
    assert "http.conf" not in run("-C", writable, "new", "webrtc", "100").err
    assert "note: WebSockets come in" in run("-C", writable, "new", "transport", "other", "--protocol", "wss").err


def test_many_come_from_a_table(run: Any, url: str, tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text(
        'id,name,secret,max_contacts,nat,endpoint/language\n100,"Bob, jr",hunter2hunter2,2,no,en\n\n101,Eve,,,,\n'
    )
    result = run("--db", url, "new", "phone", "--from-csv", table, "--context", "sales")
    assert (result.code, result.out) == (0, "created 2 of type endpoint, 2 of type auth, 2 of type aor\n")
    bob, eve = stored(url, "endpoint", "100"), stored(url, "endpoint", "101")
    assert (bob.callerid.name, bob.language, bob.rewrite_contact) == ("Bob, jr", "en", False)
    assert (eve.callerid.name, eve.context, eve.rewrite_contact) == ("Eve", "sales", True)
    assert stored(url, "auth", "100").password.reveal() == PASSWORD
    assert len(stored(url, "auth", "101").password.reveal()) == 24
    assert stored(url, "aor", "100").max_contacts == 2


def test_a_table_of_no_rows_makes_nothing(run: Any, url: str, tmp_path: Path) -> None:
    (tmp_path / "phones.csv").write_text("id,name\n")
    result = run("--db", url, "new", "phone", "--from-csv", tmp_path / "phones.csv")
    assert (result.code, result.out) == (0, "created nothing\n")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("101,,two", ":3: column max-contacts: write a whole number"),
        ("101,,0", ":3: aor '101', option max_contacts: no device could register"),
        ("a b,,", ":3: endpoint 'a b': the id cannot be dialled"),
        ("100,,", ":3: id '100' stands in line 2 too"),
        (",x,", ":3: the id is empty"),
        ("101,a,1,b", ":3: there are 4 cells below 3 columns"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_the_table_is_stored(
    run: Any, url: str, tmp_path: Path, row: str, told: str
) -> None:
    table = tmp_path / "phones.csv"
    table.write_text(f"id,name,max-contacts\n100,Bob,\n{row}\n")
    result = run("--db", url, "new", "phone", "--from-csv", table)
    assert result.code == 1
    assert f"{table}{told}" in result.err
    with Sorcery.open(url) as s:
        assert s.retrieve_all(Endpoint) == s.retrieve_all(Auth) == s.retrieve_all(Aor) == []


@pytest.mark.parametrize(
    ("header", "told"), [("name", ":1: there is no column id"), ("id,nmae", ":1: there is no column 'nmae'")]
)
def test_a_table_whose_columns_mean_nothing_is_refused(
    run: Any, url: str, tmp_path: Path, header: str, told: str
) -> None:
    table = tmp_path / "phones.csv"
    table.write_text(f"{header}\n")
    result = run("--db", url, "new", "phone", "--from-csv", table)
    assert result.code == 1
    assert told in result.err


def test_a_table_may_bring_what_a_recipe_needs(run: Any, url: str, tmp_path: Path) -> None:
    table = tmp_path / "trunks.csv"
    table.write_text('id,server,username,secret,match\nfar,192.0.2.1,us,hunter2hunter2,"192.0.2.1,192.0.2.2"\n')
    assert run("--db", url, "new", "registered-trunk", "--from-csv", table).code == 0
    assert stored(url, "registration", "far").server_uri == "sip:192.0.2.1"
    assert stored(url, "identify", "far").match.items == ("192.0.2.1", "192.0.2.2")
    table.write_text("id,server\nfar2,192.0.2.1\n")
    result = run("--db", url, "new", "registered-trunk", "--from-csv", table)
    assert result.code == 2
    assert "--username is missing" in result.err
