"""Identification by `identify` sections: source address, a header, or the Request-URI.

A section is an alternative for each of the three, asked for by an identifier of its own. Sections are tried in
the order of their ids, and the `identify_by` of the endpoint does not count, as in Asterisk.
"""

from __future__ import annotations

import logging

from sorcery import Sorcery
from sorcery.pjsip import Endpoint, Identify
from sorcery_sip.modules.contract import Incoming

__all__ = ["HeaderIdentifier", "IpIdentifier", "RequestUriIdentifier"]

_LOG = logging.getLogger(__name__)


class IpIdentifier:
    """The source address, by `match`."""

    name = "ip"

    def __init__(self, sorcery: Sorcery) -> None:
        self._sorcery = sorcery

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint of the first section that matches; raises `Unavailable`."""
        for section in self._sorcery.retrieve_all(Identify):
            if self._matches(section, incoming):
                endpoint = self._sorcery.retrieve_by_id(Endpoint, section.endpoint)
                if endpoint is None:
                    _LOG.warning("identify %r: endpoint %r does not exist", section.id, section.endpoint)
                return endpoint
        return None

    def _matches(self, section: Identify, incoming: Incoming) -> bool:
        return bool(section.match) and section.match.matches(incoming.source.host, incoming.source.port)


class HeaderIdentifier(IpIdentifier):
    """A header's value, by `match_header`."""

    name = "header"

    def _matches(self, section: Identify, incoming: Incoming) -> bool:
        wanted = section.match_header
        return bool(wanted) and any(map(wanted.matches, incoming.request.headers.get_all(wanted.name)))


class RequestUriIdentifier(IpIdentifier):
    """The Request-URI, by `match_request_uri`."""

    name = "request_uri"

    def _matches(self, section: Identify, incoming: Incoming) -> bool:
        return bool(section.match_request_uri) and section.match_request_uri.matches(str(incoming.request.uri))
