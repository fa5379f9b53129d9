"""Who calls, who is connected, and who passed the call on."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.arguments import split_arguments, unquoted
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import Indication

__all__ = ["PARTIES"]

PRESENTATIONS = (
    *("allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "allowed"),
    *("prohib_not_screened", "prohib_passed_screen", "prohib_failed_screen", "prohib", "unavailable"),
)
REASONS = {
    "away": "away",
    "cf_dte": "cf_dte",
    "cfb": "user-busy",
    "cfnr": "no-answer",
    "cfu": "unconditional",
    "deflection": "deflection",
    "dnd": "do-not-disturb",
    "follow_me": "follow-me",
    "out_of_order": "out-of-service",
    "send_to_vm": "send_to_vm",
    "time_of_day": "time-of-day",
    "unavailable": "unavailable",
    "unknown": "unknown",
}
"""The names of the dialplan, and what `Redirecting.reason` has for them."""

_BOTH = re.compile(r"(?P<name>.*?)\s*<(?P<number>[^>]*)>\s*", re.DOTALL)
_NUMBER = re.compile(r"[0-9*#+()./\s-]+", re.ASCII)


def _channel(scope: Scope) -> Channel:
    if scope.channel is None:
        raise BadCall("there is no channel")
    return scope.channel


def _item(arguments: str) -> tuple[str, list[str]]:
    first, *others = split_arguments(arguments) or [""]
    return first.strip().lower(), others


def _read_party(party: Party, item: str) -> str:
    number = party.number if party.number_valid else ""
    name = party.name if party.name_valid else ""
    match item:
        case "num" | "number":
            return number
        case "name":
            return name
        case "all":
            return f'"{name}" <{number}>'
        case "num-valid":
            return str(int(party.number_valid))
        case "name-valid":
            return str(int(party.name_valid))
        case "pres" | "num-pres" | "name-pres":
            return party.presentation
        case "tag":
            return ""
    raise BadCall(f"{item!r} is no part of a party: write num, name, all, pres, num-valid or name-valid")


def _written(party: Party, item: str, value: str) -> Party:
    """Return the party with one part changed; what is set is valid, even if it is empty."""
    match item:
        case "num" | "number":
            return party.replace(number=value.strip(), number_valid=True)
        case "name":
            return party.replace(name=value.strip(), name_valid=True)
        case "all":
            name, number = _split(value)
            return party.replace(name=name, number=number, name_valid=True, number_valid=True)
        case "num-valid":
            return attrs.evolve(party, number_valid=value.strip() not in ("", "0", "no"))
        case "name-valid":
            return attrs.evolve(party, name_valid=value.strip() not in ("", "0", "no"))
        case "pres" | "num-pres" | "name-pres":
            if value.strip() not in PRESENTATIONS:
                raise BadCall(f"{value!r} is no presentation: write one of {', '.join(PRESENTATIONS)}")
            return attrs.evolve(party, presentation=value.strip())
    raise BadCall(f"{item!r} cannot be set: write num, name, all, pres, num-valid or name-valid")


def _split(text: str) -> tuple[str, str]:
    """Split `"name" <number>`; alone, what looks like a number is one."""
    found = _BOTH.fullmatch(text.strip())
    if found is not None:
        return unquoted(found["name"]), found["number"].strip()
    if _NUMBER.fullmatch(text):
        return "", "".join(char for char in text if char not in "() -.")
    return unquoted(text.strip()), ""


def _caller_id(scope: Scope, arguments: str) -> str:
    channel, (item, _) = _channel(scope), _item(arguments)
    match item:
        case "dnid":
            return channel.dialed
        case "rdnis":
            return channel.redirecting.from_.number
    return _read_party(channel.caller, item.removeprefix("ani-") if item != "ani" else "num")


def _set_caller_id(scope: Scope, arguments: str, value: str) -> None:
    channel, (item, _) = _channel(scope), _item(arguments)
    if item == "dnid":
        channel.dialed = value
    elif item == "rdnis":
        channel.redirecting = attrs.evolve(channel.redirecting, from_=channel.redirecting.from_.replace(number=value))
    else:
        channel.caller = _written(channel.caller, item, value)


def _connected_line(scope: Scope, arguments: str) -> str:
    return _read_party(_channel(scope).connected, _item(arguments)[0])


def _set_connected_line(scope: Scope, arguments: str, value: str) -> None:
    channel, (item, options) = _channel(scope), _item(arguments)
    party = _written(channel.connected, item, value)
    if "i" in options:  # more is to come before the peer is told
        channel.connected = party
    else:
        channel.connect_line(party)


def _redirecting(scope: Scope, arguments: str) -> str:
    redirecting, (item, _) = _channel(scope).redirecting, _item(arguments)
    if item == "count":
        return str(redirecting.count)
    if item == "reason":
        names = (name for name, token in REASONS.items() if token == redirecting.reason)
        return next(names, redirecting.reason)
    side, dash, part = item.partition("-")
    if not dash or side not in ("from", "to"):
        raise BadCall(f"{item!r} is nothing of a redirection: write from-num, from-name, to-num, reason or count")
    return _read_party(redirecting.from_ if side == "from" else redirecting.to, part)


def _set_redirecting(scope: Scope, arguments: str, value: str) -> None:
    channel, (item, options) = _channel(scope), _item(arguments)
    redirecting = channel.redirecting
    side, _, part = item.partition("-")
    match side:
        case "count" if value.strip().isdecimal():
            redirecting = attrs.evolve(redirecting, count=int(value))
        case "reason":
            redirecting = attrs.evolve(redirecting, reason=REASONS.get(value.strip(), value.strip()))
        case "from":
            redirecting = attrs.evolve(redirecting, from_=_written(redirecting.from_, part, value))
        case "to":
            redirecting = attrs.evolve(redirecting, to=_written(redirecting.to, part, value))
        case _:
            raise BadCall(f"{item!r} cannot be set to {value!r}: write from-num, from-name, to-num, reason or count")
    channel.redirecting = redirecting
    if "i" not in options:
        channel.indicate(Indication.REDIRECTING, redirecting)


PARTIES: Mapping[str, Function] = {
    "CALLERID": Function(_caller_id, _set_caller_id),
    "CONNECTEDLINE": Function(_connected_line, _set_connected_line),
    "REDIRECTING": Function(_redirecting, _set_redirecting),
}
