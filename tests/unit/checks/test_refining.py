"""What is known better once the whole is seen."""

import pytest

from sorcery import Finding, Place, Severity
from sorcery.checks.refining import refined
from sorcery.checks.sourcelines import SourceLines
from sorcery.pjsip import TYPES
from sorcery.release import Release

BY_NAME = {cls.__sorcery__.name: cls for cls in TYPES}


def finding(rule: str, type_name: str, option: str = "", **parts: str) -> Finding:
    severity = Severity.WARNING if rule in ("dangling-reference", "deprecated-option") else Severity.ERROR
    place = Place("pjsip.conf", 1)
    return Finding(severity=severity, rule=rule, message="m", place=place, type_name=type_name, option=option, **parts)


def rules(*findings: Finding, target: str = "") -> list[str]:
    release = Release.parse(target) if target else None
    return [each.rule for each in refined(findings, BY_NAME, SourceLines(), release)]


@pytest.mark.parametrize(
    ("type_name", "option", "rule"),
    [
        ("endpoint", "max_contacts", "wrong-type-option"),
        ("endpoint", "Max_Contacts", "wrong-type-option"),
        ("endpoint", "max_contact", "unknown-option"),
        ("endpoint", "conversion", "unknown-option"),  # of no type in that file
        ("nothing", "max_contacts", "unknown-option"),
    ],
)
def test_an_option_of_another_type_is_told_with_the_type(type_name: str, option: str, rule: str) -> None:
    assert rules(finding("unknown-option", type_name, option)) == [rule]


def test_a_reference_to_what_is_refused_is_not_told_once_more() -> None:
    refused = finding("refused-value", "auth", "password", id="a")
    dangling = finding("dangling-reference", "endpoint", "auth", id="b", value="a")
    assert rules(refused, dangling) == ["refused-value"]
    assert rules(finding("refused-value", "aor", id="a"), dangling) == ["refused-value", "dangling-reference"]


def test_an_option_is_not_deprecated_where_its_successor_is_not_known() -> None:
    old = finding("deprecated-option", "system", "threadpool_max_size")
    assert rules(old) == rules(old, target="asterisk:22") == ["deprecated-option"]
    assert rules(old, target="asterisk:22.7") == []
    assert rules(finding("deprecated-option", "aor", "authenticate_qualify"), target="asterisk:20") == [
        "deprecated-option"
    ]


def test_a_mapping_that_can_be_nowhere_is_not_in_the_wrong_section_as_well() -> None:
    assert rules(finding("wrong-section", "location"), finding("unfit-mapping", "location")) == ["unfit-mapping"]
