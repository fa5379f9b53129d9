"""Passwords: those that phones prove, and those that this system proves to others."""

from __future__ import annotations

from sorcery.chan_sip.identity import insecurities, is_named
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.peer import Peer, Shared
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import truth

__all__ = ["authenticate", "authentication"]

_DEFAULT_REALM = "asterisk"


def authenticate(peer: Peer) -> None:
    """Make the auth objects of a peer, for calls from it and for calls to it."""
    secret, digest, remote = (peer.settings.last(name) for name in ("secret", "md5secret", "remotesecret"))
    for line in (secret, digest, remote):
        if line is not None and not line.value:
            peer.ledger.pass_over(line, "it is empty")
    inbound = None
    if (digest and digest.value) or (secret and secret.value):
        inbound = _inbound(peer, secret, digest)
    if inbound is None:
        _tell_open(peer)
        if is_named(peer):
            why = f"whoever says to be [{peer.name}] is let in, here as in chan_sip: give it a secret"
            peer.ledger.default("secret", "(none)", "", why)
    if peer.is_called:
        _outbound(peer, inbound, secret, remote)
    for line in (remote, secret, digest):
        if line is not None and not peer.ledger.has(line):
            peer.ledger.lose(line, "there is nobody to prove it to")
    _own_realms(peer)
    if peer.outbound_auths:
        peer.endpoint.add("outbound_auth", ",".join(peer.outbound_auths))


def _inbound(peer: Peer, secret: Line | None, digest: Line | None) -> Part | None:
    """Make what the peer proves; None where its calls are not challenged and it does not register."""
    insecure = peer.settings.last("insecure")
    is_open = insecure is not None and "invite" in insecurities(insecure.value)
    if is_open and peer.contact:
        return None
    part = peer.part("auth")
    part.add("username", peer.name)
    _password(peer, part, secret, digest)
    peer.endpoint.add("auth", part.id)
    if is_open:
        assert insecure is not None
        peer.ledger.tell(
            insecure, "endpoint/auth", why="its calls are challenged as its REGISTER is: PJSIP has one auth for both"
        )
    options = peer.shared.general.last("auth_options_requests")
    if options is not None and truth(options.value):
        peer.ledger.pass_over(options, "as by default in PJSIP")
    else:
        why = "chan_sip answers OPTIONS without a challenge, PJSIP would challenge it"
        peer.put_default("allow_unauthenticated_options", "yes", "auth_options_requests=no", why)
        if options is not None:
            peer.ledger.tell(options, "endpoint/allow_unauthenticated_options=yes")
    return part


def _tell_open(peer: Peer) -> None:
    insecure = peer.settings.last("insecure")
    if insecure is not None and "invite" in insecurities(insecure.value):
        strict = (
            "known by its address alone: by its name anybody could call unchallenged" if peer.role != "peer" else ""
        )
        peer.ledger.tell(insecure, "no endpoint/auth", why=strict if peer.contact else "")


def _password(peer: Peer, part: Part, secret: Line | None, digest: Line | None) -> None:
    if digest is not None and digest.value:
        realm = peer.shared.general.value("realm").strip() or _DEFAULT_REALM
        told = part.add("realm", realm)
        peer.ledger.tell(digest, told, _digest(part, digest.value, digest))
        if secret is not None and secret.value:
            peer.ledger.pass_over(secret, "md5secret goes before it for calls from the peer")
        return
    assert secret is not None
    part.add("auth_type", "userpass")
    peer.ledger.tell(secret, part.add("password", secret.value, secret))


def _digest(part: Part, text: str, line: Line) -> str:
    """Add a digest under the name that the release has for it; its kind has a name that every table takes."""
    digest = text.strip().lower()
    part.add("auth_type", "md5")
    if part.object_type.option("password_digest") is None:
        return part.add("md5_cred", digest, line)
    return part.add("password_digest", f"MD5:{digest}", line)


def _outbound(peer: Peer, inbound: Part | None, secret: Line | None, remote: Line | None) -> None:
    line = remote if remote and remote.value else secret
    texts = (peer.settings.value(name).strip() for name in ("defaultuser", "fromuser"))
    user, name = next(filter(None, texts), peer.name), peer.settings.last("defaultuser")
    if line is None or not line.value:
        if inbound is not None and user == peer.name:
            peer.outbound_auths.append(inbound.id)  # the digest opens challenges of that realm
        return
    if inbound is not None and line is secret and user == inbound.text("username") and inbound.text("password"):
        peer.outbound_auths.append(inbound.id)
        if name is not None and name.value.strip() == user:
            peer.ledger.tell(name, inbound.told("username", user))
        return
    part = peer.part("auth", f"{peer.name}-out")
    part.add("auth_type", "userpass")
    told = part.add("username", user, name)
    if name is not None and name.value.strip() == user:
        peer.ledger.tell(name, told)
    peer.ledger.tell(line, part.add("password", line.value, line))
    peer.outbound_auths.append(part.id)


def _own_realms(peer: Peer) -> None:
    for number, line in enumerate(peer.settings.all("auth"), 1):
        part = peer.part("auth", f"{peer.name}-realm{number}")
        if _realm(peer.shared, part, line):
            peer.outbound_auths.append(part.id)
    if peer.contact:
        for id, line in peer.shared.credentials:
            peer.outbound_auths.append(id)
            peer.ledger.tell(line, "endpoint/outbound_auth")


def authentication(shared: Shared, lines: tuple[Line, ...]) -> None:
    """Make an auth object of each line of `[authentication]`, for the peers that have an address."""
    for number, line in enumerate(lines, 1):
        part = shared.part("auth", f"authentication-{number}", line.section, line.place)
        if _realm(shared, part, line):
            shared.credentials.append((part.id, line))


def _realm(shared: Shared, part: Part, line: Line) -> bool:
    """Fill an auth object from `user:secret@realm` or `user#md5secret@realm`; False if it is neither: there is none."""
    account, _, realm = line.value.strip().rpartition("@")
    mark = ":" if ":" in account else "#"
    user, _, secret = account.partition(mark)
    if not user or not secret or not realm:
        shared.parts.remove(part)
        shared.ledger.lose(line, "this is neither user:secret@realm nor user#md5secret@realm")
        return False
    told = [part.add("username", user, line), part.add("realm", realm.strip(), line)]
    if mark == "#":
        told.append(_digest(part, secret, line))
    else:
        part.add("auth_type", "userpass")
        told.append(part.add("password", secret, line))
    shared.ledger.tell(line, *told)
    return True
