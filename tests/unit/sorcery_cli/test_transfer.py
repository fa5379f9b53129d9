"""`plan` and `copy`: what differs, what is carried over, and what is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sorcery import PartialWrite, Sorcery, Unavailable
from sorcery.writing.transaction import Step
from sorcery_cli.copying import SHOWN

KEPT = ("aor", "auth", "endpoint")


def ids(url: str, name: str) -> list[str]:
    with Sorcery.open(url) as s:
        return [obj.id for obj in s.retrieve_all(name)]


def changes(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["op"], each["type"], each["id"]) for each in found["changes"]]


def test_a_plan_lists_what_differs_in_the_order_in_which_it_can_be_done(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "alice", "max_contacts=9")
    run("--db", url, "create", "aor", "old")
    text, data = run("plan", url, directory), run("plan", url, directory, "--json")
    assert (text.code, data.code) == (1, 1)
    assert changes(data.json) == [
        ("create", "auth", "alice"),
        ("update", "aor", "alice"),
        ("create", "endpoint", "alice"),
        ("delete", "aor", "old"),
    ]
    assert data.json["changes"][1]["changes"] == [{"option": "max_contacts", "old": "9", "new": "2"}]
    assert "~ aor alice\n    max_contacts: 9 -> 2\n" in text.out
    assert "- aor old" in text.out
    assert "sesame" not in text.out + data.out


def test_the_json_of_a_plan_names_its_version_and_what_cannot_be_read(run: Any, directory: Path, url: str) -> None:
    assert run("plan", url, url, "--json").json == {"version": 1, "changes": [], "unreadable": []}
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bad]\ntype=aor\nmax_contacts=many\n")
    found = run("plan", url, directory, "auth", "aor", "--json").json
    assert list(found) == ["version", "changes", "unreadable"]
    assert [(each["type"], each["id"], each["line"]) for each in found["unreadable"]] == [("aor", "bad", 21)]


def test_a_plan_can_be_narrowed_to_types(run: Any, directory: Path, url: str) -> None:
    assert changes(run("plan", url, directory, "aor", "auth", "--json").json) == [
        ("create", "auth", "alice"),
        ("create", "aor", "alice"),
    ]


def test_an_applied_plan_leaves_no_difference(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "old")
    assert run("plan", url, directory, "--apply").code == 0
    after = run("plan", url, directory)
    assert (after.code, after.out) == (0, "no differences\n")
    assert ids(url, "aor") == ["alice"]


def test_a_plan_is_applied_as_a_whole_or_not_at_all(run: Any, directory: Path, url: str) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob](common)\nset_var=A=1\nset_var=B=2\n")  # two lines, for which a column has no room
    result = run("plan", url, directory, "--apply")
    assert result.code == 1
    assert "set_var" in result.err
    assert [ids(url, name) for name in KEPT] == [[], [], []]


def test_a_copy_creates_and_updates_and_deletes_nothing(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "alice", "max_contacts=9")
    run("--db", url, "create", "aor", "old")
    result = run("copy", "--from", directory, "--to", url)
    assert (result.code, result.err) == (0, "")
    assert result.out == "2 created, 1 updated, 0 deleted, 0 unchanged, 0 not copied; 3 read back, 0 differ\n"
    assert ids(url, "aor") == ["alice", "old"]
    assert changes(run("plan", url, directory, "--json").json) == [("delete", "aor", "old")]


def test_a_copy_prunes_on_demand(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "old")
    result = run("copy", "--from", directory, "--to", url, "--prune", "--json")
    assert result.json == {
        "created": 3,
        "updated": 0,
        "deleted": 1,
        "unchanged": 0,
        "skipped": 0,
        "queued": 0,
        "types": {"auth": {"created": 1}, "aor": {"created": 1, "deleted": 1}, "endpoint": {"created": 1}},
        "failed": [],
        "verified": 3,
        "differing": [],
        "stopped": None,
    }
    assert ids(url, "aor") == ["alice"]


def test_a_copy_can_be_narrowed_to_types(run: Any, directory: Path, url: str) -> None:
    run("copy", "auth", "--from", directory, "--to", url)
    assert [ids(url, name) for name in KEPT] == [[], ["alice"], []]


@pytest.mark.parametrize("size", ["1", "2", "500"])
def test_what_a_store_refuses_is_listed_and_the_rest_is_copied(run: Any, directory: Path, url: str, size: str) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob](common)\nset_var=A=1\nset_var=B=2\n[carol](common)\n")
    words = ("copy", "--from", directory, "--to", url, "--batch", size)
    data = run(*words, "--json")
    assert data.code == 1
    assert [(each["type"], each["id"]) for each in data.json["failed"]] == [("endpoint", "bob")]
    assert "set_var" in data.json["failed"][0]["reason"]
    assert data.json["created"] == 4
    assert ids(url, "endpoint") == ["alice", "carol"]
    text = run(*words)
    assert text.err.startswith("not copied: endpoint bob: ")
    assert text.out == "0 created, 0 updated, 0 deleted, 4 unchanged, 1 not copied; 4 read back, 0 differ\n"


def test_an_object_that_cannot_be_read_deletes_nobody(run: Any, directory: Path, url: str) -> None:
    run("--db", url, "create", "aor", "bob", "max_contacts=1")
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contacts=many\n")
    copied = run("copy", "--from", directory, "--to", url, "--prune")
    assert copied.code == 1
    assert "not copied: aor bob: " in copied.err
    planned = run("plan", url, directory)
    assert (planned.code, planned.out) == (1, "no differences\n")
    assert "not compared: " in planned.err
    assert ids(url, "aor") == ["alice", "bob"]


def test_a_bad_row_of_the_source_is_listed_and_not_logged_as_well(
    run: Any, url: str, database: Path, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("INSERT INTO ps_contacts (id, uri, qualify_frequency) VALUES ('a', 'sip:a@h', 99999999)")
        connection.execute("INSERT INTO ps_contacts (id, uri) VALUES ('b', 'sip:b@h')")
    connection.close()
    result = run("copy", "contact", "--from", url, "--to", directory, "--json")
    assert (result.code, result.err, result.json["created"], caplog.messages) == (1, "", 1, [])
    assert [(each["type"], each["id"]) for each in result.json["failed"]] == [("contact", "a")]
    assert [each["id"] for each in run("-C", directory, "show", "contact", "--json").json] == ["b"]


def test_people_see_some_failures_and_their_number(run: Any, directory: Path, url: str) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        for number in range(SHOWN + 3):
            file.write(f"[bad{number}]\ntype=aor\nmax_contacts=many\n")
    result = run("copy", "aor", "--from", directory, "--to", url)
    assert len(result.err.splitlines()) == SHOWN + 1
    assert result.err.endswith("and 3 more: --json lists them all\n")


def test_a_store_lost_on_the_way_ends_the_copy_after_whole_batches(
    run: Any, directory: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, calls = Sorcery._store, []

    def lose(target: Sorcery, steps: Sequence[Step]) -> Any:
        calls.append(steps)
        if len(calls) == 2:
            raise Unavailable("realtime", "gone")
        return store(target, steps)

    monkeypatch.setattr(Sorcery, "_store", lose)
    result = run("copy", "--from", directory, "--to", url, "--batch", "1", "--json")
    assert result.code == 3
    assert result.json["created"] == 1
    assert result.json["stopped"] == "realtime is unavailable: gone"
    assert [ids(url, name) for name in KEPT] == [[], ["alice"], []]
    calls.clear()
    text = run("copy", "--from", directory, "--to", url, "--batch", "1")
    assert (text.code, "stopped: realtime is unavailable: gone" in text.err) == (3, True)


def test_what_one_of_several_stores_took_is_not_tried_again(
    run: Any, directory: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def halve(target: Sorcery, steps: Sequence[Step]) -> None:
        calls.append(steps)
        raise PartialWrite({"RealtimeWizard": "stored"}) from Unavailable("astdb", "gone")

    monkeypatch.setattr(Sorcery, "_store", halve)
    result = run("copy", "--from", directory, "--to", url, "--json")
    assert (result.code, len(calls)) == (3, 1)
    assert result.json["stopped"] == "stored in part: RealtimeWizard: stored"


def test_a_target_that_does_not_answer_is_exit_3(run: Any, directory: Path, tmp_path: Path) -> None:
    result = run("copy", "--from", directory, "--to", f"sqlite:///{tmp_path}/no.db")
    assert (result.code, result.out) == (3, "")
    assert not (tmp_path / "no.db").exists()


def test_files_are_not_written_unless_told_and_how_is_said_once(run: Any, directory: Path, url: str) -> None:
    for name in ("new", "other"):
        run("--db", url, "create", "aor", name)
    result = run("copy", "aor", "--from", url, "--to", directory)
    assert result.code == 1
    assert "cannot be written" in result.err
    assert result.err.endswith("\n  or let this run write it: --writable\n")
    assert result.err.count("--writable") == 1


def test_an_unknown_type_is_misuse(run: Any, directory: Path, url: str) -> None:
    for words in (("plan", url, directory, "aors"), ("copy", "aors", "--from", directory, "--to", url)):
        result = run(*words)
        assert result.code == 2
        assert "did you mean aor?" in result.err


def test_a_type_that_memory_alone_holds_is_passed_over_unless_it_is_named(run: Any, url: str, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=memory\n")
    assert "+ aor" not in run("plan", url, directory).out
    named = run("plan", url, directory, "aor")
    assert named.code == 1
    assert "in memory only" in named.err


def test_two_that_have_nothing_to_compare_are_not_taken_for_alike(run: Any, url: str) -> None:
    result = run("plan", url, "memory:")
    assert (result.code, result.out) == (2, "")
    assert "nothing to compare" in result.err


@pytest.mark.parametrize("value", ["no", "error"])
def test_a_type_that_gives_no_list_is_not_taken_for_empty(run: Any, directory: Path, url: str, value: str) -> None:
    (directory / "sorcery.conf").write_text(f"[res_pjsip]\naor=realtime,ps_aors,allow_unqualified_fetch={value}\n")
    (directory / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n")
    (directory / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    result = run("plan", url, directory)
    assert (result.code, result.out) == (1, "")
    assert f"allow_unqualified_fetch={value}" in result.err
    assert run("plan", directory, url).err == result.err
    assert run("plan", url, directory, "auth").code == 1


def test_a_directory_moves_into_postgresql(run: Any, directory: Path, postgresql_url: str) -> None:
    assert run("db", "upgrade", postgresql_url).code == 0
    assert run("copy", "--from", directory, "--to", postgresql_url).out.startswith("3 created,")
    assert run("plan", postgresql_url, directory).out == "no differences\n"
    checked = run("--db", postgresql_url, "check")
    assert (checked.code, checked.out) == (0, "nothing found\n")
    sales = run("--db", postgresql_url, "update", "endpoint", "alice", "context=sales")
    assert (sales.code, "context: inside -> sales" in sales.out) == (0, True)


def test_the_release_is_that_of_what_changes(run: Any, directory: Path, url: str) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[new]\ntype=endpoint\nallow=ulaw\nsecurity_negotiation=mediasec\n")
    result = run("--target", "asterisk:20", "copy", "--from", directory, "--to", url, "--json")
    assert result.code == 1
    (failed,) = result.json["failed"]
    assert (failed["type"], failed["id"]) == ("endpoint", "new")
    assert "security_negotiation" in failed["reason"]
    assert "Asterisk 20 does not know" in failed["reason"]
    assert ids(url, "endpoint") == ["alice"]
    assert run("--target", "asterisk:20", "plan", url, directory, "--apply").code == 1
