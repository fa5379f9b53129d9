"""Everything that this package raises.

SipError
├── ParseError          text or octets that are not what the grammar asks for
│   ├── UriError        a URI
│   └── HeaderError     the value of one header field
├── NoResponse          a request of ours that nobody answered
└── NoTransport         nothing to listen on, or an address that cannot be listened on
"""

from __future__ import annotations

__all__ = ["HeaderError", "NoResponse", "NoTransport", "ParseError", "SipError", "UriError"]

_SHOWN = 80


class SipError(Exception):
    """Base of every error of this package."""


class ParseError(SipError, ValueError):
    """Text or octets that are not what the grammar asks for.

    `reason` says what is wrong and what would be right; `status` is the response that fits, should the text
    have come in a request. `fields` holds its header fields when a response can be made from them; else it is empty.
    """

    def __init__(self, reason: str, *, status: int = 400, fields: tuple[tuple[str, str], ...] = ()) -> None:
        self.reason, self.status, self.fields = reason, status, fields
        super().__init__(reason)


class UriError(ParseError):
    """Text that is no URI; `text` is what was given."""

    def __init__(self, text: str, reason: str, *, status: int = 400) -> None:
        self.text = text
        super().__init__(f"URI {shorten(text)}: {reason}", status=status)


class HeaderError(ParseError):
    """A header field whose value breaks its grammar: its `name` and `value`; `detail` says what is wrong."""

    def __init__(self, name: str, value: str, reason: str) -> None:
        self.name, self.value, self.detail = name, value, reason
        super().__init__(f"{name} {shorten(value)}: {reason}")


class NoResponse(SipError, TimeoutError):
    """A request of ours that got no final response: time ran out, or the network refused (`reason`)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NoTransport(SipError):
    """Nothing to listen on, or an address that cannot be listened on; the message says which section."""


def shorten(text: str) -> str:
    """Quote `text` for a message, cut to what a log line bears."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
