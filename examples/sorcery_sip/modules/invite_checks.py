"""What an INVITE outside a dialog has to be, before anybody looks for whom it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sorcery.pjsip import Endpoint
from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.messages import Request
from sorcery_sip.message.multipart import Part, parts, sdp_of
from sorcery_sip.message.simple import number_or_none
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import PASS, Decision, Fields, refuse

__all__ = ["ACCEPT", "check_invite", "check_parts", "warning"]

ACCEPT = "application/sdp, multipart/mixed, multipart/alternative, multipart/related"
"""The types of bodies that an INVITE may have."""

_MULTIPART = ("multipart/mixed", "multipart/alternative", "multipart/related")
_NEEDS = ("required", "always")
_AGENT = "pbx"


def check_invite(request: Request, endpoint: Endpoint, read_sdp: Callable[[bytes], object]) -> Decision:
    """Return `PASS`, or the refusal by the first check that fails, in Asterisk's order; `check_parts` comes later.

    `read_sdp` raises `ParseError` for a session description that is none. Raises `HeaderError`.
    """
    for refusal in (
        _contact(request),
        _security(request),
        _body(request, read_sdp),
        _extensions(request, endpoint),
        _session_timer(request, endpoint),
    ):
        if refusal is not PASS:
            return refusal
    return PASS


def warning(text: str, code: int = 399) -> Fields:
    """Return a Warning header field with `text`, from a server that does not tell its name (RFC 3261 20.43)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (("Warning", f'{code} {_AGENT} "{escaped if escaped.isprintable() else "unreadable"}"'),)


def _contact(request: Request) -> Decision:
    if request.has_wildcard_contact or not request.contacts or not isinstance(request.contacts[0].uri, SipUri):
        return refuse(400, "session: the first Contact is no target", warning("Bad Contact"))
    return PASS


def _security(request: Request) -> Decision:
    """A call to a `sips:` URI has to stay secure all the way (RFC 3261 12.1.1)."""
    if request.uri.scheme.lower() != "sips":
        return PASS
    target = (request.addresses("Record-Route") or request.contacts)[0].uri
    if target.scheme.lower() != "sips":
        return refuse(480, "session: Request-URI is sips:, but the nearest Record-Route or Contact is not")
    return PASS


def _body(request: Request, read_sdp: Callable[[bytes], object]) -> Decision:
    if not request.body:
        return PASS
    sdp = sdp_of(request)
    if sdp is None:
        essence = _essence(request)
        if essence in _MULTIPART:
            return PASS
        return refuse(415, f"session: a body of type {essence!r}; it has to be SDP", (("Accept", ACCEPT),))
    try:
        read_sdp(sdp)
    except ParseError as error:
        return refuse(400, f"session: SDP: {error.reason}", warning(f"Bad SDP: {error.reason}"))
    return PASS


def _essence(request: Request) -> str:
    try:
        found = request.content_type
    except HeaderError:
        return request.headers.get("Content-Type") or ""
    return found.essence if found is not None else ""


def _extensions(request: Request, endpoint: Endpoint) -> Decision:
    """Compare the extensions of SIP that each side insists on with those the other side has (RFC 3261 8.2.2.3)."""
    known = _known(endpoint)
    required = request.headers.elements("Require")
    unknown = [name for name in required if name.lower() not in known]
    if unknown:
        names = ", ".join(unknown)
        return refuse(420, f"session: Require: {names}", (("Unsupported", names),))
    missing = [
        name for name in _wanted(endpoint) if name not in request.tokens("Supported") | request.tokens("Require")
    ]
    if missing:
        names = ", ".join(missing)
        return refuse(421, f"session: 100rel or timers of the endpoint need {names}", (("Require", names),))
    return PASS


def _known(endpoint: Endpoint) -> frozenset[str]:
    return frozenset(
        name for name, option in (("100rel", endpoint.rel100), ("timer", endpoint.timers)) if option != "no"
    ) | {"histinfo"}


def _wanted(endpoint: Endpoint) -> Iterable[str]:
    if endpoint.rel100 == "required":
        yield "100rel"
    if endpoint.timers in _NEEDS:
        yield "timer"


def _session_timer(request: Request, endpoint: Endpoint) -> Decision:
    text = request.headers.get("Session-Expires")
    if text is None or endpoint.timers == "no":
        return PASS
    interval = number_or_none(text.partition(";")[0].strip())
    if interval is None:
        raise HeaderError("Session-Expires", text, "write a number of seconds")
    if interval >= endpoint.timers_min_se:
        return PASS
    minimum = str(endpoint.timers_min_se)
    return refuse(422, f"session: Session-Expires {interval} is below timers_min_se {minimum}", (("Min-SE", minimum),))


def check_parts(request: Request) -> Decision:
    """Return `PASS`, or the refusal of a part that has to be understood, and is not. Raises `HeaderError`."""
    found = request.content_type if b"--" in request.body else None
    if found is None:
        return PASS
    part = next((each for each in parts(found, request.body) if _is_demanded(each)), None)
    if part is None:
        return PASS
    return refuse(415, f"session: a part of type {part.essence!r} with handling=required", (("Accept", ACCEPT),))


def _is_demanded(part: Part) -> bool:
    return part.is_required and part.essence != "application/sdp"
