"""One `exten =>` line: its extension, caller, priority, label, application and arguments."""

from __future__ import annotations

import re
from typing import NamedTuple

from sorcery_sip.pbx.dialplan.arguments import whole_number

__all__ = ["BadLine", "ExtensionLine", "read_extension"]

_LABEL = re.compile(r"\(([^)]*)\)?")


class BadLine(ValueError):
    """A line, or a part of one, that is of no use; the message says why, `remedy` what would be right."""

    def __init__(self, rule: str, reason: str, remedy: str) -> None:
        self.rule, self.remedy = rule, remedy
        super().__init__(reason)


class ExtensionLine(NamedTuple):
    """What a line says; the priority is a number, `n`, `s`, `hint` or a label."""

    name: str
    caller: str | None
    priority: str
    offset: int
    """How far the step is from that priority."""
    label: str
    application: str
    arguments: str
    application_text: str
    """All that follows the priority, as a hint has it."""
    doubts: tuple[BadLine, ...]


def read_extension(text: str) -> ExtensionLine:
    """Read `name[/caller],priority[+n][(label)],application(arguments)`. Raises `BadLine` without a priority."""
    name, rest = _first_field(text)
    name, slash, caller = name.partition("/")
    priority, _, application_text = rest.partition(",")
    doubts: list[BadLine] = []
    priority, label = _label(priority, doubts)
    priority, plus, offset = priority.partition("+")
    priority = priority.strip()
    steps = whole_number(offset.strip()) if plus else 0
    if not priority or steps is None:
        raise BadLine("bad-priority", "it has no priority", "write name,priority,application(arguments)")
    application, arguments = _application(application_text.lstrip(), doubts)
    return ExtensionLine(
        _without_blanks(name),
        _shrunk(caller) if slash else None,
        priority,
        steps,
        label,
        application,
        arguments,
        application_text.strip(),
        tuple(doubts),
    )


def _first_field(text: str) -> tuple[str, str]:
    """Split at the first comma outside brackets."""
    depth = 0
    for at, char in enumerate(text):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == "," and depth <= 0:
            return text[:at], text[at + 1 :]
    return text, ""


def _label(priority: str, doubts: list[BadLine]) -> tuple[str, str]:
    start = priority.find("(")
    if start < 0:
        return priority, ""
    found = _LABEL.match(priority, start)
    if found is None or not found[0].endswith(")"):
        doubts.append(BadLine("open-label", "the label does not end", "write priority(label)"))
    return priority[:start], "" if found is None else found[1].strip()


def _application(text: str, doubts: list[BadLine]) -> tuple[str, str]:
    """Split into the application and what stands between its parentheses."""
    name, parenthesis, rest = text.partition("(")
    if not parenthesis or "${" in name or "$[" in name:
        if not text.strip():
            doubts.append(BadLine("no-application", "it has no application", "write name,priority,application()"))
        return text.rstrip(), ""
    if name != name.rstrip():
        doubts.append(BadLine("bad-application", f"there is no application {name!r}", "leave the blank before '(' out"))
    arguments, end, after = rest.rpartition(")")
    if not end:
        doubts.append(BadLine("open-parenthesis", "the arguments do not end", "close them with ')'"))
        return name, rest
    if after.strip():
        doubts.append(BadLine("text-after-arguments", f"{after.strip()!r} is left out", "end the line with ')'"))
    return name, arguments


def _without_blanks(name: str) -> str:
    """Leave out blanks, but for those inside the sets of a pattern."""
    if " " not in name and "\t" not in name:
        return name
    kept, depth = [], 0
    for char in name:
        depth += (char == "[") - (char == "]")
        if depth > 0 or not char.isspace():
            kept.append(char)
    return "".join(kept)


def _shrunk(caller: str) -> str:
    """Leave out what only makes a number readable; in sets, and at the end, a mark belongs to a pattern."""
    caller = caller.strip()
    kept, depth = [], 0
    for at, char in enumerate(caller):
        depth += (char == "[") - (char == "]")
        if depth > 0 or not (char in "() -" or (char == "." and at < len(caller) - 1)):
            kept.append(char)
    return "".join(kept)
