"""What concerns the whole system: `[global]`, `[system]`, gates for Contact addresses, and callers nobody knows."""

from __future__ import annotations

from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.peer import Shared, apply_direct
from sorcery.chan_sip.words import is_off, listed, truth

__all__ = ["admits_guests", "whole"]

_ALWAYS = {
    "alwaysauthreject": "PJSIP answers strangers as it answers wrong passwords",
    "srvlookup": "PJSIP looks names up by NAPTR and SRV",
    "allowexternaldomains": "PJSIP serves every domain",
    "allowexternalinvites": "PJSIP serves every domain",
    "pedantic": "PJSIP keeps to the standard",
    "notifyhold": "PJSIP tells of calls on hold",
    "subscribe_network_change_event": "PJSIP registers anew when res_stun_monitor sees another address",
    "notifycid": "PJSIP names the caller to lamps of phones that ring",
    "auth_message_requests": "PJSIP challenges MESSAGE as it does INVITE",
    "accept_outofcall_message": "PJSIP passes MESSAGE to the dialplan, where an empty `message_context` stops it",
}
_UNWRITTEN = {
    ("(names)", "any case"): "PJSIP tells upper from lower case: phones register by the name as it is written",
    ("(PRACK)", "none"): "PJSIP offers reliable provisional answers; 100rel=no on an endpoint takes that back",
    ("recordonfeature", "automon"): "PJSIP records on INFO only with one_touch_recording=yes on the endpoint",
    ("notifycid", "no"): "PJSIP names the caller to lamps of phones that ring",
    ("shrinkcallerid", "yes"): "PJSIP takes numbers as callers write them, with blanks and hyphens",
    ("use_q850_reason", "no"): "PJSIP sends Reason headers; suppress_q850_reason_headers=yes takes that back",
    ("sdpsession", "Asterisk PBX"): "PJSIP writes the session name Asterisk, and - for the owner root",
}
"""Defaults that differ and are told only: what PJSIP does is harmless, or better."""
_ORDER = "username,ip,anonymous"
_ORDER_BY_AUTH = "auth_username,username,ip,anonymous"


def admits_guests(shared: Shared) -> bool:
    """Tell whether callers that nobody knows are let in, as chan_sip does unless told not to."""
    line = shared.general.last("allowguest")
    return line is None or truth(line.value)


def whole(shared: Shared) -> None:
    """Make the objects of the system, of the lines of `[general]` that are about no peer."""
    made = {"global": shared.own_part("global", "global", "general")}
    for option, line in shared.general.direct():
        type_name = option.target.partition("/")[0]
        if type_name in ("global", "system", "acl"):
            part = made.get(type_name) or made.setdefault(
                type_name, shared.own_part(type_name, _ID[type_name], "general")
            )
            apply_direct(option, line, part, shared.ledger)
    _order(shared, made["global"])
    _voicemail(shared, made["global"])
    _always(shared)
    for (name, value), why in _UNWRITTEN.items():
        if not shared.general.names(name):
            shared.ledger.default(name, value, "", why)
    _domains(shared)


_ID = {"system": "system", "acl": "contacts"}


def _order(shared: Shared, part: Part) -> None:
    """Look for the user of From first, as chan_sip does."""
    match = shared.general.last("match_auth_username")
    by_auth = match is not None and truth(match.value)
    told = part.add("endpoint_identifier_order", _ORDER_BY_AUTH if by_auth else _ORDER, match)
    if match is not None:
        shared.ledger.tell(match, told)
    why = "chan_sip looks for the user of From first, PJSIP for the source address"
    shared.ledger.default("(identification)", "user, then address", told, why)


def _voicemail(shared: Shared, part: Part) -> None:
    """Keep the extension that chan_sip names as that of all mailboxes."""
    if shared.general.last("vmexten") is None:
        told = part.add("default_voicemail_extension", "asterisk")
        shared.ledger.default("vmexten", "asterisk", told, "PJSIP names none")


def _always(shared: Shared) -> None:
    for name, what in _ALWAYS.items():
        line = shared.general.last(name)
        if line is None:
            continue
        if not is_off(line.value):
            shared.ledger.pass_over(line, f"{what}: always")
        else:
            shared.ledger.tell(line, why=f"{what}: it cannot be switched off")


def _domains(shared: Shared) -> None:
    for line in shared.general.all("domain"):
        if len(listed(line.value)) > 1:
            shared.ledger.lose(line, "PJSIP has no context for a domain; the context of the endpoint counts")
        else:
            shared.ledger.pass_over(line, "PJSIP serves every domain")
