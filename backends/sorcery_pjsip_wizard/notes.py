"""What is wrong with the sections of a file as such, whatever objects come of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from sorcery.conf import Category, Outline, Variable
from sorcery.conf.text import fold
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Endpoint, Wizard
from sorcery.place import Place
from sorcery_pjsip_wizard.section import WizardSection

__all__ = ["Notes"]

_OPTIONS = Wizard.__sorcery__.options.values()
OPTIONS = ("type", *(option.name for option in _OPTIONS if not option.is_family))
"""The options of a section itself."""
PREFIXES = tuple(option.name.partition("/")[0] for option in _OPTIONS if option.is_family)
"""What stands before a slash and the name of an option that is passed on."""
PASSED: Mapping[str, type[Object]] = {"endpoint": Endpoint, "aor": Aor, "inbound_auth": Auth}
"""What an option that has no prefix may be meant for."""

Fault = tuple[Category | Variable, str, str, str]
"""The culprit, the rule, what is wrong, and what to do about it."""


class Notes:
    """Gathers warnings, section by section; of a line that a template has in common once."""

    def __init__(self, outline: Outline) -> None:
        self.findings: list[Finding] = []
        self._outline = outline
        self._names: set[str] = set()
        self._remedies: dict[str, str] = {}
        """What to do about a line with an option of this name; nothing where it means something."""
        self._told: set[Place] = set()

    def is_new(self, name: str) -> bool:
        """Take note of a section's name, and tell whether it is the first one of that name."""
        is_new = name not in self._names
        self._names.add(name)
        return is_new

    def take(self, section: WizardSection) -> bool:
        """Look at a section that stands for objects, and tell whether nothing is wrong with it."""
        faults = list(self._faults(section))
        for fault in faults:
            self._warn(section.category, *fault)
        return not faults

    def _faults(self, section: WizardSection) -> Iterator[Fault]:
        category = section.category
        if not self.is_new(section.name):
            first = next(self._outline.named(section.name))
            what = f"stands at {self._place(first)} already, and what stands here takes its place"
            yield category, "duplicate-section", what, "rename or remove one of the two"
        for block in category.blocks:
            for line in block:
                remedy = self._remedy(line.key)
                if remedy:
                    yield line, "unknown-option", f"{line.key} is no option, and is ignored", remedy
        hosts = section.line("remote_hosts")
        if hosts is not None and not all(section.listed_hosts):
            remedy = "remove the comma: Asterisk makes a contact and a registration of it"
            yield hosts, "empty-host", f"remote_hosts={hosts.value!r} holds an empty name", remedy
        hint = section.line("has_hint")
        if hint is not None and section.says("has_hint") and not section.text("hint_exten"):
            yield hint, "incomplete-wizard", "has_hint needs hint_exten", "write hint_exten = EXTENSION"

    def pass_over(self, category: Category) -> None:
        """Look at a section that nothing is made of."""
        remedy = "write type = wizard, or move what is of another type to pjsip.conf"
        line = next((each for each in category.variables if each.key == "type"), None)
        if line is None:
            self._warn(category, category, "no-type", "has no type, and nothing is made of it", remedy)
        else:
            what = f"is of the unknown type {line.value!r}, and nothing is made of it"
            self._warn(category, line, "unknown-type", what, remedy)

    def _remedy(self, key: str) -> str:
        if key not in self._remedies:
            self._remedies[key] = _correction(key)
        return self._remedies[key]

    def _place(self, item: Category | Variable) -> Place:
        return self._outline.place_of(item)

    def _warn(self, category: Category, culprit: Category | Variable, rule: str, what: str, remedy: str) -> None:
        place = self._place(culprit)
        line = culprit if isinstance(culprit, Variable) else None
        if line is not None and line.inherited:
            if place in self._told:
                return
            self._told.add(place)
        self.findings.append(
            Finding(
                severity=Severity.WARNING,
                rule=rule,
                message=f"section {category.name!r}: {what}",
                remedy=remedy,
                place=place,
                type_name="wizard",
                id=category.name,
                option=line.key if line else "",
            )
        )


def _correction(key: str) -> str:
    """Return what to do about a line with an option of this name, or nothing where it means something."""
    prefix, slash, name = key.partition("/")
    if not slash:
        known = fold(key) in OPTIONS
        meant = [f"{start}/{key}" for start, cls in PASSED.items() if cls.__sorcery__.has_field(key)]
        near = meant or difflib.get_close_matches(fold(key), OPTIONS, 1)
    else:
        known = prefix in PREFIXES and bool(name)
        near = [f"{start}/{name}" for start in difflib.get_close_matches(fold(prefix), PREFIXES, 1) if name]
    return "" if known else f"did you mean {near[0]}?" if near else "remove it"
