"""The dialplan as values: contexts of extensions, each with its numbered steps."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs

from sorcery_sip.pbx.dialplan.index import Index
from sorcery_sip.pbx.dialplan.template import Template
from sorcery_sip.pbx.dialplan.times import Times

__all__ = ["Context", "Extension", "Include", "Match", "Problem", "Settings", "Step"]


class Match(enum.Enum):
    """What a context has for a number."""

    EXISTS = "exists"
    """An extension."""
    COULD = "could"
    """None yet: more digits may make one."""
    NO = "no"


@attrs.frozen(slots=True)
class Step:
    """One priority of an extension: the application to run, and with what."""

    priority: int
    application: str
    arguments: Template
    file: str = ""
    line: int = 0


@attrs.frozen(slots=True, eq=False)
class Extension:
    """A number, name or pattern, for one caller (`caller`) or for all (None)."""

    name: str
    """As it was written, without blanks; it begins with an underscore if it is a pattern."""
    caller: str | None
    steps: Mapping[int, Step]
    labels: Mapping[str, int]
    hint: str | None = None
    """The devices and presence whose state is the extension's."""


@attrs.frozen(slots=True)
class Include:
    """Another context that is searched too, always or at some times."""

    context: str
    times: Times | None = None


@attrs.frozen(slots=True, eq=False)
class Context:
    """Everything of one name: its own extensions come before those it includes."""

    name: str
    extensions: tuple[Extension, ...]
    """In the order in which they are preferred."""
    index: Index
    includes: tuple[Include, ...] = ()
    ignored: tuple[str, ...] = ()
    """Patterns after which a dial tone goes on (`ignorepat`)."""


@attrs.frozen(slots=True)
class Settings:
    """The `[general]` section, as far as it means something here."""

    autofallthrough: bool = True
    """A call that runs out of steps ends; without it the caller may dial on."""
    clear_globals: bool = False
    """A reload forgets global variables that the file does not set."""


@attrs.frozen(slots=True)
class Problem:
    """A line that was passed over, or does not do what was meant."""

    file: str
    line: int
    rule: str
    message: str
    remedy: str = ""
    is_error: bool = True
    """The line, or a part of it, was left out; else it is only doubtful."""
    option: str = ""
    value: str = ""
