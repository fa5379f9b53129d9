"""Phones that register at a steady rate, whatever comes back, and write down what they heard.

A process of its own: `python -m tests.interop.chaos.phones --port 5060 --phones 1500 --rate 200 --seconds 60 --out F`;
SIGTERM ends it sooner.
One registration is REGISTER, 401, REGISTER with credentials, and its answer. Each has a Call-ID of its own, and says
its number in its User-Agent, which the contact keeps: so a row tells which registration made it what it is. A phone
registers once at a time. When all are waiting for answers, none is left to start, and that is counted. Of several such
processes each has every n-th phone, and every n-th number: `--part 0 --parts 2`.

A REGISTER with credentials is sent once: a copy of it that a busy machine gets to see after the phone was told 503, or
after its next registration, would be stored then, and nobody could tell it from a mistake.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import re
import signal
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sorcery_sip.auth.digest import Algorithm, digest_response, ha1
from tests.interop.ports import LOOPBACK

CHALLENGE = re.compile(rb'realm="([^"]*)", ?nonce="([^"]*)"')
STATUS = re.compile(rb"SIP/2\.0 (\d{3})")
CALL_ID = re.compile(rb"Call-ID: (\S+)")
CSEQ = re.compile(rb"CSeq: (\d+)")
PATIENCE = 10.0
"""Seconds after which a phone that heard nothing gives up."""
T1, T2 = 0.5, 4.0
REQUEST = (
    "REGISTER sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{call}-{cseq}\r\nMax-Forwards: 70\r\n"
    "From: <sip:{user}@{host}>;tag={number}\r\nTo: <sip:{user}@{host}>\r\nCall-ID: {call}\r\nCSeq: {cseq} REGISTER\r\n"
    "Contact: <sip:{user}@{local}>\r\nExpires: 3600\r\nUser-Agent: chaos/{number}\r\n{authorization}"
    "Content-Length: 0\r\n\r\n"
)


@dataclass
class Attempt:
    """One registration, and what came of it."""

    phone: int
    number: int
    """Counts the registrations of all phones up."""
    started: float
    ended: float = 0.0
    outcome: int = 0
    """The last status; 0 where nothing was heard."""
    cseq: int = 1
    sent: str = field(default="", repr=False)
    pause: float = T1


class Phones(asyncio.DatagramProtocol):
    """All phones, behind one socket."""

    transport: asyncio.DatagramTransport

    def __init__(self, phones: range) -> None:
        self.idle, self.open, self.part = deque(phones), dict[str, Attempt](), phones
        self.done: list[Attempt] = []
        self.timers: list[tuple[float, str, int]] = []
        self.statuses, self.not_offered, self.started = Counter[int](), 0, 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        host, port = transport.get_extra_info("sockname")
        self.local = f"{host}:{port}"

    def error_received(self, error: Exception) -> None:
        """The stack does not listen for a moment: as good as no answer."""

    def start(self) -> None:
        """Let the phone that has waited longest register."""
        self.started += 1
        if not self.idle:
            self.not_offered += 1
            return
        number = self.part.start + self.started * self.part.step
        attempt = Attempt(self.idle.popleft(), number, time.time())
        call = f"{attempt.number}.chaos"
        self.open[call] = attempt
        self._send(call, attempt, "")

    def datagram_received(self, data: bytes, _: object) -> None:
        found, status, cseq = CALL_ID.search(data), STATUS.match(data), CSEQ.search(data)
        attempt = self.open.get(found[1].decode()) if found else None
        if attempt is None or found is None or status is None or cseq is None or int(cseq[1]) != attempt.cseq:
            return
        code = int(status[1])
        self.statuses[code] += 1
        challenge = CHALLENGE.search(data)
        if code == 401 and challenge and (attempt.cseq == 1 or (attempt.cseq == 2 and b"stale=true" in data)):
            attempt.cseq, attempt.pause = attempt.cseq + 1, T1
            realm, nonce = challenge[1].decode(), challenge[2].decode()
            self._send(found[1].decode(), attempt, self._authorization(attempt.phone, realm, nonce))
        elif code >= 200:
            self._end(found[1].decode(), code)

    def resend(self) -> None:
        """Send again what was not answered in time, and give up what was not for long."""
        now = time.time()
        while self.timers and self.timers[0][0] <= now:
            _, call, cseq = heapq.heappop(self.timers)
            attempt = self.open.get(call)
            if attempt is None or attempt.cseq != cseq:
                continue
            if now - attempt.started > PATIENCE:
                self._end(call, 0)
            else:
                self._transmit(call, attempt, again=True)

    def _end(self, call: str, outcome: int) -> None:
        attempt = self.open.pop(call)
        attempt.ended, attempt.outcome = time.time(), outcome
        self.done.append(attempt)
        self.idle.append(attempt.phone)

    def _send(self, call: str, attempt: Attempt, authorization: str) -> None:
        user = user_of(attempt.phone)
        told = {"host": LOOPBACK, "local": self.local, "user": user, "number": attempt.number, "call": call}
        attempt.sent = REQUEST.format(**told, cseq=attempt.cseq, authorization=authorization)
        self._transmit(call, attempt)

    def _transmit(self, call: str, attempt: Attempt, *, again: bool = False) -> None:
        if not (again and attempt.cseq > 1):
            self.transport.sendto(attempt.sent.encode())
        heapq.heappush(self.timers, (time.time() + attempt.pause, call, attempt.cseq))
        attempt.pause = min(T2, 2 * attempt.pause)

    def _authorization(self, phone: int, realm: str, nonce: str) -> str:
        user, uri = user_of(phone), f"sip:{LOOPBACK}"
        secret = ha1(Algorithm.MD5, user, realm, password_of(phone))
        extra = {"qop": "auth", "nc": "00000001", "cnonce": "c0ffee"}
        response = digest_response(Algorithm.MD5, secret, method="REGISTER", uri=uri, nonce=nonce, **extra)
        return (
            f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
        )


def user_of(phone: int) -> str:
    """Return the name that a phone registers under."""
    return f"phone{phone}"


def password_of(phone: int) -> str:
    """Return what it proves that with."""
    return f"secret{phone}"


async def drive(port: int, phones: range, rate: float, seconds: float) -> dict[str, Any]:
    """Start `rate` registrations a second for some seconds, wait for the last answers, and return what was heard."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    transport, all_phones = await loop.create_datagram_endpoint(lambda: Phones(phones), remote_addr=(LOOPBACK, port))
    begun, late = time.time(), 0.0
    sys.stdout.write("driving\n")
    sys.stdout.flush()
    while (elapsed := time.time() - begun) < seconds and not stopped.is_set():
        due = int(elapsed * rate)
        late = max(late, (due - all_phones.started) / rate)
        while all_phones.started < due:
            all_phones.start()
        all_phones.resend()
        await asyncio.sleep(0.005)
    while all_phones.open:
        all_phones.resend()
        await asyncio.sleep(0.01)
    transport.close()
    attempts = [
        {key: value for key, value in asdict(each).items() if key not in ("sent", "pause")} for each in all_phones.done
    ]
    return {
        "seconds": elapsed,
        "offered": all_phones.started - all_phones.not_offered,
        "not_offered": all_phones.not_offered,
        "latest": late,
        "statuses": dict(all_phones.statuses),
        "attempts": attempts,
    }


def main() -> None:
    """Drive, and write what was heard as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("port", "phones"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("rate", "seconds"):
        parser.add_argument(f"--{name}", type=float, required=True)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    phones = range(options.part, options.phones, options.parts)
    heard = asyncio.run(drive(options.port, phones, options.rate, options.seconds))
    options.out.write_text(json.dumps(heard))


if __name__ == "__main__":
    main()
