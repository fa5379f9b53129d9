"""What our first INVITE says, and where it goes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

from sorcery_sip.address import Address
from sorcery_sip.dialog.routes import routed
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri
from sorcery_sip.session.part import Part
from sorcery_sip.session.profile import OutgoingInvite
from sorcery_sip.session.requests import MAX_ROUNDS, SDP, Fields

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Invitation"]

_MAX_REPETITIONS = 5
"""How often an INVITE is sent again for a redirection, or a 422."""


class Invitation(Part):
    """One call that is wanted: it may take several INVITEs, to several destinations."""

    def __init__(self, session: InviteSession, wanted: OutgoingInvite) -> None:
        super().__init__(session)
        self._wanted = wanted
        self._uri, self._routes = wanted.uri, wanted.routes
        self._destinations = deque(wanted.destinations)
        core = session.core
        self._call_id = wanted.call_id or f"{core.token()}{core.token()}"
        self._from = wanted.from_ if wanted.from_.tag else wanted.from_.with_tag(core.token())
        self._cseq = core.random.randrange(1, 2**15)
        self._rounds = self._repetitions = 0
        self.credentials: Fields = ()
        """What answers the last challenge."""

    @property
    def id(self) -> str:
        """Call-ID and our tag."""
        return f"{self._call_id}/{self._from.tag}"

    @property
    def sdp(self) -> bytes | None:
        """Our offer; None asks the peer for one."""
        return self._wanted.sdp

    @property
    def destination(self) -> Address:
        """Where it goes now."""
        return self._destinations[0]

    @property
    def may_be_challenged(self) -> bool:
        """Whether another challenge may be answered."""
        return self._rounds < MAX_ROUNDS

    def request(self) -> Request:
        """Return the INVITE, without Via."""
        session, wanted = self._session, self._wanted
        uri, routes = routed(self._uri, self._routes)
        fields = [
            ("Max-Forwards", str(session.profile.max_forwards)),
            *(("Route", str(route)) for route in routes),
            ("From", str(self._from)),
            ("To", str(wanted.to)),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} INVITE"),
            ("Contact", str(session.contact)),
            *session.profile.abilities,
            *session.timer.request_fields(),
            *session.profile.requirements,
            *wanted.headers,
            *self.credentials,
        ]
        if wanted.sdp is not None:
            fields.append(("Content-Type", SDP))
        return Request("INVITE", uri, Headers(fields), wanted.sdp or b"")

    def go_on(self) -> bool:
        """Turn to the next destination; False when there is none."""
        if len(self._destinations) == 1:
            return False
        self._destinations.popleft()
        return True

    def authenticate(self, credentials: Fields) -> None:
        """Carry these credentials from now on."""
        self._rounds += 1
        self._cseq += 1
        self.credentials = credentials

    def repeat(self) -> bool:
        """Take the next number; False when that was done too often."""
        if self._repetitions == _MAX_REPETITIONS:
            return False
        self._repetitions += 1
        self._cseq += 1
        return True

    def follow(self, contacts: tuple[NameAddr, ...]) -> bool:
        """Turn to the first contact that can be reached; False when there is none."""
        for contact in contacts:
            if isinstance(contact.uri, SipUri):
                destination = self._session.core.network.route(contact.uri, None)
                if destination is not None:
                    self._uri, self._routes = attrs.evolve(contact.uri, headers=()), ()
                    self._destinations = deque([destination])
                    return self.repeat()
        return False
