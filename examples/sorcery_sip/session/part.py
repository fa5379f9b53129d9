"""What the parts of a session have in common."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Part"]


class Part:
    """A part of a session, which it belongs to and knows weakly.

    So they are no circle, and a call that is over is freed at once, not when the garbage collector comes by. Until
    then the core holds the session, afterwards whoever still asks its parts for something.
    """

    __slots__ = ("_whole",)

    def __init__(self, session: InviteSession) -> None:
        self._whole = weakref.ref(session)

    @property
    def _session(self) -> InviteSession:
        session = self._whole()
        assert session is not None, "who uses a part of a session holds the session"
        return session
