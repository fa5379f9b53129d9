"""A section of `type = wizard`: its own options, and those that it passes on.

Of each the last line counts, and the case of its name does not, but for that of a prefix such as `endpoint/`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import attrs

from sorcery.conf import Category, Outline, Variable
from sorcery.conf.text import fold
from sorcery.kinds import Refused, is_true
from sorcery.pjsip import Wizard
from sorcery.place import Place
from sorcery_pjsip_wizard.patterns import substituted

__all__ = ["WizardSection", "is_wizard"]

DEFAULTS = Wizard.__sorcery__.start
"""What options are where they are not written."""


def is_wizard(section: Category) -> bool:
    """Tell whether a section stands for objects: as Asterisk looks for it, any option named like `type` may say so."""
    return any(each.value == "wizard" and "type" in each.key for block in section.blocks for each in block)


@functools.lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    prefix, slash, option = name.rpartition("/")
    return prefix + slash + fold(option)


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
    def _lines(self) -> dict[str, Variable]:
        return {_folded(each.key): each for block in self.category.blocks for each in block}

    def line(self, option: str) -> Variable | None:
        """Return the last line of an option, which may be one that is passed on: then its full name is `option`."""
        return self._lines.get(_folded(option))

    def text(self, option: str) -> str:
        """Return what an option says, or nothing."""
        line = self.line(option)
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
        line = self.line(option)
        return line.value if line else str(DEFAULTS[option])

    def filled(self, option: str, variables: Mapping[str, str]) -> str:
        """Return a pattern with the values of its variables; raises `Refused` for what Asterisk alone can evaluate."""
        try:
            return substituted(self.pattern(option), variables)
        except Refused as refusal:
            raise Refused(refusal.reason, refusal.remedy, option=option) from None

    def source(self, option: str) -> str:
        """Return the option that a filled pattern comes from: itself, or the list of hosts where it is the default."""
        return option if self.line(option) else "remote_hosts"

    def place(self, outline: Outline, option: str = "") -> Place:
        """Return where the last line of an option stands, or the section's header where there is none."""
        item = self.line(option) or self.category
        return outline.place_of(item)
