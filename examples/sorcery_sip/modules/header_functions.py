"""`PJSIP_HEADER` and its like: header fields of a call, for the dialplan."""

from __future__ import annotations

from sorcery_sip.modules.call_headers import CallHeaders, headers_of
from sorcery_sip.modules.chan_pjsip import PjsipTechnology
from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["header_functions"]


def header_functions() -> dict[str, Function]:
    """Return the functions by name: `PJSIP_HEADER`, `PJSIP_HEADERS` and `PJSIP_RESPONSE_HEADER`."""
    return {
        "PJSIP_HEADER": Function(read=_read, write=_write),
        "PJSIP_HEADERS": Function(read=_names),
        "PJSIP_RESPONSE_HEADER": Function(read=_read_answer),
    }


def _read(call: Scope, arguments: str) -> str:
    action, name, number = _arguments(arguments)
    if action != "read":
        raise BadCall("write PJSIP_HEADER(read,NAME) to read, or give it a value with Set")
    return _headers(call).read(name, number)


def _read_answer(call: Scope, arguments: str) -> str:
    action, name, number = _arguments(arguments)
    if action != "read":
        raise BadCall("write PJSIP_RESPONSE_HEADER(read,NAME)")
    return _headers(call).read_answer(name, number)


def _names(call: Scope, prefix: str) -> str:
    return ",".join(_headers(call).names(prefix.strip()))


def _write(call: Scope, arguments: str, value: str) -> None:
    action, name, number = _arguments(arguments)
    headers = _headers(call)
    try:
        if action == "add":
            headers.add(name, value)
        elif action == "update":
            headers.update(name, value, number)
        elif action == "remove":
            headers.remove(name)
        else:
            raise BadCall(f"{action!r} is none of add, update, remove")
    except ValueError as error:
        raise BadCall(str(error)) from error


def _arguments(text: str) -> tuple[str, str, int]:
    action, name, number, *_ = (*split_arguments(text), "", "", "")
    if not name:
        raise BadCall("write the action and the name of a header, as in PJSIP_HEADER(read,X-Name)")
    if number and not (number.isascii() and number.isdigit() and int(number[:5]) > 0):
        raise BadCall(f"{number!r} is not the number of a header; count from 1")
    return action.lower(), name, int(number[:5] or "1")


def _headers(call: Scope) -> CallHeaders:
    technology = None if call.channel is None else call.channel.technology
    if not isinstance(technology, PjsipTechnology):
        raise BadCall("the channel is none of PJSIP")
    return headers_of(technology.session)
