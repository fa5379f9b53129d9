from __future__ import annotations

import pytest

from sorcery.errors import ConfigurationError
from sorcery_config.arguments import parse_arguments


def test_every_option_is_read() -> None:
    found = parse_arguments(
        "pjsip.conf,criteria=type=endpoint,criteria=context=a=b,explicit_name=global,"
        "single_object=yes,integrity=file,buckets=53",
        "endpoint",
    )
    assert found.file == "pjsip.conf"
    assert found.criteria == (("type", "endpoint"), ("context", "a=b"))
    assert found.explicit_name == "global"
    assert found.single_object
    assert found.whole_file
    assert found.buckets == 53
    assert found.findings == ()


def test_a_file_alone_is_enough() -> None:
    found = parse_arguments("pjsip.conf", "endpoint")
    assert (found.criteria, found.explicit_name, found.single_object, found.whole_file) == ((), "", False, False)


def test_nothing_is_trimmed() -> None:
    found = parse_arguments(" pjsip.conf ,criteria= type =endpoint ", "endpoint")
    assert found.file == " pjsip.conf "
    assert found.criteria == ((" type ", "endpoint "),)


def test_a_count_of_thousands_of_digits_is_a_count() -> None:
    assert parse_arguments("f,buckets=" + "9" * 5000, "endpoint").buckets > 1


def test_criteria_may_ask_for_an_empty_value() -> None:
    assert parse_arguments("f,criteria=type=", "endpoint").criteria == (("type", ""),)


def test_integrity_object_and_a_false_single_object_are_the_defaults_written_out() -> None:
    found = parse_arguments("f,integrity=object,single_object=no", "endpoint")
    assert found == parse_arguments("f", "endpoint")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no file is named"),
        (",criteria=type=x", "no file is named"),
        ("f,explicit_name=", "explicit_name is empty"),
        ("f,single_object=", "single_object is empty"),
        ("f,integrity", "option 'integrity' has no value"),
        ("f,nonsense", "option 'nonsense' has no value"),
        ("f,criteria=type", "criteria=type does not compare"),
        ("f,criteria==x", "criteria==x does not compare"),
    ],
)
def test_what_means_nothing_is_refused_with_a_remedy(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_arguments(text, "endpoint")
    assert caught.value.reason == reason
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("integrity=all", "'all' is no integrity"),
        ("buckets=-1", "'-1' is no count"),
        ("buckets=", "'' is no count"),
        ("colour=red", "there is no such option"),
        ("", "there is no such option"),
    ],
)
def test_what_asterisk_ignores_is_ignored_and_reported(item: str, problem: str) -> None:
    found = parse_arguments(f"f,{item},criteria=type=x", "endpoint")
    assert found == parse_arguments("f,criteria=type=x", "endpoint")
    (finding,) = found.findings
    assert (finding.severity, finding.rule, finding.type_name) == ("warning", "config-arguments", "endpoint")
    assert problem in finding.message
    assert repr(item) in finding.message
    assert finding.remedy
