"""The draft in which an object comes to be: texts become values, rules mend or refuse them."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from sorcery.errors import InvalidObject, Unresolvable
from sorcery.findings import Finding, Severity
from sorcery.kinds.base import Refused, refuse_repair
from sorcery.kinds.families import NamedLines
from sorcery.options import MISSING, Option
from sorcery.values import Prototype

if TYPE_CHECKING:
    from sorcery.objects import Object
    from sorcery.objecttype import ObjectType
    from sorcery.place import Place
    from sorcery.resolving import Resolvers

__all__ = ["Draft", "Rule"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_RUN_NEWER = "remove it, or run a release that has it"

Rule = Callable[["Draft"], None]
"""A check or repair across options: reads and sets the draft's values, raises `Refused`, or warns."""


class Draft:
    """An object in the making: values that lines and rules may still change.

    Attributes of the object read and set as items: `draft["timers"] = "no"`.
    """

    __slots__ = (
        *("changes", "compat", "extended", "findings", "id", "inherited", "is_typed", "object_type", "place"),
        *("prototype", "secrets"),
    )

    def __init__(
        self,
        object_type: ObjectType,
        id: str,
        prototype: Prototype,
        changes: dict[str, Any],
        extended: dict[str, str],
        findings: list[Finding],
        *,
        compat: bool = False,
        inherited: Mapping[str, Any] = _NOTHING,
        secrets: Resolvers | None = None,
    ) -> None:
        self.object_type, self.id, self.extended = object_type, id, extended
        self.secrets = secrets or None
        self.prototype, self.changes = prototype, changes
        self.findings, self.compat, self.inherited = findings, compat, inherited
        self.place: Place | None = None
        self.is_typed = False
        """Whether a line has named the type."""

    def __getitem__(self, attribute: str) -> Any:
        changes = self.changes
        if attribute in changes:
            return changes[attribute]
        return self.prototype.values[self.object_type.positions[attribute]]

    def __setitem__(self, attribute: str, value: Any) -> None:
        if attribute not in self.object_type.positions:
            raise KeyError(attribute)
        self.changes[attribute] = value

    def fork(self, id: str) -> Draft:
        """Return a copy for another id: what a template's lines made is made once, and shared."""
        if self.changes:
            self.prototype, self.changes = self._settled(), {}
        twin = Draft(
            self.object_type,
            id,
            self.prototype,
            {},
            dict(self.extended),
            list(self.findings),
            compat=self.compat,
            inherited=self.inherited,
            secrets=self.secrets,
        )
        twin.place, twin.is_typed = self.place, self.is_typed
        return twin

    def _settled(self) -> Prototype:
        values = list(self.prototype.values)
        for attribute, value in self.changes.items():
            values[self.object_type.positions[attribute]] = value
        return Prototype(tuple(values), tuple(dict.fromkeys((*self.prototype.changed, *self.changes))))

    def apply(self, name: str, text: str) -> None:
        """Apply one line; raises `InvalidObject` for an unknown option or a text that it refuses."""
        option = self.object_type.options.get(name)
        if option is None or option.exact_name:
            if name.startswith("@"):
                self.extended[name] = text
                return
            if name.lower() == "type":
                self._check_type(name, text)
                return
            option = self._find(name)
            if option is None:
                return
            if option.is_family:
                text = f"{option.member(name)}={text}"
                option = attrs.evolve(option, name=name)
        attribute = option.attribute
        before = self[attribute]
        try:
            self.changes[attribute] = option.kind.parse(
                text,
                option.kind.zero if before is MISSING else before,
                lambda problem, outcome: self.warn(problem, outcome, option.name, text),
            )
        except Refused as refusal:
            raise self.refused(refusal, option, text) from None
        if option.successor is not None:
            self.warn(f"{option.name} is deprecated", _use(option.successor), option.name, rule="deprecated-option")

    def _find(self, name: str) -> Option | None:
        """Return the option of a name in any case; takes what is no option but allowed, refuses the rest."""
        found = self.object_type.option(name)
        if found is not None:
            if name.startswith(found.exact_start):
                return found
            problem = f"written so, Asterisk takes it for {found.misread_as}"
            self.warn(problem, f"write {found.name}", name, rule="compat-option-case", severity=Severity.NOTE)
            return self.object_type.options[found.misread_as] if self.compat else found
        if (newer := self.object_type.newer.get(name.lower())) is not None:
            raise self.too_new(newer, name)
        if self.object_type.lenient:
            self.warn("is no option", "it is ignored", name, rule="unknown-option")
            return None
        raise self._unknown(name, self.object_type.options)

    def _check_type(self, name: str, text: str) -> None:
        """Warn of a line that names another type where one has named this type before: the first one decides."""
        own = self.object_type.plain_name
        if text == own:
            self.is_typed = True
        elif self.is_typed:
            problem = f"this is read as {own}: of several type lines the first counts"
            self.warn(problem, "remove the line", name, text, rule="second-type")

    def missing(self) -> InvalidObject:
        """Return the error for a type that the release does not have."""
        own = self.object_type
        return self._error(f"{own.release} has no such type: it came with {', '.join(own.since)}", _RUN_NEWER, "")

    def too_new(self, option: Option, name: str, text: str = "", remedy: str = _RUN_NEWER) -> InvalidObject:
        """Return the error for an option that the release does not know."""
        reason = f"{self.object_type.release} does not know the option: it came with {', '.join(option.since)}"
        return self._error(reason, remedy, name, "" if option.secret else text)

    def _unknown(self, name: str, known: Iterable[str]) -> InvalidObject:
        near = _nearest(name.lower(), tuple(known))
        return self._error("unknown option", f"did you mean {near}?" if near else "remove it", name)

    def convert(self, name: str, value: Any, *, adds: bool = False) -> None:
        """Set one option, or attribute, to what a Python caller passed; raises `InvalidObject`.

        With `adds`, and for an alias always, it does what a line of a file does: to a list it may add.
        """
        option = self.object_type.option(name)
        if option is None or option.is_family:
            named = self._by_attribute(name)
            if option is not None and named is None:
                return self._set_member(option, name, value)
            option = named
        if option is None:
            raise self._unknown(name, (*self.object_type.options, *self.object_type.start))
        kind, before = option.kind, self[option.attribute]
        before = kind.zero if before is MISSING else before
        try:
            if not adds and not option.is_alias:
                made = kind.convert(value)
            elif isinstance(value, str):
                made = kind.parse(value, before, refuse_repair)
            else:
                made = kind.joined(before, kind.convert(value))
            self.changes[option.attribute] = made
        except Refused as refusal:
            raise self.refused(refusal, option, value) from None

    def _set_member(self, family: Option, name: str, value: Any) -> None:
        """Set one option of a family: a text in place of all the lines of that name."""
        assert isinstance(family.kind, NamedLines)
        key = family.member(name)
        others = tuple(line for line in self[family.attribute] if line[0] != key)
        try:
            self.changes[family.attribute] = family.kind.joined(others, family.kind.accept([(key, value)]))
        except Refused as refusal:
            raise self.refused(refusal, attrs.evolve(family, name=name), value) from None

    def _by_attribute(self, name: str) -> Option | None:
        options = self.object_type.options.values()
        return next((option for option in options if option.attribute == name and not option.is_alias), None)

    def finish_with(self, pairs: Iterable[tuple[str, str]]) -> Object:
        """Apply some lines and return the object; raises `InvalidObject`, and what `check` raises."""
        for name, text in pairs:
            self.apply(name, text)
        return self.finish()

    def finish(self) -> Object:
        """Run the type's rules and return the object; raises what `check` raises."""
        self.check()
        return self.object_type.make(self)

    def check(self) -> None:
        """Run the type's rules, which may set values; raises `InvalidObject` where one refuses.

        References to secrets are followed first: raises `Unavailable` where one cannot be followed now.
        """
        if self.secrets is not None:
            self.follow_references()
        if self.object_type.is_newer:
            raise self.missing()
        for option in self.object_type.required:
            value = self[option.attribute]
            if value is MISSING or (value == option.kind.zero and not isinstance(value, int | float)):
                raise self.refused(Refused("is required", f"write {option.kind.expects()}"), option)
        for rule in self.object_type.rules:
            try:
                rule(self)
            except Refused as refusal:
                raise self.refused(refusal) from None

    def follow_references(self, secrets: Resolvers | None = None) -> None:
        """Put the secrets that texts refer to in their place; raises `InvalidObject`, and `Unavailable`."""
        secrets = self.secrets if secrets is None else secrets
        if secrets is None:
            return
        for option in self.object_type.hidden:
            value = self[option.attribute]
            if value is MISSING:
                continue
            try:
                found = secrets.follow(value)
            except Unresolvable as error:
                raise self.refused(Refused(f"refers to no secret: {error.reason}", error.remedy), option) from None
            if found is not value:
                self.changes[option.attribute] = found

    def warn(
        self,
        problem: str,
        outcome: str,
        option: str = "",
        value: str = "",
        *,
        rule: str = "repaired-value",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Note something that loads and probably is not what was meant."""
        known = self.object_type.option(option)
        told = self._error(problem, outcome, option, "" if known is not None and known.secret else value)
        self.findings.append(Finding.of(told, severity=severity, rule=rule))

    def refused(self, refusal: Refused, option: Option | None = None, value: object = "") -> InvalidObject:
        """Return the error for a refusal, naming the object, the option and, unless secret, the value."""
        name = option.name if option else refusal.option
        shown = "" if option is None or option.secret else str(value)
        return self._error(refusal.reason, refusal.remedy, name, shown)

    def _error(self, reason: str, remedy: str, option: str, value: str = "") -> InvalidObject:
        return InvalidObject(
            self.object_type.name, self.id, reason, option=option, value=value, remedy=remedy, place=self.place
        )


@functools.lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    """Return the known name most like one; remembered, for a mistake in a template is one of thousands of objects."""
    return next(iter(difflib.get_close_matches(name, known, 1)), None)


def _use(successor: str) -> str:
    return f"use {successor}" if successor else "remove it"
