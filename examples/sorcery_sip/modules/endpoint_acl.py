"""The access lists of an endpoint: whoever fails them is a stranger (401 for ever, and never 403)."""

from __future__ import annotations

import attrs

from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.contract import Incoming

__all__ = ["EndpointAcl"]


class EndpointAcl:
    """Apply `permit`, `deny`, `acl` to the source, and `contact_…` to each Contact, of who was identified."""

    def __init__(self, lists: AccessLists) -> None:
        self._lists = lists

    def apply(self, incoming: Incoming) -> Incoming:
        """Return the request as it was, or as a stranger's; looks up Contact hosts, which blocks."""
        endpoint = incoming.endpoint
        reason = self._lists.refusal(incoming, endpoint.acl, endpoint.contact_acl) if endpoint else None
        if endpoint is None or reason is None:
            return incoming
        return attrs.evolve(incoming, endpoint=None, identity=f"endpoint {endpoint.id!r}: {reason}")
