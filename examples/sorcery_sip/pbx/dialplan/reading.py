"""The sections of `extensions.conf`, in their order, made a dialplan; what is wrong comes out beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sorcery_sip.pbx.dialplan.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.drafts import ContextDraft, StepDraft
from sorcery_sip.pbx.dialplan.lines import BadLine, ExtensionLine, read_extension
from sorcery_sip.pbx.dialplan.model import Include, Problem, Settings
from sorcery_sip.pbx.dialplan.scope import Function, Scope, World
from sorcery_sip.pbx.dialplan.template import Template
from sorcery_sip.pbx.dialplan.times import BadTimes, parse_times, split_include

__all__ = ["Line", "Section", "build_dialplan"]

_NOT_SERVED = {
    "switch": "switches are not served",
    "lswitch": "switches are not served",
    "eswitch": "switches are not served",
    "autohints": "hints are not made by themselves",
}
_KNOWN_SETTINGS = {"autofallthrough", "clearglobalvars"}
_WITHOUT_EFFECT = {"static", "writeprotect", "extenpatternmatchnew"}
"""They choose what commands may write, or how to search; never what is found."""


class Line(NamedTuple):
    """One `key = value`, and where it stands."""

    key: str
    value: str
    file: str = ""
    number: int = 0


class Section(NamedTuple):
    """One `[name]` with its lines."""

    name: str
    lines: Sequence[Line]


def build_dialplan(
    sections: Iterable[Section], functions: dict[str, Function] | None = None
) -> tuple[Dialplan, tuple[Problem, ...]]:
    """Return the dialplan of a file, and the lines that were passed over or are doubtful.

    `functions` are those that global variables, patterns and hints may use: they are put together here, once.
    """
    reading = _Reading(functions or {})
    sections = tuple(sections)
    for section in sections:  # global variables first: patterns may refer to them
        if section.name.lower() == "globals":
            reading.globals(section)
        elif section.name.lower() == "general":
            reading.general(section)
    for section in sections:
        if section.name.lower() not in ("general", "globals"):
            reading.context(section)
    return reading.finished()


class _Reading:
    def __init__(self, functions: dict[str, Function]) -> None:
        self._world = World(functions)
        self._scope = Scope(self._world)
        self._drafts: dict[str, ContextDraft] = {}
        self._problems: list[Problem] = []
        self._settings: dict[str, bool] = {}
        self._includes: dict[tuple[str, str], Line] = {}
        self._readers: dict[str, Callable[[ContextDraft, Line], None]] = {
            "exten": self._exten,
            "same": self._same,
            "include": self._include,
            "ignorepat": self._ignored,
        }

    def globals(self, section: Section) -> None:
        """Set the global variables, each with the values of those before it."""
        for line in section.lines:
            self._world.variables[line.key] = self._expanded(line, line.value)

    def general(self, section: Section) -> None:
        """Take the settings."""
        for line in section.lines:
            key = line.key.lower()
            if key in _KNOWN_SETTINGS:
                self._settings[key] = _is_yes(line.value)
            elif key not in _WITHOUT_EFFECT:
                self._doubt(line, "unknown-option", f"[general] {line.key} means nothing here", "leave it out")

    def context(self, section: Section) -> None:
        """Add what a section says to the context of its name."""
        draft = self._drafts.setdefault(section.name, ContextDraft(section.name))
        draft.forget_last()
        for line in section.lines:
            key = line.key.lower()
            reader = self._readers.get(key)
            if reader is not None:
                self._try(reader, draft, line)
            elif key in _NOT_SERVED:
                self._doubt(line, "not-served", f"{line.key} {line.value!r}: {_NOT_SERVED[key]}", "write extensions")
            else:
                known = ", ".join(self._readers)
                self._refuse(line, "unknown-option", f"{line.key!r} is no line of a context", f"write one of {known}")

    def finished(self) -> tuple[Dialplan, tuple[Problem, ...]]:
        """Return what came of it."""
        for draft in self._drafts.values():
            for include in draft.includes:
                line = self._includes[draft.name, include.context]
                if include.context not in self._drafts:
                    self._doubt(
                        line,
                        "unknown-context",
                        f"context {draft.name!r} includes {include.context!r}, which does not exist",
                        f"add a section [{include.context}]",
                    )
        settings = Settings(self._settings.get("autofallthrough", True), self._settings.get("clearglobalvars", False))
        contexts = [draft.finished() for draft in self._drafts.values()]
        return Dialplan(contexts, self._world.variables, settings), tuple(self._problems)

    def _try(self, reader: Callable[[ContextDraft, Line], None], draft: ContextDraft, line: Line) -> None:
        try:
            reader(draft, line)
        except BadLine as fault:
            self._refuse(line, fault.rule, f"{line.key} {line.value!r}: {fault}", fault.remedy)

    def _exten(self, draft: ContextDraft, line: Line) -> None:
        self._add(draft, line, read_extension(line.value))

    def _same(self, draft: ContextDraft, line: Line) -> None:
        if draft.last_name is None:
            raise BadLine("same-without-exten", "no extension stands before it in this context", "begin with exten =>")
        self._add(
            draft, line, read_extension(f",{line.value}")._replace(name=draft.last_name, caller=draft.last_caller)
        )

    def _add(self, draft: ContextDraft, line: Line, read: ExtensionLine) -> None:
        name = self._expanded(line, read.name) if "$" in read.name else read.name
        caller = read.caller
        if read.priority.lower() == "hint":
            draft.add_hint(name, caller, self._expanded(line, read.application_text))
            return
        priority = draft.priority(name, caller, read.priority, read.offset)
        for doubt in read.doubts:
            self._doubt(line, doubt.rule, f"{line.key} {line.value!r}: {doubt}", doubt.remedy)
        arguments = Template.of(read.arguments)
        if arguments.problem:
            self._doubt(line, "open-bracket", f"{read.arguments!r}: a part is left out", arguments.problem)
        label = draft.add(
            name, caller, StepDraft(priority, read.application, arguments, read.label, line.file, line.number)
        )
        if label is not None:
            self._doubt(
                line,
                "label-in-use",
                f"label {read.label!r} is that of priority {label} of {name!r} already; it is left out here",
                "choose another label",
            )

    def _include(self, draft: ContextDraft, line: Line) -> None:
        name, times = split_include(self._expanded(line, line.value))
        if not name:
            raise BadLine("bad-include", "it names no context", "write include => context[,times,weekdays,days,months]")
        try:
            include = Include(name, parse_times(times) if times else None)
        except BadTimes as error:
            raise BadLine("bad-times", str(error), "write times,weekdays,days,months[,zone], each a-b or *") from None
        draft.includes.append(include)
        self._includes.setdefault((draft.name, name), line)

    def _ignored(self, draft: ContextDraft, line: Line) -> None:
        draft.ignored.append(self._expanded(line, line.value))

    def _expanded(self, line: Line, text: str) -> str:
        template = Template.of(text)
        if template.problem:
            self._doubt(line, "open-bracket", f"{text!r}: a part is left out", template.problem)
        return template.expand(self._scope)

    def _refuse(self, line: Line, rule: str, message: str, remedy: str) -> None:
        self._report(line, rule, message, remedy, is_error=True)

    def _doubt(self, line: Line, rule: str, message: str, remedy: str) -> None:
        self._report(line, rule, message, remedy, is_error=False)

    def _report(self, line: Line, rule: str, message: str, remedy: str, *, is_error: bool) -> None:
        self._problems.append(
            Problem(line.file, line.number, rule, message, remedy, is_error, option=line.key, value=line.value)
        )


def _is_yes(text: str) -> bool:
    return text.strip().lower() in ("yes", "true", "y", "t", "1", "on")
