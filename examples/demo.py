"""The main job, start to end: a phone registers from a file, from a database, is pruned; two phones talk.

Run it with `./run demo`. It needs no server and no root, works in a folder of its own that it removes, listens on
loopback only, and exits with 1 if any step did not hold.
"""

from __future__ import annotations

import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

import demo_phones
import sorcery_migrations
from sorcery import Object, Sorcery, SorceryError
from sorcery.pjsip import Aor, Auth, Endpoint, Transport
from sorcery_sip import Headers, Request, Response, SipError, parse_uri
from sorcery_sip.client import Client, answered

PATIENCE = 20.0
"""Seconds to wait for the stack, at most."""
LAST = 10
"""Lines of the stack's log to show when a step did not hold."""
PHONE_PORT = 5099
"""The port that the phones name as their own; nothing listens there."""

TALK = """\
[alice]
type=endpoint
context=internal
allow=!all,g722,alaw
auth=alice_auth
aors=alice_aors

[alice_auth]
type=auth
auth_type=userpass
username=alice
password=as8918hd!@8hs19a1m

[alice_aors]
type=aor
max_contacts=10
"""

TRANSPORT = """
[loopback]
type=transport
protocol=udp
bind=127.0.0.1:{port}
"""

SORCERY_CONF = """\
[res_pjsip]
endpoint/cache = memory_cache,maximum_objects=10000
endpoint = realtime,ps_endpoints
auth = realtime,ps_auths
aor = realtime,ps_aors
contact = astdb,registrar
"""

EXTCONFIG_CONF = """\
[settings]
ps_endpoints => odbc,asterisk
ps_aors => odbc,asterisk
ps_auths => odbc,asterisk
"""

DATABASES_CONF = """\
[asterisk]
url = sqlite:///pbx.db
"""

EXTENSIONS_CONF = """\
[internal]
exten => _[a-z].,1,Dial(PJSIP/${EXTEN},20)
 same => n,Hangup(${HANGUPCAUSE})
"""

console = Console(highlight=False)


class StepFailed(Exception):
    """A step of the demonstration did not come to what it should."""


FAILURES = (StepFailed, SorceryError, SipError, TimeoutError, RuntimeError)


def main() -> int:
    """Run all steps; return the exit status."""
    began = time.monotonic()
    console.print(
        Panel(
            "A phone registers: from a file, a database, AstDB; then two phones talk",
            expand=False,
            style="bold",
        )
    )
    with tempfile.TemporaryDirectory(prefix="sorcery-demo-") as folder:
        try:
            demonstrate(Path(folder))
        except FAILURES as failure:
            console.print("[bold red]did not hold:[/]", escape(str(failure)))
            return 1
    console.print(f"\n[bold green]Every step held[/] ({time.monotonic() - began:.1f} s).")
    return 0


def demonstrate(folder: Path) -> None:
    """Take the steps in order; raises `StepFailed` at the first that does not hold."""
    port = free_port()
    step(1, "The configuration of the talk, plus a transport on loopback")
    (folder / "pjsip.conf").write_text(TALK + TRANSPORT.format(port=port))
    show_file(folder / "pjsip.conf")

    step(2, "Load it, and show what it means")
    with Sorcery.open(folder) as sorcery:
        hold(not sorcery.report.errors, "the file loads without errors")
        show_objects([each for cls in (Transport, Auth, Aor, Endpoint) for each in sorcery.retrieve_all(cls)])

    step(3, "Start the reference stack on it")
    with running_stack(folder) as stack:
        register_from_file(folder, port)
        move_to_database(folder, stack, port)
        prune(folder, stack, port)
        let_two_phones_talk(folder, stack, port)
    hold(stack.process.returncode == 0, "the stack ended cleanly on SIGTERM")


def register_from_file(folder: Path, port: int) -> None:
    """Let alice register, and look at what lies in AstDB then."""
    step(4, "alice's phone registers, over UDP, with digest authentication")
    console.print(
        "   (Her AOR is called alice_aors: that is what the phone puts into To. From says who she is.)", style="dim"
    )
    hold(register(port, "alice", "alice_aors", "as8918hd!@8hs19a1m") == [401, 200], "401 with a challenge, then 200")
    hold(register(port, "alice", "alice_aors", "wrong") == [401, 401], "a wrong password gets 401 again")

    step(5, "The contact lies in AstDB, as Asterisk itself would write it")
    with sqlite3.connect(folder / "astdb.sqlite3") as database:
        rows = database.execute("SELECT key, value FROM astdb").fetchall()
    database.close()
    for key, value in rows:
        console.print(f"   [bold]{key}[/]\n   {value}", style="dim", soft_wrap=True)
    hold(len(rows) == 1 and rows[0][0].startswith("/registrar/contact/alice_aors;@"), "one contact of alice_aors")


def move_to_database(folder: Path, stack: Stack, port: int) -> None:
    """Copy endpoint, auth and aor into SQLite, map the types there, and register again."""
    step(6, "Make Asterisk's tables in an SQLite database, and copy endpoint, auth and aor into it")
    url = f"sqlite:///{folder / 'pbx.db'}"
    console.print(f"   migrations applied: {', '.join(sorcery_migrations.upgrade(url))}")
    with Sorcery.open(folder) as files, Sorcery.open(url) as database:
        plan = database.plan(files, ["endpoint", "auth", "aor"])
        console.print(Syntax(str(plan), "text", padding=(0, 3), background_color="default"))
        plan.apply()
        hold(not database.plan(files, ["endpoint", "auth", "aor"]), "the database holds what the file holds")

    step(7, "Point sorcery.conf and extconfig.conf there, take alice out of pjsip.conf, reload the running stack")
    for name, text in (
        ("sorcery.conf", SORCERY_CONF),
        ("extconfig.conf", EXTCONFIG_CONF),
        ("databases.conf", DATABASES_CONF),
        ("pjsip.conf", TRANSPORT.format(port=port)),
    ):
        (folder / name).write_text(text)
        if name != "pjsip.conf":
            show_file(folder / name)
    show_log(stack.reload())
    hold(register(port, "alice", "alice_aors", "as8918hd!@8hs19a1m") == [401, 200], "alice registers from the database")


def prune(folder: Path, stack: Stack, port: int) -> None:
    """Add bob through the API, and delete him behind everybody's back."""
    step(8, "Add bob with Python: three objects in one transaction, live at once")
    with Sorcery.open(folder) as sorcery, sorcery.transaction() as transaction:
        transaction.create(Endpoint(id="bob", context="internal", allow="ulaw", auth=["bob"], aors=["bob"]))
        transaction.create(Auth(id="bob", username="bob", password="a-secret-of-bob"))
        transaction.create(Aor(id="bob", max_contacts=1))
    hold(register(port, "bob", "bob", "a-secret-of-bob") == [401, 200], "bob registers")

    step(9, "Delete bob's row with plain SQL: the stack sees that the file changed, and compares what its cache holds")
    with sqlite3.connect(folder / "pbx.db") as database:
        deleted = database.execute("DELETE FROM ps_endpoints WHERE id = 'bob'").rowcount
    database.close()
    hold(deleted == 1, "DELETE FROM ps_endpoints WHERE id = 'bob': one row")
    refused, deadline = False, time.monotonic() + PATIENCE
    while not refused and time.monotonic() < deadline:
        time.sleep(0.2)
        refused = register(port, "bob", "bob", "a-secret-of-bob") == [401, 401]
    hold(refused, "bob was pruned: the stack refuses him like any stranger")
    hold(register(port, "alice", "alice_aors", "as8918hd!@8hs19a1m") == [401, 200], "alice is not concerned")

    step(10, "Reload: the cache is compared with the database once more, and everything else with its files")
    lines = stack.reload()
    show_log(lines)
    hold(any("nothing changed" in line for line in lines), "there was nothing that the stack did not know")


def let_two_phones_talk(folder: Path, stack: Stack, port: int) -> None:
    """Make alice and bob reachable under their names, write a dialplan, and let her call him."""
    step(11, "Let phones be called: alice gets an AOR of her own name, bob comes back, and there is a dialplan")
    with Sorcery.open(folder) as sorcery, sorcery.transaction() as transaction:
        alice = sorcery.retrieve_by_id(Endpoint, "alice")
        if alice is None:
            raise StepFailed("alice is still there")
        transaction.update(alice.evolve(aors=["alice"]))
        transaction.create(Endpoint(id="bob", context="internal", allow="alaw", auth=["bob"], aors=["bob"]))
        transaction.create(Aor(id="alice", max_contacts=1))
        transaction.update(Aor(id="bob", max_contacts=1, remove_existing=True))
    (folder / "extensions.conf").write_text(EXTENSIONS_CONF)
    show_file(folder / "extensions.conf")
    show_log(stack.reload())

    step(12, "alice calls bob; each sings one note, and the other has to hear it")
    demo_phones.talk(("127.0.0.1", port), ("as8918hd!@8hs19a1m", "a-secret-of-bob"), hold)


class Stack:
    """The running `sorcery-sip`, its log read by a thread."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._grown:
                self.lines.append(line.rstrip())
                self._grown.notify_all()

    def reload(self) -> Sequence[str]:
        """Send SIGHUP and return the log lines until the reload is through."""
        with self._grown:
            start = len(self.lines)
            self.process.send_signal(signal.SIGHUP)
            if not self._grown.wait_for(lambda: any("reloaded" in line for line in self.lines[start:]), PATIENCE):
                raise StepFailed("the stack did not reload in time")
            return self.lines[start:]

    def stop(self) -> None:
        """End the process with SIGTERM, or kill it, as its return code then tells; read its log to the end."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._reader.join(PATIENCE)


@contextmanager
def running_stack(folder: Path) -> Iterator[Stack]:
    """Start `sorcery-sip` and wait until it listens; end it with SIGTERM."""
    command = [sys.executable, "-m", "sorcery_sip.main", "--config-dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        stack = Stack(process)
        try:
            line = process.stdout.readline().strip()
            hold("ready" in line, f"it prints: {line}" if line else "it starts, and prints that it is ready")
            yield stack
        except FAILURES:
            stack.stop()
            show_log(["The log of the stack ends:", *stack.lines[-LAST:]])
            raise
        finally:
            stack.stop()


def register(port: int, user: str, aor: str, password: str) -> list[int]:
    """Register as a phone does; print the exchange and return the status codes in order."""
    with Client(("127.0.0.1", port)) as client:
        request = Request(
            "REGISTER",
            parse_uri(f"sip:127.0.0.1:{port}"),
            Headers(
                [
                    ("Max-Forwards", "70"),
                    ("From", f"<sip:{user}@127.0.0.1>;tag={secrets.token_hex(4)}"),
                    ("To", f"<sip:{aor}@127.0.0.1>"),
                    ("Call-ID", secrets.token_hex(8)),
                    ("CSeq", "1 REGISTER"),
                    ("Contact", f"<sip:{user}@127.0.0.1:{PHONE_PORT}>"),
                    ("Expires", "3600"),
                ]
            ),
        )
        responses = [exchange(client, request)]
        again = answered(request, responses[0], user, password, secrets.token_hex(8))
        if again is not None:
            responses.append(exchange(client, again))
    return [response.status for response in responses]


def exchange(client: Client, request: Request) -> Response:
    """Send one request, and print it and its answer in a line each."""
    response = client.send(request)
    proof = "Authorization: Digest …" if request.headers.get("Authorization") else "no credentials"
    detail = response.headers.get("WWW-Authenticate") or f"Contact: {response.headers.get('Contact')}"
    console.print(f"   [cyan]-> REGISTER {request.uri}[/]  From {request.from_.uri}  ({proof})", soft_wrap=True)
    colour = "green" if response.is_success else "yellow"
    console.print(f"   [{colour}]<- {response.status} {response.reason}[/]  [dim]{detail}[/]", soft_wrap=True)
    return response


def step(number: int, title: str) -> None:
    """Announce a step."""
    console.print(f"\n[bold blue]{number}. {title}[/]")


def hold(holds: bool, claim: str) -> None:
    """Print what was found; raises `StepFailed` where it is not so."""
    if not holds:
        raise StepFailed(claim)
    console.print(f"   [green]✓[/] {claim}")


def show_file(path: Path) -> None:
    """Print a configuration file."""
    console.print(
        Panel(Syntax(path.read_text().strip(), "ini", background_color="default"), title=path.name, expand=False)
    )


def show_log(lines: Sequence[str]) -> None:
    """Print lines of the stack's log."""
    for line in lines:
        console.print(f"   {escape(line)}", style="dim", soft_wrap=True)


def show_objects(objects: Sequence[Object]) -> None:
    """Print what objects set, secrets masked."""
    table = Table("type", "id", "option", "value")
    for obj in objects:
        for name, text in obj.__sorcery__.masked(obj.settings()):
            table.add_row(obj.__sorcery__.name, obj.id, name, text)
        table.add_section()
    console.print(table)


def free_port() -> int:
    """Return a UDP port of loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
