from __future__ import annotations

import pytest

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.pjsip import Endpoint

build = Endpoint.__sorcery__.build


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"timers_min_se": 89}, "timers_min_se"),
        ({"timers_sess_expires": 89}, "timers_sess_expires"),
        ({"rtp_port_start": 20000}, "rtp_port_start"),
        ({"rtp_port_start": 20000, "rtp_port_end": 20000}, "rtp_port_start"),
        ({"rtp_port_start": 1000, "rtp_port_end": 2000}, "rtp_port_start"),
        ({"dtls_auto_generate_cert": True, "dtls_cert_file": "/dev/null"}, "dtls_auto_generate_cert"),
        ({"preferred_codec_only": True, "incoming_call_offer_pref": "remote"}, "preferred_codec_only"),
    ],
)
def test_options_that_contradict_each_other_are_refused_by_name(settings: dict[str, str], option: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        Endpoint("e", **settings)  # type: ignore[arg-type]
    assert caught.value.option == option
    assert caught.value.remedy


def test_webrtc_overrules_what_it_cannot_do_without() -> None:
    findings: list[Finding] = []
    endpoint = build("e", [("webrtc", "yes"), ("rtcp_mux", "no"), ("dtls_rekey", "60")], findings=findings)
    assert isinstance(endpoint, Endpoint)
    assert (endpoint.rtcp_mux, endpoint.media_encryption, endpoint.dtls_verify) == (True, "dtls", "fingerprint")
    assert (endpoint.dtls_rekey, endpoint.dtls_auto_generate_cert) == (0, True)
    assert [finding.option for finding in findings] == ["dtls_rekey"]
    assert not Endpoint("e", webrtc=True, dtls_cert_file="/dev/null").dtls_auto_generate_cert


def test_an_offer_preference_that_another_option_implies_is_not_written() -> None:
    endpoint = Endpoint("e", preferred_codec_only=True)
    assert endpoint.incoming_call_offer_pref == "local_first"
    assert endpoint.settings() == [("preferred_codec_only", "yes")]
    assert endpoint.evolve(preferred_codec_only=False) == Endpoint("e")
    assert endpoint.evolve(context="x").incoming_call_offer_pref == "local_first"


def test_100rel_is_an_attribute_under_a_name_that_python_takes() -> None:
    endpoint = Endpoint("e", rel100="required")
    assert endpoint.settings() == [("100rel", "required")]
    assert endpoint == Endpoint("e", **{"100rel": "Required"})  # type: ignore[arg-type]


def test_a_switch_that_is_dead_cannot_be_set() -> None:
    assert Endpoint("e", stir_shaken="yes").stir_shaken is False  # type: ignore[arg-type]
    with pytest.raises(InvalidObject):
        Endpoint("e", stir_shaken=True)


def test_deprecated_options_say_what_replaces_them() -> None:
    findings: list[Finding] = []
    build("e", [("stir_shaken", "yes"), ("preferred_codec_only", "no")], findings=findings)
    assert [(finding.rule, finding.remedy) for finding in findings] == [
        ("deprecated-option", "use stir_shaken_profile"),
        ("deprecated-option", "use incoming_call_offer_pref=local_first"),
    ]


def test_what_would_be_repaired_in_a_file_is_refused_from_a_caller() -> None:
    assert Endpoint.from_objectset("e", [("sdp_owner", "a b")]).sdp_owner == "-"
    assert Endpoint.from_objectset("e", [("sdp_owner", "a\x16b")]).sdp_owner == "-"
    for settings in ({"sdp_owner": "a b"}, {"subscribe_context": "x" * 80}, {"dtls_setup": "bogus"}):
        with pytest.raises(InvalidObject):
            Endpoint("e", **settings)  # type: ignore[arg-type]


def test_a_file_must_be_readable() -> None:
    with pytest.raises(InvalidObject, match="cannot be read"):
        Endpoint("e", dtls_cert_file="/nonexistent/cert.pem")
    with pytest.raises(InvalidObject, match="cannot be read"):
        Endpoint("e", dtls_cert_file="\0")
