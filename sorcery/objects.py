"""Objects: immutable values with an id, declared as classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import InitVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform, overload

import attr
import attrs

from sorcery.draft import Draft, Rule
from sorcery.errors import InvalidObject, untraced
from sorcery.kinds.base import Refused
from sorcery.objecttype import ObjectType
from sorcery.options import MISSING, Option, alias, option
from sorcery.secret import Secret
from sorcery.values import Values, reader

if TYPE_CHECKING:
    from sorcery.resolving import Resolvers

__all__ = ["Object", "ObjectSet", "differences", "object_type", "rule"]

ObjectSet = list[tuple[str, str]]
"""The interchange form of an object: (name, text) pairs; a name may repeat."""

Extended = Mapping[str, str] | Iterable[tuple[str, str]]

C = TypeVar("C", bound="Object")


def _parameter(*, default: object, kw_only: bool) -> Any:
    """Tell type checkers of a parameter of the constructor; attrs gets its own declaration."""
    return default


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(_parameter,))
def _declared(cls: type[C]) -> type[C]:
    return _attrs(cls, {"id": attr.ib(), "extended": attr.ib()}, slots=True)


def _attrs(cls: type[C], fields: dict[str, Any], *, slots: bool) -> type[C]:
    """Make an immutable attrs class; `Object` brings what attrs would generate, for values are not kept in slots."""
    return attr.s(
        cls,
        these=fields,
        slots=slots,
        frozen=True,
        eq=False,
        order=False,
        init=False,
        repr=False,
        weakref_slot=False,
        getstate_setstate=False,
        match_args=bool(fields),
    )


class _Extensible(Values):
    """What type checkers read `extended` as; `Object` tells them what its constructor takes, and keeps it."""

    __slots__ = ()

    @property
    def extended(self) -> tuple[tuple[str, str], ...]:
        """The extended fields as (name, text), sorted; names start with `@`."""
        return ()


@_declared
class Object(_Extensible):
    """Base of every object type: an id, the type's options, and extended fields named `@…`.

    Objects are immutable and equal by value. `__init__` takes options as keywords, as values or as the text that
    a file would hold, and raises `InvalidObject`; without an id it makes a random one.
    """

    id: str = _parameter(default="", kw_only=False)
    extended: InitVar[Extended] = _parameter(default=(), kw_only=True)

    __sorcery__: ClassVar[ObjectType]

    def __init__(self, id: str = "", *, extended: Extended = (), **options: Any) -> None:
        draft = self.__sorcery__.draft(_id(self.__sorcery__, id))
        try:
            _convert(draft, options, adds=True)
            _extend(draft, extended)
            draft.check()
        except InvalidObject as error:
            options.clear()
            raise untraced(error)  # noqa: B904 - it is the same error
        self._become(draft)

    @classmethod
    def _of(cls, draft: Draft) -> Self:
        made = object.__new__(cls)
        made._become(draft)
        return made

    def _become(self, draft: Draft) -> None:
        """Take over what a draft holds, once."""
        object.__setattr__(self, "id", draft.id)
        object.__setattr__(self, "extended", tuple(sorted(draft.extended.items())) if draft.extended else ())
        self._fill(draft.prototype, draft.object_type.positions, draft.changes)

    @classmethod
    def from_objectset(cls, id: str, pairs: Iterable[tuple[str, str]]) -> Self:
        """Return the object that (name, text) pairs describe, applied in order; raises `InvalidObject`.

        Without an id it gets a random one.
        """
        own = cls.__sorcery__
        draft = own.draft(_id(own, id))
        try:
            _apply(draft, pairs)
            draft.check()
        except InvalidObject as error:
            del pairs
            raise untraced(error)  # noqa: B904 - it is the same error
        return cls._of(draft)

    def objectset(self, *, compat: bool = False) -> ObjectSet:
        """Return the object as Asterisk prints it: one pair per option, several where it prints a list.

        Secrets are in clear, as Asterisk prints them. `compat` prints what is a defect there as it prints it. Some of
        these texts mean something else when they are read: to build an object anew, take `settings`.
        """
        pairs: ObjectSet = []
        differing = self._differing()
        for each, default in self.__sorcery__.printed:
            if each.attribute in differing:
                pairs.extend(each.kind.pairs(each.name, differing[each.attribute]))
            else:
                pairs.extend(default)
        pairs.extend(self.extended)
        return self.defects(pairs) if compat else pairs

    @property
    def bequest(self) -> Mapping[str, Any]:
        """What objects of types that inherit from this one take over where they set nothing, by attribute."""
        return {}

    @property
    def is_dynamic(self) -> bool:
        """Whether more than its text made it, e.g. the addresses of a host name: each reload makes it anew."""
        if self.__sorcery__.hidden:
            for value in self._own:  # a secret that was found elsewhere is no template's
                if value.__class__ is Secret and value.reference:
                    return True
        return False

    def followed(self, secrets: Resolvers) -> Self:
        """Return the object as a store gives it where these references to secrets are followed, and no others.

        Blocks on resolvers; raises `InvalidObject` for one that leads nowhere, and `Unavailable`.
        """
        own = self.__sorcery__
        if not own.hidden or not (secrets or self.is_dynamic):
            return self
        draft = Draft(own, self.id, self._prototype, dict(self._changes()), dict(self.extended), [])
        draft.follow_references(secrets)
        return self._of(draft)

    def defects(self, pairs: ObjectSet) -> ObjectSet:
        """Return the object set with Asterisk's printing defects; types that have some override this."""
        return pairs

    def settings(self, *, every: bool = False) -> ObjectSet:
        """Return the lines that, applied to a new object, give this one: the form that stores keep.

        Only options that differ from their default are in it; with `every`, all that have a text.
        """
        pairs: ObjectSet = []
        own, differing = self.__sorcery__, self._differing()
        if every:
            for each, default in own.written:
                if each.attribute in differing:
                    pairs.extend(each.kind.lines(each.name, differing[each.attribute]))
                else:
                    pairs.extend(default)
        else:  # few of many options: the others are not even looked at
            start, writing = own.start, own.writing
            changed = [name for name, value in differing.items() if value != start[name]]
            for _, each in sorted([field for name in changed for field in writing.get(name, ())], key=_place):
                pairs.extend(each.kind.lines(each.name, differing[each.attribute]))
        pairs.extend(self.extended)
        return pairs

    def evolve(self, **changes: Any) -> Self:
        """Return a copy with some options changed; takes and raises what the constructor does.

        `id` and `extended` may be changed too.
        """
        own = self.__sorcery__
        id = _id(own, changes.pop("id", self.id))
        draft = Draft(own, id, self._prototype, dict(self._changes()), {}, [])
        try:
            _extend(draft, changes.pop("extended", self.extended))
            _convert(draft, changes)
            draft.check()
        except InvalidObject as error:
            changes.clear()
            raise untraced(error)  # noqa: B904 - it is the same error
        return self._of(draft)

    def text(self, name: str) -> str | None:
        """Return the first text of an option in the object set, or None where it prints none."""
        if name.startswith("@"):
            return dict(self.extended).get(name)
        if name == "id":
            return self.id
        found = self.__sorcery__.option(name)
        if found is None or not found.is_printed:
            return None
        pairs = found.kind.pairs(found.name, getattr(self, found.attribute))
        return next((text for given, text in pairs if given == name or not found.is_family), None)

    def __repr__(self) -> str:
        if not hasattr(self, "id"):  # the constructor refused what it was given, and somebody shows its variables
            return f"{type(self).__name__}(…)"
        shown = [f"{name}={value!r}" for name, value in self._shown()]
        return f"{type(self).__name__}({', '.join((repr(self.id), *shown))})"

    def __rich_repr__(self) -> Iterator[Any]:
        """Yield what `repr` shows, for rich, which would look into every attribute of an attrs class."""
        if hasattr(self, "id"):
            yield self.id
            yield from self._shown()

    def _shown(self) -> Iterator[tuple[str, Any]]:
        """Yield the names and values that differ from the type's, secrets masked."""
        own, differing = self.__sorcery__, self._differing()
        hidden = {option.attribute for option in own.options.values() if option.secret}
        for name, default in own.start.items():
            value = differing.get(name, default)
            if value != default:
                yield name, Secret("hidden") if name in hidden else value
        yield from self.extended

    def _differing(self) -> dict[str, Any]:
        """Return all values that may differ from the type's defaults, by attribute."""
        common, positions = self._prototype, self.__sorcery__.positions
        found = {name: common.values[positions[name]] for name in common.changed}
        found.update(self._changes())
        return found

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, Object)
        if self.id != other.id or self.extended != other.extended:
            return False
        return self._has_values_of(other, self.__sorcery__.positions)

    def __hash__(self) -> int:
        return hash((self.__class__, self.id))  # the versions of an object are few, and equal ones must agree

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.id, self._differing(), self.extended)


def _restored(cls: type[C], id: str, values: dict[str, Any], extended: tuple[tuple[str, str], ...]) -> C:
    """Return the object that was pickled: its values are neither read anew nor repaired.

    Raises `InvalidObject` where the class has changed so that they do not fit it any more.
    """
    own = cls.__sorcery__
    for name in values:
        if name not in own.positions:
            raise InvalidObject(own.name, id, "was pickled when the type had this option", option=name)
    for needed in own.required:
        if needed.attribute not in values:
            raise InvalidObject(own.name, id, "was pickled when this was not required", option=needed.name)
    return cls._of(Draft(own, id, own.prototype, values, dict(extended), []))


def _id(own: ObjectType, id: object) -> str:
    """Return the id, or a random one for none; raises `InvalidObject` for what is no text: no store would find it."""
    if isinstance(id, str):
        if id:
            return id
        import uuid  # hardly any object is without an id

        return str(uuid.uuid4())
    reason, remedy = f"{type(id).__name__} is not taken for an id", f"pass text: {str(id)!r}"
    raise InvalidObject(own.name, str(id), reason, remedy=remedy)


def _apply(draft: Draft, pairs: Iterable[tuple[str, str]]) -> None:
    for name, text in pairs:
        draft.apply(name, _text(draft, name, text))


def _convert(draft: Draft, options: Mapping[str, Any], *, adds: bool = False) -> None:
    for name, value in options.items():
        draft.convert(name, value, adds=adds)


def _extend(draft: Draft, extended: Extended) -> None:
    try:
        given = dict(extended)
    except (TypeError, ValueError):
        reason = f"{type(extended).__name__} is not taken for the extended fields"
        raise draft.refused(Refused(reason, "pass {name: text}")) from None
    for name, text in given.items():
        draft.apply(f"@{str(name).removeprefix('@')}", _text(draft, name, text))


def _text(draft: Draft, name: str, text: object) -> str:
    """Return the text of a pair; raises `InvalidObject` for what is none: nobody could store or print it."""
    if isinstance(name, str) and isinstance(text, str):
        return text
    culprit, what = (text, "the text") if isinstance(name, str) else (name, "the name")
    raise draft.refused(
        Refused(f"{type(culprit).__name__} is not taken for {what} of a pair", "pass two texts", option=str(name))
    )


@overload
def rule(function: Rule, *, sets: Iterable[str] | None = None) -> Any: ...
@overload
def rule(*, sets: Iterable[str] | None = None) -> Callable[[Rule], Any]: ...
def rule(function: Rule | None = None, *, sets: Iterable[str] | None = None) -> Any:
    """Mark a function in a type's body as a rule across options; it gets the draft and may raise `Refused`.

    `@rule(sets=("bundle",))` names the attributes that the rule may set, `@rule(sets=())` says that it sets none: all
    others are what was written, and a database can be asked for them.
    """
    mended = None if sets is None else frozenset(sets)

    def mark(function: Rule) -> Any:
        return _RuleMark(function, mended)

    return mark if function is None else mark(function)


@attrs.frozen(slots=True)
class _RuleMark:
    function: Rule
    mended: frozenset[str] | None


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option, alias))
def object_type(
    name: str,
    *,
    section: str = "sorcery",
    family: str | None = None,
    conf: str | None = None,
    optional: bool = False,
    default_mapping: str = "",
    single: bool = False,
    explicit_name: str | None = None,
    follows_reload: bool = True,
    lenient: bool = False,
    inherits: str = "",
    owner: str = "",
    is_part: bool = False,
    since: tuple[str, ...] = (),
) -> Callable[[type[C]], type[C]]:
    """Declare an object type: the decorated class's `option`s become its fields, its `rule`s are kept with it.

    An option declared without a default must be given; `default=""` lets it be left out.
    `name` is the type's name; in files and mappings what stands before its last slash is left out. `section` is the
    one of `sorcery.conf` that maps it; `family` its realtime family; `conf` the file it lies in by default, which is
    missed in silence if `optional`; `single`, `explicit_name`, `lenient`, `owner`, `is_part` and `since` as in
    `ObjectType`.
    """

    def declare(cls: type[C]) -> type[C]:
        bases: list[ObjectType] = [vars(each)["__sorcery__"] for each in cls.__mro__ if "__sorcery__" in vars(each)]
        options = {name: each for base in reversed(bases) for name, each in base.options.items()}
        options.update(_collect(cls))
        rules = [each for base in reversed(bases) for each in base.rules]
        marks = [each for each in vars(cls).values() if isinstance(each, _RuleMark)]
        rules.extend(mark.function for mark in marks)
        start = {
            option.attribute: MISSING if option.is_required else option.start()
            for option in options.values()
            if not option.is_alias
        }
        made = _with_readers(cls, {each.attribute: each for each in options.values() if not each.is_alias})
        made.__sorcery__ = ObjectType(
            name=name,
            options=MappingProxyType(options),
            rules=tuple(dict.fromkeys(rules)),
            mended=_all_mended([*(base.mended for base in bases), *(mark.mended for mark in marks)]),
            section=section,
            family=family,
            conf=conf,
            optional=optional,
            default_mapping=default_mapping,
            single=single,
            explicit_name=explicit_name,
            follows_reload=follows_reload,
            lenient=lenient,
            inherits=inherits,
            owner=owner,
            is_part=is_part,
            since=since,
            referring=tuple(option for option in options.values() if option.refers_to),
            relating=tuple(option for option in options.values() if option.refers_to or option.may_refer_to),
            required=tuple(option for option in options.values() if option.is_required),
            start=MappingProxyType(start),
            make=made._of,
            doc=(cls.__doc__ or "").strip(),
        )
        return made

    return declare


def _all_mended(mended: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return what several rules set, or None where one of them does not say."""
    known = set(mended)
    return None if None in known else frozenset().union(*(each for each in known if each))


def _with_readers(cls: type[C], options: Mapping[str, Option]) -> type[C]:
    """Return the class with a property for each option: attrs would give each a slot in every object."""
    declared = {key: value for key, value in vars(cls).items() if isinstance(value, (Option, _RuleMark))}
    for key in declared:
        delattr(cls, key)
    made = _attrs(cls, {}, slots=True)
    for position, (key, each) in enumerate(options.items()):
        setattr(made, key, reader(key, position, each.doc))
    return _attrs(made, {key: attr.ib() for key in declared if key in options}, slots=False)


def _collect(cls: type[Object]) -> Iterable[tuple[str, Option]]:
    """Yield the options of a class body by lower-case name, names and attributes filled in."""
    for attribute, found in vars(cls).items():
        if isinstance(found, Option):
            name = found.name or attribute
            target = found.attribute if found.is_alias else attribute
            yield name.lower(), attrs.evolve(found, name=name, attribute=target)


def differences(old: Object, new: Object, *, secrets: bool = False) -> list[tuple[str, str | None, str | None]]:
    """Return (name, old text, new text) for each option that differs; None where one has no text.

    Secrets are masked unless asked for, and still listed when they differ.
    """
    before, after = _grouped(old), _grouped(new)
    rows = []
    for name in dict.fromkeys((*before, *after)):
        was, becomes = before.get(name), after.get(name)
        if was != becomes:
            found = old.__sorcery__.option(name)
            hide = found is not None and found.secret and not secrets
            rows.append((name, _joined(was, hide=hide), _joined(becomes, hide=hide)))
    return rows


def _place(field: tuple[int, object]) -> int:
    return field[0]


def _grouped(obj: Object) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, text in obj.settings(every=True):
        grouped.setdefault(name, []).append(text)
    return grouped


def _joined(texts: list[str] | None, *, hide: bool) -> str | None:
    if texts is None:
        return None
    return str(Secret("".join(texts))) if hide else ", ".join(texts)
