"""Registrations of this system at others: `register` lines, and peers with `callbackextension`."""

from __future__ import annotations

import re

import attrs

from sorcery.chan_sip.identity import bracketed, contact_uri, host_and_port, proxy_uri
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.peer import PROTOCOLS, Peer, Shared
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import truth
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
    """Take a `register` line apart; None if it names no user or no host."""
    head = _HEAD.match(text.strip())
    assert head is not None
    account, _, where = head["rest"].rpartition("@")
    where, _, expiry = where.partition("~")
    where, _, extension = where.partition("/")
    host, port = split_host_port(where.strip())
    user, domain, secret, authuser = _account(account)
    if not host or not user:
        return None
    transport = (head["transport"] or "").lower()
    if transport and transport not in PROTOCOLS:
        return None
    return RegisterLine(
        user, host, head["peer"] or "", transport, domain, secret, authuser, port, extension.strip(), expiry.strip()
    )


def _account(text: str) -> tuple[str, str, str, str]:
    """Split `user@domain:secret:authuser`; a secret may hold @, a domain that has a port needs both colons."""
    user, _, rest = text.partition(":")
    name, at, domain = user.partition("@")
    if not at:
        secret, _, authuser = rest.rpartition(":") if ":" in rest else (rest, "", "")
        return name, "", secret, authuser
    pieces = rest.split(":")
    if pieces[0].isdigit() and len(pieces) > 2:  # the port of the domain
        return name, f"{domain}:{pieces[0]}", ":".join(pieces[1:-1]), pieces[-1]
    secret, _, authuser = rest.rpartition(":") if ":" in rest else (rest, "", "")
    return name, domain, secret, authuser


def register(shared: Shared, line: Line) -> None:
    """Make the registration of one `register` line, with its credentials."""
    found = parse_register(line.value)
    if found is None:
        shared.ledger.lose(
            line, "this names no user and host; chan_sip reads user:secret:authuser@host:port/extension~expiry"
        )
        return
    peer = shared.peers.get(found.peer) or shared.peers.get(found.host)
    host, port = (found.host, found.port)
    if peer is not None and found.host == peer.name and peer.contact:
        host, port = host_and_port(peer)
    protocol = found.transport or "udp"
    shared.needed.setdefault(protocol, line)
    server = f"sip:{bracketed(host)}{f':{port}' if port else ''}" + (
        f";transport={protocol}" if protocol != "udp" else ""
    )
    part = shared.part("registration", f"{found.user}@{found.host}", line.section, line.place)
    told = [part.add("server_uri", server, line)]
    told.append(part.add("client_uri", f"sip:{found.user}@{found.domain or bracketed(host)}", line))
    told.append(part.add("contact_user", found.extension or _START, line))
    if found.secret:
        auth = shared.part("auth", part.id, line.section, line.place)
        auth.add("auth_type", "userpass")
        told.append(auth.add("username", found.authuser or found.user, line))
        told.append(auth.add("password", found.secret, line))
        _outbound_auth(shared, part, auth.id)
    elif peer is not None and peer.outbound_auths:
        told.append(part.add("outbound_auth", ",".join(peer.outbound_auths), line))
    why = ""
    if found.peer and peer is not None:
        told += [part.add("line", "yes", line), part.add("endpoint", peer.name, line)]
    elif found.peer:
        why = f"there is no peer {found.peer}"
    shared.ledger.tell(line, *told, why=why)
    _common(shared, part, found.expiry, peer, line)


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
    domain = peer.settings.value("fromdomain").strip() or bracketed(host)
    users = (peer.settings.value(name).strip() for name in ("fromuser", "defaultuser"))
    part = peer.part("registration")
    told = [part.add("server_uri", contact_uri(peer, user=""), line)]
    told.append(part.add("client_uri", f"sip:{next(filter(None, users), peer.name)}@{domain}", line))
    told.append(part.add("contact_user", line.value.strip(), line))
    told += [part.add("line", "yes", line), part.add("endpoint", peer.name, line)]
    if peer.outbound_auths:
        told.append(part.add("outbound_auth", ",".join(peer.outbound_auths), line))
    peer.ledger.tell(line, *told)
    _common(shared, part, "", peer, line)


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
    forbidden = shared.general.last("register_retry_403")
    if forbidden is not None:
        again = truth(forbidden.value)
        seconds = shared.seconds("registertimeout", "20") if again else "0"
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
