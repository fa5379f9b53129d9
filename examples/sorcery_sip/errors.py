"""Everything that this package raises.

SipError
├── ParseError          text or octets that are not what the grammar asks for
│   ├── UriError        a URI
│   ├── HeaderError     the value of one header field
│   └── SdpError        a session description
├── NegotiationFailed   an offer or answer that can be read and cannot be agreed to
├── NoResponse          a request of ours that nobody answered
├── CallFailed          a call of a phone that was refused, or a change of it
├── NoTransport         nothing to listen on, or an address that cannot be listened on
├── NoPorts             a range of media ports that are all in use
├── SoundError          a tone that cannot be read, or a file that is no sound
└── UnsupportedFormat   sound or digits that cannot be had in the codec of a call
"""

from __future__ import annotations

__all__ = [
    "CallFailed",
    "HeaderError",
    "NegotiationFailed",
    "NoPorts",
    "NoResponse",
    "NoTransport",
    "ParseError",
    "SdpError",
    "SipError",
    "SoundError",
    "UnsupportedFormat",
    "UriError",
]

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


class SdpError(ParseError):
    """Octets that are no session description; `line` counts from 1, and is 0 where the whole is meant."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(f"SDP line {line}: {reason}" if line else f"SDP: {reason}")


class NegotiationFailed(SipError):
    """An offer or answer that cannot be agreed to.

    `status` is the response that fits, `code` and `text` are the warning that goes with it (RFC 3261 20.43).
    """

    def __init__(self, status: int, text: str, *, code: int = 305) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(text)


class NoResponse(SipError, TimeoutError):
    """A request of ours that got no final response: time ran out, or the network refused (`reason`)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class CallFailed(SipError):
    """A call that came to nothing, or a change of it that was refused: the `status` and `reason` of the peer."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(f"{status} {reason}")


class NoTransport(SipError):
    """Nothing to listen on, or an address that cannot be listened on; the message says which section."""


class NoPorts(SipError):
    """A range of media ports that are all in use; the message names the range."""


class SoundError(SipError, ValueError):
    """A tone that cannot be read, or a file that is no sound; the message says which, and what would be right."""


class UnsupportedFormat(SipError):
    """Sound or digits that cannot be had in the codec of a call: nothing is transcoded."""


def shorten(text: str) -> str:
    """Quote `text` for a message, cut to what a log line bears."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
