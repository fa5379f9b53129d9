"""Write `docs/reference/checks.md` from the table of rules: run it after changing one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sorcery.checks import told
from sorcery.checks.catalogue import CATALOGUE, FAMILIES
from sorcery.checks.mending import FIXABLE
from sorcery.checks.rule import Rule

PAGE = Path(__file__).parent / "reference/checks.md"
HEAD = """\
# What `sorcery check` finds

All {rules} rules, with what comes of the fault in Asterisk and how it is mended.
[Check a configuration](../howto/check.md) says how they are used. This page is written by `docs/generate_checks.py`,
from the table that the check applies.

An *error* was refused, or cannot work; a *warning* loads, and probably does not do what was meant; a *note* is about
what is as it was meant, and worth knowing, as where Asterisk itself is wrong: it leaves the exit code as it is. The
severity here is the usual one of the rule. With *fix*, `--fix` mends it where that needs no judgement. For each rule
over whole systems `tests/data/checks` has configurations that break it and one that does not;
`tests/interop/test_checks_asterisk.py` gives the faulty ones to a running Asterisk.
"""
OTHERS: Mapping[str, Iterable[Rule]] = {
    "Reading a file": (*(rule for rule in told.TOLD if rule.id in told.PARSED), *told.TEMPLATES),
    "Objects": told.OBJECTS,
    "Files around the objects": told.MAPPINGS,
    "Stores": told.STORES,
    "Names that Asterisk misreads": told.COMPAT,
    "Releases": told.RELEASES,
    "Comments": told.COMMENTS,
}
"""What the check gathers from others."""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD.format(rules=len(CATALOGUE))]
    for name, rules in (*FAMILIES.items(), *OTHERS.items()):
        parts.append("\n".join(_table(name, rules)))
    return "\n".join(parts)


def _table(name: str, rules: Iterable[Rule]) -> Iterator[str]:
    yield f"## {name}\n"
    yield "| rule | severity | what | why | mending |"
    yield "|---|---|---|---|---|"
    for rule in rules:
        severity = f"{rule.severity}, fix" if rule.id in FIXABLE else str(rule.severity)
        cells = (f"`{rule.id}`", severity, rule.what, rule.why, rule.mending)
        yield "| " + " | ".join(_escaped(cell) for cell in cells) + " |"
    yield ""


def _escaped(text: str) -> str:
    """Keep a text in its cell, and a header with options from being a link."""
    return text.replace("|", "\\|").replace("](", "]&#40;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
