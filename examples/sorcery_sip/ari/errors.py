"""What a request to the REST interface is refused with."""

from __future__ import annotations

from sorcery_sip.errors import SipError

__all__ = ["AriError", "not_found"]


class AriError(SipError):
    """A request that is refused: the status of the response, and its `message`."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(f"{status} {message}")


def not_found(what: str) -> AriError:
    """Return the error for something that is not there, such as a `Channel`."""
    return AriError(404, f"{what} not found")
