"""How many registrations the reference stack makes per second of its own processor time.

Run it by hand: `python tests/bench/registrations.py --store memory --users 200`; with `--store postgresql` the contacts
lie in a server of its own that waits for its disk. One registration is REGISTER,
401, REGISTER with credentials, 200. The stack runs in a process of its own over loopback; what it costs there is
read from /proc, so that the generator's work does not count. Linux only.
"""

from __future__ import annotations

import argparse
import os
import re
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sorcery_migrations import upgrade
from sorcery_sip.auth.digest import Algorithm, digest_response, ha1
from tests.interop.ports import LOOPBACK, free_port

TICKS = os.sysconf("SC_CLK_TCK")
CHALLENGE = re.compile(rb'realm="([^"]*)", ?nonce="([^"]*)"')
CALL_ID = re.compile(rb"Call-ID: (\S+)")

TRANSPORT = "[udp]\ntype=transport\nprotocol=udp\nbind={host}:{port}\n"
USER = """\
[{id}]
type=endpoint
aors={id}
auth={id}
allow=ulaw
[{id}]
type=auth
username={id}
password=secret{id}
[{id}]
type=aor
max_contacts=1
remove_existing=yes
"""
REQUEST = (
    "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{call}-{cseq}\r\nMax-Forwards: 70\r\n"
    "From: <sip:{user}@{host}>;tag={call}\r\nTo: <sip:{user}@{host}>\r\nCall-ID: {call}\r\nCSeq: {cseq} REGISTER\r\n"
    "Contact: <sip:{user}@{local}>\r\nExpires: 3600\r\nUser-Agent: bench\r\n{authorization}Content-Length: 0\r\n\r\n"
)


@dataclass
class Phones:
    """Register `count` times, `window` at once, users in turn."""

    server: tuple[str, int]
    users: int
    count: int
    window: int
    done: int = 0
    failed: int = 0
    lost: int = 0
    started: int = 0
    open: dict[str, float] = field(default_factory=dict)

    def run(self, seconds: float) -> None:
        """Register until all are done or `seconds` are over; a datagram without answer for 2 s counts as lost."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as self.socket, selectors.DefaultSelector() as ready:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind((LOOPBACK, 0))
            self.socket.connect(self.server)
            self.socket.setblocking(False)
            self.local = f"{LOOPBACK}:{self.socket.getsockname()[1]}"
            ready.register(self.socket, selectors.EVENT_READ)
            deadline = time.monotonic() + seconds
            while self.done + self.failed + self.lost < self.count and time.monotonic() < deadline:
                self._start()
                if ready.select(0.1):
                    self._receive()
                else:
                    self._give_up()

    def _start(self) -> None:
        while len(self.open) < self.window and self.started < self.count:
            call = f"{self.started}x{os.getpid()}"
            self.open[call] = time.monotonic()
            self._send(call, 1, "")
            self.started += 1

    def _receive(self) -> None:
        for _ in range(64):
            try:
                data = self.socket.recv(65535)
            except BlockingIOError:
                return
            found = CALL_ID.search(data)
            if found and found[1].decode() in self.open:
                self._answered(found[1].decode(), data)

    def _answered(self, call: str, data: bytes) -> None:
        asked = CHALLENGE.search(data)
        if data.startswith(b"SIP/2.0 401") and asked and b"CSeq: 1 " in data:
            self._send(call, 2, self._authorization(call, asked[1].decode(), asked[2].decode()))
            return
        del self.open[call]
        if data.startswith(b"SIP/2.0 200"):
            self.done += 1
        else:
            self.failed += 1

    def _give_up(self) -> None:
        late = time.monotonic() - 2
        for call in [call for call, since in self.open.items() if since < late]:
            del self.open[call]
            self.lost += 1

    def _user(self, call: str) -> str:
        return f"u{int(call.partition('x')[0]) % self.users}"

    def _send(self, call: str, cseq: int, authorization: str) -> None:
        text = REQUEST.format(
            uri=f"sip:{LOOPBACK}",
            local=self.local,
            call=call,
            cseq=cseq,
            user=self._user(call),
            host=LOOPBACK,
            authorization=authorization,
        )
        self.socket.send(text.encode())

    def _authorization(self, call: str, realm: str, nonce: str) -> str:
        user, uri = self._user(call), f"sip:{LOOPBACK}"
        secret = ha1(Algorithm.MD5, user, realm, f"secret{user}")
        extra = {"qop": "auth", "nc": "00000001", "cnonce": "c0ffee"}
        response = digest_response(Algorithm.MD5, secret, method="REGISTER", uri=uri, nonce=nonce, **extra)
        return (
            f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
        )


MAPPINGS = {"memory": "memory", "astdb": "astdb,registrar", "postgresql": "realtime,ps_contacts"}


@contextmanager
def configured(folder: Path, port: int, users: int, store: str) -> Iterator[None]:
    """Write the configuration of `users` users, their contacts in a store that lasts as long as the block."""
    text = TRANSPORT.format(host=LOOPBACK, port=port) + "".join(USER.format(id=f"u{n}") for n in range(users))
    (folder / "pjsip.conf").write_text(text)
    (folder / "sorcery.conf").write_text(f"[res_pjsip]\ncontact={MAPPINGS[store]}\n")
    if store != "postgresql":
        yield
        return
    with runpy.run_path(str(Path(__file__).with_name("refreshes.py")))["server"]() as (url, _):
        upgrade(url)
        (folder / "extconfig.conf").write_text("[settings]\nps_contacts => odbc,pbx\n")
        (folder / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
        yield


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(options: argparse.Namespace) -> None:
    """Start the stack, register, print a line per run."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="sorcery-bench-") as name,
        configured(Path(name), port, options.users, options.store),
    ):
        folder = Path(name)
        command = [sys.executable, "-m", "sorcery_sip.main", "--config-dir", str(folder)]
        with (folder / "log").open("wb") as log:
            stack = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert stack.stdout is not None
        try:
            if "ready" not in stack.stdout.readline():
                sys.exit((folder / "log").read_text())
            for run in range(1, options.runs + 1):
                phones = Phones((LOOPBACK, port), options.users, options.count, options.window)
                before, began = cpu_seconds(stack.pid), time.monotonic()
                phones.run(options.seconds)
                spent, wall = cpu_seconds(stack.pid) - before, time.monotonic() - began
                counts = f"{phones.done} registered, {phones.failed} failed, {phones.lost} lost"
                rates = f"{phones.done / spent:.0f} per CPU second, {phones.done / wall:.0f} per second"
                sys.stdout.write(f"{options.store} run {run}: {counts}; {rates} ({spent:.2f} s CPU)\n")
        finally:
            stack.send_signal(signal.SIGTERM)
            stack.wait(timeout=20)
            stack.stdout.close()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description="Registrations per CPU second of the reference stack.")
    parser.add_argument("--store", choices=tuple(MAPPINGS), default="memory", help="where contacts lie")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--count", type=int, default=2000, help="registrations a run")
    parser.add_argument("--window", type=int, default=50, help="registrations under way at once")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30, help="longest time of a run")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
