"""Other systems that calls come from and go to: carriers, and PBXs of one's own."""

from __future__ import annotations

from typing import Annotated, Any

from sorcery.errors import InvalidObject
from sorcery.pjsip import Aor, Auth, Endpoint, Identify, Registration
from sorcery.recipes.addresses import peers, require_usable
from sorcery.recipes.bundle import Bundle
from sorcery.recipes.parameters import Codecs, Id, Protocol, Qualify, TransportName, TrunkContext, Trusted
from sorcery.secret import Secret

__all__ = ["registered_trunk", "trunk"]

NEVER_GIVES_UP = 10_000
"""Retries of a registration, a week of them: after the default of ten, a trunk stays dead when its carrier is back."""
RETRY, REFUSED_RETRY = 60, 600
"""Seconds to the next try: after no answer, and after one that says no, which is often wrong for a while."""
TRUST = {"trust_id_inbound": True, "trust_id_outbound": True, "send_pai": True}
"""P-Asserted-Identity in both directions; callers who hide their number stay hidden, and the carrier knows them."""

Match = Annotated[tuple[str, ...], "Networks and hosts that its calls come from, besides those named."]
Proxy = Annotated[str, "Proxy that everything for it goes through: host, host:port or a SIP URI."]


def trunk(
    id: Id,
    *,
    hosts: Annotated[tuple[str, ...], "Its hosts, as host or host:port; calls go to the first that answers."],
    match: Match = (),
    username: Annotated[str, "User name that its challenges are answered with; the id unless given."] = "",
    secret: Annotated[Secret | None, "Password that its challenges are answered with."] = None,
    inbound_secret: Annotated[Secret | None, "Password that its own calls have to know, as user ID."] = None,
    from_user: Annotated[str, "User that all calls to it come from, where it wants that."] = "",
    from_domain: Annotated[str, "Domain that all calls to it come from, where it wants that."] = "",
    context: TrunkContext = "from-trunk",
    codecs: Codecs = ("alaw", "ulaw"),
    protocol: Protocol = "udp",
    trusted: Trusted = True,
    qualify: Qualify = 60,
    transport: TransportName = "",
    proxy: Proxy = "",
) -> Bundle:
    """A trunk to a system that is known by its address.

    Nobody else is taken for it, whatever name he gives. Host names are looked up in DNS, which blocks.
    """
    if username and secret is None:
        raise InvalidObject("auth", id, "there is a user name and no password", remedy="give secret too")
    found = peers(id, hosts)
    outbound = _answers(id, username or id, secret) if secret is not None else ()
    inbound = () if inbound_secret is None else (Auth(f"{id}-iauth", username=id, password=inbound_secret),)
    endpoint = _endpoint(
        id,
        context,
        codecs,
        protocol,
        trusted,
        transport=transport,
        outbound_proxy=_route(id, proxy, protocol),
        from_user=from_user,
        from_domain=from_domain,
        auth=[each.id for each in inbound],
        outbound_auth=[each.id for each in outbound],
    )
    contacts = [peer.uri(protocol=protocol) for peer in found]
    aor = Aor(id, contact=contacts, qualify_frequency=qualify, outbound_proxy=_route(id, proxy, protocol))
    identify = Identify(id, endpoint=id, match=_sources([peer.host for peer in found], match))
    return Bundle((endpoint, *inbound, *outbound, aor, identify), protocols=_named(protocol))


def registered_trunk(
    id: Id,
    *,
    server: Annotated[str, "Where to register, as host or host:port."],
    username: Annotated[str, "User that it is known as over there."],
    secret: Annotated[Secret, "Its password over there."],
    auth_username: Annotated[str, "User name for challenges, where that is another."] = "",
    domain: Annotated[str, "Domain of its address, where that is not the server's host."] = "",
    contact_user: Annotated[str, "Extension that its calls come in for; the user name unless given."] = "",
    match: Match = (),
    context: TrunkContext = "from-trunk",
    codecs: Codecs = ("alaw", "ulaw"),
    protocol: Protocol = "udp",
    trusted: Trusted = True,
    qualify: Qualify = 60,
    transport: TransportName = "",
    proxy: Proxy = "",
) -> Bundle:
    """A trunk that registers at a carrier, or at another PBX.

    Its calls are known by a token in the contact that was registered (`line`). Name what they come from with `match`
    where a carrier loses that.
    """
    (peer,) = peers(id, [server])
    route, login = _route(id, proxy, protocol), _answers(id, auth_username or username, secret)
    registration = Registration(
        id,
        server_uri=peer.uri(protocol=protocol),
        client_uri=f"sip:{username}@{domain or peer.bracketed}",
        contact_user=contact_user or username,
        transport=transport,
        outbound_proxy=route,
        outbound_auth=[each.id for each in login],
        retry_interval=RETRY,
        forbidden_retry_interval=REFUSED_RETRY,
        fatal_retry_interval=REFUSED_RETRY,
        max_retries=NEVER_GIVES_UP,
        auth_rejection_permanent=False,
        line=True,
        endpoint=id,
    )
    endpoint = _endpoint(
        id,
        context,
        codecs,
        protocol,
        trusted,
        transport=transport,
        outbound_proxy=route,
        from_user=username,
        from_domain=domain or peer.bracketed,
        outbound_auth=[each.id for each in login],
    )
    aor = Aor(id, contact=[peer.uri(protocol=protocol)], qualify_frequency=qualify, outbound_proxy=route)
    identify = (Identify(id, endpoint=id, match=_sources((), match)),) if match else ()
    return Bundle((endpoint, *login, aor, registration, *identify), protocols=_named(protocol))


def _endpoint(id: str, context: str, codecs: tuple[str, ...], protocol: str, trusted: bool, **options: Any) -> Endpoint:
    """Return the endpoint of a trunk: known by address alone, for whoever may claim a name need not prove it."""
    require_usable(id, codecs)
    given: dict[str, Any] = dict(TRUST) if trusted else {}
    if protocol == "tls":
        given["media_encryption"] = "sdes"
    return Endpoint(
        id,
        context=context,
        allow=",".join(codecs),
        aors=[id],
        identify_by=["ip"],
        direct_media=False,
        **given,
        **options,
    )


def _answers(id: str, username: str, secret: Secret) -> tuple[Auth, ...]:
    return (Auth(f"{id}-oauth", username=username, password=secret),)


def _route(id: str, proxy: str, protocol: str) -> str:
    """Return the URI of a proxy that routes loosely, as RFC 3261 wants it."""
    if not proxy or proxy.lower().startswith(("sip:", "sips:")):
        return proxy
    (peer,) = peers(id, [proxy])
    return f"{peer.uri(protocol=protocol)};lr"


def _sources(hosts: list[str] | tuple[str, ...], match: tuple[str, ...]) -> str:
    return ",".join(dict.fromkeys((*hosts, *match)))


def _named(protocol: str) -> tuple[str, ...]:
    return ("tls",) if protocol == "tls" else ()
