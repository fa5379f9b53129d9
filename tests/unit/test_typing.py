"""What type checkers make of the public names: mypy reads a program and says what each expression is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TYPES = """\
from sorcery import Object, Secret, Sorcery, Value, alias, object_type, option
from sorcery.aio import AsyncSorcery
from sorcery.kinds import Boolean, Integer, Names, SecretText
from sorcery.pjsip import Aor, Auth, Endpoint


@object_type("gate")
class Gate(Object):
    relay: int = option(Integer(1, 16))
    codes: Value[tuple[str, ...]] = option(Names(), default="")
    pin: Value[Secret] = option(SecretText(), default="", secret=True)
    armed: bool = option(Boolean(), default="yes")
    number: int = alias("relay", Integer(1, 16), default="")


@object_type("garage")
class Garage(Gate):
    cars: int = option(Integer(), default="1")
"""

CHECKED = """\
def read(s: Sorcery, gate: Gate) -> None:
    reveal_type(s.retrieve_by_id(Endpoint, "a"))  #: Endpoint | None
    reveal_type(s.retrieve_by_id(Gate, "a"))  #: Gate | None
    reveal_type(s.retrieve_by_id("endpoint", "a"))  #: Any
    reveal_type(s.retrieve_all(Auth))  #: list[Auth]
    reveal_type(s.retrieve_by_fields(Auth, username="a"))  #: list[Auth]
    reveal_type(s.retrieve_by_regex(Aor, "^a"))  #: list[Aor]
    reveal_type(s.retrieve_by_prefix(Aor, "a"))  #: list[Aor]
    s.retrieve_by_id(Endpoint, "a").context  #! Item "None" of "Endpoint | None" has no attribute "context"

    reveal_type(gate.relay)  #: int
    reveal_type(gate.codes)  #: tuple[str, ...]
    reveal_type(gate.pin)  #: Secret
    reveal_type(gate.id)  #: str
    reveal_type(gate.extended)  #: tuple[tuple[str, str], ...]
    gate.colour  #! "Gate" has no attribute "colour"
    gate.armed = False  #! Property "armed" defined in "Gate" is read-only

    reveal_type(gate.evolve(relay=2))  #: Gate
    reveal_type(Endpoint.from_objectset("a", []))  #: Endpoint
    reveal_type(gate.objectset())  #: list[tuple[str, str]]


async def read_in_a_loop() -> None:
    async with AsyncSorcery.open("memory:") as s:
        reveal_type(s)  #: AsyncSorcery
        reveal_type(await s.retrieve_by_id(Endpoint, "b"))  #: Endpoint | None
        reveal_type(await s.retrieve_by_id("endpoint", "b"))  #: Any
        reveal_type(await s.retrieve_by_fields(Auth, username="b"))  #: list[Auth]
        reveal_type(await s.create(Endpoint("b")))  #: Written
        reveal_type(await s.run(s.sorcery.retrieve_all, Aor))  #: list[Aor]
        s.retrieve_by_id(Endpoint, "b").context  #! "Coroutine[Any, Any, Endpoint | None]" has no attribute "context"
        async with s.transaction() as transaction:
            reveal_type(transaction)  #: Transaction
        async with s.watch(Endpoint) as events:
            reveal_type(await anext(events))  #: ObjectEvent
    reveal_type(await AsyncSorcery.open("memory:"))  #: AsyncSorcery


def make() -> None:
    reveal_type(Gate("front", relay=1, codes=["11"], pin="4711"))  #: Gate
    Gate("front", relay=1, codes="11,22", pin=Secret("4711"), extended={"floor": "1"})
    Gate("front", relay=1, number=2)
    Gate("front", relay=1, extended=3)  #! Argument "extended" to "Gate" has incompatible type "int"
    Gate("front")  #! Missing named argument "relay" for "Gate"
    Gate("front", relay="one")  #! Argument "relay" to "Gate" has incompatible type "str"; expected "int"
    Gate("front", relay=1, colour="red")  #! Unexpected keyword argument "colour" for "Gate"
    Gate("front", relay=1, codes=3)  #! Argument "codes" to "Gate" has incompatible type "int"
    reveal_type(Garage("back", relay=1, cars=2))  #: Garage
    Garage("back", cars=2)  #! Missing named argument "relay" for "Garage"
    Endpoint("a", contxt="sales")  #! Unexpected keyword argument "contxt" for "Endpoint"
    Endpoint("a", context="sales", allow="!all,g722", auth=["a"], aors="a", direct_media=False)
    Auth("a", password="secret")  #! Missing named argument "username" for "Auth"
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what mypy says of each line of the program."""
    pytest.importorskip("mypy", reason="no mypy: install requirements/dev.txt")
    folder = tmp_path_factory.mktemp("typing")
    program = folder / "program.py"
    program.write_text(f"{TYPES}\n\n{CHECKED}")
    lines = program.read_text().splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    found: dict[str, list[str]] = {}
    for number, message in re.findall(r"program\.py:(\d+): (?:error|note): (.*)", done.stdout):
        found.setdefault(lines[int(number) - 1].strip(), []).append(message)
    assert found, done.stdout + done.stderr
    return found


def test_a_checker_knows_the_types_of_objects_and_answers(said: dict[str, list[str]]) -> None:
    for line in CHECKED.splitlines():
        if "#: " in line:
            (message,) = said[line.strip()]
            assert _revealed(message) == line.partition("#: ")[2]


def test_a_checker_refuses_what_would_raise(said: dict[str, list[str]]) -> None:
    for line in CHECKED.splitlines():
        if "#! " in line:
            assert any(message.startswith(line.partition("#! ")[2]) for message in said[line.strip()]), line


def test_a_checker_takes_all_else(said: dict[str, list[str]]) -> None:
    assert [line for line in said if "#" not in line] == []


def _revealed(message: str) -> str:
    """Return the type of a note without the modules that its names are from."""
    shown = message.removeprefix('Revealed type is "').removesuffix('"')
    return re.sub(r"[a-z_0-9]+\.", "", shown)
