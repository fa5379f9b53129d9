"""The applications that steer the dialplan itself: places, subroutines, conditions, variables, words to the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.dialplan.arguments import split_arguments, whole_number
from sorcery_sip.pbx.dialplan.conditions import branches, is_true
from sorcery_sip.pbx.dialplan.dialing import next_digit, time_out
from sorcery_sip.pbx.dialplan.execution import Application, ApplicationFailed, Execution
from sorcery_sip.pbx.dialplan.loops import LOOPS
from sorcery_sip.pbx.dialplan.targets import split_call
from sorcery_sip.pbx.dialplan.times import BadTimes, parse_times

__all__ = ["CONTROL"]

_log = logging.getLogger(__name__)
_LEVELS = {
    "ERROR": logging.ERROR,
    "WARNING": logging.WARNING,
    "NOTICE": logging.INFO,
    "VERBOSE": logging.INFO,
    "DEBUG": logging.DEBUG,
    "DTMF": logging.DEBUG,
}


async def noop(call: Execution, arguments: str) -> None:
    """NoOp(text): nothing; the text is seen where steps are watched."""


async def goto(call: Execution, arguments: str) -> None:
    """Goto([[context,]extension,]priority): go on there."""
    _go(call, arguments)


async def goto_if(call: Execution, arguments: str) -> None:
    """GotoIf(condition?[place][:place]): go to the first place if the condition is true, else to the second."""
    place = _chosen(*branches(arguments))
    if place:
        _go(call, place)


async def goto_if_time(call: Execution, arguments: str) -> None:
    """GotoIfTime(times,weekdays,days,months[,zone]?[place][:place]): go where the time says."""
    text, yes, no = branches(arguments)
    place = yes if _is_now(call, text) else no
    if place:
        _go(call, place)


async def gosub(call: Execution, arguments: str) -> None:
    """Gosub([[context,]extension,]priority[(argument,…)]): run a subroutine up to its Return."""
    _enter(call, arguments)


async def gosub_if(call: Execution, arguments: str) -> None:
    """GosubIf(condition?[place(…)][:place(…)]): run one of two subroutines."""
    place = _chosen(*branches(arguments))
    if place:
        _enter(call, place)


async def return_(call: Execution, arguments: str) -> None:
    """Return([value]): leave the subroutine; the value is GOSUB_RETVAL."""
    call.leave(arguments)


async def stack_pop(call: Execution, arguments: str) -> None:
    """StackPop(): forget where the subroutine was called from, and stay."""
    call.pop_frame()


async def set_(call: Execution, arguments: str) -> None:
    """Set(name=value): assign to a variable or function."""
    _assign(call, arguments)


async def mset(call: Execution, arguments: str) -> None:
    """MSet(name=value,…): assign to several."""
    for assignment in split_arguments(arguments):
        _assign(call, assignment)


async def exec_if(call: Execution, arguments: str) -> None:
    """ExecIf(condition?application(…)[:application(…)]): run one of two applications."""
    condition, yes, no = branches(arguments)
    text = yes if is_true(condition) else no
    if text:
        name, _, inner = text.partition("(")
        await call.execute(name.strip(), inner.rstrip().removesuffix(")"))


async def exec_(call: Execution, arguments: str) -> None:
    """Exec(application(…)): run an application whose name is a value."""
    name, _, inner = arguments.partition("(")
    if name.strip():
        await call.execute(name.strip(), inner.rstrip().removesuffix(")"))


async def try_exec(call: Execution, arguments: str) -> None:
    """TryExec(application(…)): the same, and TRYSTATUS says how it went: SUCCESS, FAILED or NOAPP."""
    name = arguments.partition("(")[0].strip()
    if not call.knows(name):
        call.set_variable("TRYSTATUS", "NOAPP")
        return
    try:
        await exec_(call, arguments)
    except ApplicationFailed as failure:
        _log.warning("%s: %s: %s", call.description, name, failure.reason)
        call.set_variable("TRYSTATUS", "FAILED")
    else:
        call.set_variable("TRYSTATUS", "SUCCESS")


async def hangup(call: Execution, arguments: str) -> None:
    """Hangup([cause]): end the channel, with a number of Q.850 or its name."""
    call.channel.request_hangup(_cause(call, arguments.strip()))
    call.stop()


async def verbose(call: Execution, arguments: str) -> None:
    """Verbose([level,]text): write a line to the log, to its details from level 3 on."""
    level, comma, text = arguments.partition(",")
    if not comma:
        level, text = "0", arguments
    number = whole_number(level.strip())
    if number is None:
        _log.warning("%s: Verbose(%r): the level is a number from 0 to 10", call.description, arguments)
    _log.log(logging.DEBUG if (number or 0) > 2 else logging.INFO, "%s: %r", call.description, text)


async def log(call: Execution, arguments: str) -> None:
    """Log(level,text): write a line to the log; the level is ERROR, WARNING, NOTICE, VERBOSE, DEBUG or DTMF."""
    level, _, text = arguments.partition(",")
    if level.strip().upper() not in _LEVELS:
        _log.error("%s: Log(%r): the level is one of %s", call.description, arguments, ", ".join(_LEVELS))
    else:
        _log.log(_LEVELS[level.strip().upper()], "%s: %r", call.description, text)


async def raise_exception(call: Execution, arguments: str) -> None:
    """RaiseException(reason): go to the extension `e`; without one the channel ends."""
    if not call.raise_exception(arguments):
        raise ApplicationFailed(f"exception {arguments!r}, and no extension e")


async def wait_exten(call: Execution, arguments: str) -> None:
    """WaitExten([seconds]): wait for the first digit of an extension; without one go on, else to `t`."""
    text = next(iter(split_arguments(arguments)), "")
    try:
        seconds = max(float(text), 0.0) if text else call.response_timeout
    except ValueError:
        _log.warning("%s: WaitExten(%r): the time is a number of seconds", call.description, arguments)
        seconds = call.response_timeout
    digit = await next_digit(call, seconds)
    if digit:
        call.press(digit)
    elif digit is not None and call.step(call.channel.priority + 1) is None and not time_out(call):
        raise ApplicationFailed("nothing was dialed")


def _go(call: Execution, text: str) -> None:
    if not call.goto_text(text):
        raise ApplicationFailed(f"there is no place {text!r}")


def _enter(call: Execution, text: str) -> None:
    name, arguments = split_call(text)
    place = call.place(name)
    if place is None:
        raise ApplicationFailed(f"there is no place {name!r}: write [[context,]extension,]priority or a label")
    call.enter(*place, arguments)


def _chosen(condition: str, yes: str, no: str) -> str:
    return yes if is_true(condition) else no


def _is_now(call: Execution, text: str) -> bool:
    try:
        return parse_times(text).holds(call.world.now())
    except BadTimes as error:
        raise ApplicationFailed(f"GotoIfTime: {error}") from None


def _assign(call: Execution, text: str) -> None:
    name, equals, value = text.partition("=")
    if not equals:
        _log.warning("%s: %r assigns nothing: write name=value", call.description, text)
        return
    if name != name.strip():
        _log.warning("%s: the blanks in %r are part of the name", call.description, text)
    call.set(name, value)


def _cause(call: Execution, text: str) -> int:
    """Return the cause that a text names; without one, what is known already."""
    number = whole_number(text)
    if number is not None and 1 <= number < 128:
        return number
    known = next((cause for cause in Cause if cause.name == text.upper()), None)
    if known is not None:
        return known
    if text:
        _log.warning("%s: Hangup(%r): a cause is a number from 1 to 127, or a name of Q.850", call.description, text)
    return call.channel.hangup_cause


CONTROL: Mapping[str, Application] = {
    "exec": exec_,
    "execif": exec_if,
    "gosub": gosub,
    "gosubif": gosub_if,
    "goto": goto,
    "gotoif": goto_if,
    "gotoiftime": goto_if_time,
    "hangup": hangup,
    "log": log,
    "mset": mset,
    "noop": noop,
    "raiseexception": raise_exception,
    "return": return_,
    "set": set_,
    "stackpop": stack_pop,
    "tryexec": try_exec,
    "verbose": verbose,
    "waitexten": wait_exten,
    **LOOPS,
}
"""By name, in small letters."""
