"""Asterisk's own migrations, run as the program that they are: `alembic`, in their folder, with an ini file of ours."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECTS = ("config", "voicemail", "cdr", "queue_log")

INI = """\
[alembic]
script_location = {project}
sqlalchemy.url = {url}
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(message)s
"""


@dataclass(frozen=True)
class Migrations:
    """The migrations in a folder; what they need to know of a database is written to another."""

    folder: Path
    aside: Path

    def upgrade(self, url: str, revision: str, project: str = "config") -> None:
        """Walk to a revision; raises `CalledProcessError`, with what was said, where a step fails."""
        self.run(url, project, "upgrade", revision)

    def run(self, url: str, project: str, *words: str) -> str:
        """Run a command of alembic and return what it printed."""
        ini = self.aside / f"{project}.ini"
        ini.write_text(INI.format(project=project, url=url.replace("%", "%%")))
        command = [sys.executable, "-B", "-m", "alembic", "-c", str(ini), *words]
        done = subprocess.run(
            command, cwd=self.folder, check=True, capture_output=True, text=True, timeout=300, errors="replace"
        )
        return done.stdout
