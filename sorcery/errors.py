"""Everything that this package raises.

SorceryError
├── ConfigurationError      a file or a mapping that cannot be used as a whole
│   ├── ConfSyntaxError     a `.conf` file that Asterisk would refuse
│   ├── ConfMissing         a `.conf` file that is not there
│   ├── UnknownType         no such object type
│   └── UnknownWizard       no such storage driver
├── InvalidObject           one object that cannot be what its text says
├── AlreadyExists           create: the id is taken
├── NotFound                update, delete: no store holds the id
├── Conflict                update, delete: the object is not as it was when it was read
├── NotWritable             no mapping of the type can be written to, or not the one that holds the object
├── StillReferred           an object that is to be removed while others refer to it
├── StoreRefused            a store that answers, and cannot hold what it was given
├── PartialWrite            some stores took a change and others did not
├── CommandRefused          a running process that does not do what it was told
├── Unresolvable            a reference to a secret that stands for nothing
└── Unavailable             a store could not answer: neither the object nor "absent"
    └── NotListed           a store whose mapping keeps it from listing what it holds
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from sorcery.place import Place
from sorcery.plain import clipped, terse

if TYPE_CHECKING:
    from sorcery.conf.messages import Message
    from sorcery.objects import Object
    from sorcery.relations.links import Link

__all__ = [
    "AlreadyExists",
    "CommandRefused",
    "ConfMissing",
    "ConfSyntaxError",
    "ConfigurationError",
    "Conflict",
    "InvalidObject",
    "NotFound",
    "NotListed",
    "NotWritable",
    "PartialWrite",
    "SorceryError",
    "StillReferred",
    "StoreRefused",
    "Unavailable",
    "UnknownType",
    "UnknownWizard",
    "Unresolvable",
    "untraced",
]

E = TypeVar("E", bound=BaseException)


class SorceryError(Exception):
    """Base of every error of this package."""


class ConfigurationError(SorceryError, ValueError):
    """A configuration file or a mapping that cannot be used as a whole.

    `place` says where, `reason` what is wrong, `remedy` what to write instead (may be empty).
    """

    def __init__(self, reason: str, *, place: Place | None = None, remedy: str = "") -> None:
        self.reason, self.place, self.remedy = terse(reason), place, terse(remedy)
        super().__init__(_sentence(place, self.reason, self.remedy))


class ConfSyntaxError(ConfigurationError):
    """A `.conf` file that is refused; `code` is the short name of the rule it broke.

    `messages` holds everything that was said while reading it, the refusal included.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str,
        place: Place | None = None,
        remedy: str = "",
        messages: Iterable[Message] = (),
    ) -> None:
        self.code, self.messages = code, tuple(messages)
        super().__init__(reason, place=place, remedy=remedy)


class ConfMissing(ConfigurationError, FileNotFoundError):
    """A `.conf` file that is not there, cannot be read, or is no regular file (then `messages` says so)."""

    def __init__(self, path: str, *, messages: Iterable[Message] = ()) -> None:
        self.path, self.messages = path, tuple(messages)
        super().__init__(
            "there is no file here that can be read",
            place=Place(path),
            remedy="create it, or let this user read it",
        )


class UnknownType(ConfigurationError, LookupError):
    """A name that is no object type here; the message lists those that are."""

    def __init__(self, name: str, known: Iterable[str], *, place: Place | None = None) -> None:
        self.name, self.known = name, tuple(sorted(known))
        super().__init__(f"unknown object type {name!r}", place=place, remedy=f"use one of: {', '.join(self.known)}")


class UnknownWizard(ConfigurationError, LookupError):
    """A name that no storage driver is registered under."""

    def __init__(self, name: str, known: Iterable[str], *, place: Place | None = None, remedy: str = "") -> None:
        self.name, self.known = name, tuple(sorted(known))
        super().__init__(
            f"unknown wizard {name!r}", place=place, remedy=remedy or f"use one of: {', '.join(self.known)}"
        )


class InvalidObject(SorceryError, ValueError):
    """One object that cannot be what its text says.

    `option` and `value` name the culprit; they are empty when a rule across options was broken. The value of
    a secret option is never kept here, and of one that is very long the texts hold the beginning.
    """

    def __init__(
        self,
        type_name: str,
        id: str,
        reason: str,
        *,
        option: str = "",
        value: str = "",
        remedy: str = "",
        place: Place | None = None,
    ) -> None:
        self.type_name, self.id, self.reason, self.remedy = type_name, id, terse(reason), terse(remedy)
        self.option, self.value, self.place = option, value, place
        super().__init__(_sentence(place, f"{self.culprit}: {self.reason}", self.remedy))

    @property
    def culprit(self) -> str:
        """The object, and the option with its value where one of them is to blame."""
        option = f", option {clipped(self.option)}" if self.option else ""
        value = f"={clipped(self.value)!r}" if self.value else ""
        return f"{self.type_name} {clipped(self.id)!r}{option}{value}"


class _AboutObject(SorceryError):
    """An operation that a named object stands in the way of."""

    verb = ""

    def __init__(self, type_name: str, id: str, store: str = "") -> None:
        self.type_name, self.id, self.store = type_name, id, store
        super().__init__(f"{type_name} {id!r} {self.verb}" + (f" ({store})" if store else ""))


class AlreadyExists(_AboutObject):
    """A create whose id is taken."""

    verb = "exists already"


class NotFound(_AboutObject, LookupError):
    """An update or delete of an object that no store holds."""

    verb = "does not exist"


class Conflict(_AboutObject):
    """An update or delete of an object that is not as its caller expected; look at what it is now, and start anew.

    `current` is the object as it is now, or None where it vanished or its row holds none any more.
    """

    verb = "was changed since it was read; start anew from what it is now"

    def __init__(self, type_name: str, id: str, store: str = "", *, current: Object | None = None) -> None:
        self.current = current
        if current is None:
            self.verb = "vanished since it was read"
        super().__init__(type_name, id, store)


class NotWritable(SorceryError):
    """A change to a type none of whose mappings can be written to, or to an object in a store that cannot be.

    The latter has an `id`, and `store` names what holds it. `guard` says how to allow changes of what could be written.
    """

    def __init__(
        self, type_name: str, mappings: Iterable[str], *, id: str = "", store: str = "", guard: str = ""
    ) -> None:
        self.type_name, self.mappings, self.id, self.store = type_name, tuple(mappings), id, store
        self.guard = guard
        allow = f", or {guard}" if guard else ""
        super().__init__(
            f"{type_name} {id!r} cannot be written: it lies in {store}, which is read only; change it there{allow}"
            if id
            else f"{type_name} cannot be written: it is mapped to {', '.join(self.mappings) or 'nothing'}; "
            f"map it to a writable wizard (memory, realtime or astdb){allow}"
        )


class StillReferred(SorceryError):
    """A removal of an object that others still refer to: `links` holds each of these references."""

    shown = 20
    """References that the message names; `links` holds all of them."""

    def __init__(self, type_name: str, id: str, links: Iterable[Link], *, remedy: str) -> None:
        self.type_name, self.id, self.links, self.remedy = type_name, id, tuple(links), remedy
        named = [str(link) for link in self.links[: self.shown]]
        if more := len(self.links) - len(named):
            named.append(f"{more} more")
        super().__init__(
            f"{type_name} {id!r} cannot be removed while it is referred to by {'; '.join(named)}; {remedy}"
        )


class StoreRefused(SorceryError, ValueError):
    """A store that answers, and cannot hold what it was given: a missing column, a value too long for it."""

    def __init__(self, store: str, type_name: str, id: str, reason: str, remedy: str = "") -> None:
        self.store, self.type_name, self.id, self.reason, self.remedy = store, type_name, id, terse(reason), remedy
        super().__init__(_sentence(None, f"{store} does not take {type_name} {clipped(id)!r}: {self.reason}", remedy))


class PartialWrite(SorceryError):
    """Some stores took a change before another failed; `outcomes` tells of every store what became of its part."""

    def __init__(self, outcomes: Mapping[str, str]) -> None:
        self.outcomes = dict(outcomes)
        super().__init__("stored in part: " + "; ".join(f"{name}: {what}" for name, what in outcomes.items()))


class CommandRefused(SorceryError):
    """A command that a running process, told through its control socket, does not carry out."""


class Unresolvable(SorceryError, LookupError):
    """A reference to a secret that stands for nothing, or for what is not to be used; `remedy` says what to do."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(_sentence(None, reason, remedy))


class Unavailable(SorceryError):
    """A store that could not answer; `store` names it, `__cause__` keeps what its driver said."""

    is_uncertain: bool = False
    """Whether the store was lost while it committed a change, which may be stored all the same."""

    is_undone: bool = False
    """Whether the store told, at the commit, that it has undone the change as a whole: it may be made again."""

    def __init__(self, store: str, reason: str) -> None:
        self.store, self.reason = store, reason
        super().__init__(f"{store} is unavailable: {reason}")


class NotListed(Unavailable):
    """A question for everything that a store holds, which its mapping forbids: all of it would look absent."""

    def __init__(self, store: str, mapping: str) -> None:
        self.mapping = mapping
        super().__init__(store, f"{mapping} gives no list of its objects; change the mapping, or name other types")


def untraced(error: E) -> E:
    """Return an error without the frames that it and its causes came through: their variables may hold secrets.

    What raises it anew names all that matters, and tools that report errors like to show the variables of each frame.
    """
    told: BaseException | None = error
    seen: set[int] = set()
    while told is not None and id(told) not in seen:
        seen.add(id(told))
        told.__traceback__ = None
        told = told.__cause__ or told.__context__
    return error


def _sentence(place: Place | None, reason: str, remedy: str) -> str:
    text = f"{place}: {reason}" if place else reason
    return f"{text}; {remedy}" if remedy else text
