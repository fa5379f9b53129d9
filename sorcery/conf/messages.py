"""What a parse has to say: one rule per kind of trouble, one message per time it was met.

Codes, levels and what each message names are Asterisk's; those that end the parse are refusals of our own
where Asterisk would not come to an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import attrs

from sorcery.errors import ConfSyntaxError
from sorcery.findings import Finding, Severity
from sorcery.place import Place

__all__ = ["RULES", "Fault", "Message", "Named", "Rule", "findings", "refusal", "shown", "true_place"]


@attrs.frozen(slots=True)
class Rule:
    """How one kind of trouble is treated."""

    level: str
    """`WARNING` or `ERROR`, as Asterisk logs it."""
    ends: str
    """How far the harm goes: `file` ends the file it stands in (the main file is then refused), `parse` everything;
    an empty one costs at most the line."""
    names: str
    """What Asterisk's message names: `at` (line and file), `line`, `path`, or nothing."""
    remedy: str
    """What to write instead."""


RULES = {
    "header-unclosed-bracket": Rule("WARNING", "file", "at", "close the name: [name]"),
    "header-unclosed-paren": Rule("WARNING", "file", "at", "close the options: [name](option,option)"),
    "base-missing": Rule(
        "WARNING", "file", "at", "define the base above this line, and write no space inside the parentheses"
    ),
    "append-target-missing": Rule(
        "WARNING",
        "file",
        "at",
        "define the category above this line; a template is reached with (+TEMPLATES=include)",
    ),
    "bad-regex": Rule("ERROR", "", "", "write a POSIX extended regular expression"),
    "no-category": Rule("WARNING", "file", "at", "put a [category] header above this line"),
    "bad-escape": Rule(
        "ERROR", "file", "at", "a leading backslash protects one printable ASCII character: \\[, \\# or \\="
    ),
    "empty-key": Rule("WARNING", "", "at", "write key = value"),
    "no-equals": Rule("WARNING", "", "at", "write key = value, or start a comment with ;"),
    "unknown-directive": Rule(
        "WARNING", "", "at", "use #include, #tryinclude or #exec and a space; comments start with ;"
    ),
    "directive-no-argument": Rule("WARNING", "", "at", "name a file or a command behind the directive"),
    "exec-disabled": Rule("WARNING", "", "", "allow it: execincludes = yes in asterisk.conf, [options]"),
    "include-missing": Rule(
        "ERROR",
        "file",
        "",
        "create the file (relative names count from the configuration directory), or use #tryinclude",
    ),
    "include-too-deep": Rule("WARNING", "", "", "nest at most 10 includes"),
    "include-repeated": Rule("WARNING", "", "at", "include each file once"),
    "not-regular-file": Rule("WARNING", "", "path", "name regular files only"),
    "line-too-long": Rule("WARNING", "", "line", "keep each line within 8190 bytes"),
    "unterminated-comment": Rule("WARNING", "", "line", "pair every ;-- with a --;"),
    "comment-nest-limit": Rule("ERROR", "parse", "", "nest at most 128 block comments"),
    "exec-stderr": Rule("ERROR", "", "", "make the command write configuration to standard output only"),
    "exec-exit-status": Rule("ERROR", "", "", "make the command exit with status 0"),
    "exec-no-output": Rule("WARNING", "", "", "make the command print configuration"),
    "exec-too-long": Rule("ERROR", "file", "", "put the command into a script"),
    "self-copy": Rule("ERROR", "parse", "at", "remove the category's own name from its bases"),
    "copies-too-many": Rule("ERROR", "parse", "at", "inherit each base once"),
    "appends-too-many": Rule("ERROR", "parse", "at", "write long values in one line"),
    "conditions-too-many": Rule("ERROR", "parse", "at", "give sections that are added to names of their own"),
    "include-too-many": Rule("ERROR", "parse", "at", "include fewer files, and none from within itself"),
}
"""Every rule by its code."""


_SHOWN = 80

Named = tuple[int | None, str | None]
"""The line and the file that a message of Asterisk names."""


class Fault(Exception):
    """Trouble with the line at hand; whoever reads the line knows its place and makes it a message."""

    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(text)


def shown(text: str, longest: int = _SHOWN) -> str:
    """Quote what a file says for a message, the start of it if it is longer than `longest` characters."""
    return repr(text if len(text) <= longest else f"{text[:longest]}...")


def true_place(path: str, line: int, skipped: Mapping[str, int]) -> Place:
    """Return the place of a line that Asterisk's numbers name, by the lines of its own file (see `ConfFile.skipped`).

    What goes on from the file before it is placed on the first line.
    """
    return Place(path, max(1, line - skipped.get(path, 0)))


@attrs.frozen(slots=True, kw_only=True)
class Message:
    """One thing that Asterisk would log while it reads the file."""

    level: str
    """`WARNING` or `ERROR`."""
    code: str
    """The rule's short name, a key of `RULES`."""
    text: str
    """What is wrong, with the culprit, but never with the value of a variable."""
    place: Place
    """Where it stands, known for every message."""
    line: int | None = None
    """The line that Asterisk's own message names, if it does."""
    file: str | None = None
    """The file that Asterisk's own message names, if it does."""

    @classmethod
    def about(cls, code: str, text: str, place: Place, named: Named | None = None) -> Message:
        """Put a message together; `named` tells what Asterisk names where the rule does not say it all."""
        rule = RULES[code]
        if named is None:
            line = place.line if rule.names in ("at", "line") else None
            named = line, place.source if rule.names in ("at", "path") else None
        return cls(level=rule.level, code=code, text=text, place=place, line=named[0], file=named[1])

    def __str__(self) -> str:
        return f"{self.place}: {self.level} [{self.code}] {self.text}"


def refusal(message: Message, messages: Iterable[Message]) -> ConfSyntaxError:
    """Return the error for the message that a parse ends with; `messages` are all that were met, it included."""
    remedy = RULES[message.code].remedy
    return ConfSyntaxError(message.text, code=message.code, place=message.place, remedy=remedy, messages=messages)


class _Spoken(Protocol):
    """A parse, or the error that ended one."""

    @property
    def messages(self) -> tuple[Message, ...]: ...


def findings(conf: _Spoken) -> list[Finding]:
    """Convert the messages of a parse, or of the error that refused it, for `sorcery check`.

    The code becomes the rule, and the rule brings the remedy.
    """
    return [_finding(message) for message in conf.messages]


def _finding(message: Message) -> Finding:
    rule = RULES[message.code]
    return Finding(
        severity=Severity.ERROR if rule.ends or rule.level == "ERROR" else Severity.WARNING,
        rule=message.code,
        message=message.text,
        remedy=rule.remedy,
        place=message.place,
    )
