"""One operation of the REST interface: its address, its parameters, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from sorcery_sip.ari.errors import AriError

if TYPE_CHECKING:
    from sorcery_sip.ari.state import Ari

__all__ = ["Arguments", "Operation", "Parameter", "Resource", "body", "path", "query"]

_LARGEST = 2**31 - 1
_TRUE = frozenset({"true", "yes", "on", "1", "y", "t"})


@attrs.frozen(slots=True)
class Parameter:
    """A parameter of an operation; `place` is `path`, `query` or `body`."""

    name: str
    place: str
    description: str
    type: str = "string"
    required: bool = False
    multiple: bool = False
    """Whether it may hold several values, with commas between them."""


def path(name: str, description: str) -> Parameter:
    """Return a parameter that is a part of the address."""
    return Parameter(name, "path", description, required=True)


def query(name: str, description: str, **more: Any) -> Parameter:
    """Return a parameter of the query; it may stand in a JSON body, too."""
    return Parameter(name, "query", description, **more)


def body(name: str, description: str) -> Parameter:
    """Return a parameter that is an object in the JSON body."""
    return Parameter(name, "body", description, type="containers")


class Arguments:
    """The parameters of one request."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self._values.get(name)
        return default if value is None else str(value)

    def needed(self, name: str, otherwise: str) -> str:
        """Return a parameter that may not be missing or empty; raises `AriError`."""
        value = self.text(name)
        if not value:
            raise AriError(400, otherwise)
        return value

    def number(self, name: str, default: int) -> int:
        """Return a whole number of at most 32 bits; raises `AriError`."""
        text = self.text(name)
        try:
            number = int(text) if text else default
        except ValueError:
            raise AriError(400, f"{name} is no whole number") from None
        if abs(number) > _LARGEST:
            raise AriError(400, f"{name} is larger than {_LARGEST}")
        return number

    def flag(self, name: str) -> bool:
        """Return whether a parameter says yes."""
        return self.text(name).lower() in _TRUE

    def several(self, name: str) -> list[str]:
        """Return the values of a parameter that holds several."""
        value = self._values.get(name)
        parts = value if isinstance(value, list) else self.text(name).split(",")
        return [text for part in parts if (text := str(part).strip())]

    def object(self, name: str) -> Mapping[str, str]:
        """Return an object of the body, its values as text; raises `AriError`."""
        value = self._values.get(name) or {}
        if not isinstance(value, dict):
            raise AriError(400, f"{name} is no JSON object")
        return {str(key): str(each) for key, each in value.items()}


Handler: TypeAlias = Callable[["Ari", Arguments], Awaitable[object]]
"""Does an operation and returns its JSON, None for an answer without a body; raises `AriError`."""


@attrs.frozen(slots=True)
class Operation:
    """An operation: what `method` on `path` does, and what it is called in clients."""

    method: str
    path: str
    nickname: str
    summary: str
    handler: Handler
    parameters: tuple[Parameter, ...] = ()
    response: str = "void"
    """The type of its JSON, as in `models`."""
    status: int = 200
    """Of an answer with a body; without one it is 204."""
    upgrade: bool = False
    """Whether it begins a WebSocket."""


@attrs.frozen(slots=True)
class Resource:
    """Operations that belong together; clients have an object of its name."""

    name: str
    description: str
    operations: tuple[Operation, ...]
