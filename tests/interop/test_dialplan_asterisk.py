"""Our dialplan against Asterisk's: what of a file is taken, which extension a number finds, what texts come to."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sorcery_sip.modules.extensions_conf import read_dialplan
from sorcery_sip.pbx.dialplan.template import Template
from tests.interop.asterisk import Asterisk
from tests.interop.dialplans import GENERAL, global_variables, ours, theirs
from tests.unit.sorcery_sip.pbx.dialplan.facts import CALLS, EXPRESSIONS, FILE, SETUP, SUBROUTINES, TEXTS

pytestmark = pytest.mark.interop

SEED = 20262
LEFT_OUT = ("chan_iax2", "chan_unistim", "pbx_dundi", "res_pjsip")


@pytest.fixture(scope="module")
def server(asterisk_root: Path) -> Iterator[Asterisk]:
    """Run an Asterisk whose log shows each step."""
    files = {
        "modules.conf": "[modules]\nautoload=yes\n" + "".join(f"noload={name}.so\n" for name in LEFT_OUT),
        "logger.conf": "[logfiles]\nfull=notice,warning,error,verbose(5)\n",
    }
    with Asterisk(asterisk_root, files) as asterisk:
        yield asterisk


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep what both say about faulty lines out of the report."""
    caplog.set_level(logging.CRITICAL)


class NoValues:
    def variable(self, name: str) -> str | None:
        return None

    def call(self, name: str, arguments: str) -> str:
        return "0"

    async def ask(self, name: str, arguments: str) -> str:
        return self.call(name, arguments)


ATOMS = (
    *("1", "0", "2", "10", "3.5", "0.0", "007", "12", "-1", "a", "b", "abc", "x1"),
    *('"a"', '"1"', '""', '"a b"', '"a.c"', '"(a)"', '"(.)b"', '"[0-9]+"', '"([0-9]+)"'),
)
OPERATORS = ("+", "-", "*", "/", "%", "=", "!=", "<", ">", "<=", ">=", "|", "&", ":", "=~", "~~", "||", "&&", "==")
FUNCTIONS = ("ABS", "ROUND", "FLOOR", "CEIL", "TRUNC", "SQRT")


def made_up_expression(chance: random.Random, depth: int) -> str:
    kind = chance.choices(("atom", "binary", "group", "prefix", "choice", "function"), (25, 50, 8, 7, 5, 5))[0]
    if depth == 0 or kind == "atom":
        return chance.choice(ATOMS)
    inner = [made_up_expression(chance, depth - 1) for _ in range(3)]
    match kind:
        case "binary":
            return f"{inner[0]} {chance.choice(OPERATORS)} {inner[1]}"
        case "group":
            return f"({inner[0]})"
        case "prefix":
            return f"{chance.choice('!-')}{inner[0]}"
        case "choice":
            return f"{inner[0]} ? {inner[1]} :: {inner[2]}"
    return f"{chance.choice(FUNCTIONS)}({chance.choice(('1', '2.5', '16', '2+3', '(4)'))})"


def test_expressions_made_at_random_have_the_same_values(server: Asterisk) -> None:
    chance = random.Random(SEED)
    made = [f"$[{made_up_expression(chance, 3)}]" for _ in range(1500)]
    texts = [text for text in made if len(text) < 200]
    lines = [f"v{number} => <{text}>" for number, text in enumerate(texts)]
    server.write("extensions.conf", GENERAL + "[globals]\n" + "\n".join(lines))
    server.cli("dialplan reload")
    found = global_variables(server)
    values = [(Template.of(f"<{text}>").expand(NoValues()), found[f"v{at}"]) for at, text in enumerate(texts)]
    differing = [(text, *pair) for text, pair in zip(texts, values, strict=True) if len({*map(_unsigned, pair)}) > 1]
    assert differing == []


def _unsigned(value: str) -> str:
    """Leave out the sign of zero, which a long double keeps on ways that nobody writes."""
    return "<0>" if value == "<-0>" else value


def test_texts_with_variables_and_functions_have_the_same_values(server: Asterisk, tmp_path: Path) -> None:
    texts = [*TEXTS, *EXPRESSIONS]
    steps = [f"same => n{'' if step.startswith('(') else ','}{step}" for step in SETUP]
    steps += [
        f"same => n,Set(GLOBAL(v{number})=<{text.replace(';', chr(92) + ';')}>)" for number, text in enumerate(texts)
    ]
    dialplan = "\n".join(["[t]", "exten => x,1,NoOp", *steps, SUBROUTINES])
    other, mine = theirs(server, dialplan).variables, ours(tmp_path, dialplan).variables
    found = {text: (mine.get(f"v{number}"), other.get(f"v{number}")) for number, text in enumerate(texts)}
    assert {text: pair for text, pair in found.items() if pair[0] != pair[1]} == {}
    recorded = [f"<{value}>" for value in (*TEXTS.values(), *EXPRESSIONS.values())]
    assert [other[f"v{number}"] for number in range(len(texts))] == recorded


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_the_same_steps(server: Asterisk, tmp_path: Path, name: str) -> None:
    dialplan, steps = CALLS[name]
    other, mine = theirs(server, dialplan), ours(tmp_path, dialplan)
    assert other.steps == steps
    assert mine == other


DIALED = """
[t]
exten => x,1,Answer
same => n,Set(TIMEOUT(digit)=0.4)
same => n,WaitExten(2)
exten => 12,1,NoOp(${EXTEN})
exten => 125,1,NoOp(${EXTEN})
exten => _3X,1,NoOp(${EXTEN})
exten => _4X.,1,NoOp(${EXTEN})
exten => _5X!,1,NoOp(${EXTEN})
exten => _6!,1,NoOp(${EXTEN})
exten => 678,1,NoOp(${EXTEN})
exten => _7XX,1,NoOp(${EXTEN})
exten => _7X,1,NoOp(${EXTEN})
exten => _8.,1,NoOp(${EXTEN})
exten => 81,1,NoOp(${EXTEN})
exten => i,1,NoOp(wrong ${INVALID_EXTEN})
exten => t,1,NoOp(nothing)
include => u
[u]
exten => 129,1,NoOp(${EXTEN})
exten => _9ZX,1,NoOp(${EXTEN})
"""


@pytest.mark.parametrize(
    "pressed",
    [
        *("12", "125", "129", "13", "4", "41", "567", "6", "67", "678"),
        *("71", "8", "812", "90"),
    ],
)
def test_digits_lead_to_the_same_extension(server: Asterisk, tmp_path: Path, pressed: str) -> None:
    other, mine = theirs(server, DIALED, pressed=pressed), ours(tmp_path, DIALED, pressed=pressed)
    assert mine.steps == other.steps
    assert len(mine.steps) == 4


def test_times_hold_at_the_same_moments(server: Asterisk, tmp_path: Path) -> None:
    chance, now = random.Random(SEED), datetime.now().astimezone()
    days, months = (
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        ("jan", "may", "nov", "dec", now.strftime("%b").lower()),
    )

    def clock() -> str:
        moment = now + timedelta(minutes=chance.choice((-120, -1, 0, 1, 90)))
        return moment.strftime("%H:%M")

    texts = []
    for _ in range(300):
        ranges = [f"{clock()}-{clock()}", "-".join(chance.choices(days, k=2)), f"{now.day}-{chance.randint(1, 31)}"]
        ranges.append("-".join(chance.choices(months, k=2)))
        texts.append(",".join(chance.choice(("*", each, each.partition("-")[0], each)) for each in ranges))
    lines = [f"same => n,Set(GLOBAL(v{number})=${{IFTIME({text}?1:0)}})" for number, text in enumerate(texts)]
    dialplan = "\n".join(["[t]", "exten => x,1,NoOp", *lines])
    while True:
        minute = datetime.now().astimezone().strftime("%H:%M")
        other, mine = theirs(server, dialplan).variables, ours(tmp_path, dialplan).variables
        if datetime.now().astimezone().strftime("%H:%M") == minute:
            break  # else the two may have looked at different minutes
    assert {
        text: (mine[f"v{at}"], other[f"v{at}"]) for at, text in enumerate(texts) if mine[f"v{at}"] != other[f"v{at}"]
    } == {}
    assert len(set(mine.values())) == 2


SHOWN = re.compile(r"  '(?P<name>.*?)'(?: \(CID match '(?P<caller>[^']*)'\))? =>")


def extensions(server: Asterisk, context: str) -> list[tuple[str, str | None]]:
    found = [SHOWN.match(line) for line in server.cli(f"dialplan show {context}").splitlines()]
    return [(one["name"], one["caller"]) for one in found if one]


PRIORITY = re.compile(
    r"(?:  '.*=>|     \[(?P<label>.*)\])? +(?P<number>\d+|hint)[.:] "
    r"(?P<application>.*?) +\[extensions.conf:(?P<line>\d+)\]"
)


def test_a_file_with_all_kinds_of_lines_is_read_alike(server: Asterisk) -> None:
    server.write("extensions.conf", FILE)
    server.cli("dialplan reload")
    dialplan, _ = read_dialplan(server.configuration / "extensions.conf")
    for name, context in dialplan.contexts.items():
        found = [PRIORITY.match(line) for line in server.cli(f"dialplan show {name}").splitlines()]
        other = [(one["label"] or "", one["number"], one["application"], one["line"]) for one in found if one]
        mine = []
        for extension in context.extensions:
            labels = {priority: label for label, priority in extension.labels.items()}
            for priority, step in sorted(extension.steps.items()):
                text = f"{step.application}({step.arguments.text})"
                mine.append((labels.get(priority, ""), str(priority), text, str(step.line)))
        assert mine == [line for line in other if line[1] != "hint"], name
        assert [(each.name, each.caller) for each in context.extensions] == extensions(server, name)


def made_up_name(chance: random.Random) -> str:
    if chance.random() < 0.2:
        return "".join(chance.choice("123-a") for _ in range(chance.randint(1, 4))).strip("-") or "1"
    text = "_"
    for _ in range(chance.randint(0, 3)):
        kind = chance.random()
        if kind < 0.3:
            text += chance.choice("123")
        elif kind < 0.6:
            text += chance.choice("XZNxzn")
        elif kind < 0.9:
            pieces = ("1", "2", "3", "1-3", "2-4", "4", "0-9", "12", "3-1", "a")
            text += f"[{''.join(chance.choice(pieces) for _ in range(chance.randint(1, 3)))}]"
        else:
            text += "-"
    return text + chance.choice(("", "", ".", "!", "X"))


def made_up_contexts(chance: random.Random, count: int) -> list[str]:
    """Return contexts that note, for a number N, which line matched it."""
    lines: list[str] = []
    for context in range(count):
        lines.append(f"[c{context}]")
        for number in range(chance.randint(2, 9)):
            caller = chance.choice(("", "", "", "/12", "/_1X", "/_X.", "/")) if chance.random() < 0.3 else ""
            name = made_up_name(chance) + caller
            lines += [f"exten => {name},1,Set(GLOBAL(v${{N}})={number})", f"exten => {name},2,Return"]
        if chance.random() < 0.4:
            lines.append(f"include => c{chance.randrange(count)}")
    return lines


def test_numbers_find_the_same_extensions_among_patterns_made_at_random(server: Asterisk, tmp_path: Path) -> None:
    chance, count = random.Random(SEED), 40
    lines = [*made_up_contexts(chance, count), "[t]", "exten => x,1,NoOp"]
    for number in range(700):
        context, exten = f"c{chance.randrange(count)}", "".join(chance.choices("12345a", k=chance.randint(1, 4)))
        lines.append(f"same => n,Set(CALLERID(num)={chance.choice(('', '12', '13', '5'))})")
        lines.append(f"same => n,Set(N={number})")
        lines.append(f"same => n,GosubIf(${{DIALPLAN_EXISTS({context},{exten},1)}}?{context},{exten},1)")
    dialplan = "\n".join(lines)
    other, mine = theirs(server, dialplan).variables, ours(tmp_path, dialplan).variables
    assert mine == other
    assert len(mine) > 300
    read, _ = read_dialplan(tmp_path / "extensions.conf")
    for name, place in read.contexts.items():
        assert [(each.name, each.caller) for each in place.extensions] == extensions(server, name)
