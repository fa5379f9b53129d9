"""One dialog: identity, CSeq numbers, route set and remote target (RFC 3261 12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import attrs

from sorcery_sip.address import Address
from sorcery_sip.dialog.ids import DialogId
from sorcery_sip.dialog.routes import RouteSet, recorded_routes, routed, target_of
from sorcery_sip.errors import HeaderError
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri

__all__ = ["MAX_FORWARDS", "Dialog", "Refusal"]

MAX_FORWARDS = 70
"""How many hops a request may take, unless its maker says otherwise."""

_REFRESHING = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""Methods whose requests, and the 2xx to them, tell where the sender is now."""
_WITHOUT_NUMBER = ("ACK", "CANCEL")
"""What bears the number of an INVITE in place of one of its own."""


@attrs.frozen(slots=True)
class Refusal:
    """Why a request cannot be taken: the response that fits."""

    status: int
    reason: str


@attrs.define(slots=True, eq=False, kw_only=True)
class Dialog:
    """What two peers agree about themselves; it has one owner, who alone changes it.

    Makes requests without Via, which comes with the transport, and judges those of the peer. Whoever knows better
    (NAT, a changed name) may set `remote_target`, `route_set`, `local` and `remote`.
    """

    call_id: str
    local: NameAddr
    """Us, with our tag: From of what we send."""
    remote: NameAddr
    """The peer, with its tag: To of what we send."""
    local_cseq: int
    """The number of our last request; 0 before the first."""
    remote_cseq: int | None
    """The number of the peer's last request, None before the first."""
    remote_target: SipUri
    route_set: RouteSet = ()
    is_uac: bool
    """Whether our request made the dialog."""
    transport: str
    """The name of the socket that the peer's last message came in on."""
    is_confirmed: bool = False
    """Whether a 2xx has been sent or received: from then on the route set stays."""
    max_forwards: int = MAX_FORWARDS

    @classmethod
    def from_request(cls, request: Request, source: Address, local_tag: str) -> Self:
        """Make the dialog that a request from `source` asks for; our responses have to carry `local_tag`.

        Raises `HeaderError` when there is no Contact to send to, or it or a Record-Route cannot be used.
        """
        target = target_of(request)
        if target is None:
            raise HeaderError("Contact", request.headers.get("Contact") or "", "a dialog needs an address to send to")
        return cls(
            call_id=request.call_id,
            local=request.to.with_tag(local_tag),
            remote=request.from_,
            local_cseq=0,
            remote_cseq=request.cseq.number,
            remote_target=target,
            route_set=recorded_routes(request),
            is_uac=False,
            transport=source.transport,
        )

    @classmethod
    def from_response(cls, request: Request, response: Response, source: Address) -> Self:
        """Make the dialog, early or confirmed, that a response from `source` to our `request` begins.

        A response without Contact leaves us with the Request-URI. Raises `HeaderError` when there is no address to
        send to, or Contact or a Record-Route cannot be used.
        """
        target = target_of(response) or request.uri
        if not isinstance(target, SipUri):
            raise HeaderError("Contact", "", "a dialog needs a sip: or sips: address to send to")
        return cls(
            call_id=request.call_id,
            local=request.from_,
            remote=response.to,
            local_cseq=request.cseq.number,
            remote_cseq=None,
            remote_target=target,
            route_set=recorded_routes(response),
            is_uac=True,
            transport=source.transport,
            is_confirmed=response.is_success,
            max_forwards=request.max_forwards or MAX_FORWARDS,
        )

    @property
    def id(self) -> DialogId:
        """What the messages of this dialog are found by."""
        return DialogId(self.call_id, self.local.tag or "", self.remote.tag or "")

    def next_hop(self) -> SipUri:
        """Return the URI whose address the next request goes to."""
        first = self.route_set[0].uri if self.route_set else None
        return first if isinstance(first, SipUri) else self.remote_target

    def request(
        self,
        method: str,
        *,
        contact: NameAddr | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
    ) -> Request:
        """Make our next request, with the next number. An ACK comes from `ack`, a CANCEL from the stack."""
        self.local_cseq += 1
        return self._made(method, self.local_cseq, contact, headers, body, content_type)

    def ack(
        self,
        invite_cseq: int,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
    ) -> Request:
        """Make the ACK to a 2xx to our INVITE of that number."""
        return self._made("ACK", invite_cseq, None, headers, body, content_type)

    def accept(self, request: Request) -> Refusal | None:
        """Take the number of a request of the peer; return why it is refused, None when it is in order.

        Numbers have to rise. An ACK or CANCEL bears that of an INVITE, and is always in order.
        """
        if request.method in _WITHOUT_NUMBER:
            return None
        number = request.cseq.number
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return Refusal(500, "Invalid CSeq")
        self.remote_cseq = number
        return None

    def refresh(self, message: Request | Response) -> None:
        """Learn from a message of the peer where it is now, and until a 2xx to our INVITE by which route.

        Counts for INVITE, UPDATE, SUBSCRIBE, NOTIFY, REFER and the 2xx to them, and in an early dialog for the 1xx
        too; other messages change nothing. Raises `HeaderError`, and changes nothing, when Contact or a Record-Route
        cannot be used.
        """
        if message.cseq.method not in _REFRESHING:
            return
        target, routes = target_of(message), self.route_set
        if isinstance(message, Response):
            if message.status >= 300 or (self.is_confirmed and not message.is_success):
                return
            if not self.is_confirmed and self.is_uac and message.cseq.method in ("INVITE", "SUBSCRIBE"):
                routes = recorded_routes(message)
                self.is_confirmed = message.is_success
        self.remote_target, self.route_set = target or self.remote_target, routes

    def _made(
        self,
        method: str,
        number: int,
        contact: NameAddr | None,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        content_type: str | None,
    ) -> Request:
        uri, routes = routed(self.remote_target, self.route_set)
        fields = [
            ("Max-Forwards", str(self.max_forwards)),
            *(("Route", str(route)) for route in routes),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
        ]
        if contact is not None:
            fields.append(("Contact", str(contact)))
        fields += headers
        if content_type is not None:
            fields.append(("Content-Type", content_type))
        return Request(method, uri, Headers(fields), body)
