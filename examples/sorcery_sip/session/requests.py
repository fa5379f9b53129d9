"""Requests of ours inside a dialog: sent once more with credentials when they are challenged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from sorcery_sip.dialog import Dialog
from sorcery_sip.session.core import Handler, Outcome
from sorcery_sip.session.reliable import InOrder
from sorcery_sip.transaction.client import ClientTransaction

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["BAD_MEDIA", "MAX_ROUNDS", "SDP", "Fields", "Inquiry"]

Fields = tuple[tuple[str, str], ...]

SDP: Final = "application/sdp"

BAD_MEDIA: Final[Fields] = (("Reason", 'Q.850;cause=58;text="Bearer capability not available"'),)
"""Tells a peer that there is no description both sides can live with."""

MAX_ROUNDS = 5
"""How often a request is sent again with credentials."""

_REFRESHING = ("INVITE", "UPDATE", "REFER", "SUBSCRIBE", "NOTIFY")


@attrs.define(slots=True, eq=False)
class Inquiry:
    """One request in a dialog, from its sending to its final response, challenges included."""

    session: InviteSession
    dialog: Dialog
    method: str
    done: Handler
    """Hears of the final response, and for INVITE of the provisional ones; not of challenges that are answered."""
    headers: Fields = ()
    body: bytes = b""
    content_type: str | None = None
    credentials: Fields = ()
    rounds: int = 0
    transaction: ClientTransaction | None = None
    order: InOrder = attrs.field(init=False)
    """Which reliable 1xx to its present sending were taken."""

    def send(self, now: float) -> None:
        """Send it, with the next number of the dialog."""
        session, dialog, self.order = self.session, self.dialog, InOrder()
        request = dialog.request(
            self.method,
            contact=session.contact if self.method in _REFRESHING else None,
            headers=(*self.headers, *self.credentials),
            body=self.body,
            content_type=self.content_type,
        )
        self.transaction = session.core.request(session, request, session.way_to(dialog), now, self._on_outcome)

    def authenticate(self, credentials: Fields, now: float) -> None:
        """Send it once more."""
        self.rounds += 1
        self.credentials = credentials
        self.send(now)

    def _on_outcome(self, outcome: Outcome, now: float) -> None:
        status = outcome.response.status
        if status < 200 and self.method != "INVITE":
            return
        if outcome.source is not None:
            self.session.heard_from(outcome.source, self.dialog)
        if status in (401, 407) and not outcome.is_local and self.rounds < MAX_ROUNDS:
            self.session.questions.ask_for_credentials(outcome, self.authenticate, self.done, now)
        else:
            self.done(outcome, now)
