"""Registrations of this system at others: `register` lines, and peers with `callbackextension`."""

from __future__ import annotations

import re

import attrs

from sorcery.chan_sip.identity import bracketed, contact_uri, host_and_port, is_port, proxy_uri, sip_uri
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.peer import SOCKETS, Peer, Shared
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import truth, unquoted
from sorcery.chan_sip.writable import unnameable
from sorcery.pjsip.kinds.networks import split_host_port

__all__ = ["RegisterLine", "call_back", "parse_register", "register"]

_FOREVER = "2147483647"
_START = "s"
_HEAD = re.compile(r"(?:(?P<peer>[^?/:@]+)\?)?(?:(?P<transport>[a-z]+)://)?(?P<rest>.*)\Z", re.IGNORECASE | re.DOTALL)


@attrs.frozen(slots=True)
class RegisterLine:
    """The pieces of `peer?transport://user@domain:secret:authuser@host:port/extension~expiry`."""

    user: str
    host: str
    peer: str = ""
    transport: str = ""
    domain: str = ""
    secret: str = attrs.field(default="", repr=False)
    authuser: str = ""
    port: str = ""
    extension: str = ""
    expiry: str = ""


def parse_register(text: str) -> RegisterLine | None:
    """Take a `register` line apart as chan_sip does; None if it names no user or no host."""
    head = _HEAD.match(text.strip())
    assert head is not None
    account, _, where = head["rest"].rpartition("@")
    where, _, expiry = where.partition("~")
    where, _, extension = where.partition("/")
    host, port = split_host_port(unquoted(where))
    user, domain, secret, authuser = _account(account)
    if not host or not user:
        return None
    return RegisterLine(
        user=user,
        host=host,
        peer=head["peer"] or "",
        transport=(head["transport"] or "").lower(),
        domain=domain,
        secret=secret,
        authuser=authuser,
        port=port if is_port(port) else "",
        extension=unquoted(extension),
        expiry=unquoted(expiry),
    )


def _account(text: str) -> tuple[str, str, str, str]:
    """Split `user@domain[:port]:secret:authuser`; with a port there have to be all colons."""
    whole, *rest = text.split(":", 3)
    port = rest.pop(0) if len(rest) == 3 else ""
    secret, authuser = (*map(unquoted, rest), "", "")[:2]
    user, _, domain = whole.partition("@")
    domain = unquoted(domain)
    return unquoted(user), f"{domain}:{port}" if domain and is_port(port) else domain, secret, authuser


def register(shared: Shared, line: Line) -> None:
    """Make the registration of one `register` line, with its credentials."""
    found = parse_register(line.value)
    if found is None:
        shared.ledger.lose(
            line, "this names no user and host; chan_sip reads user:secret:authuser@host:port/extension~expiry"
        )
        return
    id = f"{found.user}@{found.host}"
    if reason := unnameable(id):
        shared.ledger.lose(line, f"no object can have this name: {reason}")
        return
    peer = shared.peers.get(found.peer) or shared.peers.get(found.host)
    host, port = found.host, found.port
    if peer is not None and found.host == peer.name and peer.contact:
        host, port = host_and_port(peer)
    strange = _unknown_transport(found.transport)
    protocol = "udp" if strange else found.transport or "udp"
    shared.needed.setdefault(protocol, line)
    part = shared.part("registration", id, line.section, line.place)
    told = [
        part.add("server_uri", sip_uri(host, port, protocol), line),
        part.add("client_uri", f"sip:{found.user}@{found.domain or bracketed(host)}", line),
        part.add("contact_user", found.extension or _START, line),
        *_credentials(shared, part, found, peer, line),
    ]
    if found.peer and peer is not None:
        told += [part.add("line", "yes", line), part.add("endpoint", peer.name, line)]
    missing = f"there is no peer {found.peer}" if found.peer and peer is None else ""
    other = _other_domain(host, (_from_domain(peer) if peer is not None else "") or found.domain)
    shared.ledger.tell(line, *told, why="; ".join(filter(None, (strange, missing, other))))
    _common(shared, part, found.expiry, peer, line)


def _credentials(shared: Shared, part: Part, found: RegisterLine, peer: Peer | None, line: Line) -> list[str]:
    """Add what the registration proves: the secret of the line, or that of the peer."""
    if found.secret:
        auth = shared.part("auth", part.id, line.section, line.place)
        auth.add("auth_type", "userpass")
        told = [auth.add("username", found.authuser or found.user, line), auth.add("password", found.secret, line)]
        _outbound_auth(shared, part, auth.id)
        return told
    if peer is not None and peer.outbound_auths:
        return [part.add("outbound_auth", ",".join(peer.outbound_auths), line)]
    return []


def _unknown_transport(name: str) -> str:
    return "" if name in ("", *SOCKETS) else f"chan_sip registers over {', '.join(SOCKETS)} alone: {name} is udp"


def call_back(peer: Peer, line: Line) -> None:
    """Make the registration that `callbackextension` of a peer stands for."""
    if not peer.contact:
        peer.ledger.lose(line, "the peer has no address to register at")
        return
    if not line.value.strip():
        peer.ledger.pass_over(line, "it is empty")
        return
    shared = peer.shared
    host = host_and_port(peer)[0]
    domain = _from_domain(peer)
    users = (peer.settings.value(name).strip() for name in ("fromuser", "defaultuser"))
    part = peer.part("registration")
    told = [part.add("server_uri", contact_uri(peer, user=""), line)]
    told.append(part.add("client_uri", f"sip:{next(filter(None, users), peer.name)}@{domain or bracketed(host)}", line))
    told.append(part.add("contact_user", line.value.strip(), line))
    told += [part.add("line", "yes", line), part.add("endpoint", peer.name, line)]
    if peer.outbound_auths:
        told.append(part.add("outbound_auth", ",".join(peer.outbound_auths), line))
    peer.ledger.tell(line, *told, why=_other_domain(host, domain))
    _common(shared, part, "", peer, line)


def _from_domain(peer: Peer) -> str:
    return peer.settings.value("fromdomain").strip()


def _other_domain(host: str, domain: str) -> str:
    """Tell of the request URI: PJSIP sends it where it points to, chan_sip wrote a domain and sent it to the host."""
    if domain in ("", host):
        return ""
    return (
        f"the request URI names {host}, where chan_sip named {domain}: for a provider to whom that matters, "
        f"server_uri=sip:{domain} with outbound_proxy=sip:{bracketed(host)};lr"
    )


def _outbound_auth(shared: Shared, part: Part, own: str) -> None:
    ids = [own]
    for id, line in shared.credentials:
        ids.append(id)
        shared.ledger.tell(line, "registration/outbound_auth")
    part.add("outbound_auth", ",".join(ids))


def _common(shared: Shared, part: Part, expiry: str, peer: Peer | None, line: Line) -> None:
    """Add how often it is tried, for how long it holds, and through what it is sent."""
    if expiry:
        part.add("expiration", expiry, line)
    else:
        _general(shared, part, "expiration", "defaultexpiry", "120", "PJSIP asks for 3600 seconds")
    _general(shared, part, "retry_interval", "registertimeout", "20", "PJSIP waits 60 seconds")
    attempts, text = shared.general.last("registerattempts"), shared.seconds("registerattempts", "0")
    retries = part.add("max_retries", _FOREVER if text == "0" else text, attempts)
    if attempts is None:
        shared.ledger.default("registerattempts", "0", retries, "chan_sip tries forever, PJSIP gives up after 10")
    else:
        shared.ledger.tell(attempts, retries)
    again = part.add("auth_rejection_permanent", "no")
    why = "chan_sip tries anew where its password is rejected, PJSIP gives up"
    shared.ledger.default("(REGISTER rejected)", "tried anew", again, why)
    forbidden = shared.general.last("register_retry_403")
    if forbidden is not None:
        seconds = shared.seconds("registertimeout", "20") if truth(forbidden.value) else "0"
        shared.ledger.tell(forbidden, part.add("forbidden_retry_interval", seconds, forbidden))
    _through(shared, part, peer)


def _general(shared: Shared, part: Part, option: str, name: str, default: str, why: str) -> None:
    line = shared.general.last(name)
    became = part.add(option, shared.seconds(name, default), line)
    if line is None:
        shared.ledger.default(name, default, became, why)
    else:
        shared.ledger.tell(line, became)


def _through(shared: Shared, part: Part, peer: Peer | None) -> None:
    settings = peer.settings if peer is not None else shared.general
    proxy, path = settings.last("outboundproxy"), shared.general.last("supportpath")
    if proxy is not None and (uri := proxy_uri(proxy.value)[0]):
        shared.ledger.tell(proxy, part.add("outbound_proxy", uri, proxy))
    if path is not None and truth(path.value):
        shared.ledger.tell(path, part.add("support_path", "yes", path))
