"""What is known of an object type."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from sorcery.draft import Draft, Rule
from sorcery.errors import InvalidObject, Unavailable, untraced
from sorcery.findings import Finding
from sorcery.options import MISSING, Option
from sorcery.release import Release
from sorcery.secret import Secret
from sorcery.values import Prototype

if TYPE_CHECKING:
    from sorcery.objects import Object
    from sorcery.place import Place
    from sorcery.resolving import Resolvers

__all__ = ["ObjectType"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})

Defaults = tuple[tuple[Option, tuple[tuple[str, str], ...]], ...]


@attrs.frozen(slots=True, kw_only=True, eq=False)
class ObjectType:
    """The schema of one object type: its options, its rules and where Asterisk looks for it."""

    name: str
    """Unlike every other type's; where modules use one name for different types, theirs and a slash come first."""
    options: Mapping[str, Option] = attrs.field(repr=False)
    """By name in lower case, in declaration order."""
    rules: tuple[Rule, ...] = attrs.field(default=(), repr=False)
    mended: frozenset[str] | None = attrs.field(default=None, repr=False)
    """The attributes that rules may set whatever was written; None where a rule does not say."""
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

    @functools.cached_property
    def writing(self) -> Mapping[str, tuple[tuple[int, Option], ...]]:
        """The fields that write each attribute, with their place among all."""
        found: dict[str, tuple[tuple[int, Option], ...]] = {}
        for place, (option, _) in enumerate(self.written):
            found[option.attribute] = (*found.get(option.attribute, ()), (place, option))
        return found

    @functools.cached_property
    def setting(self) -> Mapping[str, tuple[Option, ...]]:
        """The options that set each attribute, aliases among them."""
        found: dict[str, tuple[Option, ...]] = {}
        for option in self.options.values():
            found[option.attribute] = (*found.get(option.attribute, ()), option)
        return found

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

    def remains(
        self, id: str, pairs: Iterable[tuple[str, str]], *, compat: bool = False, secrets: Resolvers | None = None
    ) -> Object | None:
        """Return what the good ones among the pairs make, of which `build` refuses some; None for no object."""
        draft = self.draft(id, compat=compat, secrets=secrets)
        for name, text in pairs:
            with suppress(InvalidObject):
                draft.apply(name, text)
        try:
            return draft.finish()
        except (InvalidObject, Unavailable):
            return None
