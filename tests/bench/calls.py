"""How many calls, and how many packets of media, a server carries per second of its own processor time.

Run it by hand: `python tests/bench/calls.py` measures our stack, with `--asterisk` the real one beside it, as root and
with the same files. One leg is INVITE, 200, ACK, BYE, 200 of a phone and an application; two legs are bridged, the
media relayed. Calls are made by sipp, packets by this program; what the server costs is read from /proc. Linux only.
`--leaks` makes ten thousand calls instead and compares what the server holds then with what it held before.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import os
import re
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.registrations import cpu_seconds
from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

SCENARIOS = Path(__file__).parents[1] / "interop/sipp"
ANSWERED, BRIDGED, BUSY, SILENT = "100", "200", "486", "300"
"""Extensions: an application answers, bob is called, the caller is refused, nothing happens until he gives up."""
# A media_address spares Asterisk two look-ups of host names per call, which take seconds where no name server answers.
PJSIP = f"""\
[udp]
type=transport
protocol=udp
bind={LOOPBACK}:{{port}}
[phone](!)
type=endpoint
context=calls
allow=ulaw
direct_media=no
media_address={LOOPBACK}
bind_rtp_to_media_address=yes
[alice](phone)
[bob](phone)
aors=bob
[bob]
type=aor
contact=sip:bob@{LOOPBACK}:{{bob}}
"""
EXTENSIONS = f"""\
[calls]
exten => {ANSWERED},1,Answer()
 same => n,Wait(60)
exten => {BRIDGED},1,Dial(PJSIP/bob)
exten => {BUSY},1,Busy()
exten => {SILENT},1,Wait(60)
"""
RTP_PORTS = (16000, 24000)
PACKET = struct.Struct("!BBHII")
SOUND = b"\xff" * 160


@dataclass(frozen=True)
class Server:
    """A running server: its process, its port, and the port of the phone that it calls."""

    name: str
    pid: int
    port: int
    bob: int


@contextlib.contextmanager
def our_stack(folder: Path) -> Iterator[Server]:
    """Run our stack."""
    port, bob = free_port(), free_port()
    for name, text in _files(port, bob).items():
        (folder / name).write_text(text)
    with SipStack(folder) as stack:
        yield Server("sorcery-sip", stack.process.pid, port, bob)


@contextlib.contextmanager
def asterisk(root: Path) -> Iterator[Server]:
    """Run Asterisk."""
    port, bob = free_port(), free_port()
    with Asterisk(root, _files(port, bob)) as server:
        yield Server("Asterisk", server.pid, port, bob)


def _files(port: int, bob: int) -> dict[str, str]:
    first, last = RTP_PORTS
    rtp = f"[general]\nrtpstart={first}\nrtpend={last}\n"
    return {"pjsip.conf": PJSIP.format(port=port, bob=bob), "extensions.conf": EXTENSIONS, "rtp.conf": rtp}


@dataclass(frozen=True)
class Load:
    """Calls of one kind, so many a second."""

    extension: str
    count: int
    rate: int
    scenario: str = "call.xml"
    milliseconds: int = 100
    """How long a call is up."""


@dataclass(frozen=True)
class Done:
    """What came of a load; times in seconds."""

    made: int
    failed: int
    cpu: float
    setups: list[float]

    @property
    def per_cpu_second(self) -> float:
        return self.made / self.cpu


def make_calls(server: Server, load: Load, folder: Path, audio: int = 40000) -> Done:
    """Have sipp make the calls, and wait for their end."""
    before = cpu_seconds(server.pid)
    with calling(server, load, folder, audio) as sipp:
        sipp.wait(timeout=load.count / load.rate + 60)
    spent = cpu_seconds(server.pid) - before
    with (folder / "stats.csv").open(encoding="utf-8", newline="") as lines:
        last = list(csv.DictReader(lines, delimiter=";"))[-1]
    return Done(int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"]), spent, _setups(folder))


@contextlib.contextmanager
def calling(server: Server, load: Load, folder: Path, audio: int) -> Iterator[subprocess.Popen[bytes]]:
    """Have sipp make the calls; it ends with the context."""
    for old in (*folder.glob("*_rtt.csv"), folder / "stats.csv"):
        old.unlink(missing_ok=True)
    options = [
        *("-s", load.extension, "-r", str(load.rate), "-m", str(load.count), "-l", "4000"),
        *("-d", str(load.milliseconds), "-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-stf", "stats.csv"),
    ]
    with _sipp(server, load.scenario, folder, free_port(), audio, *options) as sipp:
        yield sipp


@contextlib.contextmanager
def bob_answers(server: Server, folder: Path, audio: int = 40002) -> Iterator[None]:
    """Have the called phone answer whoever calls."""
    with _sipp(server, "answer.xml", folder, server.bob, audio):
        time.sleep(0.5)
        yield


@contextlib.contextmanager
def _sipp(
    server: Server, scenario: str, folder: Path, port: int, audio: int, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    # sipp names its files after the scenario, which therefore lies in the folder
    (folder / scenario).write_bytes((SCENARIOS / scenario).read_bytes())
    command = [
        *("sipp", f"{LOOPBACK}:{server.port}", "-sf", scenario, "-i", LOOPBACK, "-p", str(port), "-t", "u1"),
        *("-nostdin", "-trace_err", "-error_file", "errors.log", "-key", "audio", str(audio), *options),
    ]
    output = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdin=output, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _setups(folder: Path) -> list[float]:
    """Return the times from INVITE to 200, sorted; sipp counts whole milliseconds."""
    found = []
    for path in folder.glob("call_*_rtt.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found += [float(row["response_time_ms"]) / 1000 for row in csv.DictReader(lines, delimiter=";")]
    return sorted(found)


class Media:
    """The media of both phones: one socket each for all calls, which the servers' ports tell apart."""

    def __init__(self) -> None:
        self.alice, self.bob = _bound(), _bound()
        self.received = self.sent = 0

    def relay(self, server: Server, ports: list[tuple[int, int]], seconds: float) -> float:
        """Send fifty packets a second into every port of the server, from both sides; return the CPU time it took."""
        with selectors.DefaultSelector() as ready:
            for one in (self.alice, self.bob):
                one.setblocking(False)
                ready.register(one, selectors.EVENT_READ)
            before, began, number = cpu_seconds(server.pid), time.monotonic(), 0
            while number < seconds * 50:
                for index, (alice, bob) in enumerate(ports):
                    packet = PACKET.pack(0x80, 0, number & 0xFFFF, number * 160, index + 1) + SOUND
                    self.alice.sendto(packet, (LOOPBACK, alice))
                    self.bob.sendto(packet, (LOOPBACK, bob))
                    self.sent += 2
                number += 1
                self._receive(ready, began + number / 50)
            self._receive(ready, time.monotonic() + 0.5)
            return cpu_seconds(server.pid) - before

    def close(self) -> None:
        """Let go of the sockets."""
        self.alice.close()
        self.bob.close()

    def _receive(self, ready: selectors.BaseSelector, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            for key, _ in ready.select(left):
                with contextlib.suppress(BlockingIOError):
                    while True:
                        key.fileobj.recv(2048)  # type: ignore[union-attr]
                        self.received += 1


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    made.bind((LOOPBACK, 0))
    return made


def relay_packets(server: Server, folder: Path, calls: int, seconds: float) -> tuple[int, int, float]:
    """Bridge calls, send packets through them; return how many were sent and arrived, and the CPU time."""
    media = Media()
    alice, bob = (one.getsockname()[1] for one in (media.alice, media.bob))
    trace = ("-trace_msg", "-message_file", "messages.log")
    load = Load(BRIDGED, calls, 50, milliseconds=round((seconds + calls / 50 + 5) * 1000))
    called = folder / "called"
    called.mkdir(exist_ok=True)
    options = ("-s", BRIDGED, "-r", "50", "-m", str(calls), "-d", str(load.milliseconds), *trace)
    with (
        _sipp(server, "answer.xml", called, server.bob, bob, *trace),
        contextlib.closing(media),
    ):
        time.sleep(0.5)
        with _sipp(server, "call.xml", folder, free_port(), alice, *options):
            time.sleep(calls / 50 + 2)
            ports = list(zip(_ports(folder, "200"), _ports(called, "INVITE"), strict=True))
            cpu = media.relay(server, ports, seconds)
    return media.sent, media.received, cpu


def _ports(folder: Path, what: str) -> list[int]:
    """Return the media ports of the server in the messages of a kind that were received."""
    text = (folder / "messages.log").read_text(errors="replace")
    start = r"SIP/2\.0 200" if what == "200" else "INVITE "
    found = re.findall(rf"received[^\n]*\n\s*\n{start}(?:(?!-----).)*?\nm=audio (\d+) ", text, re.DOTALL)
    return [int(port) for port in dict.fromkeys(found)]


@dataclass(frozen=True)
class Held:
    """What a process holds: resident memory of its own in KiB, files, and threads."""

    memory: int
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Held:
        """Read it from /proc."""
        proc = Path(f"/proc/{pid}")
        memory = sum(int(size) for size in re.findall(r"^Private_\w+: +(\d+) kB", _smaps(proc), re.MULTILINE))
        return cls(memory, len(list((proc / "fd").iterdir())), len(list((proc / "task").iterdir())))


def _smaps(proc: Path) -> str:
    rollup = proc / "smaps_rollup"
    return (rollup if rollup.exists() else proc / "smaps").read_text()


MIX = (
    Load(ANSWERED, 400, 100),
    Load(BRIDGED, 200, 60),
    Load(BUSY, 200, 100, "refused.xml"),
    Load("404", 100, 100, "refused.xml"),
    Load(SILENT, 100, 100, "cancelled.xml"),
)
"""A thousand calls: answered, bridged, refused, to nobody, given up."""


def leaks(server: Server, folder: Path, thousands: int = 10, settle: float = 8.0) -> Iterator[Held]:
    """Make thousands of calls of all kinds; yield what the server held after each thousand, left alone for a while."""
    called = folder / "called"
    called.mkdir(exist_ok=True)
    with bob_answers(server, called):
        for _ in range(thousands):
            for load in MIX:
                done = make_calls(server, load, folder)
                if done.failed or done.made != load.count:
                    seen = [path.read_text()[-3000:] for each in (folder, called) for path in each.glob("errors.log")]
                    raise RuntimeError(f"{load}: {done.made} calls made, {done.failed} failed: {seen}")
            time.sleep(settle)
            yield Held.of(server.pid)


def measure(server: Server, folder: Path, options: argparse.Namespace) -> Iterator[str]:
    """Yield a line per figure."""
    called = folder / "called"
    called.mkdir()
    for _ in range(options.runs):
        one = make_calls(server, Load(ANSWERED, options.calls, options.rate), folder)
        yield f"one leg: {_counted(one)}"
        with bob_answers(server, called):
            two = make_calls(server, Load(BRIDGED, options.calls // 2, options.rate // 2), folder)
            yield f"two legs: {_counted(two)}"
            slow = make_calls(server, Load(BRIDGED, 500, 50), folder)
        one = make_calls(server, Load(ANSWERED, 500, 50), folder)
        for name, done in (("one leg", one), ("two legs", slow)):
            middle, late = (done.setups[int(len(done.setups) * part)] * 1000 for part in (0.5, 0.99))
            yield f"{name}, 50 calls/s: set up in {middle:.1f} ms (p50), {late:.1f} ms (p99)"
        sent, received, cpu = relay_packets(server, folder, options.bridges, options.seconds)
        rate = f"{received / cpu:.0f} packets relayed per CPU second"
        yield f"{options.bridges} bridged calls with media: {rate} ({received} of {sent} in {cpu:.2f} s CPU)"


def _counted(done: Done) -> str:
    return f"{done.per_cpu_second:.0f} calls per CPU second ({done.made} made, {done.failed} failed, {done.cpu:.2f} s)"


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description="Calls per CPU second.")
    parser.add_argument("--asterisk", action="store_true", help="measure the real one beside ours")
    parser.add_argument("--leaks", action="store_true", help="make 10,000 calls and look at what is left")
    parser.add_argument("--calls", type=int, default=3000, help="calls a run, half as many with two legs")
    parser.add_argument("--rate", type=int, default=300, help="calls a second, half as many with two legs")
    parser.add_argument("--bridges", type=int, default=40, help="calls with media at once")
    parser.add_argument("--seconds", type=float, default=5, help="how long media flow")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as name, contextlib.ExitStack() as servers:
        folders = [Path(name) / each for each in ("conf", "ours", "theirs")]
        for folder in folders:
            folder.mkdir()
        running = [(servers.enter_context(our_stack(folders[0])), folders[1])]
        if options.asterisk:
            running.append((servers.enter_context(asterisk(cache / "pysorcery/asterisk-sid")), folders[2]))
        for server, folder in running:
            lines = map(str, leaks(server, folder)) if options.leaks else measure(server, folder, options)
            for line in lines:
                sys.stdout.write(f"{server.name}: {line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
