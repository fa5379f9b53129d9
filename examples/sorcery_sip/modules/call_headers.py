"""Header fields that the dialplan sees and sets: of the INVITE that came, of the one that goes out, of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sorcery_sip.address import Address
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.headers import NO_HEADERS, Headers, canonical_name
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.simple import TOKEN
from sorcery_sip.modules.contract import CHANNEL_PRIORITY, PASS, Decision, SessionSupplement

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["CallHeaders", "HeaderSupplement", "headers_of"]

_OURS = frozenset(
    {"via", "from", "to", "call-id", "cseq", "max-forwards", "contact", "content-length", "content-type", "route"}
)
"""What the stack writes into every INVITE itself, and nobody else."""


@attrs.define(slots=True)
class CallHeaders:
    """The fields of one call: those that came, or those that are added to its INVITE."""

    fields: Headers = NO_HEADERS
    answer: Headers = NO_HEADERS
    """Those of the 200 that answered."""

    def read(self, name: str, number: int = 1) -> str:
        """Return the value of a field, empty where there is none; `number` counts those of the same name from 1."""
        return _nth(self.fields, name, number)

    def read_answer(self, name: str, number: int = 1) -> str:
        """Return the same of the answer."""
        return _nth(self.answer, name, number)

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin with `prefix`, in any case, each once."""
        start, found = prefix.lower(), dict[str, str]()
        for name, _ in self.fields:
            if name.lower().startswith(start):
                found.setdefault(canonical_name(name), name)
        return list(found.values())

    def add(self, name: str, value: str) -> None:
        """Add a field. Raises `ValueError` for one that may not be, and says why."""
        _check(name, value)
        self.fields = self.fields.with_added(name, value)

    def update(self, name: str, value: str, number: int = 1) -> None:
        """Replace the value of a field; raises `ValueError` as `add`, and where there is none."""
        _check(name, value)
        changed, seen = [], 0
        for field in self.fields:
            if canonical_name(field[0]) == canonical_name(name):
                seen += 1
                changed.append((field[0], value) if seen == number else field)
            else:
                changed.append(field)
        if seen < number or number < 1:
            raise ValueError(f"there is no header {name} number {number}; add it")
        self.fields = Headers(changed)

    def remove(self, name: str) -> int:
        """Remove the fields of that name, or of all that begin with what stands before a `*`; return how many."""
        before = len(self.fields)
        gone = self.names(name[:-1]) if name.endswith("*") else [name]
        self.fields = self.fields.without(*gone)
        return before - len(self.fields)


class HeaderSupplement(SessionSupplement):
    """Keep the fields that a call came with, add those that the dialplan set, keep those of the answer."""

    methods = frozenset({"INVITE"})
    priority = CHANNEL_PRIORITY - 1000

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Keep those of the first INVITE."""
        if received.request.to.tag is None:
            headers_of(session).fields = received.request.headers
        return PASS

    def incoming_response(self, session: CallSession, response: Response) -> None:
        """Keep those of the answer to the first INVITE."""
        if response.status == 200 and not headers_of(session).answer:
            headers_of(session).answer = response.headers

    def outgoing_request(self, session: CallSession, request: Request, destination: Address) -> Request:
        """Add what was set, to the first INVITE."""
        kept: CallHeaders | None = session.remembered.get(CallHeaders)
        if kept is None or not kept.fields or request.to.tag is not None:
            return request
        return request.with_headers(Headers((*request.headers, *kept.fields)))


def headers_of(session: CallSession) -> CallHeaders:
    """Return the fields of a call."""
    found: CallHeaders = session.remembered.setdefault(CallHeaders, CallHeaders())
    return found


def _nth(headers: Headers, name: str, number: int) -> str:
    values = headers.get_all(name)
    return values[number - 1] if 0 < number <= len(values) else ""


def _check(name: str, value: str) -> None:
    if not TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header field")
    if canonical_name(name) in _OURS:
        raise ValueError(f"{name} is written by the stack itself")
    if not value.replace("\t", " ").isprintable():
        raise ValueError(f"the value of {name} holds a line end or another control character")
