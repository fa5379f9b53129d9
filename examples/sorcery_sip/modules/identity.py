"""Who calls, in the words of SIP: From, P-Asserted-Identity, Remote-Party-ID, Privacy, our Contact.

Values in, values out; `caller_id` says when. RFC 3323, RFC 3325.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import attrs

from sorcery.pjsip import Endpoint, Global
from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.params import NO_PARAMS, Params
from sorcery_sip.message.uri import SipUri, Uri
from sorcery_sip.message.via import bracketed
from sorcery_sip.pbx.party import Party

__all__ = [
    "asserted_party",
    "caller_of",
    "contact_address",
    "from_address",
    "line_of",
    "may_be_told",
    "number_of",
    "own_party",
    "party_of",
    "told_by",
    "user_part",
    "with_identity",
    "with_party",
    "with_user_phone",
]

_DIGITS = re.compile(r"\+?[0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_USER = "-_.!~*'()&=+$,;?/"
"""What may stand unescaped in the user part of a URI, besides letters and digits (RFC 3261 25.1)."""
_ANONYMOUS = "anonymous"
_NOWHERE = "anonymous.invalid"
_LINE_PARAMETERS = ("isup-oli", "ss7-oli", "oli")


def caller_of(request: Request, endpoint: Endpoint) -> Party:
    """Return who calls: an identity that the endpoint is trusted with, its `callerid`, or else From.

    Raises `HeaderError` for a From that cannot be read; other headers that cannot be read are not there.
    """
    party = asserted_party(request) if endpoint.trust_id_inbound else None
    if party is None and endpoint.callerid.number:
        party = Party(endpoint.callerid.number, endpoint.callerid.name, endpoint.callerid_privacy)
    if party is None:
        party = party_of(request.from_).replace(presentation=endpoint.callerid_privacy)
    return attrs.evolve(party, tag=endpoint.callerid_tag) if endpoint.callerid_tag else party


def own_party(endpoint: Endpoint) -> Party:
    """Return who an endpoint is when it is called: its `callerid`."""
    return Party(endpoint.callerid.number, endpoint.callerid.name, endpoint.callerid_privacy, tag=endpoint.callerid_tag)


def asserted_party(message: Request | Response) -> Party | None:
    """Return the party of P-Asserted-Identity, else of Remote-Party-ID; None without either."""
    asserted = _address(message.headers, "P-Asserted-Identity")
    if asserted is not None:
        privacy = message.headers.get("Privacy")
        is_open = privacy is None or privacy.strip().lower() == "none"
        return party_of(asserted).replace(presentation="allowed_not_screened" if is_open else "prohib_not_screened")
    remote = _address(message.headers, "Remote-Party-ID")
    if remote is None:
        return None
    kind = "prohib" if _word(remote.params, "privacy") in ("full", "uri", "name") else "allowed"
    screen = "passed_screen" if _word(remote.params, "screen") == "yes" else "not_screened"
    return party_of(remote).replace(presentation=f"{kind}_{screen}")


def line_of(request: Request) -> int | None:
    """Return the originating line information of From, None without."""
    address = request.from_
    for params in (address.params, getattr(address.uri, "params", NO_PARAMS)):
        for name in _LINE_PARAMETERS:
            value = params.get(name)
            if value is not None and value.isascii() and value.isdigit():
                return int(value[:9])
    return None


def party_of(address: NameAddr) -> Party:
    """Return number and name of an address; the number ends at a semicolon, whose options are the phone's own."""
    return Party(number_of(address.uri), address.display_name)


def number_of(uri: Uri) -> str:
    """Return the number that a URI holds, empty without one."""
    user = (uri.user or "") if isinstance(uri, SipUri) else getattr(uri, "number", "")
    return (unquote(user) if "%" in user else user).partition(";")[0]


def may_be_told(party: Party, endpoint: Endpoint) -> bool:
    """Tell whether the endpoint may learn a party's number; one that is not valid is told to nobody."""
    return party.number_valid and (party.is_allowed or endpoint.trust_id_outbound)


def from_address(endpoint: Endpoint, settings: Global, party: Party, host: str) -> NameAddr:
    """Return From, without tag, of a call to the endpoint: `party` is who calls, `host` our address.

    A party that wants to be nobody is anonymous, save for what `from_user` and `from_domain` say, even to an endpoint
    with `trust_id_outbound`: that one is told by other headers.
    """
    user: str | None = endpoint.from_user
    name = "" if user else _shown_name(party)
    if not party.is_allowed:
        user, name = user or _ANONYMOUS, "Anonymous"
    elif not user:
        user = (user_part(party.number) or None) if party.number_valid else settings.default_from_user
    domain = endpoint.from_domain or (bracketed(host) if party.is_allowed else _NOWHERE)
    return NameAddr(with_user_phone(SipUri(domain, user), endpoint), name)


def contact_address(endpoint: Endpoint, settings: Global, local: Address, party: Party | None = None) -> NameAddr:
    """Return our Contact at the address `local`; `party` is who calls the endpoint, None where the endpoint calls."""
    user = endpoint.contact_user or None
    if user is None and party is not None:
        if settings.use_callerid_contact and party.number_valid:
            user = user_part(party.number) if party.is_allowed or endpoint.trust_id_outbound else _ANONYMOUS
        else:
            user = endpoint.from_user or settings.default_from_user
    return NameAddr(SipUri(bracketed(local.host), user, local.port))


def with_party(address: NameAddr, party: Party) -> NameAddr:
    """Return an address with a party's number and name, without header parameters; a URI of no user is kept."""
    uri = address.uri
    if isinstance(uri, SipUri):
        uri = attrs.evolve(uri, user=user_part(party.number) or None)
    return NameAddr(uri, _shown_name(party))


def with_identity(headers: Headers, base: NameAddr, party: Party, endpoint: Endpoint, *, is_caller: bool) -> Headers:
    """Return headers that tell the endpoint of `party`, as `send_pai` and `send_rpid` say.

    The URIs are those of `base` with the party's number; a header that is there already gets number and name.
    `is_caller` says whether we called.
    """
    if not may_be_told(party, endpoint):
        return headers
    if endpoint.send_pai:
        headers = headers.with_set("P-Asserted-Identity", str(_told(headers, "P-Asserted-Identity", base, party)))
        headers = headers.without("Privacy") if party.is_allowed else headers.with_set("Privacy", "id")
    if endpoint.send_rpid:
        told = _told(headers, "Remote-Party-ID", base, party)
        params = (
            ("party", "calling" if is_caller else "called"),
            ("privacy", "off" if party.is_allowed else "full"),
            ("screen", "yes" if party.presentation.endswith("_passed_screen") else "no"),
        )
        headers = headers.with_set("Remote-Party-ID", str(attrs.evolve(told, params=Params(params))))
    return headers


def told_by(request: Request) -> NameAddr:
    """Return the address that our identity in a request is built on: From, at our own host where it hides that."""
    address, contacts = request.from_, request.contacts
    if isinstance(address.uri, SipUri) and address.uri.host == _NOWHERE and contacts:
        own = contacts[0].uri
        if isinstance(own, SipUri):
            return NameAddr(SipUri(own.host, address.uri.user))
    return address


def with_user_phone(uri: SipUri, endpoint: Endpoint) -> SipUri:
    """Return the URI with `user=phone` where its user is a telephone number and the endpoint wants it."""
    if not endpoint.user_eq_phone or uri.user is None or not _DIGITS.fullmatch(uri.user):
        return uri
    return attrs.evolve(uri, params=uri.params.replace("user", "phone"))


def user_part(text: str) -> str:
    """Return a text as the user part of a URI, with the escapes that it needs."""
    return text if text.isalnum() and text.isascii() else quote(text, safe=_USER, errors="surrogateescape")


def _told(headers: Headers, name: str, base: NameAddr, party: Party) -> NameAddr:
    return with_party(_address(headers, name) or base, party)


def _shown_name(party: Party) -> str:
    """Return the name without what would break a line."""
    return _CONTROL.sub(" ", party.name) if party.name_valid else ""


def _address(headers: Headers, name: str) -> NameAddr | None:
    if name not in headers:
        return None
    try:
        return next(iter(headers.parsed(name, NameAddr.parse)), None)
    except HeaderError:
        return None


def _word(params: Params, name: str) -> str:
    return (params.get(name) or "").strip('"').lower()
