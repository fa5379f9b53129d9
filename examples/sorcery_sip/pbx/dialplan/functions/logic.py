"""Conditions and what there is: a value, a place in the dialplan."""

from __future__ import annotations

from collections.abc import Mapping

from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.conditions import is_true
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope
from sorcery_sip.pbx.dialplan.times import BadTimes, parse_times

__all__ = ["LOGIC"]


def _if(scope: Scope, arguments: str) -> str:
    condition, question, _ = arguments.partition("?")
    if not question or not condition:
        raise BadCall("write IF(condition?yes[:no])")
    return _choice(arguments, is_true(condition.strip()))


def _if_time(scope: Scope, arguments: str) -> str:
    times, question, _ = arguments.partition("?")
    if not question:
        raise BadCall("write IFTIME(times,weekdays,days,months[,zone]?yes[:no])")
    try:
        return _choice(arguments, parse_times(times).holds(scope.world.now()))
    except BadTimes as error:
        raise BadCall(str(error)) from None


def _choice(arguments: str, yes: bool) -> str:
    found = [*split_arguments(arguments.partition("?")[2], 2, separator=":"), "", ""]
    return found[0 if yes else 1].strip()


def _set(scope: Scope, arguments: str) -> str:
    name, equals, value = arguments.partition("=")
    if not equals:
        raise BadCall("write SET(variable=value)")
    scope.set(name.strip(), value)
    return value


def _dialplan_exists(scope: Scope, arguments: str) -> str:
    """Tell whether there is a context, an extension in it, a priority or label of that."""
    context, exten, priority = [*split_arguments(arguments, 3), "", "", ""][:3]
    if not exten:
        return str(int(context in scope.world.dialplan().contexts))
    candidates = scope.candidates(context, exten)
    if not priority:
        return str(int(candidates.step(1) is not None))
    number = int(priority) if priority.isdecimal() else candidates.label(priority)
    return str(int(number is not None and candidates.step(number) is not None))


def _valid_exten(scope: Scope, arguments: str) -> str:
    context, exten, priority = [*split_arguments(arguments, 3), "", "", ""][:3]
    if not context and scope.channel is not None:
        context = scope.channel.context
    return _dialplan_exists(scope, f"{context},{exten},{priority or 1}")


def _hint(scope: Scope, arguments: str) -> str:
    exten, _, context = split_arguments(arguments)[0].partition("@") if arguments else ("", "", "")
    context = context or "default"
    hints = (each.hint for each in scope.candidates(context, exten).extensions if each.hint is not None)
    return next(hints, "")


LOGIC: Mapping[str, Function] = {
    "DIALPLAN_EXISTS": Function(_dialplan_exists),
    "EVAL": Function(lambda scope, text: scope.expand(text)),
    "EXISTS": Function(lambda scope, text: str(int(bool(text)))),
    "HINT": Function(_hint),
    "IF": Function(_if),
    "IFTIME": Function(_if_time),
    "ISNULL": Function(lambda scope, text: str(int(not text))),
    "SET": Function(_set),
    "VALID_EXTEN": Function(_valid_exten),
}
