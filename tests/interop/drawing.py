"""Fresh lines of files, drawn from the table of options: good ones, odd ones, and some that are anything."""

import re

from hypothesis import HealthCheck, given, settings

from sorcery import Object
from sorcery.pjsip import AriOutboundWebsocket, Endpoint, Identify, Phoneprov, Registration, System
from sorcery.testing.strategies import lines
from tests.interop.objects import LATER
from tests.interop.trials import Lines, Trial
from tests.unit.pjsip.bases import BASES

ENDS_ESCAPED = re.compile(r"\\.?[\"'\s]*(?:[,=]|\Z)")
"""An item that ends in an escape: Asterisk reads on behind it, whatever stands there in its memory."""
NEEDS_OTHER_TRANSPORT = re.compile(r"sips:|.*\[", re.IGNORECASE)
"""A server over TLS or IPv6: without such a transport a registration is refused, and we do not look at transports."""
ADDRESSES = re.compile(r"(?:localhost|[!0-9a-f.:/\[\] ]*[.:][!0-9a-f.:/\[\] ]*|,)*", re.IGNORECASE)
"""What is matched without asking a name server."""

_NAMES_WHAT_MUST_EXIST = {
    (AriOutboundWebsocket, "websocket_client_id"),
    (AriOutboundWebsocket, "local_ari_user"),
    (Endpoint, "geoloc_incoming_call_profile"),
    (Endpoint, "geoloc_outgoing_call_profile"),
}
"""Options whose object Asterisk refuses when nothing has that id: we say so of the whole system, not of the object."""


def drawn(cls: type[Object], count: int) -> list[Trial]:
    """Return that many trials of a type, others at each call, of lines that both sides can be asked about."""
    found: list[Trial] = []
    base = BASES.get(cls.__sorcery__.name, {}).items()

    @settings(
        max_examples=count, database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck)
    )
    @given(lines(cls.__sorcery__))
    def collect(pairs: Lines) -> None:
        found.append(Trial(cls, [*base, *(pair for pair in pairs if _can_be_tried(cls, *pair))]))

    collect()
    return found


def _can_be_tried(cls: type[Object], name: str, text: str) -> bool:
    return _is_line(name, text) and _is_known(cls, name) and _is_decided_by_the_line(cls, name.lower(), text)


def _is_line(name: str, text: str) -> bool:
    """Tell whether a file can hold the line, and Asterisk's ARI print what comes of it."""
    return (
        name == name.strip() != ""
        and text == text.strip()
        and text.isprintable()
        and not ({*"\\;"} <= {*text} or {*"[];#"} & {*name})
        and ENDS_ESCAPED.search(text) is None
        and not text.startswith(">")
    )


def _is_known(cls: type[Object], name: str) -> bool:
    """Tell whether Asterisk 22.10.1 has the option, under this name whatever its text is."""
    own = cls.__sorcery__
    if name.startswith("@"):
        return cls is not Phoneprov  # which takes extended fields for variables
    return (own.name, name.lower()) not in LATER and own.option(name) is not None


def _is_decided_by_the_line(cls: type[Object], name: str, text: str) -> bool:
    """Tell whether nothing outside says what comes of it: no other object, no name server, no web server."""
    if (cls, name) in _NAMES_WHAT_MUST_EXIST or name == "check_tn_cert_public_url":
        return False
    if cls is System and "pool_" in name:  # so many threads
        return re.fullmatch("[0-9]?[0-9]", text) is not None
    if cls is Registration and name == "server_uri":
        return NEEDS_OTHER_TRANSPORT.match(text) is None
    return cls is not Identify or name != "match" or ADDRESSES.fullmatch(text) is not None
