"""What Asterisk does by a defect: done in compatible mode, done right otherwise."""

from __future__ import annotations

import pytest

from sorcery.findings import Finding
from sorcery.pjsip import Endpoint

build = Endpoint.__sorcery__.build


def test_the_direct_media_method_prints_as_itself_or_as_the_other() -> None:
    endpoint = Endpoint("e", direct_media_method="update")
    assert ("direct_media_method", "update") in endpoint.objectset()
    assert ("direct_media_method", "invite") in endpoint.objectset(compat=True)


@pytest.mark.parametrize("option", ["auth", "outbound_auth", "named_call_group", "named_pickup_group"])
def test_long_lists_print_whole_or_cut(option: str) -> None:
    endpoint = Endpoint.from_objectset("e", [(option, ",".join(f"name{n:03}" for n in range(40)))])
    assert len(dict(endpoint.objectset())[option]) > 127
    assert len(dict(endpoint.objectset(compat=True))[option]) == 127


def test_call_groups_print_whole_or_cut() -> None:
    endpoint = Endpoint("e", call_group="0-63", pickup_group="0-63")
    assert dict(endpoint.objectset())["call_group"].endswith(" 63")
    assert dict(endpoint.objectset(compat=True))["pickup_group"].endswith("33, 3")


def test_an_offer_preference_in_capitals_sets_itself_or_the_other() -> None:
    lines = [("Outgoing_Call_Offer_Pref", "local_first")]
    assert build("e", lines) == Endpoint("e", outgoing_call_offer_pref="local_first")
    assert build("e", lines, compat=True) == Endpoint("e", incoming_call_offer_pref="local_first")


@pytest.mark.parametrize("compat", [False, True])
def test_a_name_that_asterisk_misreads_is_told_of(compat: bool) -> None:
    findings: list[Finding] = []
    build("e", [("Outgoing_Call_Offer_Pref", "local"), ("RTP_Timeout", "30")], compat=compat, findings=findings)
    (found,) = findings
    assert (found.rule, found.option) == ("compat-option-case", "Outgoing_Call_Offer_Pref")
    assert found.remedy == "write outgoing_call_offer_pref"


def test_a_contact_rule_in_capitals_rules_contacts_or_sources() -> None:
    lines = [("CONTACT_PERMIT", "10.0.0.0/8")]
    assert build("e", lines) == Endpoint("e", contact_permit="10.0.0.0/8")
    assert build("e", lines, compat=True) == Endpoint("e", deny="10.0.0.0/8")
    assert build("e", [("contact_PERMIT", "10.0.0.0/8")], compat=True) == Endpoint("e", contact_permit="10.0.0.0/8")
