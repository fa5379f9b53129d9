"""A real softphone, `baresip`, driven over its control socket: it sends a tone and records what it hears."""

import json
import math
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.interop.ports import LOOPBACK, free_port

START_SECONDS, COMMAND_SECONDS, EVENT_SECONDS, STOP_SECONDS = 60, 30, 30, 30
MODULES = Path("/usr/lib/baresip/modules")
SAMPLES, TONE_SECONDS, LOUDNESS = 8000, 60, 8000

Event = dict[str, Any]

# Without a jitter buffer: that of old releases drops all that comes after another source whose numbers were higher.
_CONFIG = """\
sip_listen {host}:{sip}
net_interface {host}
poll_method epoll
call_local_timeout 120
call_max_calls 4
rtp_timeout 60
rtp_ports 10000-20000
jitter_buffer_delay 0-0
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module ctrl_tcp.so
module_tmp account.so
module_app menu.so
audio_source aufile,{folder}/tone.wav
audio_player aubridge,nil
audio_alert aubridge,nil
ctrl_tcp_listen {host}:{control}
snd_path {folder}
"""


class BaresipError(RuntimeError):
    """The softphone did not start, do or tell what it should; the message carries what it printed."""


class Baresip:
    """One `baresip` process with one account; a context manager that starts it and ends it.

    It takes calls by itself if it `answers`, sends `tone` hertz, and writes what it hears into its folder. What it
    tells comes out of `wait_for`.
    """

    def __init__(
        self,
        user: str,
        password: str,
        server: tuple[str, int],
        *,
        tone: int,
        codecs: str = "PCMU/8000/1,PCMA/8000/1",
        answers: bool = True,
    ) -> None:
        self.address = (LOOPBACK, free_port(with_next=True))  # it listens for TLS on the next one
        self._control_port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="baresip-", dir="/tmp"))  # it cuts long paths of recordings short
        self._events: list[Event] = []
        self._replies: dict[str, Event] = {}
        self._news = threading.Condition()
        host, port = server
        mode = "auto" if answers else "manual"
        account = f"<sip:{user}@{host}:{port};transport=udp>;auth_user={user};auth_pass={password};regint=300"
        (self._folder / "accounts").write_text(f"{account};answermode={mode};audio_codecs={codecs}\n")
        (self._folder / "contacts").touch()
        (self._folder / "config").write_text(
            _CONFIG.format(
                host=LOOPBACK,
                sip=self.address[1],
                control=self._control_port,
                modules=MODULES,
                folder=self._folder,
            )
        )
        _write_tone(self._folder / "tone.wav", tone)

    def wait_until_registered(self) -> None:
        """Wait until the server has taken its registration, which it tries from the start."""
        deadline = time.monotonic() + EVENT_SECONDS
        while "OK" not in self.command("reginfo"):
            if time.monotonic() > deadline:
                raise BaresipError(f"not registered within {EVENT_SECONDS} s:\n{self._output()}")
            time.sleep(0.02)

    def dial(self, target: str) -> None:
        """Call a number at the server, or a whole SIP URI; returns when the INVITE is on its way."""
        self.command("dial", target)

    def hang_up(self) -> None:
        """End the present call."""
        self.command("hangup")

    def accept(self) -> None:
        """Answer the call that rings."""
        self.command("accept")

    def hold(self) -> None:
        """Put the peer on hold; returns when the re-INVITE is on its way."""
        self.command("hold")

    def resume(self) -> None:
        """End the hold; returns when the re-INVITE is on its way."""
        self.command("resume")

    def press(self, digit: str) -> None:
        """Send a digit with the audio, as packets of their own (RFC 4733)."""
        self.command("sndcode", digit)

    def vanish(self) -> None:
        """Be gone at once, without a word to anybody."""
        self._process.kill()
        self._process.wait()

    def media_peer(self) -> tuple[str, int]:
        """Return the address that it sends its sound to now, as the last session description named it."""
        found = re.findall(r"starting RTCP with remote ([0-9.]+):([0-9]+)", self._output(whole=True))
        if not found:
            raise BaresipError(f"no media yet:\n{self._output()}")
        host, rtcp_port = found[-1]
        return host, int(rtcp_port) - 1

    def media_changes(self) -> int:
        """Return how often a session description has named where it sends its sound to."""
        return self._output(whole=True).count("starting RTCP with remote")

    def command(self, name: str, parameters: str = "") -> str:
        """Run one command and return what it prints; raises `BaresipError` when it refuses or says nothing."""
        token = f"{time.monotonic_ns()}"
        text = json.dumps({"command": name, "params": parameters, "token": token}).encode()
        self._socket.sendall(b"%d:%s," % (len(text), text))
        with self._news:
            if not self._news.wait_for(lambda: token in self._replies, COMMAND_SECONDS):
                raise BaresipError(f"no reply to {name!r}:\n{self._output()}")
            reply = self._replies.pop(token)
        if not reply["ok"]:
            raise BaresipError(f"{name!r}: {reply.get('data')}\n{self._output()}")
        return str(reply.get("data", ""))

    def wait_for(self, kind: str) -> Event:
        """Wait for an event of that type (`REGISTER_OK`, `CALL_ESTABLISHED`, `CALL_CLOSED` …) and take it."""
        with self._news:
            if not self._news.wait_for(lambda: any(event["type"] == kind for event in self._events), EVENT_SECONDS):
                told = ", ".join(str(event["type"]) for event in self._events)
                raise BaresipError(f"no {kind} within {EVENT_SECONDS} s, but {told or 'nothing'}:\n{self._output()}")
            found = next(event for event in self._events if event["type"] == kind)
            self._events.remove(found)
            return found

    def heard(self) -> list[int]:
        """Return the samples that it has heard so far, at 8 kHz, of all its calls."""
        samples: list[int] = []
        for path in sorted(self._folder.glob("dump-*dec.wav")):
            octets = path.read_bytes()[44:]  # the header's length is written when the call ends
            samples += struct.unpack(f"<{len(octets) // 2}h", octets[: len(octets) // 2 * 2])
        return samples

    def wait_to_hear_nothing(self, *, seconds: float = 0.5) -> None:
        """Wait until no sound has come for so long."""
        deadline = time.monotonic() + EVENT_SECONDS
        before, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            count = len(self.heard())
            if count != before:
                before, since = count, time.monotonic()
            if since > deadline:
                raise BaresipError(f"sound goes on coming:\n{self._output()}")
            time.sleep(0.05)

    def wait_to_hear(self, frequency: int, *, seconds: float = 1.0) -> None:
        """Wait until the newest second or so that it heard is a tone of that frequency."""
        deadline = time.monotonic() + EVENT_SECONDS
        while time.monotonic() < deadline:
            newest = self.heard()[-int(seconds * SAMPLES) :]
            if len(newest) >= seconds * SAMPLES and share(newest, frequency) > 0.8:
                return
            time.sleep(0.1)
        newest = self.heard()[-SAMPLES:]
        raise BaresipError(
            f"{frequency} Hz not heard in {len(self.heard())} samples; "
            f"share of the newest second {share(newest, frequency):.2f}\n{self._output()}"
        )

    def __enter__(self) -> Self:
        self._log = (self._folder / "output").open("wb")
        self._process = subprocess.Popen(
            ["baresip", "-f", str(self._folder), "-v"], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        try:
            self._socket = self._connected()
        except BaresipError:
            self._end()
            raise
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._reader.join()
        self._socket.close()
        shutil.rmtree(self._folder)

    def _connected(self) -> socket.socket:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return socket.create_connection((LOOPBACK, self._control_port))
            except ConnectionRefusedError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise BaresipError(f"it did not start:\n{self._output()}") from None
                time.sleep(0.02)

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _read(self) -> None:
        for message in _netstrings(self._socket):
            with self._news:
                if message.get("response"):
                    self._replies[str(message.get("token"))] = message
                else:
                    self._events.append(message)
                self._news.notify_all()

    def _output(self, *, whole: bool = False) -> str:
        """Return what it printed, without its middle where that is long, less what it says of our commands."""
        lines = (self._folder / "output").read_text("utf-8", "replace").splitlines()
        text = "\n".join(
            line for line in lines if line.strip() and "handle_command" not in line and "bit/s" not in line
        )
        return text if whole or len(text) < 8000 else f"{text[:4000]}\n…\n{text[-4000:]}"


def share(samples: list[int], frequency: int) -> float:
    """Return how much of the energy of samples at 8 kHz lies at one frequency, from 0 to 1 (Goertzel)."""
    energy = sum(sample * sample for sample in samples)
    if not energy:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * frequency / SAMPLES)
    last = before = 0.0
    for sample in samples:
        last, before = sample + coefficient * last - before, last
    return (last * last + before * before - coefficient * last * before) * 2 / (len(samples) * energy)


def _write_tone(path: Path, frequency: int) -> None:
    one_second = [round(LOUDNESS * math.sin(2 * math.pi * frequency * n / SAMPLES)) for n in range(SAMPLES)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES)
        file.writeframes(struct.pack(f"<{SAMPLES}h", *one_second) * TONE_SECONDS)


def _netstrings(stream: socket.socket) -> Iterator[Event]:
    """Yield the JSON objects that come as `LENGTH:TEXT,` until the stream ends."""
    pending = b""
    while True:
        try:
            received = stream.recv(65536)
        except ConnectionResetError:
            return
        if not received:
            return
        pending += received
        while (colon := pending.find(b":")) > 0 and len(pending) > (end := colon + 1 + int(pending[:colon])):
            yield json.loads(pending[colon + 1 : end])
            pending = pending[end + 1 :]
