"""Variables and functions by name, as requests ask for them."""

from __future__ import annotations

from sorcery_sip.pbx.dialplan import Scope

__all__ = ["value_of"]


async def value_of(scope: Scope, name: str) -> str | None:
    """Return what a variable, or a function with its parentheses, says; None for a variable that is not set."""
    if "(" in name:
        function, _, arguments = name.partition("(")
        return await scope.ask(function, arguments.removesuffix(")"))
    return scope.variable(name)
