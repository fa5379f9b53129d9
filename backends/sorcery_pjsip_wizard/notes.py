"""What is wrong with the sections of a file as such, whatever objects come of them."""

from __future__ import annotations

import difflib

from sorcery.conf import Category, Outline, Variable
from sorcery.conf.text import fold
from sorcery.findings import Finding, Severity
from sorcery.pjsip import Wizard
from sorcery.place import Place
from sorcery_pjsip_wizard.section import WizardSection

__all__ = ["Notes"]

_OPTIONS = Wizard.__sorcery__.options.values()
OPTIONS = ("type", *(option.name for option in _OPTIONS if not option.is_family))
"""The options of a section itself."""
PREFIXES = tuple(option.name.partition("/")[0] for option in _OPTIONS if option.is_family)
"""What stands before a slash and the name of an option that is passed on."""


class Notes:
    """Gathers warnings, section by section; of a line that a template has in common once."""

    def __init__(self, outline: Outline) -> None:
        self.findings: list[Finding] = []
        self._outline = outline
        self._headers: dict[str, Place] = {}
        self._remedies: dict[str, str] = {}
        """What to do about a line with an option of this name; nothing where it means something."""
        self._told: set[Place] = set()

    def take(self, section: WizardSection) -> None:
        """Look at a section that stands for objects."""
        category, header = section.category, section.place(self._outline)
        if section.name in self._headers:
            what = f"stands at {self._headers[section.name]} already, and what stands here takes its place"
            self._warn(category, category, "duplicate-section", what, "rename or remove one of the two")
        self._headers[section.name] = header
        for block in category.blocks:
            for line in block:
                remedy = self._remedy(line.key)
                if remedy:
                    self._warn(category, line, "unknown-option", f"{line.key} is no option, and is ignored", remedy)
        hosts = section.line("remote_hosts")
        if hosts is not None and not all(section.listed_hosts):
            remedy = "remove the comma: Asterisk makes a contact and a registration of it"
            self._warn(category, hosts, "empty-host", f"remote_hosts={hosts.value!r} holds an empty name", remedy)
        hint = section.line("has_hint")
        if hint is not None and section.says("has_hint") and not section.text("hint_exten"):
            self._warn(category, hint, "incomplete-wizard", "has_hint needs hint_exten", "write hint_exten = EXTENSION")

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

    def _warn(self, category: Category, culprit: Category | Variable, rule: str, what: str, remedy: str) -> None:
        place = Place(self._outline.path_of(culprit), culprit.line)
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
        known, near = fold(key) in OPTIONS, difflib.get_close_matches(fold(key), OPTIONS, 1)
    else:
        known, near = prefix in PREFIXES and bool(name), difflib.get_close_matches(fold(prefix), PREFIXES, 1)
    if known:
        return ""
    return f"did you mean {near[0]}{slash}{name}?" if near and (name or not slash) else "remove it"
