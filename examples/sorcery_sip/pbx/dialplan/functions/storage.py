"""Variables by other ways: global ones, those of a subroutine, several at once, in tables."""

from __future__ import annotations

from collections.abc import Mapping

from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.functions.strings import exactly
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["STORAGE"]


def _set_global(scope: Scope, name: str, value: str) -> None:
    scope.world.variables[name.lstrip("_")] = value


def _cell(table: str, key: str) -> str:
    return f"~HASH~{table}~{key}~"


def _keys(scope: Scope, table: str) -> list[str]:
    """Return the keys of a table, what was set last first."""
    if scope.channel is None:
        raise BadCall("there is no channel whose table it could be")
    start = _cell(table, "")[:-1]
    return [name[len(start) : -1] for name in reversed(scope.channel.variables) if name.startswith(start)]


def _read_hash(scope: Scope, arguments: str) -> str:
    table, key = exactly(arguments, 1, 2, "HASH(table[,key])")
    if key:
        return scope.get(_cell(table, key))
    return ",".join(scope.get(_cell(table, each)) for each in _keys(scope, table))


def _write_hash(scope: Scope, arguments: str, value: str) -> None:
    table, key = exactly(arguments, 2, 2, "HASH(table,key)")
    if scope.channel is not None:  # what is set anew is the last one
        scope.channel.variables.pop(_cell(table, key), None)
    scope.set_variable(_cell(table, key), value)


def _hash_keys(scope: Scope, table: str) -> str:
    return ",".join(_keys(scope, table))


def _write_array(scope: Scope, arguments: str, value: str) -> None:
    names = split_arguments(arguments)
    values = split_arguments(value)
    for number, name in enumerate(names):
        scope.set(name.strip(), values[number] if number < len(values) else "")


STORAGE: Mapping[str, Function] = {
    "ARRAY": Function(write=_write_array),
    "GLOBAL": Function(lambda scope, name: scope.world.variables.get(name, ""), _set_global),
    "HASH": Function(_read_hash, _write_hash),
    "HASHKEYS": Function(_hash_keys),
}
