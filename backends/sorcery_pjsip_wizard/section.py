"""A section of `type = wizard`: its own options, of which the last occurrence counts, and those that it passes on."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import attrs

from sorcery.conf import Category, Outline, Variable
from sorcery.findings import Finding, Severity
from sorcery.kinds import Refused, is_true
from sorcery.place import Place
from sorcery_pjsip_wizard.patterns import substituted

__all__ = ["WizardSection", "is_wizard"]

PATTERNS = {
    "contact_pattern": "sip:${REMOTE_HOST}",
    "server_uri_pattern": "sip:${REMOTE_HOST}",
    "client_uri_pattern": "sip:${USERNAME}@${REMOTE_HOST}",
}
"""The patterns, and what they are where they are not written."""


def is_wizard(section: Category) -> bool:
    """Tell whether a section stands for objects: as Asterisk looks for it, any option named like `type` may say so."""
    return any(each.value == "wizard" and "type" in each.key for block in section.blocks for each in block)


@attrs.frozen(eq=False)
class WizardSection:
    """A section, and what it says."""

    category: Category
    compat: bool = False

    @property
    def name(self) -> str:
        """Its name, which is the id of its endpoint and its aor."""
        return self.category.name

    @functools.cached_property
    def lines(self) -> dict[str, Variable]:
        """The last line of each option, by its full name."""
        return {each.key: each for block in self.category.blocks for each in block}

    def text(self, option: str) -> str:
        """Return what an option says, or nothing."""
        line = self.lines.get(option)
        return line.value if line else ""

    def says(self, switch: str) -> bool:
        """Tell whether a switch is on."""
        return is_true(self.text(switch))

    @property
    def is_identified_by_host(self) -> bool:
        """Whether requests are told to be its own by the address that they come from."""
        return not (self.says("accepts_registrations") or self.says("sends_line_with_registrations"))

    @functools.cached_property
    def listed_hosts(self) -> tuple[str, ...]:
        """The remote hosts as Asterisk counts them: behind a last comma stands one without a name."""
        text = self.text("remote_hosts")
        return tuple(item.strip() for item in text.split(",")) if text else ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The remote hosts that something is made of."""
        return self.listed_hosts if self.compat else tuple(filter(None, self.listed_hosts))

    @property
    def hint_context(self) -> str:
        """Where the hint of its endpoint stands."""
        return self.text("hint_context") or self.text("endpoint/context") or "default"

    def pattern(self, option: str) -> str:
        """Return a pattern as written, or its default."""
        return self.text(option) if option in self.lines else PATTERNS[option]

    def filled(self, option: str, variables: Mapping[str, str]) -> str:
        """Return a pattern with the values of its variables; raises `Refused` for what Asterisk alone can evaluate."""
        try:
            return substituted(self.pattern(option), variables)
        except Refused as refusal:
            raise Refused(refusal.reason, refusal.remedy, option=option) from None

    def source(self, option: str) -> str:
        """Return the option that a filled pattern comes from: itself, or the list of hosts where it is the default."""
        return option if option in self.lines else "remote_hosts"

    def place(self, outline: Outline, option: str = "") -> Place:
        """Return where the last line of an option stands, or the section's header where there is none."""
        item = self.lines.get(option, self.category)
        return Place(outline.path_of(item), item.line)

    def faults(self, outline: Outline) -> Iterator[Finding]:
        """Yield what is wrong with the section, whatever objects come of it.

        Much is told already of the object of type `wizard` that it is, too.
        """
        if not all(self.listed_hosts):
            yield Finding(
                severity=Severity.WARNING,
                rule="empty-host",
                message=f"section {self.name!r}: remote_hosts={self.text('remote_hosts')!r} holds an empty name",
                remedy="remove the comma: Asterisk makes a contact and a registration of it",
                place=self.place(outline, "remote_hosts"),
                type_name="wizard",
                id=self.name,
                option="remote_hosts",
                value=self.text("remote_hosts"),
            )
