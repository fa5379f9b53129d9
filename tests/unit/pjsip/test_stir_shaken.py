"""What a profile leaves open, more general objects say."""

from __future__ import annotations

import pytest

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.pjsip import StirShakenAttestation, StirShakenProfile, StirShakenTn, StirShakenVerification

ATTESTATION = StirShakenAttestation("attestation", attest_level="B", send_mky="yes")
VERIFICATION = StirShakenVerification(
    "verification", failure_action="reject_request", use_rfc9410_responses="yes", x5u_acl="office"
)


def test_a_profile_wins_where_it_says_something() -> None:
    profile = StirShakenProfile("p", endpoint_behavior="on", curl_timeout=9, send_mky="no", x5u_acl="lab")
    effective = profile.effective(ATTESTATION, VERIFICATION)
    assert (effective.id, effective.endpoint_behavior, effective.curl_timeout) == ("p", "on", 9)
    assert (effective.send_mky, effective.attest_level, effective.max_iat_age) == ("no", "B", 15)
    assert (effective.use_rfc9410_responses, effective.x5u_acl.names) == ("yes", ("lab",))


def test_a_failure_action_that_is_left_out_is_that_of_the_verification_or_by_a_defect_continue() -> None:
    profile = StirShakenProfile("p")
    assert profile.effective(ATTESTATION, VERIFICATION).failure_action == "reject_request"
    assert profile.effective(ATTESTATION, VERIFICATION, compat=True).failure_action == "continue"
    told = profile.evolve(failure_action="continue")
    assert told.effective(ATTESTATION, VERIFICATION).failure_action == "continue"


def test_a_failure_action_that_was_written_is_kept_apart_from_one_that_was_not() -> None:
    told, open_ = StirShakenProfile("p", failure_action="continue"), StirShakenProfile("p")
    assert told != open_
    assert (told.settings(), open_.settings()) == ([("failure_action", "continue")], [])
    assert dict(told.objectset()) == dict(open_.objectset())


def test_without_rules_of_its_own_verification_prints_the_built_in_ones() -> None:
    assert StirShakenVerification("verification").text("x5u_acl") == "deny/permit"
    assert StirShakenProfile("p").text("x5u_acl") == ""


@pytest.mark.parametrize(("text", "word"), [("bogus", "off"), ("NONE", "off"), ("both", "on")])
def test_a_wrong_behaviour_counts_as_off_with_a_warning(text: str, word: str) -> None:
    findings: list[Finding] = []
    profile = StirShakenProfile.__sorcery__.build("p", [("endpoint_behavior", text)], findings=findings)
    assert profile.text("endpoint_behavior") == word
    assert len(findings) == (text == "bogus")


def test_a_number_takes_its_options_from_the_attestation_and_starts_open() -> None:
    own, general = StirShakenTn.__sorcery__, StirShakenAttestation.__sorcery__
    assert all(own.options[name].kind is general.options[name].kind for name in own.options)
    assert (StirShakenTn("1").send_mky, ATTESTATION.evolve(send_mky="no").send_mky) == ("not_set", "no")
    with pytest.raises(InvalidObject):
        StirShakenTn("1", send_mky="maybe")
