"""`graph`: what it draws, of what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def phone(directory: Path) -> Path:
    """Return a directory with one phone, an identify that names nobody, and an AOR that shares its id with an auth."""
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[lost]\ntype=identify\nendpoint=gone\nmatch=192.0.2.1\n")
        file.write("[both]\ntype=aor\n[both]\ntype=auth\nusername=u\npassword=open sesame\n")
    return directory


def test_a_tree_is_drawn_around_an_endpoint(run: Any, phone: Path) -> None:
    result = run("-C", phone, "graph", "alice")
    assert result.code == 0
    assert result.out.splitlines() == ["endpoint alice", "├── auth → auth alice", "└── aors → aor alice"]


def test_a_type_chooses_among_objects_of_one_id(run: Any, phone: Path) -> None:
    assert run("-C", phone, "graph", "alice", "--type", "aor").out.splitlines() == [
        "aor alice",
        "└── ← endpoint alice  (aors)",
    ]
    assert run("-C", phone, "graph", "lost").out.splitlines()[1] == "└── endpoint → endpoint gone  does not exist"
    result = run("-C", phone, "graph", "both")
    assert (result.code, result.err) == (2, "sorcery: 'both' is the id of auth and aor; choose one with --type\n")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nobody"], 1, "object 'nobody' does not exist"),
        (["gone", "--type", "endpoint"], 1, "endpoint 'gone' does not exist"),
        (["x", "--type", "endpiont"], 2, "did you mean endpoint?"),
        (["--type", "endpoint"], 2, "--type says what ID is"),
        (["alice", "--depth", "-1"], 2, "--depth"),
    ],
)
def test_what_cannot_be_drawn_is_told(run: Any, phone: Path, words: list[str], code: int, message: str) -> None:
    result = run("-C", phone, "graph", *words)
    assert result.code == code
    assert message in result.err


def test_the_whole_system_is_drawn_without_an_id(run: Any, phone: Path) -> None:
    lines = run("-C", phone, "graph").out.splitlines()
    assert "endpoint alice" in lines
    assert "identify lost" in lines
    assert "aor both" in lines


def test_pictures_are_documents_without_secrets(run: Any, phone: Path) -> None:
    for words in (["alice"], [], ["--types"]):
        drawn = run("-C", phone, "graph", *words, "--format", "svg").out
        assert drawn.startswith("<svg ")
        assert "sesame" not in drawn
        drawn = run("-C", phone, "graph", *words, "--format", "mermaid").out
        assert drawn.startswith("flowchart LR\n")
        assert "sesame" not in drawn


def test_the_title_of_a_picture_holds_no_control_character(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[b\x1b2J]\ntype=aor\n")
    result = run("-C", directory, "graph", "b\x1b2J", "--format", "svg")
    assert (result.code, "\x1b" in result.out) == (0, False)
    assert r"<title>What surrounds aor b\x1b2J</title>" in result.out


def test_types_are_counted(run: Any, phone: Path) -> None:
    data = run("-C", phone, "graph", "--types", "--json").json
    counts = {(node["type"], node["state"]): node["count"] for node in data["nodes"]}
    assert counts["aor", "found"] == counts["auth", "found"] == 2
    assert counts["endpoint", "dangling"] == 1


def test_json_has_the_nodes_and_who_refers_to_whom(run: Any, phone: Path) -> None:
    data = run("-C", phone, "graph", "alice", "--json").json
    assert data["nodes"][data["root"]] == {"type": "endpoint", "id": "alice", "state": "found", "count": 1}
    assert {(e["options"][0], data["nodes"][e["to"]]["type"]) for e in data["edges"]} == {
        ("auth", "auth"),
        ("aors", "aor"),
    }


def test_a_picture_that_nobody_could_look_at_is_refused(run: Any, phone: Path) -> None:
    with (phone / "pjsip.conf").open("a") as file:
        file.writelines(f"[a{number}]\ntype=aor\n" for number in range(501))
    result = run("-C", phone, "graph", "--format", "svg")
    assert (result.code, result.out) == (2, "")
    assert "make no picture; name an ID, or draw the types with --types" in result.err
    assert run("-C", phone, "graph", "--types", "--format", "svg").code == 0
    assert len(run("-C", phone, "graph").out.splitlines()) > 500
