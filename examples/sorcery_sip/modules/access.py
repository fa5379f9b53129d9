"""Access lists: rules written in a section, and the named lists of `acl.conf`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from sorcery.conf import Category, read_conf
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.kinds import Refused
from sorcery.pjsip.kinds.access import AccessList, AccessRules
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import Incoming

__all__ = ["AccessLists", "contact_hosts"]

_LOG = logging.getLogger(__name__)
_KINDS = {"permit": AccessRules(permit=True), "deny": AccessRules(permit=False)}


class AccessLists:
    """Judge addresses by access lists. The named ones are read from `path`, again on `reload`.

    A list that does not exist, or has a bad rule, lets nobody in.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._named: Mapping[str, AccessList] = {}
        self.reload()

    def reload(self) -> None:
        """Read `acl.conf` again; one that is refused is logged and changes nothing. Blocks on the file."""
        if self._path is None:
            return
        try:
            conf = read_conf(self._path)
        except ConfMissing:
            self._named = {}
        except ConfigurationError as error:
            _LOG.error("%s; the named lists stay as they were", error)
        else:
            self._named = dict(self._read(conf.sections()))

    def refusal(self, incoming: Incoming, source: AccessList, contact: AccessList) -> str | None:
        """Return why a request is refused: by its source first, then by each Contact; None when all rules let it in.

        Contact hosts that are names are looked up, which blocks.
        """
        reason = self.refusal_of(source, incoming.source.host) if source else None
        if reason is not None or not contact:
            return reason
        reasons = (self.refusal_of(contact, host) for host in contact_hosts(incoming.request))
        return next((f"Contact: {reason}" for reason in reasons if reason is not None), None)

    def refusal_of(self, access: AccessList, host: str) -> str | None:
        """Return why an address is refused, None when all rules let it in."""
        if not access.permits(host):
            return f"permit/deny rules refuse {host}"
        for name in access.names:
            named = self._named.get(name)
            if named is None:
                return f"access list {name!r} does not exist in acl.conf, or has a bad rule"
            if not named.permits(host):
                return f"access list {name!r} refuses {host}"
        return None

    def _read(self, sections: Iterator[Category]) -> Iterator[tuple[str, AccessList]]:
        for section in sections:
            found = AccessList()
            try:
                for variable in section.variables:
                    kind = _KINDS.get(variable.key.lower())
                    if kind is not None:
                        found = kind.parse(variable.value, found, _ignore)
            except Refused as refusal:
                _LOG.error("%s:%s: [%s] %s; it lets nobody in", self._path, variable.line, section.name, refusal)
            else:
                yield section.name, found


def contact_hosts(request: Request) -> Iterator[str]:
    """Yield the addresses of the Contacts; names are looked up, which blocks, those that do not resolve left out."""
    for contact in request.contacts:
        if isinstance(contact.uri, SipUri):
            yield from _addresses(contact.uri.host.strip("[]"))


def _addresses(host: str) -> Iterator[str]:
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return
    yield from dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers)


def _ignore(problem: str, outcome: str) -> None:
    """Take a repaired rule as repaired."""
