"""A private Asterisk: its own configuration, ports, AstDB and logs.

Its programs are those of a Debian in a folder, which `tests/interop/install` makes; nothing else is shared,
so several may run at once.
"""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.interop import ami
from tests.interop.ports import LOOPBACK, free_port

Attributes = dict[str, str | list[str]]

USER, PASSWORD = "interop", "interop"
START_SECONDS, STOP_SECONDS, COMMAND_SECONDS, COMMIT_SECONDS = 60, 30, 60, 30
# Modules that listen on fixed ports of every address, which two servers on one machine would fight over.
UNLOADED = ("chan_iax2", "chan_unistim", "pbx_dundi")
# Files whose absence makes a module decline or an error in the log; empty, they mean the defaults.
EMPTY = (
    *("acl.conf", "aeap.conf", "ccss.conf", "cdr.conf", "cel.conf", "extconfig.conf", "extensions.conf"),
    *("features.conf", "geolocation.conf", "indications.conf", "pjproject.conf", "pjsip.conf"),
    *("pjsip_wizard.conf", "sorcery.conf", "stasis.conf", "statsd.conf", "stir_shaken.conf", "udptl.conf"),
    "websocket_client.conf",
)


class AsteriskError(RuntimeError):
    """Asterisk did not start, or did not answer a command; the message carries the end of its log."""


class Asterisk:
    """One Asterisk process and the folder it lives in; a context manager that starts and stops it.

    The folder exists from construction on, so `write` and `astdb` can prepare it before the start, and lives
    until the context ends, so `stop` and `start` make a restart that keeps the AstDB.
    """

    def __init__(self, root: Path, files: Mapping[str, str] | None = None) -> None:
        """Lay out the folder in the `tmp` of `root`: a neutral configuration, and `files` over it."""
        self.http_port, self.ami_port = free_port(), free_port()
        self._root = root
        self._folder = Path(tempfile.mkdtemp(prefix="pysorcery-", dir=root / "tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("etc", "db", "run", "spool", "log", "lib"):
            (self._folder / name).mkdir()
        (self._folder / "lib/keys").mkdir()
        for name, text in (self._neutral_configuration() | dict(files or {})).items():
            self.write(name, text)

    @property
    def configuration(self) -> Path:
        """Name the folder that holds this server's `.conf` files."""
        return self._folder / "etc"

    @property
    def pid(self) -> int:
        """Return the process id of the running server; `chroot` becomes the server."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    @property
    def astdb(self) -> Path:
        """Name the AstDB file; it exists once the server has started, or when a test put it there before."""
        return self._folder / "db/astdb.sqlite3"

    def write(self, name: str, text: str) -> None:
        """Write one file of the configuration; a running server reads it on its next reload."""
        (self.configuration / name).write_text(text, encoding="utf-8")

    def start(self) -> None:
        """Start the server and return when it says that it has fully booted, within a minute.

        Raises `AsteriskError` when it ends before that or takes longer.
        """
        with (self._folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                self._command("-f", "-n"), stdin=subprocess.DEVNULL, stdout=console, stderr=console
            )
        deadline = time.monotonic() + START_SECONDS
        while "fully booted" not in self._remote("core waitfullybooted").stdout:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AsteriskError(f"Asterisk did not come up:\n{self._last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server as `core stop now` does, and kill it if that takes more than fifteen seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the server at once, as a crash does: what it kept to itself is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def cli(self, command: str) -> str:
        """Run one console command and return what it prints; raises `AsteriskError` when nobody answers."""
        done = self._remote(command)
        if done.returncode != 0:
            raise AsteriskError(f"{command}: {done.stdout}{done.stderr}\n{self._last_words()}")
        return done.stdout

    def reload(self) -> str:
        """Re-read every PJSIP object; returns when the new ones are in force."""
        return self.cli("module reload res_pjsip.so")

    def ami(self, action: str, **fields: str) -> list[ami.Message]:
        """Run one manager action: its response, then its events (see `ami.run_action`)."""
        return ami.run_action(LOOPBACK, self.ami_port, USER, PASSWORD, action, **fields)

    def ari_get(self, object_type: str, object_id: str, *, instance: str = "res_pjsip") -> Attributes | None:
        """Return how the server understood one object of a module, None when it has no such object.

        An attribute that ARI repeats is a list in its order. An object with nothing to print is `{}`: ARI
        answers 500 for it. Any other status raises `urllib.error.HTTPError`.
        """
        path = "/".join(quote(part, safe="") for part in (instance, object_type, object_id))
        try:
            body = self._http_get(f"/ari/asterisk/config/dynamic/{path}")
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (404, 500):
                    return None if error.code == 404 else {}
            raise
        return _joined(json.loads(body))

    def settle_astdb(self) -> None:
        """Make the server write its AstDB, and return once the file holds all it was told and no lock is left.

        Whoever reads the file while the server commits makes it keep its rows to itself until its next write;
        the journal beside the file tells without a lock when the commit is done. Raises `AsteriskError` after
        half a minute.
        """
        journal = self.astdb.with_name(f"{self.astdb.name}-journal")
        deadline = time.monotonic() + COMMIT_SECONDS
        self.cli("database put settled key value")
        while journal.exists():
            if time.monotonic() > deadline:
                raise AsteriskError(f"Asterisk did not commit its AstDB:\n{self._last_words()}")
            time.sleep(0.02)

    def logs(self) -> str:
        """Return the log so far: notices, warnings, errors and verbose messages."""
        log = self._folder / "log/full"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    def _discard(self) -> None:
        """Kill the server, since nobody will read what a clean end would save, and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder)

    def _inside(self, path: Path) -> str:
        """Name `path` as the server sees it."""
        return "/" + str(path.relative_to(self._root))

    def _command(self, *options: str) -> list[str]:
        settings = self._inside(self.configuration / "asterisk.conf")
        return ["chroot", str(self._root), "asterisk", "-C", settings, *options]

    def _remote(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command("-rx", command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def _http_get(self, path: str) -> bytes:
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.http_port}{path}", headers={"Authorization": f"Basic {credentials}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return bytes(response.read())

    def _last_words(self) -> str:
        console = self._folder / "console"
        spoken = console.read_text(errors="replace") if console.exists() else ""
        return "\n".join((spoken + self.logs()).splitlines()[-30:])

    def _neutral_configuration(self) -> dict[str, str]:
        """Return the files around a test's own, by name: nothing but the doors a test comes in by."""
        return dict.fromkeys(EMPTY, "") | {
            "asterisk.conf": self._asterisk_conf(),
            "modules.conf": "[modules]\nautoload=yes\n" + "".join(f"noload={name}.so\n" for name in UNLOADED),
            "logger.conf": "[logfiles]\nfull=notice,warning,error,verbose\n",
            "http.conf": f"[general]\nenabled=yes\nbindaddr={LOOPBACK}\nbindport={self.http_port}\n",
            "ari.conf": f"[general]\nenabled=yes\n[{USER}]\ntype=user\npassword={PASSWORD}\n",
            "manager.conf": (
                f"[general]\nenabled=yes\nbindaddr={LOOPBACK}\nport={self.ami_port}\n"
                f"[{USER}]\nsecret={PASSWORD}\nread=all\nwrite=all\n"
            ),
            "phoneprov.conf": f"[general]\nserveraddr={LOOPBACK}\n[desk]\nmime_type=text/xml\n",
        }

    def _asterisk_conf(self) -> str:
        modules = next(self._root.glob("usr/lib/*/asterisk/modules"))
        places = {
            "astetcdir": self.configuration,
            "astmoddir": modules,
            "astdatadir": self._root / "usr/share/asterisk",
            "astdbdir": self._folder / "db",
            "astrundir": self._folder / "run",
            "astspooldir": self._folder / "spool",
            "astlogdir": self._folder / "log",
            **dict.fromkeys(("astvarlibdir", "astkeydir", "astagidir", "astcachedir"), self._folder / "lib"),
        }
        lines = [f"{name} => {self._inside(place)}" for name, place in places.items()]
        # Without an Ethernet interface the type asterisk-publication exists only when an entity id is given.
        options = ["entityid = 02:00:00:00:00:01", "nocolor = yes"]
        return "\n".join(["[directories]", *lines, "[options]", *options, ""])


def _joined(pairs: list[dict[str, str]]) -> Attributes:
    values: dict[str, list[str]] = {}
    for pair in pairs:
        values.setdefault(pair["attribute"], []).append(pair["value"])
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()}
