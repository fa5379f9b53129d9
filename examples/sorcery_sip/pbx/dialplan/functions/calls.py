"""The call itself: its channel, its subroutines, its time limits, what went wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.execution import Execution
from sorcery_sip.pbx.dialplan.functions.strings import exactly
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["CALLS"]

_ITEMS: Mapping[str, Callable[[Channel], str]] = {
    "accountcode": lambda channel: channel.account,
    "amaflags": lambda channel: "3",
    "channeltype": lambda channel: channel.technology.name,
    "context": lambda channel: channel.context,
    "exten": lambda channel: channel.exten,
    "language": lambda channel: channel.language,
    "linkedid": lambda channel: channel.id,
    "max_forwards": lambda channel: str(channel.max_forwards),
    "name": lambda channel: channel.name,
    "state": lambda channel: channel.state.value,
    "uniqueid": lambda channel: channel.id,
}


def _execution(scope: Scope) -> Execution:
    if not isinstance(scope, Execution):
        raise BadCall("there is no channel")
    return scope


def _channel(scope: Scope, arguments: str) -> str:
    channel = _execution(scope).channel
    item = _ITEMS.get(arguments.strip().lower())
    if item is not None:
        return item(channel)
    value = channel.technology.read_variable(arguments)
    if value is None:
        raise BadCall(f"{arguments!r} is nothing that is known of a {channel.technology.name} channel")
    return value


def _set_channel(scope: Scope, arguments: str, value: str) -> None:
    call = _execution(scope)
    channel = call.channel
    match arguments.strip().lower():
        case "hangup_handler_push":
            call.hangup_handlers.append(value)
        case "hangup_handler_pop":
            call.hangup_handlers[-1:] = []
        case "hangup_handler_wipe":
            call.hangup_handlers = [value] if value else []
        case "language":
            channel.language = value
        case "accountcode":
            channel.account = value
        case "max_forwards" if value.isdecimal():
            channel.max_forwards = int(value)
        case _:
            raise BadCall(
                "what can be set are language, accountcode, max_forwards and hangup_handler_push, _pop, _wipe"
            )


def _local(scope: Scope, name: str) -> str:
    """Return a variable of the subroutine itself."""
    frames = _execution(scope).frames
    return scope.get(name) if frames and name in frames[-1].saved else ""


def _set_local(scope: Scope, name: str, value: str) -> None:
    _execution(scope).set_local(name, value)


def _stack_peek(scope: Scope, arguments: str) -> str:
    number, what = exactly(arguments, 2, 2, "STACK_PEEK(number,c|e|l|p)")
    frames = _execution(scope).frames
    if not number.isdecimal() or not 1 <= int(number) <= len(frames):
        raise BadCall(f"{number!r} is no subroutine: {len(frames)} are within each other")
    frame = frames[-int(number)]
    parts = {"c": frame.context, "e": frame.exten, "p": str(frame.priority - 1)}
    parts["l"] = f"{parts['c']},{parts['e']},{parts['p']}"
    if what[:1].lower() not in parts:
        raise BadCall(f"{what!r} is no part of a place: write c, e, p or l")
    return parts[what[:1].lower()]


def _exception(scope: Scope, item: str) -> str:
    exception = _execution(scope).exception
    if exception is None:
        return ""
    parts = dict(zip(("reason", "context", "exten", "priority"), map(str, exception), strict=True))
    if item.lower() not in parts:
        raise BadCall("write EXCEPTION(reason), (context), (exten) or (priority)")
    return parts[item.lower()]


def _timeout(scope: Scope, item: str) -> str:
    call = _execution(scope)
    match item.lower():
        case "digit":
            return f"{call.digit_timeout:.3f}"
        case "response":
            return f"{call.response_timeout:.3f}"
        case "absolute":
            left = call.seconds_left
            return f"{left:.3f}" if left else "0"
    raise BadCall("write TIMEOUT(digit), (response) or (absolute)")


def _set_timeout(scope: Scope, item: str, value: str) -> None:
    call = _execution(scope)
    try:
        seconds = max(float(value), 0.0)
    except ValueError:
        raise BadCall("a time is a number of seconds") from None
    match item.lower():
        case "digit":
            call.digit_timeout = seconds
        case "response":
            call.response_timeout = seconds
        case "absolute":
            call.limit(seconds)
        case _:
            raise BadCall("write TIMEOUT(digit), (response) or (absolute)")


CALLS: Mapping[str, Function] = {
    "CHANNEL": Function(_channel, _set_channel),
    "EXCEPTION": Function(_exception),
    "LOCAL": Function(_local, _set_local),
    "STACK_PEEK": Function(_stack_peek),
    "TIMEOUT": Function(_timeout, _set_timeout),
}
