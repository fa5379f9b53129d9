"""Contexts in the making: extensions take their steps one by one, and are then put into their order."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import attrs

from sorcery_sip.pbx.dialplan.arguments import whole_number
from sorcery_sip.pbx.dialplan.index import Index
from sorcery_sip.pbx.dialplan.lines import BadLine
from sorcery_sip.pbx.dialplan.model import Context, Extension, Include, Step
from sorcery_sip.pbx.dialplan.patterns import BadPattern, Position, parse_pattern, undashed
from sorcery_sip.pbx.dialplan.template import Template

__all__ = ["ContextDraft", "StepDraft"]

_Matcher: TypeAlias = tuple[bool, str | tuple[Position, ...]]
"""Whether it is a pattern, and the name or the pattern as they compare."""
_Key: TypeAlias = tuple[_Matcher, bool, _Matcher]
"""What an extension and the callers it is for are, and in between whether it is for all. As they sort, so they are
preferred: names, then patterns; what is for one caller before what is for all. Patterns that take the same numbers
are one extension, however they are written."""


class StepDraft(NamedTuple):
    """A step with its label."""

    priority: int
    application: str
    arguments: Template
    label: str
    file: str
    line: int


@attrs.define(slots=True, eq=False)
class _ExtensionDraft:
    name: str
    caller: str | None
    steps: dict[int, Step] = attrs.field(factory=dict)
    labels: dict[str, int] = attrs.field(factory=dict)
    hint: str | None = None

    def finished(self) -> Extension:
        return Extension(self.name, self.caller, self.steps, self.labels, self.hint)


@attrs.define(slots=True, eq=False)
class ContextDraft:
    """A context, and what the next line may refer to."""

    name: str
    includes: list[Include] = attrs.field(factory=list)
    ignored: list[str] = attrs.field(factory=list)
    last_name: str | None = None
    last_caller: str | None = None
    _last_priority: int | None = None
    _extensions: dict[_Key, _ExtensionDraft] = attrs.field(factory=dict)

    def forget_last(self) -> None:
        """Begin another section of the same name."""
        self.last_name = self.last_caller = self._last_priority = None

    def priority(self, name: str, caller: str | None, text: str, offset: int) -> int:
        """Return the number that a priority stands for. Raises `BadLine`."""
        self.last_name, self.last_caller = name, caller
        number = self._number(name, caller, text) + offset
        if number < 1:
            raise BadLine("bad-priority", f"priority {number} is none", "priorities begin at 1")
        self._last_priority = number
        return number

    def add(self, name: str, caller: str | None, step: StepDraft) -> int | None:
        """Add a step; return the priority that has its label already, if one does. Raises `BadLine`."""
        extension = self._extension(name, caller)
        if step.priority in extension.steps:
            raise BadLine(
                "priority-in-use",
                f"priority {step.priority} of {extension.name!r} stands in line {extension.steps[step.priority].line}",
                "take another number, or n",
            )
        extension.steps[step.priority] = Step(step.priority, step.application, step.arguments, step.file, step.line)
        if step.label in extension.labels:
            return extension.labels[step.label]
        if step.label:
            extension.labels[step.label] = step.priority
        return None

    def add_hint(self, name: str, caller: str | None, hint: str) -> None:
        """Note the hint of an extension. Raises `BadLine`."""
        self.last_name, self.last_caller = name, caller
        extension = self._extension(name, caller)
        if extension.hint is not None:
            raise BadLine(
                "priority-in-use", f"{extension.name!r} has the hint {extension.hint!r} already", "leave one out"
            )
        extension.hint = hint

    def finished(self) -> Context:
        """Return the context, its extensions as they are preferred: names, then patterns."""
        ordered = [draft.finished() for _, draft in sorted(self._extensions.items(), key=lambda item: item[0])]
        includes = tuple(self.includes)
        return Context(self.name, tuple(ordered), Index(ordered), includes, tuple(self.ignored))

    def _number(self, name: str, caller: str | None, text: str) -> int:
        if (number := whole_number(text)) is not None:
            return number
        if text.lower() in ("n", "next", "s", "same"):
            if self._last_priority is None:
                raise BadLine("bad-priority", f"nothing stands before {text!r} in this context", "begin with 1")
            return self._last_priority + (text[0] in "nN")
        found = self._extensions.get(_key(name, caller))
        if found is None or text not in found.labels:
            raise BadLine("bad-priority", f"priority {text!r} is none", "write a number, n, hint, or a label above")
        return found.labels[text]

    def _extension(self, name: str, caller: str | None) -> _ExtensionDraft:
        return self._extensions.setdefault(_key(name, caller), _ExtensionDraft(name, caller))


def _key(name: str, caller: str | None) -> _Key:
    if not name:
        raise BadLine("bad-extension", "it names no extension", "write name,priority,application(arguments)")
    return _matcher(name), caller is None, _matcher(caller or "")


def _matcher(text: str) -> _Matcher:
    if not text.startswith("_"):
        return False, undashed(text)
    try:
        return True, tuple([each for each in parse_pattern(text[1:]) if each.size])
    except BadPattern as error:
        raise BadLine("bad-extension", f"pattern {text!r}: {error}", "write such as _[2-9]XX") from None
