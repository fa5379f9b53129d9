"""`conf dump`: JSON as Asterisk reads the vectors, text for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parents[2] / "data" / "conf-vectors"
NAMES = sorted(path.stem for path in VECTORS.glob("*.conf"))


@pytest.mark.parametrize("name", NAMES)
def test_json_is_the_vector(name: str, run: Any) -> None:
    options = VECTORS / f"{name}.opts.json"
    wants_exec = options.exists() and json.loads(options.read_text("utf-8")).get("execincludes", False)
    expected = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))

    result = run("conf", "dump", VECTORS / f"{name}.conf", "--json", *(["--exec-includes"] if wants_exec else []))

    assert result.json == expected
    assert result.code == (1 if isinstance(expected, dict) else 0)


def test_some_vector_is_refused() -> None:
    assert any(isinstance(json.loads((VECTORS / f"{name}.json").read_text("utf-8")), dict) for name in NAMES)


def test_text_shows_templates_inheritance_and_origin(run: Any, directory: Path) -> None:
    result = run("conf", "dump", directory / "pjsip.conf")
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert "[common](!) ; pjsip.conf:1" in lines
    assert "[alice](common) ; pjsip.conf:7" in lines
    assert "context = inside ; pjsip.conf:3 inherited" in lines
    assert "aors = alice ; pjsip.conf:9" in lines
    assert result.code == 0


def test_text_masks_passwords_unless_they_are_asked_for(run: Any, directory: Path) -> None:
    path = directory / "pjsip.conf"
    assert "open sesame" not in run("conf", "dump", path).out
    assert "open sesame" in run("conf", "dump", path, "--secrets").out


def test_text_masks_what_a_wizard_passes_on(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pjsip_wizard.conf").write_text("[t]\ntype=wizard\noutbound_auth/password=hunter2\n")
    assert "hunter2" not in run("conf", "dump", tmp_path / "pjsip_wizard.conf").out


@pytest.mark.parametrize("name", ["dbpass", "pass", "Secret", "md5secret", "remotesecret", "vmsecret", "register"])
def test_text_masks_the_passwords_of_files_around_the_objects(run: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.conf").write_text(f"[general]\n{name} => alice:hunter2@host\n")
    assert "hunter2" not in run("conf", "dump", tmp_path / "x.conf").out
    assert "hunter2" in run("conf", "dump", "--secrets", tmp_path / "x.conf").out


def test_text_masks_the_password_of_an_address(run: Any, tmp_path: Path) -> None:
    (tmp_path / "databases.conf").write_text("[pbx]\nurl = postgresql://u:sesame@db/pbx\n")
    assert "postgresql://u:********@db/pbx" in run("conf", "dump", tmp_path / "databases.conf").out


def test_a_refused_file_is_named_with_its_line(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("; one\n[alice\n")
    result = run("conf", "dump", tmp_path / "pjsip.conf")
    assert result.code == 1
    assert f"{tmp_path}/pjsip.conf:2:" in result.err
    assert "[name]" in result.err
    assert result.out == ""


def test_a_missing_file_is_an_error_in_both_forms(run: Any, tmp_path: Path) -> None:
    text, data = run("conf", "dump", tmp_path / "no.conf"), run("--json", "conf", "dump", tmp_path / "no.conf")
    assert (text.code, text.out) == (1, "")
    assert "no.conf" in text.err
    assert (data.code, data.json, data.err) == (1, {"error": "missing"}, text.err)


def test_relative_includes_count_from_the_directory_if_one_is_named(run: Any, tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (home / "main.conf").write_text("#include part.conf\n")
    (home / "part.conf").write_text("[home]\n")
    (other / "part.conf").write_text("[other]\n")
    assert [each["name"] for each in run("conf", "dump", home / "main.conf", "--json").json] == ["home"]
    assert [each["name"] for each in run("-C", other, "conf", "dump", home / "main.conf", "--json").json] == ["other"]


def test_commands_run_only_when_they_are_allowed(run: Any, tmp_path: Path) -> None:
    (tmp_path / "main.conf").write_text("#exec echo [made]\n")
    assert run("conf", "dump", tmp_path / "main.conf", "--json").json == []
    assert "exec-disabled" in run("conf", "dump", tmp_path / "main.conf").err
    assert len(run("conf", "dump", tmp_path / "main.conf", "--json", "--exec-includes").json) == 1


def test_a_terminal_is_sent_no_control_character(run: Any, tmp_path: Path) -> None:
    (tmp_path / "main.conf").write_bytes(b"[a]\nkey = a \x1b[31mred \xff\n")
    result = run("conf", "dump", tmp_path / "main.conf")
    assert "a \\x1b[31mred \\udcff" in result.out
    assert "\x1b" not in result.out
