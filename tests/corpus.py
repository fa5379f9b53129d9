"""The corpus of configurations in `tests/data/checks`: for each rule, some that break it and one that does not.

A case is a configuration directory. `@CERTIFICATES@` and `@PORT@` in its files stand for what only the test knows;
`rows.sql` fills the tables of an SQLite database `pbx.db` beside them, and `astdb.sql` an AstDB. Beside a faulty one
stands `expected.json`: the findings, the further words of the command, and what a running Asterisk makes of it (see
`tests/interop`).
"""

import json
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

CORPUS = Path(__file__).parent / "data/checks"
CERTIFICATES = Path(__file__).parent / "data/certificates"
NOT_CONFIGURATION = frozenset({"expected.json", "rows.sql", "astdb.sql"})


@attrs.frozen
class Case:
    """One configuration of the corpus."""

    folder: Path

    @property
    def rule(self) -> str:
        return self.folder.parent.name

    @property
    def name(self) -> str:
        return f"{self.rule}/{self.folder.name}"

    @property
    def expected(self) -> Any:
        """What the check and Asterisk are to say of it."""
        return json.loads((self.folder / "expected.json").read_text("utf-8"))

    @property
    def files(self) -> dict[str, str]:
        """Its files by name."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        found = {str(path.relative_to(self.folder)): path.read_text("utf-8") for path in paths}
        return {name: text for name, text in found.items() if name not in NOT_CONFIGURATION}

    @property
    def rows(self) -> str:
        """The statements that fill its tables; nothing for a case of files alone."""
        path = self.folder / "rows.sql"
        return path.read_text("utf-8") if path.exists() else ""

    def lay_out(self, directory: Path, values: Mapping[str, str], empty_database: Path) -> Path:
        """Write the files into a directory, with values in the place of words as `@PORT@`."""
        directory.mkdir()
        for name, text in self.files.items():
            (directory / name).write_text(filled(text, values), "utf-8")
        if (self.folder / "rows.sql").exists():
            database = sqlite3.connect(shutil.copy(empty_database, directory / "pbx.db"))
            database.executescript(self.rows)
            database.close()
        if (self.folder / "astdb.sql").exists():
            database = sqlite3.connect(directory / "astdb.sqlite3")
            database.execute("CREATE TABLE astdb (key VARCHAR(256), value VARCHAR(256), PRIMARY KEY (key))")
            database.executescript((self.folder / "astdb.sql").read_text("utf-8"))
            database.close()
        return directory


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of the words that stand for them."""
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return text


def cases(kind: str) -> list[Case]:
    """Return the cases whose folders are named so, sorted by rule."""
    return [Case(folder) for folder in sorted(CORPUS.glob(f"*/{kind}*"))]
