"""While and its companions: where a loop begins and ends is found by looking along the steps of the extension."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sorcery_sip.pbx.dialplan.conditions import is_true
from sorcery_sip.pbx.dialplan.execution import Application, ApplicationFailed, Execution

__all__ = ["LOOPS"]

_log = logging.getLogger(__name__)


async def while_(call: Execution, arguments: str) -> None:
    """While(condition): run the steps up to EndWhile for as long as the condition is true."""
    if not is_true(arguments):
        end = _end(call, call.channel.priority)
        if end is None:
            _log.warning("%s: While without EndWhile", call.description)
        else:
            _move(call, end + 1)


async def end_while(call: Execution, arguments: str) -> None:
    """EndWhile(): go back to While."""
    _move(call, _beginning(call, "EndWhile"))


async def continue_while(call: Execution, arguments: str) -> None:
    """ContinueWhile(): go back to While at once."""
    _move(call, _beginning(call, "ContinueWhile"))


async def exit_while(call: Execution, arguments: str) -> None:
    """ExitWhile(): go on after EndWhile."""
    end = _end(call, call.channel.priority)
    if end is None:
        raise ApplicationFailed("ExitWhile without EndWhile after it")
    _move(call, end + 1)


def _move(call: Execution, priority: int) -> None:
    call.goto(call.channel.context, call.channel.exten, priority)


def _beginning(call: Execution, name: str) -> int:
    """Return the priority of the While around the present step."""
    depth = 0
    for priority in range(call.channel.priority - 1, 0, -1):
        step = call.step(priority)
        application = "" if step is None else step.application.lower()
        if application == "endwhile":
            depth += 1
        elif application == "while":
            if depth == 0:
                return priority
            depth -= 1
    raise ApplicationFailed(f"{name} outside of While")


def _end(call: Execution, start: int) -> int | None:
    """Return the priority of the EndWhile that ends what a step is in, or begins."""
    depth = 0
    priority = start + 1
    while (step := call.step(priority)) is not None:
        application = step.application.lower()
        if application == "while":
            depth += 1
        elif application == "endwhile":
            if depth == 0:
                return priority
            depth -= 1
        priority += 1
    return None


LOOPS: Mapping[str, Application] = {
    "continuewhile": continue_while,
    "endwhile": end_while,
    "exitwhile": exit_while,
    "while": while_,
}
"""By name, in small letters."""
