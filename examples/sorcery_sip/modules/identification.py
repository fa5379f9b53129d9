"""Whose a request is: the identifiers in the order of `endpoint_identifier_order`."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from sorcery.pjsip import Global
from sorcery_sip.message.uri import Uri
from sorcery_sip.modules.contract import EndpointIdentifier, Incoming
from sorcery_sip.modules.settings import Settings

__all__ = ["Identification"]


class Identification:
    """Ask the identifiers one after the other; the first that knows an endpoint wins.

    Those that the order does not name come after the others. Names in it that no identifier has mean nothing.
    """

    def __init__(self, settings: Settings, identifiers: Sequence[EndpointIdentifier], *, compat: bool = False) -> None:
        """Ask `identifiers`; `compat` knows no name with a blank beside it, as Asterisk does not."""
        self._compat = compat
        self._settings, self._identifiers = settings, tuple(identifiers)
        self._ordered: tuple[Global | None, tuple[EndpointIdentifier, ...]] = (None, ())

    def identify(self, incoming: Incoming) -> Incoming:
        """Return the request with its endpoint, or as a stranger's; may block, raises `Unavailable`."""
        identifiers = self._in_order()
        for identifier in identifiers:
            endpoint = identifier.identify(incoming)
            if endpoint is not None:
                identity = f"endpoint {endpoint.id!r} by {identifier.name}"
                return attrs.evolve(incoming, endpoint=endpoint, identity=identity)
        tried = ", ".join(identifier.name for identifier in identifiers)
        sender: Uri = incoming.request.from_.uri
        return attrs.evolve(incoming, identity=f"no endpoint for From {str(sender)!r}; tried {tried}")

    def _in_order(self) -> tuple[EndpointIdentifier, ...]:
        settings = self._settings.current
        known, identifiers = self._ordered
        if known is not settings:
            order = settings.endpoint_identifier_order
            names = list(order) if self._compat else [name.strip() for name in order]
            rank = {name: position for position, name in reversed(list(enumerate(names)))}
            identifiers = tuple(sorted(self._identifiers, key=lambda found: rank.get(found.name, len(names))))
            self._ordered = settings, identifiers
        return identifiers
