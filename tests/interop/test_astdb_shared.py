"""One AstDB file under a running Asterisk and us: 10,000 rows of each, in turns and at once; none is lost or torn.

Asterisk takes rows over its manager interface and says which it stored; what it could not store is told to it again, as
anybody does who gets an error.
"""

import json
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from sorcery import Object, Sorcery, object_type, option
from sorcery.kinds import Integer, Text
from sorcery.pjsip import Contact
from sorcery_astdb import file
from tests.interop.asterisk import PASSWORD, USER, Asterisk
from tests.interop.ports import LOOPBACK

pytestmark = pytest.mark.interop

ROUNDS, IN_TURN, AT_ONCE = 10, 500, 5000
SINGLE = 5000  # questions in between, each of which would keep a lock half of its time, if it took one
PATIENCE = 60.0  # seconds that ours wait for the file: a machine that stalls must not be taken for one that starves
AGAIN = 0.02  # seconds until what Asterisk could not store is told to it again
BURST, PAUSE = 100, 0.1  # rows of Asterisk's at a time, and seconds between them
SETTINGS = "[marks]\nmark=astdb,proof\n[res_pjsip]\ncontact=astdb,registrar\n"


@object_type("mark", section="marks")
class Mark(Object):
    """A row of this test's own, which is torn unless its text is its number many times over."""

    number: int = option(Integer())
    said: str = option(Text())


def mark(number: int) -> Mark:
    return Mark(id=f"m{number}", number=number, said=f"{number} " * 40)


def contact(number: int) -> Contact:
    return Contact(
        id=f"phone{number};@{number:032x}", uri=f"sip:{number}@192.0.2.1:5060", expiration_time=2_000_000_000
    )


class Puts:
    """A connection to the manager interface that puts rows; a context manager."""

    def __init__(self, asterisk: Asterisk) -> None:
        self._port = asterisk.ami_port

    def __enter__(self) -> Self:
        self._socket = socket.create_connection((LOOPBACK, self._port), timeout=30)
        self._stream = self._socket.makefile("rwb")
        self._stream.readline()
        self._send([f"Action: Login\r\nUsername: {USER}\r\nSecret: {PASSWORD}\r\nEvents: off\r\n\r\n"])
        assert next(self._answers(1))["Response"] == "Success"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._socket.close()

    def put(self, family: str, numbers: Iterable[int]) -> None:
        """Put a row for each number, all at once, and those again that were refused, until each is stored."""
        missing = set(numbers)
        deadline = time.monotonic() + 60
        while missing and time.monotonic() < deadline:
            self._send(
                f"Action: DBPut\r\nActionID: {number}\r\nFamily: {family}\r\nKey: {number}\r\n"
                f"Val: {value(number)}\r\n\r\n"
                for number in sorted(missing)
            )
            answers = list(self._answers(len(missing)))
            missing -= {int(answer["ActionID"]) for answer in answers if answer["Response"] == "Success"}
            if missing:
                time.sleep(AGAIN)
        assert not missing

    def _send(self, actions: Iterable[str]) -> None:
        self._stream.write("".join(actions).encode())
        self._stream.flush()

    def _answers(self, count: int) -> Iterator[dict[str, str]]:
        while count:
            answer: dict[str, str] = {}
            while line := self._stream.readline().decode().strip():
                name, _, text = line.partition(": ")
                answer[name] = text
            if "Response" in answer:
                count -= 1
                yield answer


def value(number: int) -> str:
    return f"{number}-" * 20


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than programs do."""
    monkeypatch.setattr(file, "PATIENCE", PATIENCE)


@contextmanager
def shared(root: Path) -> Iterator[tuple[Asterisk, Sorcery]]:
    """Run an Asterisk, with our Sorcery on its file."""
    asterisk = Asterisk(root, {"sorcery.conf": SETTINGS})
    with asterisk, Sorcery.open(asterisk.configuration, types=[Mark], astdb=asterisk.astdb) as sorcery:
        asterisk.settle_astdb()
        yield asterisk, sorcery


def rows(astdb: Path, family: str) -> dict[str, str]:
    """Return the rows of a family in a file that no server has open any more."""
    with closing(sqlite3.connect(astdb)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = connection.execute("SELECT key, value FROM astdb WHERE key LIKE ?", (f"/{family}/%",))
        return {key.removeprefix(f"/{family}/"): text for key, text in found}


def shown(asterisk: Asterisk, family: str) -> set[str]:
    """Return the keys that the server itself finds."""
    lines = asterisk.cli(f"database show {family}").splitlines()
    return {line.partition(":")[0].strip().removeprefix(f"/{family}/") for line in lines if line.startswith("/")}


def write(sorcery: Sorcery, numbers: range) -> None:
    """Create a mark and a contact of half of the numbers each, some alone and some in transactions."""
    drawn = random.Random(numbers.start)
    waiting = list(numbers)
    while waiting:
        size = drawn.choice((1, 20, 60))
        part, waiting = waiting[:size], waiting[size:]
        with sorcery.transaction() as transaction:
            for number in part:
                transaction.create(mark(number) if number % 2 else contact(number))


def test_ten_thousand_rows_of_each_are_all_there(asterisk_root: Path) -> None:
    turns = ROUNDS * IN_TURN
    done = threading.Event()
    with shared(asterisk_root) as (asterisk, sorcery), Puts(asterisk) as puts:
        with ThreadPoolExecutor(6) as pool:
            reading = pool.submit(read_until, done, sorcery)
            for start in range(0, turns, IN_TURN):
                puts.put("theirs", range(start, start + IN_TURN))
                write(sorcery, range(start, start + IN_TURN))
            parts = range(turns, turns + AT_ONCE, AT_ONCE // 4)
            ours = [pool.submit(write, sorcery, range(start, start + AT_ONCE // 4)) for start in parts]
            theirs = pool.submit(put_in_bursts, puts, range(turns, turns + AT_ONCE))
            for part in (*ours, theirs):
                part.result(timeout=100)
            done.set()
            assert reading.result(timeout=100) > 0
        everything = range(turns + AT_ONCE)
        asterisk.settle_astdb()
        assert shown(asterisk, "theirs") == {str(number) for number in everything}
        assert shown(asterisk, "proof/mark") == {mark(number).id for number in everything if number % 2}
        assert "COMMIT" not in asterisk.logs()  # never was one of its commits met by a lock
        assert asterisk.ari_get("contact", contact(4).id) is not None
        asterisk.stop()
        assert rows(asterisk.astdb, "theirs") == {str(number): value(number) for number in everything}
        assert sorcery.retrieve_all(Mark) == sorted(map(mark, everything[1::2]), key=lambda each: each.id)
        assert sorcery.retrieve_all(Contact) == sorted(map(contact, everything[::2]), key=lambda each: each.id)


def read_until(done: threading.Event, sorcery: Sorcery) -> int:
    """Read all of ours again and again: never fewer than before, and none of them torn."""
    times, most = 0, 0
    while not done.is_set():
        found = sorcery.retrieve_all(Mark)
        assert len(found) >= most
        assert all(each == mark(each.number) for each in found[:: max(len(found) // 50, 1)])
        times, most = times + 1, len(found)
        for number in range(SINGLE):
            assert sorcery.retrieve_by_id(Mark, f"absent{number}") is None
    return times


def put_in_bursts(puts: Puts, numbers: range) -> None:
    for start in range(numbers.start, numbers.stop, BURST):
        puts.put("theirs", range(start, start + BURST))
        time.sleep(PAUSE)


WRITER = """
import sys
from sorcery import Sorcery
from sorcery.pjsip import Contact
from sorcery_astdb import file
file.PATIENCE = 60.0
with Sorcery.open(sys.argv[1], astdb=sys.argv[2]) as sorcery:
    for number in range(1_000_000):
        with sorcery.transaction() as transaction:
            for part in range(10):
                contact = Contact(id=f"{number}-{part};@x", uri="sip:a@192.0.2.1", expiration_time=2_000_000_000)
                transaction.create(contact)
        print(number, flush=True)
"""


def test_who_is_killed_loses_nothing_that_was_stored(asterisk_root: Path) -> None:
    with shared(asterisk_root) as (asterisk, sorcery):
        with Puts(asterisk) as puts:
            for round_ in range(3):
                with start_writer(asterisk) as writer:
                    assert writer.stdout is not None
                    stored = [int(writer.stdout.readline()) for _ in range(15)][-1]
                    puts.put("theirs", range(round_ * 100, round_ * 100 + 100))
                    writer.send_signal(signal.SIGKILL)
                    stored = max([stored, *map(int, writer.stdout.read().split())])
                found = {each.id for each in sorcery.retrieve_all(Contact)}
                assert {f"{number}-{part};@x" for number in range(stored + 1) for part in range(10)} <= found
                assert len(found) % 10 == 0  # of a transaction there is all or nothing
                for each in sorcery.retrieve_all(Contact):
                    sorcery.delete(each)
            asterisk.settle_astdb()
            puts.put("late", range(100))
        time.sleep(random.random())
        asterisk.kill()
        assert rows(asterisk.astdb, "theirs") == {str(number): value(number) for number in range(300)}
        late = rows(asterisk.astdb, "late")
        assert late in ({}, {str(number): value(number) for number in range(100)})  # its last second, or none of it
        sorcery.create(contact(1))
        assert [json.loads(text)["uri"] for text in rows(asterisk.astdb, "registrar/contact").values()] == [
            contact(1).uri
        ]


@contextmanager
def start_writer(asterisk: Asterisk) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITER, str(asterisk.configuration), str(asterisk.astdb)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()
