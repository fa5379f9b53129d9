"""How a type says what options it has."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import attrs

from sorcery.kinds.base import Kind, refuse_repair

if TYPE_CHECKING:
    from typing import Self, overload

__all__ = ["MISSING", "Missing", "Option", "Value", "alias", "option"]

T = TypeVar("T")


class Missing(enum.Enum):
    """What a required option holds in a draft before it is set."""

    MISSING = enum.auto()


MISSING = Missing.MISSING

if TYPE_CHECKING:

    class Value(Generic[T]):
        """Annotation of an option that reads as `T` and may be given as text or as a list of texts too."""

        @overload
        def __get__(self, instance: None, owner: Any = None) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: Any = None) -> T: ...
        def __get__(self, instance: object | None, owner: Any = None) -> Any: ...
        def __set__(self, instance: object, value: T | str | Iterable[str]) -> None: ...
else:

    class Value(Generic[T]):
        """Annotation of an option that reads as `T` and may be given as text or as a list of texts too."""


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Option:
    """One option of an object type: a name in files and tables, and the attribute that it fills."""

    kind: Kind[Any]
    name: str = ""
    """The name in files, tables and object sets; the attribute's name unless given.

    One that ends in `*` stands for a family: every name that begins so, in any case unless `exact_name`.
    """
    attribute: str = ""
    """The attribute that holds the value; an alias names another option's attribute."""
    default: str | None = None
    """The text that a new object starts with; empty leaves the kind's zero value, None makes the option required."""
    doc: str = ""
    since: tuple[str, ...] = ()
    """The first version of each release branch that knows the option."""
    secret: bool = False
    refers_to: str = ""
    """The name of the object type that the value's ids belong to."""
    may_refer_to: str = ""
    """The same where the names may mean something else too, or where what they mean is no object, e.g. `acl.conf`."""
    alike: str = ""
    """An attribute that both objects have alike, or else a name of `may_refer_to` means something else."""
    domain_of: str = ""
    """The type whose ids may end with `@` and the value, as those of endpoints end with a domain."""
    belongs: bool = False
    """The object has no use any more when what this option refers to is gone, even if it could do without."""
    successor: str | None = None
    """Set on a deprecated option: what replaces it (may be empty)."""
    is_alias: bool = False
    """An alias writes another option's attribute. It is no field: realtime and astdb drop it when they read."""
    is_field: bool = True
    is_printed: bool = True
    exact_name: bool = False
    """The name is taken in its exact case only."""
    misread_as: str = ""
    """The option that Asterisk takes this one for when `exact_start` is written in another case: a defect."""
    exact_start: str = ""

    @property
    def is_family(self) -> bool:
        """Tell whether the option stands for every name that begins as its own; its kind is a `NamedLines`."""
        return self.name.endswith("*")

    def member(self, name: str) -> str | None:
        """Return what stands for the `*` of a family in a name, or None for a name that is not of the family."""
        start = self.name[:-1]
        begins = name[: len(start)] if self.exact_name else name[: len(start)].lower()
        return name[len(start) :] if begins == start and "=" not in name else None

    @property
    def is_required(self) -> bool:
        """Tell whether an object without a value for it is refused."""
        return self.default is None and not self.is_alias

    def start(self) -> Any:
        """Return the value that the default makes."""
        if not self.default:
            return self.kind.zero
        return self.kind.parse(self.default, self.kind.zero, refuse_repair)


def option(
    kind: Kind[Any],
    *,
    default: str | None = None,
    doc: str = "",
    name: str = "",
    since: tuple[str, ...] = (),
    secret: bool = False,
    refers_to: str = "",
    may_refer_to: str = "",
    alike: str = "",
    domain_of: str = "",
    belongs: bool = False,
    successor: str | None = None,
    is_printed: bool = True,
    exact_name: bool = False,
    misread_as: str = "",
    exact_start: str = "",
) -> Any:
    """Declare an option in the body of a type.

    The attribute takes the option's value; `name` is needed only where the option's name is no Python name.
    Without a `default` the option is required; with an empty one it starts at the kind's zero value.
    A `secret` is masked wherever it could be seen; `refers_to` names the type that its ids belong to. Where they need
    not be ids, it is `may_refer_to`, and then `alike` may name an attribute that both must have alike. `domain_of`
    names the type whose ids end with the value. An object that `belongs` to what it refers to goes with it.
    """
    return Option(
        kind=kind,
        default=default,
        doc=doc,
        name=name,
        since=since,
        secret=secret,
        refers_to=refers_to,
        may_refer_to=may_refer_to,
        alike=alike,
        domain_of=domain_of,
        belongs=belongs,
        successor=successor,
        is_printed=is_printed,
        exact_name=exact_name,
        misread_as=misread_as,
        exact_start=exact_start,
    )


def alias(
    attribute: str,
    kind: Kind[Any],
    *,
    default: Literal[""] = "",
    doc: str = "",
    name: str = "",
    since: tuple[str, ...] = (),
    secret: bool = False,
    refers_to: str = "",
    successor: str | None = None,
    is_field: bool = False,
    is_printed: bool = False,
    exact_name: bool = False,
    misread_as: str = "",
    exact_start: str = "",
) -> Any:
    """Declare another option that writes an attribute, e.g. `disallow` beside `allow`.

    Write `default=""` in the call: type checkers take an argument without one for required.
    With `is_field` it also is a column of its own; its kind's `texts` then says what is written under its name.
    """
    return Option(
        kind=kind,
        attribute=attribute,
        doc=doc,
        name=name,
        since=since,
        secret=secret,
        refers_to=refers_to,
        successor=successor,
        is_alias=True,
        is_field=is_field,
        is_printed=is_printed,
        exact_name=exact_name,
        misread_as=misread_as,
        exact_start=exact_start,
    )
