"""What a mapping to the wizard says: `file[,option=value]…`."""

from __future__ import annotations

import attrs

from sorcery.errors import ConfigurationError
from sorcery.findings import Finding, Severity
from sorcery.kinds import is_true

__all__ = ["Arguments", "parse_arguments"]

OPTIONS = ("buckets", "integrity", "criteria", "explicit_name", "single_object", "writable")


class _Ignored(Exception):
    """An option that Asterisk passes over."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(problem)


@attrs.frozen(slots=True, kw_only=True)
class Arguments:
    """The file, and which of its sections are objects."""

    file: str
    criteria: tuple[tuple[str, str], ...] = ()
    """(option, value): the first option of each name must have exactly the value."""
    explicit_name: str = ""
    single_object: bool = False
    whole_file: bool = False
    """`integrity=file`: one bad object and the type stays as it was."""
    buckets: int = 0
    """Asterisk's hash size; 0 lets it choose. Only its defect in counting single objects depends on it."""
    writable: bool = False
    """Objects may be written into the file. Ours: Asterisk passes over the option, with an error in its log."""
    findings: tuple[Finding, ...] = attrs.field(default=(), eq=False)
    """What was written and is ignored."""


def parse_arguments(text: str, type_name: str) -> Arguments:
    """Read the arguments of a mapping; nothing is trimmed.

    Raises `ConfigurationError` for an empty file name, an option without `=`, criteria without a value, and an
    empty explicit_name or single_object. Anything else that is wrong is a finding, and ignored as in Asterisk.
    """
    file, *items = text.split(",")
    if not file:
        raise ConfigurationError("no file is named", remedy="write config,pjsip.conf")
    found = Arguments(file=file)
    for item in items:
        name, equals, value = item.partition("=")
        if item and not equals:
            raise ConfigurationError(f"option {item!r} has no value", remedy=f"write {item}=value")
        try:
            found = _with_option(found, name.lower(), value)
        except _Ignored as ignored:
            finding = Finding(
                severity=Severity.WARNING,
                rule="config-arguments",
                message=f"{type_name}: {item!r} in the mapping to {file} is ignored: {ignored.problem}",
                remedy=ignored.remedy,
                type_name=type_name,
            )
            found = attrs.evolve(found, findings=(*found.findings, finding))
    return found


def _with_option(found: Arguments, name: str, value: str) -> Arguments:
    """Return the arguments with one option more; raises `_Ignored` where Asterisk passes over it."""
    if name == "criteria":
        field, equals, wanted = value.partition("=")
        if not field or not equals:
            raise ConfigurationError(f"criteria={value} does not compare", remedy="write criteria=option=value")
        return attrs.evolve(found, criteria=(*found.criteria, (field, wanted)))
    if name in ("explicit_name", "single_object") and not value:
        raise ConfigurationError(f"{name} is empty", remedy=f"write {name}=value, or leave it out")
    if name == "explicit_name":
        return attrs.evolve(found, explicit_name=value)
    if name == "single_object":
        return attrs.evolve(found, single_object=is_true(value))
    if name == "writable":
        return attrs.evolve(found, writable=is_true(value))
    if name == "integrity":
        if value.lower() not in ("object", "file"):
            raise _Ignored(f"{value!r} is no integrity", "write integrity=object or integrity=file")
        return attrs.evolve(found, whole_file=value.lower() == "file")
    if name == "buckets":
        if not (value.isascii() and value.isdigit()):
            raise _Ignored(f"{value!r} is no count", "write a whole number, or leave it out")
        return attrs.evolve(found, buckets=int(value[:9]))
    raise _Ignored("there is no such option", f"use {', '.join(OPTIONS)}")
