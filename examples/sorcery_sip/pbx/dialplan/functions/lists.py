"""Texts as lists: items between separators."""

from __future__ import annotations

from collections.abc import Mapping

from sorcery_sip.pbx.dialplan.arguments import split_arguments
from sorcery_sip.pbx.dialplan.functions.strings import exactly
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["LISTS"]


def _separator(text: str) -> str:
    return {"\\n": "\n", "\\t": "\t", "": ","}.get(text, text)[:1]


def _cut(scope: Scope, arguments: str) -> str:
    usage = "CUT(variable,separator,fields)"
    parts = split_arguments(arguments, 3)
    if len(parts) < 3:
        raise BadCall(f"write {usage}")
    separator = parts[1][:1] or "-"
    fields = scope.get(parts[0]).split(separator)
    chosen = [field for part in parts[2].split("&") for field in _range(fields, part.strip(), usage)]
    return separator.join(chosen)


def _range(fields: list[str], text: str, usage: str) -> list[str]:
    first, dash, last = text.partition("-")
    if not all(part.isdecimal() or not part for part in (first, last)) or not (first or last):
        raise BadCall(f"{text!r} names no fields: write {usage} with fields such as 2, 2-, -3, 2-4 or 1&3")
    start = int(first or 1)
    end = (int(last) if last else len(fields)) if dash else start
    return fields[max(start, 1) - 1 : end]


def _field_quantity(scope: Scope, arguments: str) -> str:
    name, separator = exactly(arguments, 1, 2, "FIELDQTY(variable,separator)")
    text = scope.get(name)
    return str(len(text.split(_separator(separator)))) if text else "0"


def _field_number(scope: Scope, arguments: str) -> str:
    name, separator, wanted = exactly(arguments, 3, 3, "FIELDNUM(variable,separator,value)")
    fields = scope.get(name).split(_separator(separator))
    return str(fields.index(wanted) + 1 if wanted in fields else 0)


def _list_filter(scope: Scope, arguments: str) -> str:
    name, separator, unwanted = exactly(arguments, 3, 3, "LISTFILTER(variable,separator,value)")
    mark = _separator(separator)
    return mark.join(field for field in scope.get(name).split(mark) if field != unwanted)


def _take(scope: Scope, arguments: str, *, from_end: bool) -> str:
    name, separator = exactly(arguments, 1, 2, "SHIFT(variable[,separator])")
    mark = _separator(separator)
    text = scope.get(name)
    if from_end:
        rest, found, item = text.rpartition(mark)
        rest = rest if found else ""
    else:
        item, _, rest = text.partition(mark)
    scope.set(name, rest)
    return item


def _add(scope: Scope, arguments: str, value: str, *, at_end: bool) -> None:
    name, separator = exactly(arguments, 1, 2, "PUSH(variable[,separator])")
    mark = _separator(separator)
    text, items = scope.get(name), mark.join(split_arguments(value))
    both = (text, items) if at_end else (items, text)
    scope.set(name, mark.join(both) if text else items)


LISTS: Mapping[str, Function] = {
    "CUT": Function(_cut),
    "FIELDNUM": Function(_field_number),
    "FIELDQTY": Function(_field_quantity),
    "LISTFILTER": Function(_list_filter),
    "POP": Function(lambda scope, arguments: _take(scope, arguments, from_end=True)),
    "PUSH": Function(write=lambda scope, arguments, value: _add(scope, arguments, value, at_end=True)),
    "SHIFT": Function(lambda scope, arguments: _take(scope, arguments, from_end=False)),
    "UNSHIFT": Function(write=lambda scope, arguments, value: _add(scope, arguments, value, at_end=False)),
}
