"""The channel driver: a channel for each leg, made by an INVITE of the peer or by a dial string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Response
from sorcery_sip.modules.caller_id import caller as caller_of
from sorcery_sip.modules.channel_events import tell_response
from sorcery_sip.modules.contract import CHANNEL_PRIORITY, PASS, Decision, SessionSupplement
from sorcery_sip.modules.identity import own_party
from sorcery_sip.modules.pjsip_channel import PjsipTechnology, Surroundings
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.targets import Targets
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.party import Party

__all__ = ["ChannelSupplement", "PjsipDriver", "PjsipTechnology"]


class ChannelSupplement(SessionSupplement):
    """Make the channel of an incoming call, and tell that of an outgoing one what its peer says."""

    methods = frozenset({"INVITE"})
    priority = CHANNEL_PRIORITY

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Make the channel at the first INVITE."""
        if session.channel is None:
            technology = PjsipTechnology(session, self._surroundings)
            _create(technology, self._surroundings, caller=caller_of(session), state=ChannelState.RING)
        return PASS

    def incoming_response(self, session: CallSession, response: Response) -> None:
        """Tell the channel; before it is told of the answer, the caller's own is made to fit."""
        channel = session.channel
        technology = channel.technology if channel is not None and not channel.is_up else None
        if response.is_success and isinstance(technology, PjsipTechnology):
            technology.limit_caller()
        tell_response(session, response)


class PjsipDriver:
    """Makes channels to endpoints and their contacts."""

    name = "PJSIP"

    def __init__(self, surroundings: Surroundings, targets: Targets) -> None:
        self._surroundings, self._targets = surroundings, targets

    async def request(
        self,
        resource: str,
        *,
        caller: Channel | None,
        formats: Sequence[str],
        variables: Mapping[str, str],
        id: str = "",
    ) -> Channel:
        """Return a channel to `endpoint`, `endpoint/sip:uri` or `user@endpoint`; raises `CannotCall`."""
        target = await self._targets.find(resource)
        session = self._surroundings.calls.make(
            target.endpoint, target.destinations[0], aor=target.aor, contact=target.contact
        )
        technology = PjsipTechnology(session, self._surroundings, target, caller)
        party = own_party(target.endpoint)
        channel = _create(technology, self._surroundings, id=id, caller=party, formats=tuple(formats))
        for name, value in variables.items():
            channel.set_variable(name, value)
        return channel


def _create(
    technology: PjsipTechnology,
    surroundings: Surroundings,
    *,
    id: str = "",
    caller: Party | None = None,
    formats: tuple[str, ...] | None = None,
    state: ChannelState = ChannelState.DOWN,
) -> Channel:
    """Make the channel of a call with what its endpoint says of channels."""
    session = technology.session
    endpoint = session.endpoint
    channel = session.channel = surroundings.channels.create(
        endpoint.id,
        technology,
        id=id,
        context=endpoint.context,
        exten=session.exten or "s",
        caller=caller,
        dialed=session.exten,
        language=endpoint.language or "en",
        account=endpoint.accountcode,
        formats=session.media.formats if formats is None else formats,
        state=state,
    )
    for name, value in endpoint.set_var.items():
        channel.set_variable(name, value)
    return channel
