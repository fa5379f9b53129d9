"""The command as a function, a configuration directory and a database for it to work on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from sorcery_cli import main
from sorcery_migrations import upgrade

PJSIP = """\
[common](!)
type=endpoint
context=inside
disallow=all
allow=ulaw,alaw

[alice](common)
auth=alice
aors=alice

[alice]
type=auth
username=alice
password=open sesame

[alice]
type=aor
max_contacts=2
"""


@attrs.frozen
class Result:
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command with its words."""
    monkeypatch.delenv("SORCERY_TARGET", raising=False)

    def call(*words: str | Path) -> Result:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a configuration directory with one phone in `pjsip.conf`; contacts lie in its AstDB file."""
    made = tmp_path / "etc"
    made.mkdir()
    (made / "pjsip.conf").write_text(PJSIP)
    return made


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file with Asterisk's tables; each test works on a copy of it."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """Return an SQLite file with Asterisk's tables, all empty."""
    return Path(shutil.copy(empty_database, tmp_path / "pbx.db"))


@pytest.fixture
def url(database: Path) -> str:
    """Return the address of the database."""
    return f"sqlite:///{database}"
