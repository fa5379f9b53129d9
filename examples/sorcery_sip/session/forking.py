"""The early dialogs of one INVITE of ours, each with its own tag, and whose answer counts (RFC 3261 13.2.2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sorcery_sip.dialog import Dialog
from sorcery_sip.message.messages import Response
from sorcery_sip.session.core import Outcome
from sorcery_sip.session.part import Part
from sorcery_sip.session.reliable import InOrder

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["MAX_FORKS", "Fork", "Forks"]

MAX_FORKS = 32
"""How many early dialogs one INVITE may have: a peer that invents tags costs no more memory than these."""


@attrs.define(slots=True, eq=False)
class Fork:
    """One peer that has answered so far."""

    dialog: Dialog
    order: InOrder = attrs.field(factory=InOrder)
    sdp: bytes | None = None
    """The first description that came from it."""
    has_answered_reliably: bool = False
    """Whether one came in a response that does not get lost unnoticed."""


class Forks(Part):
    """Those of one session, by To tag."""

    __slots__ = ("_answering", "_forks")

    def __init__(self, session: InviteSession) -> None:
        super().__init__(session)
        self._forks: dict[str, Fork] = {}
        self._answering: Fork | None = None
        """The peer whose description counts at present."""

    @property
    def has_settled(self) -> bool:
        """Whether the description that counts has surely arrived."""
        return self._answering is not None and self._answering.has_answered_reliably

    def has_room_for(self, response: Response) -> bool:
        """Tell whether a 1xx belongs to a fork that is known, or may make one."""
        return len(self._forks) < MAX_FORKS or (response.to.tag or "") in self._forks

    def of(self, outcome: Outcome) -> Fork:
        """Return the fork that a response belongs to, made when it is the first of its tag. Raises `HeaderError`."""
        response, session = outcome.response, self._session
        tag = response.to.tag or ""
        fork = self._forks.get(tag)
        if fork is not None:
            fork.dialog.refresh(response)
            return fork
        dialog = Dialog.from_response(outcome.transaction.request, response, outcome.source or session.peer)
        fork = self._forks[tag] = Fork(dialog)
        session.core.register(session, dialog)
        session.dialog = session.dialog or dialog
        return fork

    def choose(self, outcome: Outcome) -> Fork:
        """Return the fork that a 2xx confirms, and let go of all others. Raises `HeaderError`."""
        winner = self.of(outcome)
        self._unregister(winner)
        self._forks = {outcome.response.to.tag or "": winner}
        self._session.dialog = winner.dialog
        return winner

    def clear(self) -> None:
        """Let go of all but the dialog that the session goes on with."""
        self._unregister(None)
        self._forks.clear()
        self._answering = None

    def offered(self, fork: Fork, sdp: bytes) -> None:
        """Note that an offer came from a fork: its description counts."""
        fork.sdp, fork.has_answered_reliably = sdp, True
        self._turn_to(fork)

    def take_answer(self, fork: Fork, sdp: bytes | None, *, is_reliable: bool) -> bytes | None:
        """Return the answer in a response when it counts, None when it does not.

        The first one counts; another of the same peer with `accept_multiple_sdp_answers`, one of another peer with
        `follow_early_media_fork`, and always that of the peer whose 2xx came.
        """
        offers, profile = self._session.offers, self._session.profile
        is_same = fork is self._answering
        fork.has_answered_reliably |= is_reliable and (is_same or sdp is not None)
        if sdp is None and fork.dialog.is_confirmed and not is_same:
            sdp = fork.sdp
        if sdp is None:
            return None
        fork.sdp = fork.sdp or sdp
        if not offers.is_agreed:
            offers.take_answer(sdp)
        elif is_same and not (profile.accept_multiple_sdp_answers and sdp != offers.remote):
            return None
        elif is_same or fork.dialog.is_confirmed or profile.follow_early_media_fork:
            offers.remote = sdp
        else:
            return None
        self._turn_to(fork)
        return sdp

    def has_answered(self, fork: Fork) -> bool:
        """Tell whether the description that counts is that of `fork`."""
        return self._answering is fork

    def _turn_to(self, fork: Fork) -> None:
        self._answering, self._session.dialog = fork, fork.dialog

    def _unregister(self, winner: Fork | None) -> None:
        kept = winner.dialog if winner is not None else self._session.dialog
        for fork in self._forks.values():
            if fork.dialog is not kept:
                self._session.core.unregister(fork.dialog)
