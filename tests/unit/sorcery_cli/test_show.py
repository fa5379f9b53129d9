"""`show`: what is printed of objects, and that no secret is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorcery import Sorcery
from sorcery.pjsip import Auth
from sorcery_cli import main

SECRETS = sorted(option.name for option in Auth.__sorcery__.options.values() if option.secret and not option.is_alias)


def test_json_is_what_asterisk_prints(run: Any, directory: Path) -> None:
    result = run("-C", directory, "show", "endpoint", "alice", "--json")
    with Sorcery.open(directory) as s:
        expected = dict(s.retrieve_by_id("endpoint", "alice").objectset())
    assert result.code == 0
    assert result.json == [{"type": "endpoint", "id": "alice", "options": expected}]
    assert result.json[0]["options"]["allow"] == "(ulaw|alaw)"


def test_json_has_a_list_where_an_attribute_repeats(run: Any, directory: Path) -> None:
    (directory / "pjsip.conf").write_text("[a]\ntype=identify\nendpoint=a\nmatch=192.0.2.1,192.0.2.8/29\n")
    with Sorcery.open(directory) as s:
        pairs = s.retrieve_by_id("identify", "a").objectset()
    repeated = [text for name, text in pairs if name == "match"]
    assert len(repeated) == 2
    assert run("-C", directory, "show", "identify", "a", "--json").json[0]["options"]["match"] == repeated


def test_json_counts_before_and_after_the_command(run: Any, directory: Path) -> None:
    assert (
        run("--json", "-C", directory, "show", "aor").json == run("-C", directory, "show", "aor", "--json").json != []
    )


def test_all_objects_of_a_type_are_listed_by_id(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[aaron](common)\n")
    assert [each["id"] for each in run("-C", directory, "show", "endpoint", "--json").json] == ["aaron", "alice"]
    text = run("-C", directory, "show", "endpoint").out
    assert [line.split()[0] for line in text.splitlines()] == ["id", "aaron", "alice"]
    assert "context=inside" in text


def test_people_see_what_is_set_and_everything_on_demand(run: Any, directory: Path) -> None:
    few = run("-C", directory, "show", "endpoint", "alice").out
    every = run("-C", directory, "show", "endpoint", "alice", "--all").out
    assert "context" in few
    assert "dtmf_mode" not in few
    assert "dtmf_mode" in every


def test_compat_prints_as_asterisk_does_where_that_is_a_defect(run: Any, url: str) -> None:
    run("--db", url, "create", "endpoint", "a", "direct_media_method=update")
    words = ("show", "endpoint", "a", "--json")
    assert run("--db", url, *words).json[0]["options"]["direct_media_method"] == "update"
    assert run("--db", url, "--compat", *words).json[0]["options"]["direct_media_method"] == "invite"
    every = run("--db", url, "--compat", "show", "endpoint", "a", "--all").out
    assert "direct_media_method invite " in " ".join(every.split())


def test_no_such_object_is_exit_1(run: Any, directory: Path) -> None:
    text = run("-C", directory, "show", "endpoint", "bob")
    data = run("-C", directory, "show", "endpoint", "bob", "--json")
    assert (text.code, text.out, text.err) == (1, "", "sorcery: endpoint 'bob' does not exist\n")
    assert (data.code, data.json["error"]["kind"], data.json["error"]["exit"]) == (1, "not-found", 1)


def test_an_object_that_loading_refused_is_absent_and_the_reason_is_told(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contacts=many\n")
    one, every = run("-C", directory, "show", "aor", "bob"), run("-C", directory, "show", "aor")
    assert one.code == 1
    assert f"{directory}/pjsip.conf:21" in one.err
    assert "max_contacts" in one.err
    assert (every.code, every.err) == (0, "1 error in aor objects: `sorcery check` lists them\n")


def test_a_refused_file_is_no_absence(run: Any, directory: Path) -> None:
    (directory / "pjsip.conf").write_text("[alice\n")
    result = run("-C", directory, "show", "aor", "alice")
    assert (result.code, result.out) == (3, "")
    assert "pjsip.conf:1" in result.err


def test_an_unknown_type_brings_the_nearest_name(run: Any, directory: Path) -> None:
    result = run("-C", directory, "show", "endpiont")
    assert result.code == 2
    assert "did you mean endpoint?" in result.err


def test_secrets_are_shown_when_asked_for(run: Any, directory: Path) -> None:
    for form in ((), ("--all",), ("--json",)):
        assert "open sesame" in run("-C", directory, "show", "auth", "alice", "--secrets", *form).out
        hidden = run("-C", directory, "show", "auth", "alice", *form)
        assert "open sesame" not in hidden.out + hidden.err
        assert "********" in hidden.out


TOKENS = st.text("QXZJKVW", min_size=8, max_size=12).map("s3cr3t-{}".format)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tokens=st.lists(TOKENS, min_size=len(SECRETS), max_size=len(SECRETS), unique=True))
def test_no_secret_of_any_object_is_printed(
    tokens: list[str], directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = f"MD5:{'ab' * 16}"
    texts = {name: digest if name == "password_digest" else token for name, token in zip(SECRETS, tokens, strict=True)}
    texts["md5_cred"] = "cd" * 16
    lines = "".join(f"{name}={text}\n" for name, text in texts.items())
    (directory / "pjsip.conf").write_text(f"[a]\ntype=auth\nauth_type=userpass\nusername=a\n{lines}")
    for words in (["auth"], ["auth", "a"], ["auth", "a", "--all"], ["auth", "a", "--json"], ["auth", "--json"]):
        assert main(["-C", str(directory), "show", *words]) == 0
        captured = capsys.readouterr()
        printed = captured.out + captured.err
        assert "username" in printed
        assert [text for text in texts.values() if text in printed] == []
    assert main(["-C", str(directory), "show", "auth", "a", "--json", "--secrets"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["options"]["password"] == texts["password"]
