"""The policies of `[writes]`: what a line means, and what is refused."""

from __future__ import annotations

import pytest

from sorcery import ConfigurationError
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
    ],
)
def test_a_line_says_which_stores_take_a_change(text: str, policy: Policy) -> None:
    assert parse_policy("contact", text, PLACE) == policy
    assert parse_policy("contact", text, PLACE).place == PLACE
    assert parse_policy("contact", str(policy)) == policy


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
