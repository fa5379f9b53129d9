"""`auth seal`: what is sealed, what is left or skipped and why, and what an interrupted run leaves behind."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Auth
from sorcery.pjsip.sealing import digest, is_sealed

WRITABLE = "[writes]\npjsip.conf=yes\n"


def auths(target: Any) -> dict[str, Auth]:
    with Sorcery.open(target) as s:
        return {each.id: each for each in s.retrieve_all(Auth)}


def fill(url: str, count: int) -> None:
    with Sorcery.open(url) as s, s.transaction() as transaction:
        for number in range(count):
            transaction.create(Auth(id=f"a{number:05}", username=f"a{number:05}", password=f"hunter{number}"))


def test_a_file_holds_digests_afterwards_and_all_else_as_before(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text(WRITABLE)
    result = run("-C", directory, "auth", "seal", "--realm", "pbx", "--all")
    assert (result.code, result.out) == (0, "1 sealed, 0 sealed before, 0 skipped, 0 failed\n")
    text = (directory / "pjsip.conf").read_text()
    assert "sesame" not in text
    assert "[common](!)\ntype=endpoint\ncontext=inside\n" in text
    sealed = auths(directory)["alice"]
    assert is_sealed(sealed)
    assert sealed.password_digest["SHA-256"].reveal() == digest("SHA-256", "alice", "pbx", "open sesame")


def test_a_password_that_stays_in_a_template_is_told_of(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text(WRITABLE)
    (directory / "more.conf").write_text("password=hunter2\n")
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[shared](!)\ntype=auth\npassword=hunter2\n[bob](shared)\nusername=bob\n")
        file.write("[carol]\ntype=auth\nusername=carol\n#include more.conf\n")
    result = run("-C", directory, "auth", "seal", "--realm", "pbx", "--all")
    assert (result.code, result.out) == (0, "3 sealed, 0 sealed before, 0 skipped, 0 failed\n")
    assert result.err == (
        "take the password out of the templates of bob: there it stands in clear, and nobody needs it\n"
    )
    assert (directory / "pjsip.conf").read_text().count("hunter2") == 1
    assert "hunter2" not in (directory / "more.conf").read_text()


def test_a_table_holds_digests_afterwards(run: Any, url: str, database: Path) -> None:
    fill(url, 3)
    assert run("--db", url, "auth", "seal", "--realm", "pbx", "a00001").code == 0
    assert [is_sealed(each) for each in auths(url).values()] == [False, True, False]
    with closing(sqlite3.connect(database)) as connection:
        row = connection.execute(
            "SELECT password, auth_type, password_digest FROM ps_auths WHERE id='a00001'"
        ).fetchone()
    md5, sha = (digest(name, "a00001", "pbx", "hunter1") for name in ("MD5", "SHA-256"))
    assert row == ("", "md5", f"MD5:{md5},SHA-256:{sha}")


def test_a_dry_run_tells_and_changes_nothing(run: Any, url: str) -> None:
    fill(url, 1)
    result = run("--db", url, "auth", "seal", "--realm", "pbx", "--all", "--dry-run")
    assert result.out == (
        "auth a00000: MD5, SHA-256 of realm pbx\n1 would be sealed, 0 sealed before, 0 skipped, 0 failed\n"
    )
    assert not is_sealed(auths(url)["a00000"])


def test_a_second_run_leaves_what_is_sealed(run: Any, url: str) -> None:
    fill(url, 3)
    run("--db", url, "auth", "seal", "--realm", "pbx", "a00000")
    before = auths(url)["a00000"]
    result = run("--db", url, "auth", "seal", "--realm", "other", "--all", "--json")
    assert result.json == {
        "dry_run": False,
        "sealed": ["a00001", "a00002"],
        "left": 1,
        "skipped": [],
        "failed": [],
        "inherited": [],
        "stopped": None,
    }
    assert auths(url)["a00000"] == before


def test_who_answers_others_keeps_his_password_unless_asked_for(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text(WRITABLE)
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[reg]\ntype=registration\nserver_uri=sip:x\nclient_uri=sip:y\noutbound_auth=alice\n")
    skipped = run("-C", directory, "auth", "seal", "--realm", "pbx", "--all")
    assert skipped.code == 0
    assert "skipped: auth alice: registration reg answers others with it" in skipped.err
    assert run("-C", directory, "auth", "seal", "--realm", "pbx", "alice").code == 1
    assert run("-C", directory, "auth", "seal", "--realm", "pbx", "alice", "--outbound").code == 0
    assert is_sealed(auths(directory)["alice"])


def test_what_cannot_be_stored_is_told_and_keeps_nothing_else_from_it(run: Any, url: str, database: Path) -> None:
    fill(url, 3)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON ps_auths WHEN NEW.id='a00001' "
            "BEGIN SELECT RAISE(ABORT, 'this one stays'); END"
        )
    result = run("--db", url, "auth", "seal", "--realm", "pbx", "--all")
    assert (result.code, result.out) == (1, "2 sealed, 0 sealed before, 0 skipped, 1 failed\n")
    assert "not sealed: auth a00001: " in result.err
    assert "hunter" not in result.err


def test_a_few_that_are_refused_among_many_in_a_file_are_found_in_a_few_writes(
    run: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (directory / "sorcery.conf").write_text(WRITABLE)
    with (directory / "pjsip.conf").open("a") as file:
        file.write("".join(f"[a{n}]\ntype=auth\nusername=a{n}\npassword=hunter{n}\n" for n in range(64)))
    (directory / "pjsip_wizard.conf").write_text(
        "[w]\ntype=wizard\naccepts_auth=yes\naccepts_registrations=yes\n"
        "inbound_auth/username=w\ninbound_auth/password=hunter2\n"
    )
    transaction, tried = Sorcery.transaction, []

    def counting(self: Sorcery) -> object:
        tried.append(1)
        return transaction(self)

    monkeypatch.setattr(Sorcery, "transaction", counting)
    result = run("-C", directory, "auth", "seal", "--realm", "pbx", "--all")
    assert (result.code, result.out) == (1, "65 sealed, 0 sealed before, 0 skipped, 1 failed\n")
    assert "not sealed: auth w-iauth: " in result.err
    assert len(tried) < 20


def test_nothing_is_sealed_while_who_may_answer_others_with_it_cannot_be_read(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text(WRITABLE)
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[reg]\ntype=registration\nserver_uri=sip:x\nclient_uri=sip:y\noutbound_auth=alice\nbogus=1\n")
    before = (directory / "pjsip.conf").read_bytes()
    refused = run("-C", directory, "auth", "seal", "--realm", "pbx", "--all")
    assert refused.code == 1
    assert "nothing is sealed while objects that may answer others with a password cannot be read" in refused.err
    assert "error [unknown-option] registration 'reg', option bogus" in refused.err
    assert (directory / "pjsip.conf").read_bytes() == before
    assert run("-C", directory, "auth", "seal", "--realm", "pbx", "alice").code == 0


def test_a_store_that_is_lost_ends_the_run_and_the_next_one_goes_on(
    run: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(url, 5)
    transaction = Sorcery.transaction
    asked: list[int] = []

    def failing(self: Sorcery) -> object:
        asked.append(1)
        if len(asked) == 2:
            raise Unavailable("realtime ps_auths", "gone")
        return transaction(self)

    monkeypatch.setattr(Sorcery, "transaction", failing)
    result = run("--db", url, "auth", "seal", "--realm", "pbx", "--all", "--batch", "2")
    assert result.code == 3
    assert "stopped: realtime ps_auths is unavailable: gone; start it again once the store answers" in result.err
    assert sum(map(is_sealed, auths(url).values())) == 2
    assert run("--db", url, "auth", "seal", "--realm", "pbx", "--all").out.startswith("3 sealed, 2 sealed before")


def test_a_run_that_is_killed_leaves_each_object_as_it_was_or_sealed(run: Any, url: str, database: Path) -> None:
    fill(url, 800)
    before = auths(url)
    words = ("--db", url, "auth", "seal", "--realm", "pbx", "--all", "--batch", "20")
    program = "import sys, sorcery_cli; sys.exit(sorcery_cli.main())"
    process = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            if connection.execute("SELECT count(*) FROM ps_auths WHERE password=''").fetchone()[0]:
                break
    process.kill()
    process.wait()
    found = auths(url)
    sealed = [each for each in found.values() if is_sealed(each)]
    assert sealed
    assert all(found[id] == before[id] for id in before if not is_sealed(found[id]))
    assert all(each.password_digest["MD5"].reveal() for each in sealed)
    assert len(sealed) % 20 == 0
    rest = run("--db", url, "auth", "seal", "--realm", "pbx", "--all")
    assert rest.out == f"{800 - len(sealed)} sealed, {len(sealed)} sealed before, 0 skipped, 0 failed\n"
    assert all(map(is_sealed, auths(url).values()))


def test_a_run_that_is_killed_leaves_a_file_whole_and_the_next_one_goes_on(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "pjsip.conf"
    lines = (
        f"[a{number}] ; of a phone\ntype = auth\nusername = u\npassword = hunter{number}\n\n" for number in range(600)
    )
    file.write_text("".join(lines))
    before = auths(tmp_path)
    words = ("-C", str(tmp_path), "auth", "seal", "--realm", "pbx", "--all", "--writable", "--batch", "20")
    program = "import sys, sorcery_cli; sys.exit(sorcery_cli.main())"
    process = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline and b"password_digest" not in file.read_bytes():
        time.sleep(0.001)
    process.kill()
    process.wait()
    found = auths(tmp_path)
    sealed = [id for id, each in found.items() if is_sealed(each)]
    assert sealed
    assert len(sealed) % 20 == 0
    assert all(found[id] == before[id] for id in before if id not in sealed)
    assert file.read_text().count("; of a phone\n") == 600
    rest = run("-C", tmp_path, "auth", "seal", "--realm", "pbx", "--all", "--writable")
    assert rest.out == f"{600 - len(sealed)} sealed, {len(sealed)} sealed before, 0 skipped, 0 failed\n"
    assert all(map(is_sealed, auths(tmp_path).values()))
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--realm", "pbx"), "name the auth objects to seal, or all of them by --all"),
        (("--realm", "pbx", "--all", "alice"), "name the auth objects to seal, or all of them by --all"),
        (("--realm", " ", "--all"), "--realm ' ' is none; name the realm that phones are challenged with"),
        (("--realm", "*", "--all"), "--realm '*' is none"),
        (("--realm", "pbx", "--all", "--algorithm", "sha1"), "'sha1' is no digest algorithm; use MD5, SHA-256"),
        (("--realm", "pbx", "--all", "--algorithm", "AKAv1-MD5"), "use MD5, SHA-256, SHA-512-256"),
        (("--all",), "Missing option '--realm'"),
    ],
)
def test_misuse_is_refused(run: Any, directory: Path, words: tuple[str, ...], said: str) -> None:
    result = run("-C", directory, "auth", "seal", *words)
    assert result.code == 2
    assert said in result.err


def test_a_database_that_does_not_answer_is_told_as_such(run: Any) -> None:
    result = run("--db", "postgresql://u:hunter2@127.0.0.1:1/pbx", "auth", "seal", "--realm", "pbx", "--all")
    assert result.code == 3
    assert "is unavailable" in result.err
    assert "hunter2" not in result.err


def test_a_name_that_is_none_changes_nothing(run: Any, url: str) -> None:
    fill(url, 1)
    result = run("--db", url, "auth", "seal", "--realm", "pbx", "a00000", "nobody")
    assert (result.code, "auth 'nobody' does not exist" in result.err) == (1, True)
    assert not is_sealed(auths(url)["a00000"])


def test_a_file_is_written_only_where_that_is_allowed(run: Any, directory: Path) -> None:
    result = run("-C", directory, "auth", "seal", "--realm", "pbx", "--all")
    assert result.code == 1
    assert "sorcery: auth cannot be written" in result.err
    assert "or let this run write it: --writable" in result.err
    assert "sesame" in (directory / "pjsip.conf").read_text()
    assert run("-C", directory, "auth", "seal", "--realm", "pbx", "--all", "--writable").code == 0
    assert "sesame" not in (directory / "pjsip.conf").read_text()
