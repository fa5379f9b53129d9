"""`plan --out` and `apply`: between directories and databases, in every direction."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

OTHER = """\
; the new office
[alice]
type=endpoint
context=office
allow=ulaw
auth=alice
aors=alice

[alice]
type=auth
username=alice
password=new secret

[bob]
type=aor
max_contacts=3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A directory that differs in objects that are created, updated and deleted."""
    made = tmp_path / "other"
    made.mkdir()
    (made / "pjsip.conf").write_text(OTHER)
    return made


@pytest.fixture
def sources(other: Path, directory: Path, empty_database: Path, tmp_path: Path, run: Any) -> dict[str, tuple[str, str]]:
    """What is to change and what it is to be like, as directories and as databases with the same objects."""
    urls = []
    for name, origin in (("mine", directory), ("theirs", other)):
        shutil.copy(empty_database, tmp_path / f"{name}.db")
        urls.append(f"sqlite:///{tmp_path}/{name}.db")
        assert run("copy", "--from", origin, "--to", urls[-1]).code == 0
    return {"directory": (str(directory), str(other)), "database": (urls[0], urls[1])}


@pytest.mark.parametrize("mine", ["directory", "database"])
@pytest.mark.parametrize("theirs", ["directory", "database"])
def test_a_plan_is_written_looked_at_and_carried_out(
    mine: str, theirs: str, sources: dict[str, tuple[str, str]], file: Path, run: Any
) -> None:
    target, source = sources[mine][0], sources[theirs][1]
    planned = run("plan", target, source, "--out", file)
    assert planned.code == 1
    assert planned.out.endswith("to do: create 1 aor; update 1 auth, 1 endpoint; delete 1 aor\n")
    assert "context: inside -> office" in planned.out
    assert "secret" not in planned.out
    assert "new secret" in file.read_text()
    applied = run("apply", file, "--writable")
    assert (applied.code, applied.out) == (0, planned.out.replace("to do", "done"))
    after = run("plan", target, source)
    assert (after.code, after.out) == (0, "no differences\n")


def test_a_trial_run_changes_nothing(url: str, directory: Path, file: Path, run: Any) -> None:
    planned = run("plan", url, directory, "--out", file, "--json")
    tried = run("apply", file, "--dry-run", "--json")
    assert (tried.code, tried.json) == (0, planned.json)
    assert run("plan", url, directory, "--json").json == planned.json
    assert "sesame" not in planned.out


def test_another_target_takes_it_if_it_holds_the_same(
    url: str, directory: Path, file: Path, empty_database: Path, tmp_path: Path, run: Any
) -> None:
    run("plan", url, directory, "--out", file)
    twin = f"sqlite:///{shutil.copy(empty_database, tmp_path / 'twin.db')}"
    assert run("apply", file, "--to", twin).code == 0
    assert run("plan", twin, directory).out == "no differences\n"
    assert run("plan", url, directory).code == 1


def test_what_memory_alone_would_hold_is_not_said_to_be_done(url: str, directory: Path, file: Path, run: Any) -> None:
    run("plan", url, directory, "aor", "--out", file)
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor=memory\n")
    result = run("apply", file, "--to", directory)
    assert (result.code, result.out) == (1, "")
    assert "held in memory only" in result.err


def test_what_changed_since_is_named_and_nothing_is_done(
    sources: dict[str, tuple[str, str]], file: Path, database: Path, run: Any
) -> None:
    target, source = sources["database"]
    run("plan", target, source, "--out", file)
    run("--db", target, "update", "endpoint", "alice", "context=elsewhere")
    before = run("plan", target, source, "--json").json
    refused = run("apply", file, "--json")
    assert (refused.code, refused.json["error"]["kind"]) == (1, "outdated-plan")
    assert "endpoint 'alice' was changed" in refused.err
    assert run("plan", target, source, "--json").json == before


def test_files_are_written_where_somebody_allows_it(
    sources: dict[str, tuple[str, str]], other: Path, file: Path, run: Any
) -> None:
    directory, _ = sources["directory"]
    before = Path(directory, "pjsip.conf").read_text()
    run("plan", directory, other, "--out", file)
    refused = run("apply", file)
    assert refused.code == 1
    assert "write pjsip.conf = yes under [writes] in sorcery.conf" in refused.err
    assert "--writable" in refused.err
    assert Path(directory, "pjsip.conf").read_text() == before
    Path(directory, "sorcery.conf").write_text("[writes]\npjsip.conf = yes\n")
    assert run("apply", file).code == 0
    assert run("plan", directory, other).out == "no differences\n"
    assert "[common](!)" in Path(directory, "pjsip.conf").read_text()


def test_plan_and_copy_write_files_too_if_told(sources: dict[str, tuple[str, str]], other: Path, run: Any) -> None:
    directory, _ = sources["directory"]
    assert run("copy", "aor", "--from", other, "--to", directory, "--writable").code == 0
    assert run("plan", directory, other, "--apply", "--writable").code == 0
    assert run("plan", directory, other).out == "no differences\n"


def test_a_plan_of_a_file_here_is_carried_out_from_elsewhere(
    url: str, directory: Path, file: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Path(url.removeprefix("sqlite:///"))
    monkeypatch.chdir(database.parent)
    assert run("plan", f"sqlite:///{database.name}", directory, "--out", file).code == 1
    monkeypatch.chdir("/")
    assert run("apply", file).code == 0
    assert run("plan", url, directory).code == 0


def test_a_plan_of_nothing_is_carried_out_too(url: str, file: Path, run: Any) -> None:
    assert run("plan", url, url, "--out", file).code == 0
    applied = run("apply", file)
    assert (applied.code, applied.out) == (0, "no differences\n")


def test_a_change_that_is_refused_leaves_all_as_it_was(
    url: str, directory: Path, file: Path, database: Path, run: Any
) -> None:
    run("plan", url, directory, "--out", file)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE ps_auths")
    refused = run("apply", file)
    assert refused.code == 3
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM ps_aors").fetchone() == (0,)


def test_carrying_out_and_writing_down_at_once_is_misuse(url: str, directory: Path, file: Path, run: Any) -> None:
    assert run("plan", url, directory, "--apply", "--out", file).code == 2
    assert not file.exists()


def test_a_secret_that_lies_elsewhere_stays_there(
    url: str, directory: Path, file: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICE", "hidden elsewhere")
    (directory / "sorcery.conf").write_text("[secrets]\nenv = yes\n")
    conf = directory / "pjsip.conf"
    conf.write_text(conf.read_text().replace("open sesame", "env:ALICE"))
    run("plan", url, directory, "--out", file)
    assert "env:ALICE" in file.read_text()
    assert "hidden elsewhere" not in file.read_text()
    assert run("apply", file).code == 0
    assert run("plan", url, directory).out == "no differences\n"


def test_a_plan_goes_from_files_into_postgresql_and_from_there_into_sqlite(
    postgresql_url: str, url: str, directory: Path, file: Path, run: Any
) -> None:
    assert run("db", "upgrade", postgresql_url).code == 0
    for target, source in ((postgresql_url, directory), (url, postgresql_url)):
        run("plan", target, source, "--out", file)
        assert run("apply", file).code == 0
        assert run("plan", target, source).out == "no differences\n"
