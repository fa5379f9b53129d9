"""`copy`: which objects, what is told of them, and a copy that was killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.copying.carrying import Carrier

PATIENCE = 120.0


def ids(url: str, name: str) -> list[str]:
    with Sorcery.open(url) as s:
        return [obj.id for obj in s.retrieve_all(name)]


def test_objects_are_chosen_by_fields_with_what_they_refer_to(run: Any, directory: Path, url: str) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob](common)\ncontext=sales\naors=bob\n[bob]\ntype=aor\n[spare]\ntype=aor\nmax_contacts=5\n")
    words = ("copy", "endpoint", "--from", directory, "--to", url, "--where", "endpoint.context=sales")
    assert run(*words, "--with-references").code == 0
    assert (ids(url, "endpoint"), ids(url, "aor"), ids(url, "auth")) == (["bob"], ["bob"], [])
    assert run("copy", "aor", "--from", directory, "--to", url, "--where", "aor.max_contacts >= 3").code == 0
    assert ids(url, "aor") == ["bob", "spare"]
    like = ("copy", "aor", "--from", directory, "--to", url, "--where", "aor.id LIKE al%", "--prefix", "a")
    assert run(*like, "--regex", "^al").code == 0
    assert ids(url, "aor") == ["alice", "bob", "spare"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--where", "context=sales"), "write a type, a field and a value, as in endpoint.context=internal"),
        (("--where", "endpoint.contxt=sales"), "endpoint has no field 'contxt'"),
        (("aor", "--where", "endpoint.context=sales"), "a condition on endpoint, which is not among the types"),
        (("--where", "aor.id!=a", "--where", "aor.id != b"), "aor.id != stands in two of them"),
        (("--existing", "never"), "write update, skip, or fail"),
        (("--prune", "--prefix", "a"), "prune without choosing objects"),
        (("--emptied", "aor"), "nothing but pruning deletes"),
        (("--prune", "--emptied", "aors"), "aors"),
        (("--regex", "("), ""),
    ],
)
def test_what_cannot_be_meant_is_misuse(run: Any, directory: Path, url: str, words: Any, told: str) -> None:
    result = run("copy", "--from", directory, "--to", url, *words)
    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert ids(url, "aor") == []


def test_a_dry_run_prints_what_would_be_done_and_does_nothing(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "alice", "max_contacts=9")
    run("--db", url, "create", "aor", "old")
    words = ("copy", "--from", directory, "--to", url, "--prune", "--dry-run")
    result = run(*words)
    assert result.code == 0
    assert result.out == (
        "+ auth alice\n~ aor alice: max_contacts\n+ endpoint alice\n- aor old\n"
        "to do: 2 created, 1 updated, 1 deleted, 0 unchanged, 0 not copied\n"
    )
    changes = run(*words, "--json").json["changes"]
    assert changes[1] == {"fate": "updated", "type": "aor", "id": "alice", "options": ["max_contacts"]}
    assert (ids(url, "aor"), ids(url, "auth")) == (["alice", "old"], [])


def test_a_type_that_would_be_emptied_is_named_and_deleted_with_consent(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "identify", "gateway", "endpoint=alice", "match=192.0.2.1", "--allow-dangling")
    words = ("copy", "--from", directory, "--to", url, "--prune")
    refused = run(*words)
    assert (refused.code, refused.out) == (2, "")
    assert "the source holds no identify" in refused.err
    assert "--emptied identify" in refused.err
    assert (ids(url, "identify"), ids(url, "aor")) == (["gateway"], [])
    assert run(*words, "--emptied", "identify").code == 0
    assert (ids(url, "identify"), ids(url, "aor")) == ([], ["alice"])


def test_an_object_that_differs_may_stay(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "alice", "max_contacts=9")
    skipped = run("copy", "aor", "--from", directory, "--to", url, "--existing", "skip")
    assert (skipped.code, "1 skipped" in skipped.out) == (0, True)
    failed = run("copy", "aor", "--from", directory, "--to", url, "--existing", "fail")
    assert (failed.code, "aor alice: the target holds another one: max_contacts differs" in failed.err) == (1, True)


def test_a_copy_that_was_killed_is_gone_on_with(run: Any, directory: Path, url: str, database: Path) -> None:
    users = 3000
    text = "".join(f"[{number}]\ntype=aor\nmax_contacts=1\n" for number in range(1, users + 1))
    (directory / "pjsip.conf").write_text(text)
    words = ["copy", "aor", "--from", str(directory), "--to", url, "--batch", "10"]
    script = "import sys; from sorcery_cli import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen([sys.executable, "-c", script, *words], stdout=subprocess.DEVNULL) as copying:
        end = time.monotonic() + PATIENCE
        while not (stored := _count(database)) and time.monotonic() < end:
            time.sleep(0.001)
        copying.send_signal(signal.SIGKILL)
    assert stored
    there = _count(database)
    assert there % 10 == 0  # no transaction is there in part
    again = run(*words, "--json")
    assert (again.code, again.json["unchanged"], again.json["created"]) == (0, there, users - there)
    assert (again.json["verified"], _count(database)) == (users, users)


def _count(database: Path) -> int:
    connection = sqlite3.connect(database, timeout=30)
    try:
        return int(connection.execute("SELECT count(*) FROM ps_aors").fetchone()[0])
    finally:
        connection.close()


def test_a_copy_that_is_interrupted_says_how_far_it_came_and_how_to_go_on(
    run: Any, directory: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Carrier.carry
    carried: list[str] = []

    def interrupted(self: Carrier, target: Any, page: Any, **options: Any) -> None:
        if carried:
            raise KeyboardInterrupt
        carried.extend(obj.id for obj in page)
        real(self, target, page, **options)

    monkeypatch.setattr(Carrier, "carry", interrupted)
    words = ("copy", "auth", "aor", "--from", directory, "--to", url)
    result = run(*words)
    assert result.code == 130
    assert result.err == (
        "stopped while copying, after 1 of 1 auth; each transaction is whole, and the same command goes on from there\n"
        "sorcery: interrupted\n"
    )
    monkeypatch.setattr(Carrier, "carry", real)
    assert (ids(url, "auth"), ids(url, "aor")) == (["alice"], [])
    assert run(*words).code == 0
    assert ids(url, "aor") == ["alice"]
