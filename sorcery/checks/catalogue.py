"""The table of all rules."""

from __future__ import annotations

from collections.abc import Mapping

from sorcery.checks import (
    certificates,
    compat,
    contacts,
    digests,
    identification,
    load,
    mappings,
    nat,
    references,
    secrets,
    storing,
    tables,
    transports,
)
from sorcery.checks.rule import Rule
from sorcery.checks.told import TOLD

__all__ = ["CATALOGUE", "FAMILIES", "RULES"]

FAMILIES: Mapping[str, tuple[Rule, ...]] = {
    "References": references.RULES,
    "Secrets": secrets.RULES,
    "Digests": digests.RULES,
    "Identification": identification.RULES,
    "Contacts": contacts.RULES,
    "NAT": nat.RULES,
    "Transports": transports.RULES,
    "Certificates": certificates.RULES,
    "Mappings": mappings.RULES,
    "Tables": tables.RULES,
    "Load": load.RULES,
    "Asterisk's defects": (*compat.RULES, *storing.RULES),
}
"""The rules that look at a whole system."""

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES.values() for rule in family)

CATALOGUE: Mapping[str, Rule] = {rule.id: rule for rule in (*RULES, *TOLD)}
"""Every rule that there is, by its id."""
