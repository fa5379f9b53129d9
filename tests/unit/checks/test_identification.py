"""Networks that lead to two endpoints."""

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery import Sorcery
from sorcery.checks.checking import apply_rules
from sorcery.checks.identification import RULES
from sorcery.checks.system import System
from sorcery.pjsip import Identify

everybody = [rule for rule in RULES if rule.id == "identify-everybody"]
overlap = [rule for rule in RULES if rule.id == "identify-overlap"]
networks = st.builds(
    lambda host, bits: f"10.0.0.{host & ~((1 << (32 - bits)) - 1)}/{bits}", st.integers(0, 15), st.integers(28, 32)
)
matches = st.lists(networks, min_size=1, max_size=3).map(",".join)


def test_of_two_equal_networks_none_is_taken_out_of_the_other() -> None:
    with Sorcery.open("memory:") as s:
        s.create(Identify(id="a", endpoint="a", match="192.0.2.1"))
        s.create(Identify(id="b", endpoint="b", match="192.0.2.1,192.0.2.2"))
        s.create(Identify(id="c", endpoint="c", match="192.0.2.2/31"))
        found = list(apply_rules(System(sorcery=s, audit=s.audit()), overlap))
    assert sorted((each.id, each.remedy) for each in found) == [
        ("b", "add !192.0.2.2/32 to the match of c"),
        ("b", "leave 192.0.2.1/32 to one of the two"),
    ]


@pytest.mark.parametrize(
    ("option", "text", "is_everybody"),
    [
        ("match_header", "X-From: /.*/", True),
        ("match_header", "X-From: /(.|x)?/", True),
        ("match_header", "X-From: /[^;]/", True),
        ("match_header", "X-From: /^trunk-[0-9]+$/", False),
        ("match_header", "X-From: /[a-z]/", False),
        ("match_header", "X-From: .*", False),
        ("match_request_uri", "/^sip:/", True),
        ("match_request_uri", "/@/", True),
        ("match_request_uri", "/^sip:[0-9]+@pbx/", False),
        ("match_request_uri", "sip:trunk@pbx.example.com", False),
    ],
)
def test_an_expression_that_fits_the_most_unlike_texts_fits_everybody(
    option: str, text: str, is_everybody: bool
) -> None:
    options: Any = {option: text}
    with Sorcery.open("memory:") as s:
        s.create(Identify(id="a", endpoint="a", **options))
        found = list(apply_rules(System(sorcery=s, audit=s.audit()), everybody))
    assert [(each.option, each.value) for each in found] == ([(option, text)] if is_everybody else [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(matches, st.sampled_from("ab")), min_size=1, max_size=4))
def test_an_overlap_is_found_exactly_where_an_address_leads_to_two_endpoints(drawn: list[tuple[str, str]]) -> None:
    with Sorcery.open("memory:") as s:
        made = [Identify(id=f"i{n}", endpoint=endpoint, match=match) for n, (match, endpoint) in enumerate(drawn)]
        for each in made:
            s.create(each)
        found = list(apply_rules(System(sorcery=s, audit=s.audit()), overlap))
    led = [{each.endpoint for each in made if each.match.matches(ip_address(f"10.0.0.{host}"))} for host in range(16)]
    assert bool(found) is any(len(endpoints) > 1 for endpoints in led)
