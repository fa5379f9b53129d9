"""Values of rows that Asterisk's drivers take for something else than their writer meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from sorcery.findings import Finding, Severity
from sorcery.kinds import Kind, Refused, SecretText, Text
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.place import Place
from sorcery_realtime.escape import Codec

__all__ = ["ignored", "null", "torn", "unknown"]


def torn(object_type: ObjectType, key: str, name: str, stored: str, codec: Codec, place: Place) -> Iterator[Finding]:
    """Yield a finding for a raw `;` in a column of an option that keeps one value: what stands before it is lost."""
    option = object_type.option(name)
    if not codec.splits or ";" not in stored or option is None or name.startswith("@"):
        return
    if _keeps_one(option, codec.split(stored)):
        yield _finding(
            object_type,
            key,
            name,
            "raw-semicolon",
            "a raw ; ends the value: what stands behind the last one is all that counts",
            "write ^3B for ;",
            place,
            "" if option.secret else stored,
        )


def ignored(object_type: ObjectType, key: str, name: str, stored: str, place: Place) -> Iterator[Finding]:
    """Yield a finding for a value in a column that has the name of an option and is passed over.

    Not for `disallow` of all, a habit that means nothing: the list that it would clear is empty.
    """
    option = object_type.option(name)
    if option is not None and not option.is_field and stored and (name, stored.strip().lower()) != ("disallow", "all"):
        remedy = f"write it into {option.attribute}, as in !all,ulaw" if name == "disallow" else "leave it empty"
        problem = "the column is passed over: in tables the option is none"
        yield _finding(object_type, key, name, "ignored-column", problem, remedy, place, stored)


def unknown(object_type: ObjectType, key: str, name: str, values: Sequence[str], place: Place) -> Iterator[Finding]:
    """Yield a finding for a column of an option that the release which reads the table does not know.

    Not for an option at its default: that is what the release does anyway.
    """
    option = object_type.newer.get(name)
    if option is None or option.name != name or _is_default(option, values):
        return
    yield _finding(
        object_type,
        key,
        name,
        "column-unknown-to-target",
        f"{object_type.release} passes over the column: the option came with {', '.join(option.since)}",
        "empty the column, or run a release that knows the option",
        place,
        "" if option.secret else ", ".join(values),
    )


def null(object_type: ObjectType, key: str, names: Sequence[str], place: Place) -> Iterator[Finding]:
    """Yield a finding for columns that are NULL and whose options refuse an empty text: some driver makes NULL one."""
    missed = [name for name in names if (option := object_type.option(name)) and _refuses_nothing(option)]
    if missed:
        others = f", and for {len(missed) - 1} more" if len(missed) > 1 else ""
        problem = f"Asterisk's driver sqlite3 reads an empty text for NULL{others}, and refuses the row in lists"
        remedy = "write a value into every column, as `sorcery update` does"
        found = _finding(object_type, key, missed[0], "compat-null-column", problem, remedy, place, "")
        yield attrs.evolve(found, severity=Severity.NOTE)


def _refuses_nothing(option: Option) -> bool:
    try:
        option.kind.parse("", option.kind.zero, _unheard)
    except (Refused, ValueError):
        return True
    return False


def _is_default(option: Option, values: Sequence[str]) -> bool:
    """Tell whether a column leaves the option as it is; not if the option does not take what it holds."""
    value = start = option.start()
    try:
        for text in values:
            value = option.kind.parse(text, value, _unheard)
    except Refused:
        return False
    return bool(value == start)


def _keeps_one(option: Option, values: Sequence[str]) -> bool:
    """Tell whether of several values the last one alone counts."""
    kind: Kind[object] = option.kind
    if isinstance(kind, Text | SecretText):
        return True
    try:
        *_, before, last = (kind.parse(value, kind.zero, _unheard) for value in values)
        return bool(before != last and kind.parse(values[-1], before, _unheard) == last)
    except (Refused, ValueError):  # it is refused, and told of, or there is but one
        return False


def _unheard(problem: str, outcome: str) -> None:
    """Take no notice of a repair: the row is read once more by who tells of it."""


def _finding(
    object_type: ObjectType, key: str, option: str, rule: str, problem: str, remedy: str, place: Place, value: str
) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        rule=rule,
        message=f"{object_type.name} {key!r}, option {option}: {problem}",
        remedy=remedy,
        place=place,
        type_name=object_type.name,
        id=key,
        option=option,
        value=value,
    )
