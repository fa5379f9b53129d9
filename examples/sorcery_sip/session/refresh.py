"""Session timers (RFC 4028): one side refreshes the session in time, the other ends it when that does not happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sorcery_sip.message.messages import Request, Response
from sorcery_sip.session.core import Outcome
from sorcery_sip.session.deadlines import Deadline
from sorcery_sip.session.events import By
from sorcery_sip.session.intervals import EXTENSION, Refresher, SessionExpires, least_interval
from sorcery_sip.session.modifying import Change
from sorcery_sip.session.part import Part
from sorcery_sip.session.requests import Fields
from sorcery_sip.session.state import State

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["SessionTimer"]

_BUSY = 1.0
"""Seconds until a refresh is tried again that met a negotiation."""
_UNAVAILABLE = 10.0
"""Seconds until a refresh is tried again that was answered 503."""
_MARGIN = 32.0
"""How long before the interval is over the side that waits ends the session, at most."""


class SessionTimer(Part):
    """The interval of one session, and what it makes necessary."""

    def __init__(self, session: InviteSession) -> None:
        super().__init__(session)
        profile = session.profile
        self._mode = profile.timers
        self._least = profile.min_se
        self._wanted = max(profile.session_expires, profile.min_se)
        self.interval = 0
        """Seconds; 0 without a timer."""
        self._we_refresh = False
        self._refresh: Deadline | None = None
        self._end: Deadline | None = None

    def request_fields(self) -> Fields:
        """Return what our INVITE or UPDATE says of the timer: nothing while the INVITE is not answered."""
        if self._mode == "no" or self._session.state is State.EARLY:
            return ()
        refresher: Refresher | None = None
        if self.interval:
            refresher = "uac" if self._we_refresh else "uas"
        interval = max(self.interval or self._wanted, self._least)
        return (("Session-Expires", str(SessionExpires(interval, refresher))), ("Min-SE", str(self._least)))

    def raised_by(self, refusal: Response) -> bool:
        """Take the Min-SE of a 422; False when it leaves nothing to try."""
        least = least_interval(refusal)
        if self._mode == "no" or least <= self._least:
            return False
        self._least = least
        self._wanted = max(self._wanted, least)
        return True

    def on_success(self, response: Response, now: float) -> bool:
        """Take what the 2xx to our INVITE or UPDATE says; False when the session ends for want of a timer."""
        if self._mode == "no" or self._session.state is State.EARLY:
            return True
        found = SessionExpires.of(response)
        if found is not None:
            self._start(found.interval, found.refresher != "uas", now)
        elif self._mode == "always":
            self._start(self._wanted, True, now)
        elif self._mode == "required":
            reason = "the peer has no session timer, and we need one"
            self._session.ending.terminate("failure", 421, response, reason, now)
            return False
        else:
            self.stop()
        return True

    def too_brief(self, request: Request) -> Fields:
        """Return the Min-SE for a 422 where the peer asks for too short an interval, else nothing."""
        asked = None if self._mode == "no" else SessionExpires.of(request)
        if asked is None or asked.interval >= max(self._least, least_interval(request)):
            return ()
        return (("Min-SE", str(max(self._least, least_interval(request)))),)

    def answer_fields(self, request: Request, now: float) -> Fields:
        """Return what our 2xx to an INVITE or UPDATE says of the timer, which starts or starts anew."""
        if self._session.state is State.EARLY and request.method != "INVITE":
            return ()
        asked = None if self._mode == "no" else SessionExpires.of(request)
        supports = asked is not None and EXTENSION in request.tokens("Supported") | request.tokens("Require")
        if asked is None and self._mode not in ("required", "always"):
            self.stop()
            return ()
        interval = asked.interval if asked is not None else max(self._wanted, least_interval(request))
        if asked is not None and asked.refresher is not None:
            peer_refreshes = asked.refresher == "uac"
        elif self.interval:
            peer_refreshes = not self._we_refresh
        else:
            peer_refreshes = supports
        self._start(interval, not peer_refreshes, now)
        fields: Fields = (("Session-Expires", str(SessionExpires(interval, "uac" if peer_refreshes else "uas"))),)
        return (*fields, ("Require", EXTENSION)) if peer_refreshes else fields

    def stop(self) -> None:
        """Let nothing happen any more."""
        for deadline in (self._refresh, self._end):
            if deadline is not None:
                deadline.cancel()
        self._refresh = self._end = None
        self.interval = 0

    def _start(self, interval: int, we_refresh: bool, now: float) -> None:
        self.stop()
        self.interval, self._we_refresh = interval, we_refresh
        at = self._session.core.deadlines.at
        if we_refresh:
            self._refresh = at(now + interval / 2, self._send_refresh)
            self._end = at(now + interval, self._expire)
        else:
            self._end = at(now + interval - min(_MARGIN, interval / 3), self._expire)

    def _expire(self, now: float) -> None:
        self._session.ending.terminate("timeout", 408, None, f"no refresh in {self.interval} seconds", now)

    def _send_refresh(self, now: float) -> None:
        """Refresh with a bare UPDATE where the peer takes one, else with a re-INVITE that offers what is active."""
        session = self._session
        if session.peer_allows("UPDATE"):
            self._try(Change("UPDATE", None, refused=self._on_bare_refusal), now)
        else:
            self._try(Change("INVITE", self._active, refused=self._on_refusal), now)

    def _try(self, change: Change, now: float) -> None:
        if self._session.changes.is_free:
            self._session.changes.add(change, now)
        else:
            self._later(_BUSY, now)

    def _on_bare_refusal(self, outcome: Outcome, now: float) -> None:
        status = outcome.response.status
        if outcome.is_local or status in (408, 481, 503):
            self._on_refusal(outcome, now)
        else:
            method: Literal["INVITE", "UPDATE"] = "INVITE" if status in (405, 501) else "UPDATE"
            self._try(Change(method, self._active, refused=self._on_refusal), now)

    def _on_refusal(self, outcome: Outcome, now: float) -> None:
        response = outcome.response
        if response.status == 503 and not outcome.is_local:
            self._later(_UNAVAILABLE, now)
            return
        by: By = "timeout" if response.status == 408 else "failure"
        reason = f"refresh: {response.status} {response.reason}"
        self._session.ending.terminate(by, response.status, outcome.message, reason, now)

    def _later(self, seconds: float, now: float) -> None:
        self._refresh = self._session.core.deadlines.at(now + seconds, self._send_refresh)

    def _active(self) -> bytes:
        return self._session.offers.local or b""
