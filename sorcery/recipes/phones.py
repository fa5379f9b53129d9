"""Devices that register: desk phones, softphones, browsers, analogue adapters."""

from __future__ import annotations

from typing import Annotated, Any

from sorcery.errors import InvalidObject
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery.pjsip.kinds.callerid import CallerId
from sorcery.recipes.addresses import require_usable, user_part
from sorcery.recipes.bundle import Bundle
from sorcery.recipes.parameters import (
    Algorithms,
    Codecs,
    Context,
    Group,
    Id,
    Mailbox,
    MaxContacts,
    Nat,
    Number,
    OwnSecret,
    PersonName,
    Qualify,
    TransportName,
)
from sorcery.recipes.passwords import strong_secret
from sorcery.recipes.transports import transport as make_transport

__all__ = ["ata", "phone", "softphone", "webrtc"]

NAT = {"rewrite_contact": True, "rtp_symmetric": True, "force_rport": True}
"""Answer to where a request and a packet came from, whatever they say: what a device behind NAT says is not true."""
DIALLED = frozenset("0123456789*#+")


def phone(
    id: Id,
    *,
    secret: OwnSecret = None,
    context: Context = "internal",
    name: PersonName = "",
    number: Number = "",
    codecs: Codecs = ("g722", "alaw", "ulaw"),
    max_contacts: MaxContacts = 1,
    mailbox: Mailbox = "",
    group: Group = "",
    nat: Nat = True,
    qualify: Qualify = 60,
    algorithms: Algorithms = (),
    transport: TransportName = "",
) -> Bundle:
    """A desk phone that registers, at home or behind NAT."""
    return Bundle(
        _device(
            id,
            _login(id, secret, algorithms),
            _aor(id, max_contacts, qualify),
            **_person(id, name, number, mailbox, group),
            **(NAT if nat else {}),
            context=context,
            allow=",".join(codecs),
            transport=transport,
            send_pai=True,
        )
    )


def softphone(
    id: Id,
    *,
    secret: OwnSecret = None,
    context: Context = "internal",
    name: PersonName = "",
    number: Number = "",
    codecs: Codecs = ("g722", "alaw", "ulaw"),
    max_contacts: MaxContacts = 1,
    mailbox: Mailbox = "",
    group: Group = "",
    qualify: Qualify = 60,
    algorithms: Algorithms = (),
    transport: TransportName = "",
    certificate: Annotated[str, "Certificate file of a new TLS transport, called as TRANSPORT says, or tls."] = "",
    key: Annotated[str, "File of that certificate's private key."] = "",
) -> Bundle:
    """A softphone that speaks TLS and encrypts its media (SRTP), from wherever it is.

    It is reached over the connection that it has opened, so it is always treated as if behind NAT.
    """
    device = _device(
        id,
        _login(id, secret, algorithms),
        _aor(id, max_contacts, qualify),
        **_person(id, name, number, mailbox, group),
        **NAT,
        context=context,
        allow=",".join(codecs),
        transport=transport,
        media_encryption="sdes",
        send_pai=True,
    )
    if not (certificate or key):
        return Bundle(device, protocols=("tls",))
    socket = make_transport(transport or "tls", protocol="tls", certificate=certificate, key=key)
    return Bundle((*socket, *device), protocols=("tls",))


def webrtc(
    id: Id,
    *,
    secret: OwnSecret = None,
    context: Context = "internal",
    name: PersonName = "",
    number: Number = "",
    codecs: Codecs = ("g722", "alaw", "ulaw"),
    max_contacts: MaxContacts = 5,
    mailbox: Mailbox = "",
    group: Group = "",
    qualify: Qualify = 60,
    algorithms: Algorithms = (),
    transport: TransportName = "",
    certificate: Annotated[str, "DTLS certificate file; without one each session makes its own."] = "",
    key: Annotated[str, "File of that certificate's private key."] = "",
) -> Bundle:
    """A browser that speaks SIP over secure WebSockets and WebRTC.

    No opus unless asked for: without the module codec_opus Asterisk cannot turn it into what other phones speak.
    """
    if key and not certificate:
        raise InvalidObject("endpoint", id, "there is a key and no certificate", remedy="name both files, or none")
    dtls = {"dtls_cert_file": certificate, "dtls_private_key": key or certificate}
    device = _device(
        id,
        _login(id, secret, algorithms),
        _aor(id, max_contacts, qualify),
        **_person(id, name, number, mailbox, group),
        **(dtls if certificate else {"dtls_auto_generate_cert": True}),
        context=context,
        allow=",".join(codecs),
        transport=transport,
        webrtc=True,
    )
    return Bundle(device, protocols=("wss", "ws"))


def ata(
    id: Id,
    *,
    secret: OwnSecret = None,
    context: Context = "internal",
    name: PersonName = "",
    number: Number = "",
    codecs: Codecs = ("alaw", "ulaw"),
    mailbox: Mailbox = "",
    group: Group = "",
    fax: Annotated[bool, "Whether calls may turn into T.38, for fax machines."] = True,
    nat: Nat = True,
    qualify: Qualify = 60,
    algorithms: Algorithms = (),
    transport: TransportName = "",
) -> Bundle:
    """One line of an adapter for analogue telephones and fax machines.

    Modems and fax tones survive no codec but G.711, so there is no other.
    """
    t38 = {"t38_udptl": True, "t38_udptl_ec": "redundancy", "t38_udptl_maxdatagram": 400, "t38_udptl_nat": nat}
    return Bundle(
        _device(
            id,
            _login(id, secret, algorithms),
            _aor(id, 1, qualify),
            **_person(id, name, number, mailbox, group),
            **(NAT if nat else {}),
            **(t38 if fax else {}),
            context=context,
            allow=",".join(codecs),
            transport=transport,
        )
    )


def _device(id: str, login: Auth, aor: Aor, **options: Any) -> tuple[Endpoint, Auth, Aor]:
    """Return the three objects of a device: it is known by its name, and its media goes through us."""
    require_usable(id, options["allow"])
    endpoint = Endpoint(id, auth=[id], aors=[id], identify_by=["username"], direct_media=False, **options)
    return endpoint, login, aor


def _login(id: str, secret: OwnSecret, algorithms: Algorithms) -> Auth:
    options: dict[str, Any] = {"supported_algorithms_uas": ",".join(algorithms)} if algorithms else {}
    return Auth(id, username=user_part(id), password=strong_secret() if secret is None else secret, **options)


def _aor(id: str, max_contacts: int, qualify: int) -> Aor:
    """Return where a device registers: one that comes back from elsewhere takes the place of what it was."""
    if max_contacts < 1:
        raise InvalidObject("aor", id, "no device could register", option="max_contacts", remedy="write 1 or more")
    aor = Aor(id, max_contacts=max_contacts, remove_existing=True, qualify_frequency=qualify)
    return aor.evolve(remove_unavailable=True) if max_contacts > 1 and qualify else aor


def _person(id: str, name: str, number: str, mailbox: str, group: str) -> dict[str, Any]:
    """Return the options that tell who somebody is."""
    user = user_part(id)
    shown = CallerId(name, number or (user if DIALLED.issuperset(user) else ""))
    boxes = [box if "@" in box else f"{box}@default" for part in mailbox.split(",") if (box := part.strip())]
    found: dict[str, Any] = {"callerid": shown, "mailboxes": ",".join(boxes)}
    found |= {"named_call_group": group, "named_pickup_group": group}
    return {option: value for option, value in found.items() if value}
