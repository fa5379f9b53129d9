"""The table of rules holds every rule that there is, and the page of it is up to date."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

from sorcery.checks.catalogue import CATALOGUE, RULES
from sorcery.checks.told import PARSED, TOLD
from sorcery.conf.messages import RULES as PARSER

ROOT = Path(__file__).parents[3]
ID = re.compile(r'"([a-z]+(?:-[a-z]+)+|configuration|unavailable|image)"')
NAMED = re.compile(
    r"""(?:rule=|rule, remedy = |_finding\(|_warning\(|_unread\([a-z]+, |failed\(|fault\(|yield [a-z]+, )(.*)"""
)


def named() -> Iterator[str]:
    """Yield the ids that the source gives to findings, where it writes them out."""
    for root in ("sorcery", "backends", "migrations", "cli"):
        for path in sorted((ROOT / root).rglob("*.py")):
            if "testing" in path.parts:  # faults that are made for tests
                continue
            for line in path.read_text("utf-8").splitlines():
                if found := NAMED.search(line):
                    yield from ID.findall(found[1])


def test_every_rule_that_the_source_names_is_in_the_table() -> None:
    ids = set(named())
    assert len(ids) > 25  # else the expression finds nothing any more
    assert ids - CATALOGUE.keys() == set()


def test_every_rule_of_the_parser_is_in_the_table() -> None:
    assert PARSED.keys() == PARSER.keys()


def test_ids_are_used_once_and_look_alike() -> None:
    assert len(CATALOGUE) == len(RULES) + len(TOLD)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id) for id in CATALOGUE)


def test_every_rule_says_what_why_and_how_in_sentences() -> None:
    for rule in CATALOGUE.values():
        for text in (rule.what, rule.why, rule.mending):
            assert text.endswith("."), rule.id
            assert text[0].isupper() or text[0] in "`#(", rule.id


def test_the_page_of_all_rules_is_up_to_date() -> None:
    page = runpy.run_path(str(ROOT / "docs/generate_checks.py"))["page"]()
    assert page == (ROOT / "docs/reference/checks.md").read_text("utf-8"), "run docs/generate_checks.py"
