"""What is known of an object type, and the draft in which its objects come to be."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from sorcery.errors import InvalidObject, Unresolvable, untraced
from sorcery.findings import Finding, Severity
from sorcery.kinds.base import Refused, refuse_repair
from sorcery.kinds.families import NamedLines
from sorcery.options import MISSING, Option
from sorcery.release import Release
from sorcery.secret import Secret
from sorcery.values import Prototype

if TYPE_CHECKING:
    from sorcery.objects import Object
    from sorcery.place import Place
    from sorcery.resolving import Resolvers

__all__ = ["Draft", "ObjectType", "Rule"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_RUN_NEWER = "remove it, or run a release that has it"

Defaults = tuple[tuple[Option, tuple[tuple[str, str], ...]], ...]

Rule = Callable[["Draft"], None]
"""A check or repair across options: reads and sets the draft's values, raises `Refused`, or warns."""


@attrs.frozen(slots=True, kw_only=True, eq=False)
class ObjectType:
    """The schema of one object type: its options, its rules and where Asterisk looks for it."""

    name: str
    """Unlike every other type's; where modules use one name for different types, theirs and a slash come first."""
    options: Mapping[str, Option] = attrs.field(repr=False)
    """By name in lower case, in declaration order."""
    rules: tuple[Rule, ...] = attrs.field(default=(), repr=False)
    section: str = "sorcery"
    """The section of `sorcery.conf` that maps the type; empty where none does."""
    family: str | None = None
    """The realtime family and table by convention."""
    conf: str | None = None
    """The `.conf` file that holds the type unless it is mapped elsewhere; None for types nobody writes by hand."""
    optional: bool = False
    """That file may be missing without a word: many systems have no use for it."""
    default_mapping: str = ""
    """The mapping without configuration, e.g. `astdb,registrar`; empty means its `.conf` file."""
    single: bool = False
    """At most one object is meant to exist."""
    explicit_name: str | None = None
    """A section of this name is an object of the type even without a `type` line."""
    follows_reload: bool = True
    lenient: bool = False
    """An unknown option is passed over with a warning, where other types refuse the object."""
    inherits: str = ""
    """The name of a single type whose object bequeaths values that objects of this type do not set."""
    owner: str = ""
    """The type whose objects own those of this type: `OWNER;@…` is the id of what `OWNER` owns."""
    is_part: bool = False
    """Objects of this type are there for those that refer to them, and go with the last one."""
    required: tuple[Option, ...] = attrs.field(default=(), repr=False)
    """The options that an object must have a value for."""
    referring: tuple[Option, ...] = attrs.field(default=(), repr=False)
    """The options that hold ids of other objects."""
    relating: tuple[Option, ...] = attrs.field(default=(), repr=False)
    """Those, and the options whose names may be ids of other objects."""
    start: Mapping[str, Any] = attrs.field(default=_NOTHING, repr=False)
    """The values of a new object, by attribute; `MISSING` where one has to be given."""
    make: Callable[[Draft], Object] = attrs.field(repr=False)
    """Make the immutable object of a draft that keeps all rules."""
    since: tuple[str, ...] = ()
    """The first version of each release branch that has the type."""
    release: Release | None = None
    """The release of Asterisk that the type is kept to; None for all that is known of it."""
    newer: Mapping[str, Option] = attrs.field(default=_NOTHING, repr=False)
    """The options that this release does not know, by name in lower case."""
    _whole: ObjectType | None = attrs.field(default=None, repr=False)
    doc: str = ""
    prototype: Prototype = attrs.field(init=False, repr=False)
    """The values of a new object, for objects to share."""
    positions: Mapping[str, int] = attrs.field(init=False, repr=False)
    """Where a prototype holds the value of an attribute."""

    @prototype.default
    def _shared(self) -> Prototype:
        return Prototype(tuple(self.start.values()))

    @positions.default
    def _order(self) -> Mapping[str, int]:
        return {attribute: position for position, attribute in enumerate(self.start)}

    @property
    def plain_name(self) -> str:
        """The name that files, mappings and AstDB keys use."""
        return self.name.rpartition("/")[2]

    @functools.cached_property
    def families(self) -> tuple[Option, ...]:
        """The options that stand for many names."""
        return tuple(option for option in self.options.values() if option.is_family)

    @functools.cached_property
    def hidden(self) -> tuple[Option, ...]:
        """The options that hold one `Secret`."""
        options = self.options.values()
        return tuple(each for each in options if isinstance(each.kind.zero, Secret) and not each.is_alias)

    @functools.cached_property
    def domains(self) -> tuple[Option, ...]:
        """The options whose value the ids of another type may end with."""
        return tuple(option for option in self.options.values() if option.domain_of)

    @functools.cached_property
    def printed(self) -> Defaults:
        """The options of the object set, with the pairs that each has by default; none where it is required."""
        return tuple(
            (option, () if value is MISSING else tuple(option.kind.pairs(option.name, value)))
            for option, value in self._defaults()
            if option.is_printed
        )

    @functools.cached_property
    def written(self) -> Defaults:
        """The fields, with the lines that give each its default; none where it is required."""
        return tuple(
            (option, () if value is MISSING else tuple(option.kind.lines(option.name, value)))
            for option, value in self._defaults()
            if option.is_field
        )

    def _defaults(self) -> Iterator[tuple[Option, Any]]:
        return ((option, self.start[option.attribute]) for option in self.options.values())

    def at(self, release: Release) -> ObjectType:
        """Return the type as a release has it: what it does not know is in `newer` and no option, or no object is.

        The type itself, where it is the same there. Objects have all attributes still, at their defaults.
        """
        if not release.knows(self.since):
            return attrs.evolve(self, release=release, whole=self)
        newer = {name: each for name, each in self.options.items() if not release.knows(each.since)}
        if not newer:
            return self
        options = {name: each for name, each in self.options.items() if name not in newer}
        return attrs.evolve(
            self, release=release, options=MappingProxyType(options), newer=MappingProxyType(newer), whole=self
        )

    @property
    def whole(self) -> ObjectType:
        """The type with all that is known of it: what its class declares."""
        return self._whole or self

    @functools.cached_property
    def is_newer(self) -> bool:
        """Whether the release that the type is kept to does not have it: there are no objects of it."""
        return self.release is not None and not self.release.knows(self.since)

    def require_known(self, obj: Object) -> None:
        """Raise `InvalidObject` for an object that the release does not have, or that sets what it does not know."""
        if self.is_newer:
            raise self.draft(obj.id).missing()
        for name, text in obj.settings() if self.newer else ():
            if (option := self.newer.get(name.lower())) is not None:
                raise self.draft(obj.id).too_new(
                    option, name, text, "leave it at its default, or name a release that has it"
                )

    def option(self, name: str) -> Option | None:
        """Return the option of that name, in any case, or the family that has it, or None."""
        found = self.options.get(name) or self.options.get(name.lower())
        if found is None or (found.exact_name and found.name != name):
            return self._family(name) if self.families else None
        return found

    def _family(self, name: str) -> Option | None:
        if name.lower() == "type" or name.startswith("@"):
            return None
        return next((family for family in self.families if family.member(name) is not None), None)

    def has_field(self, name: str) -> bool:
        """Tell whether `name`, with case, is a field: what a table's column or a stored key may be called."""
        if name.startswith("@"):
            return True
        found = self.option(name)
        return found is not None and found.is_field and (found.name == name or found.is_family)

    def fields(self) -> Iterator[Option]:
        """Iterate over the options that a table has a column for."""
        return (option for option in self.options.values() if option.is_field)

    def masked(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """Yield the (name, text) pairs of an object with the texts of secret options masked."""
        secrets = {option.attribute for option in self.options.values() if option.secret}
        for name, text in pairs:
            option = self.option(name)
            yield name, str(Secret(text)) if option is not None and option.attribute in secrets else text

    def draft(
        self,
        id: str,
        *,
        compat: bool = False,
        inherited: Mapping[str, Any] = _NOTHING,
        secrets: Resolvers | None = None,
    ) -> Draft:
        """Return a draft that holds the defaults; `inherited` is what another object sets, by attribute.

        `secrets` follows the references that stand in the place of secrets.
        """
        return Draft(self, id, self.prototype, {}, {}, [], compat=compat, inherited=inherited, secrets=secrets)

    def build(
        self,
        id: str,
        pairs: Iterable[tuple[str, str]],
        *,
        place: Place | None = None,
        compat: bool = False,
        findings: list[Finding] | None = None,
        inherited: Mapping[str, Any] = _NOTHING,
        secrets: Resolvers | None = None,
    ) -> Object:
        """Return the object that the (name, text) pairs describe, applied in order.

        `place` is where the object stands; warnings are added to `findings`; `inherited` and `secrets` as in `draft`.
        Raises `InvalidObject`, and `Unavailable` where a secret lies elsewhere and cannot be asked for now.
        """
        draft = self.draft(id, compat=compat, inherited=inherited, secrets=secrets)
        draft.place = place
        try:
            built = draft.finish_with(pairs)
        except InvalidObject as error:
            del pairs
            raise untraced(error)  # noqa: B904 - it is the same error
        if findings is not None:
            findings.extend(draft.findings)
        return built


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
            self.warn(problem, f"write {found.name}", name, rule="compat-option-case")
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
        self, problem: str, outcome: str, option: str = "", value: str = "", *, rule: str = "repaired-value"
    ) -> None:
        """Note something that loads and probably is not what was meant."""
        known = self.object_type.option(option)
        told = self._error(problem, outcome, option, "" if known is not None and known.secret else value)
        self.findings.append(Finding.of(told, severity=Severity.WARNING, rule=rule))

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
