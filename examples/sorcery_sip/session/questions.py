"""What waits for the word of a session's owner: the answer to an offer, credentials."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from sorcery_sip.session.core import Handler, Outcome
from sorcery_sip.session.events import Challenged
from sorcery_sip.session.part import Part
from sorcery_sip.session.requests import Fields

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Questions"]

Answer = Callable[[bytes, Fields, float], None]
Refuse = Callable[[int, Fields, float], None]
Authenticate = Callable[[Fields, float], None]


class _Challenge(NamedTuple):
    """A challenged request: how it is sent again, and who hears of its refusal if it is not."""

    authenticate: Authenticate
    done: Handler
    outcome: Outcome


class Questions(Part):
    """Those of one session: at most one about an offer, and any number about credentials, in their order."""

    __slots__ = ("_challenges", "_offer")

    def __init__(self, session: InviteSession) -> None:
        super().__init__(session)
        self._offer: tuple[Answer, Refuse] | None = None
        self._challenges: deque[_Challenge] = deque()

    @property
    def is_offer_open(self) -> bool:
        """Whether a description of ours is asked for."""
        return self._offer is not None

    def ask_for_description(self, answer: Answer, refuse: Refuse) -> None:
        """Wait for our answer to an offer, or our offer."""
        self._offer = (answer, refuse)

    def answer_offer(self, sdp: bytes, headers: Fields, now: float) -> None:
        """Give our description to whoever waits for it, if anybody still does."""
        waiting, offers = self._offer, self._session.offers
        if waiting is None:
            return
        if offers.theirs is not None:
            offers.answer(sdp)
        else:
            offers.offer(sdp)
        self._offer = None
        waiting[0](sdp, headers, now)

    def refuse_offer(self, status: int, headers: Fields, now: float) -> None:
        """Tell whoever waits for our description that there is none."""
        waiting, self._offer = self._offer, None
        if waiting is not None:
            self._session.offers.withdraw()
            waiting[1](status, headers, now)

    def withdraw_offer(self) -> None:
        """Wait no more for our description."""
        self._offer = None

    def ask_for_credentials(self, outcome: Outcome, authenticate: Authenticate, done: Handler, now: float) -> None:
        """Let the owner answer a 401 or 407; while the session is being ended only those of its BYE."""
        session, request = self._session, outcome.transaction.request
        if session.is_closing and request.method != "BYE":
            done(outcome, now)
            return
        self._challenges.append(_Challenge(authenticate, done, outcome))
        session.core.events.append(Challenged(session, outcome.response, request))

    def authenticate(self, credentials: Fields, now: float) -> None:
        """Send the request again that was challenged first."""
        if self._challenges:
            self._challenges.popleft().authenticate(credentials, now)

    def give_up(self, now: float) -> None:
        """Take the first challenge for a refusal."""
        if self._challenges:
            challenge = self._challenges.popleft()
            challenge.done(challenge.outcome, now)

    def close(self) -> None:
        """Ask for nothing any more."""
        self._offer = None
        self._challenges.clear()
