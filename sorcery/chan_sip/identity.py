"""Who a peer is: where calls to it go, and how its own calls are known."""

from __future__ import annotations

import re

from sorcery.chan_sip.peer import Peer
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import is_off, listed, truth
from sorcery.pjsip.kinds.networks import parse_address, split_host_port

__all__ = [
    "bracketed",
    "contact_uri",
    "host_and_port",
    "identify",
    "insecurities",
    "is_named",
    "is_port",
    "locate",
    "proxy_uri",
    "sip_uri",
]

_MASKS = {"very": ("port", "invite"), "yes": ("port",)}
_DEFAULT_PORT, _HIGHEST_PORT = "5060", 65535
_HOST = re.compile(r"[\w.:\[\]-]+", re.ASCII)
_INSECURE = frozenset({"port", "invite"})
_QUALIFY_SECONDS, _QUALIFY_MILLISECONDS = "60", 2000
_DIGITS = 9
"""Those of a number that chan_sip can hold."""


def locate(peer: Peer) -> None:
    """Make the AOR: one place for a phone that registers, a fixed contact for what has an address."""
    host = peer.settings.last("host")
    if not peer.is_called:
        _tell(peer, ("host", "port", "defaultuser", "qualify", "qualifyfreq"), "nobody calls a user")
        return
    if host is None or not _HOST.fullmatch(host.value.strip()):
        if host is None:
            peer.ledger.default("host", "(none)", "", "a peer without host can call and not be called")
        elif host.value.strip():
            peer.ledger.lose(host, "it is no address and no host name: chan_sip passes over the peer")
        else:
            peer.ledger.lose(host, "it is empty: chan_sip calls nobody there")
        _tell(peer, ("port",), "there is no host beside it")
        return
    peer.aor = peer.part("aor")
    peer.endpoint.add("aors", peer.name)
    if peer.registers:
        _registering(peer, host)
    else:
        _fixed(peer, host)
    _qualify(peer)


def _registering(peer: Peer, host: Line) -> None:
    assert peer.aor is not None
    aor, shared = peer.aor, peer.shared
    became = [aor.add("max_contacts", "1", host), aor.add("remove_existing", "yes", host)]
    peer.ledger.tell(host, *became)
    for option, name, default in (
        ("maximum_expiration", "maxexpiry", "3600"),
        ("minimum_expiration", "minexpiry", "60"),
        ("default_expiration", "defaultexpiry", "120"),
    ):
        line, seconds = shared.general.last(name), shared.seconds(name, default)
        if line is not None:
            peer.ledger.tell(line, aor.add(option, seconds, line))
        elif option != "minimum_expiration":
            peer.ledger.default(name, default, aor.add(option, seconds), "PJSIP has another default")
    _tell(peer, ("port",), "a phone that registers says its port itself")


def _fixed(peer: Peer, host: Line) -> None:
    assert peer.aor is not None
    port, user, transport = (peer.settings.last(name) for name in ("port", "defaultuser", "transport"))
    peer.contact = contact_uri(peer)
    became = peer.aor.add("contact", peer.contact, host)
    for line in (host, port if port and is_port(port.value.strip()) else None, user):
        if line is not None:
            peer.ledger.tell(line, became)
    if port is not None and not peer.ledger.has(port):
        peer.ledger.pass_over(port, "no port: the usual one counts")
    if transport is not None and peer.protocols[0] != "udp":
        peer.ledger.tell(transport, became)


def contact_uri(peer: Peer, user: str | None = None) -> str:
    """Return the URI of a peer with a fixed address."""
    user = peer.settings.value("defaultuser").strip() if user is None else user
    return sip_uri(*host_and_port(peer), peer.protocols[0], user)


def sip_uri(host: str, port: str, protocol: str, user: str = "") -> str:
    """Return a URI; UDP is what counts without a word for it."""
    parameters = "" if protocol == "udp" else f";transport={protocol}"
    return f"sip:{f'{user}@' if user else ''}{bracketed(host)}{f':{port}' if port else ''}{parameters}"


def host_and_port(peer: Peer) -> tuple[str, str]:
    """Return the host that a peer is at, and the port if one is written; 0 is none."""
    name, port = split_host_port(peer.settings.value("host").strip())
    own = peer.settings.value("port").strip()
    return name, own if is_port(own) else port


def is_port(text: str) -> bool:
    """Tell whether a text is the number of a port."""
    return text.isascii() and text.isdigit() and 0 < int(text) <= _HIGHEST_PORT


def bracketed(host: str) -> str:
    """Return a host as a URI holds it."""
    return f"[{host}]" if ":" in host else host


def proxy_uri(text: str) -> tuple[str, bool]:
    """Return the URI of an outbound proxy, and whether it is forced."""
    words = listed(text)
    if not words:
        return "", False
    scheme, _, rest = words[0].rpartition("://")
    scheme = scheme.lower() or "udp"
    host, port = split_host_port(rest.removeprefix("sip:"))
    parameters = "" if scheme == "udp" else f";transport={scheme}"
    return f"sip:{bracketed(host)}{f':{port}' if port else ''};lr{parameters}", "force" in words[1:]


def _qualify(peer: Peer) -> None:
    assert peer.aor is not None
    line, frequency = peer.settings.last("qualify"), peer.settings.last("qualifyfreq")
    milliseconds = _milliseconds(peer, line.value) if line is not None else 0
    if not milliseconds:
        if line is not None and not is_off(line.value):
            peer.ledger.lose(line, "this value means nothing; chan_sip knows yes, no or milliseconds")
        for each in (line, frequency):
            if each is not None and not peer.ledger.has(each):
                peer.ledger.pass_over(each, "it is switched off, as by default")
        return
    seconds = frequency.value.strip() if frequency and frequency.value.strip().isdigit() else _QUALIFY_SECONDS
    rate = peer.aor.add("qualify_frequency", seconds, frequency or line)
    limit = peer.aor.add("qualify_timeout", str(milliseconds / 1000), line)
    if line is not None:
        peer.ledger.tell(line, rate, limit)
    common = peer.shared.general.last("qualify")
    if common is not None and _whole(common.value) == milliseconds:
        peer.ledger.tell(common, limit)
    if frequency is not None:
        peer.ledger.tell(frequency, rate)


def _milliseconds(peer: Peer, text: str) -> int:
    """Return how long an answer may take: `yes` is what `[general]` says, or two seconds. 0 where nobody is asked."""
    if text.strip().lower() == "yes":
        return _whole(peer.shared.general.value("qualify")) or _QUALIFY_MILLISECONDS
    return _whole(text)


def _whole(text: str) -> int:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS else 0


def identify(peer: Peer) -> None:
    """Say how its calls are known: by the user of From, by the source address, or both."""
    kind, insecure = peer.section.last("type"), peer.settings.last("insecure")
    ways = _ways(peer)
    became = peer.endpoint.add("identify_by", ",".join(ways), kind)
    if kind is not None:
        why = ""
        if peer.role == "peer" and peer.registers:
            why = "its calls are known by the user of From, where chan_sip compared the registered address"
        peer.ledger.tell(kind, became, why=why)
    match = peer.shared.general.last("match_auth_username")
    if match is not None and truth(match.value) and "auth_username" in ways:
        peer.ledger.tell(match, became)
    if peer.contact:
        _match(peer, insecure)
    if insecure is not None:
        _told_insecure(peer, insecure)


def _told_insecure(peer: Peer, line: Line) -> None:
    words = insecurities(line.value)
    if unknown := [word for word in words if word not in _INSECURE]:
        peer.ledger.tell(line, why=f"{', '.join(unknown)} means nothing; chan_sip knows port and invite")
    elif not words:
        peer.ledger.pass_over(line, "as by default")
    elif not peer.ledger.has(line):
        peer.ledger.pass_over(line, "it is about addresses, and its calls are known by the user of From")


def _ways(peer: Peer) -> list[str]:
    named = is_named(peer)
    ways = ["username"] if named else []
    if named and truth(peer.shared.general.value("match_auth_username")):
        ways = ["auth_username", "username"]
    return [*ways, "ip"] if peer.contact or not named else ways


def is_named(peer: Peer) -> bool:
    """Tell whether its calls are known by the user of From, as those of a `peer` are only if it registers."""
    if peer.role == "peer":
        return peer.registers
    return not (peer.contact and "invite" in insecurities(peer.settings.value("insecure")))


def _match(peer: Peer, insecure: Line | None) -> None:
    name, port = host_and_port(peer)
    words = insecurities(insecure.value) if insecure else ()
    is_address = parse_address(name) is not None
    over_udp = set(peer.protocols) == {"udp"}
    text = name
    if is_address and over_udp and "port" not in words:
        text = f"{bracketed(name)}:{port or _DEFAULT_PORT}"
    part = peer.part("identify")
    part.add("endpoint", peer.name)
    host = peer.settings.last("host")
    became = part.add("match", text, host)
    if host is not None:
        peer.ledger.tell(host, became)
    if not is_address and over_udp and "port" not in words:
        peer.ledger.default(
            "insecure", "no", "identify/match=HOST", "calls from a host name are taken from any port of it"
        )
    if insecure is not None and "port" in words:
        peer.ledger.tell(insecure, became)


def insecurities(text: str) -> tuple[str, ...]:
    """Return the words of `insecure`; older ones stand for some of the others."""
    words = [] if is_off(text) else [word.lower() for word in listed(text)]
    return tuple(part for word in words for part in _MASKS.get(word, (word,)))


def _tell(peer: Peer, names: tuple[str, ...], why: str) -> None:
    for name in names:
        if (line := peer.settings.last(name)) is not None:
            peer.ledger.pass_over(line, why)
