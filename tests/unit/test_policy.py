"""The policies of `[writes]`: what a line means, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import ConfigurationError, Sorcery
from sorcery.place import Place
from sorcery.policy import Policy, Scope, parse_policy, unread_policies

PLACE = Place("sorcery.conf", 7)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("all", Policy()),
        ("first", Policy(Scope.FIRST)),
        ("all,repair", Policy(repair=True)),
        (" first , repair ", Policy(Scope.FIRST, repair=True)),
        ("all,fail", Policy()),
        ("first,wait=2", Policy(Scope.FIRST, wait=2.0)),
        ("all, repair, wait=0.5", Policy(repair=True, wait=0.5)),
    ],
)
def test_a_line_says_which_stores_take_a_change(text: str, policy: Policy) -> None:
    assert parse_policy("contact", text, PLACE) == policy
    assert parse_policy("contact", text, PLACE).place == PLACE
    assert parse_policy("contact", str(policy)) == policy


def test_changes_of_a_type_may_be_queued_but_registrations_are_confirmed() -> None:
    policy = parse_policy("auth", "first,repair,queue", PLACE)
    assert policy == Policy(Scope.FIRST, repair=True, queue=True)
    assert parse_policy("auth", str(policy)) == policy
    with pytest.raises(ConfigurationError, match="confirmed when it is stored, and not before; write wait=SECONDS"):
        parse_policy("contact", "all,queue", PLACE)


@pytest.mark.parametrize("text", ["all,wait=", "all,wait=-1", "all,wait=soon", "all,wait=1e3", "all,wait=999999"])
def test_a_wait_is_a_number_of_seconds(text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"sorcery.conf:7: \[writes\] aor=.* is no number of seconds; write wait"
    ):
        parse_policy("aor", text, PLACE)


def test_a_change_fails_or_waits_or_is_queued() -> None:
    with pytest.raises(ConfigurationError, match="fail and wait=2 exclude one another"):
        parse_policy("aor", "all,fail,wait=2", PLACE)


@pytest.mark.parametrize("text", ["", "quorum", "All", "repair", "all,first", "all,repair,repair", "all,"])
def test_any_other_line_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sorcery.conf:7: \[writes\] contact=.*write all, first") as raised:
        parse_policy("contact", text, PLACE)
    assert raised.value.place == PLACE


def test_a_policy_for_a_name_that_is_no_type_is_a_finding() -> None:
    policies = {"contact": Policy(), "contacts": Policy(Scope.FIRST, place=PLACE)}
    (finding,) = unread_policies(policies, {"contact": None, "aor": None})
    assert str(finding) == (
        "sorcery.conf:7: warning [policy-without-type] [writes] contacts=first: "
        "there is no object type 'contacts', so nothing is written by it; use one of: aor, contact"
    )


def test_a_system_writes_as_its_sorcery_conf_says_and_tells_what_that_cannot_mean(tmp_path: Path) -> None:
    conf = tmp_path / "sorcery.conf"
    conf.write_text("[writes]\nauth = first,repair\nauths = all\n")
    with Sorcery.open(tmp_path) as sorcery:
        assert sorcery.policy("auth") == Policy(Scope.FIRST, repair=True)
        assert sorcery.policy("aor") == Policy()
        (finding,) = (each for each in sorcery.report.findings if each.rule == "policy-without-type")
        assert finding.place == Place(str(conf), 3)
        conf.write_text("[writes]\nauth = all\n")
        assert "policy-without-type" not in {each.rule for each in sorcery.reload().findings}
        assert sorcery.policy("auth") == Policy()
        conf.write_text("[writes]\nauth = none\n")
        told = f"{conf}:2: error [configuration] [writes] auth=none: 'none' is no policy; the configuration stays"
        assert any(str(each).startswith(told) for each in sorcery.reload().errors)
        assert sorcery.policy("auth") == Policy()
