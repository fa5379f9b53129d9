"""What calls carry: codecs, ways of media, encryption, fax, music."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.chan_sip import Verdict
from sorcery.pjsip import Endpoint
from tests.unit.chan_sip.sip import CLOSED, converted, note, options, peer, verdict


@pytest.mark.parametrize(
    ("general", "own", "codecs"),
    [
        ("", "", "ulaw,alaw,gsm"),
        ("", "allow = g722", "ulaw,alaw,gsm,g722"),
        ("disallow = all\nallow = alaw,ulaw", "", "alaw,ulaw"),
        ("disallow = all\nallow = alaw", "allow = g729", "alaw,g729"),
        ("disallow = all\nallow = alaw", "disallow = all\nallow = opus:20,ulaw", "opus:20,ulaw"),
        ("allow = !all,gsm", "", "gsm"),
        ("", "disallow = gsm", "ulaw,alaw"),
        ("", "disallow = all\nallow = g723.1", "g723"),
        ("", "disallow = all\nallow = alaw&ulaw", "alaw,ulaw"),
        ("", "disallow = all", "!all"),
        ("videosupport = yes", "", "ulaw,alaw,gsm,h263"),
        ("videosupport = always", "disallow = all\nallow = ulaw,h264", "ulaw,h264"),
        ("videosupport = yes", "videosupport = no\ndisallow = all\nallow = ulaw,h264", "ulaw"),
    ],
)
def test_the_codecs_are_those_that_chan_sip_comes_to(general: str, own: str, codecs: str) -> None:
    endpoint = options(peer(own, general), "endpoint")
    assert (endpoint["disallow"], endpoint["allow"]) == ("all", codecs)


NO_VIDEO = "!jpeg,!png,!h261,!h263,!h263p,!h264,!h265,!mpeg4,!vp8,!vp9,!red,!t140"


@pytest.mark.parametrize(
    ("lines", "codecs"),
    [
        ("allow = all", f"all,{NO_VIDEO}"),
        ("allow = all,!g729", f"all,!g729,{NO_VIDEO}"),
        ("videosupport = yes\nallow = all", "all,!red,!t140"),
    ],
)
def test_nearly_all_codecs_fit_into_a_column(lines: str, codecs: str) -> None:
    made = peer(f"disallow = all\n{lines}")
    assert options(made, "endpoint")["allow"] == codecs
    (endpoint,) = (each for each in made.objects() if isinstance(each, Endpoint))
    assert ("h264" in endpoint.allow, "t140" in endpoint.allow) == ("videosupport" in lines, False)


def test_an_unknown_codec_is_lost_and_the_others_stay() -> None:
    made = peer("disallow = all\nallow = alaw\nallow = nonsense")
    assert options(made, "endpoint")["allow"] == "alaw"
    assert verdict(made, "allow") is Verdict.LOST


def test_text_codecs_are_left_out_and_told() -> None:
    made = peer("disallow = all\nallow = ulaw,t140")
    assert options(made, "endpoint")["allow"] == "ulaw"
    assert verdict(made, "allow") is Verdict.CHANGED
    assert verdict(peer("", "textsupport = yes"), "textsupport") is Verdict.LOST


def test_the_single_preferred_codec_has_a_newer_name() -> None:
    assert options(peer("preferred_codec_only = yes"), "endpoint")["incoming_call_offer_pref"] == "local_first"
    assert "incoming_call_offer_pref" not in options(peer("preferred_codec_only = no"), "endpoint")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("yes", {"direct_media": "yes"}),
        ("no", {"direct_media": "no"}),
        ("nonat", {"direct_media": "yes", "disable_direct_media_on_nat": "yes"}),
        (
            "update,nonat",
            {"direct_media": "yes", "direct_media_method": "update", "disable_direct_media_on_nat": "yes"},
        ),
        ("outgoing", {"direct_media": "yes", "direct_media_glare_mitigation": "outgoing"}),
    ],
)
def test_direct_media_has_an_option_for_each_word(text: str, wanted: dict[str, str]) -> None:
    made = peer(f"directmedia = {text}")
    assert {name: value for name, value in options(made, "endpoint").items() if "direct_media" in name} == wanted
    assert verdict(made, "directmedia") is Verdict.MAPPED
    assert options(peer(f"canreinvite = {text}"), "endpoint")["direct_media"] == wanted["direct_media"]


def test_a_word_that_means_nothing_is_told() -> None:
    assert "sometimes means nothing" in note(peer("directmedia = nonat,sometimes"), "directmedia").why


@pytest.mark.parametrize(
    ("text", "rport", "contact", "symmetric", "verdict_"),
    [
        ("no", "no", "no", "no", "mapped"),
        ("never", "no", "no", "no", "mapped"),
        ("yes", "yes", "yes", "yes", "mapped"),
        ("force_rport", "yes", "yes", "no", "mapped"),
        ("comedia", "no", "no", "yes", "mapped"),
        ("force_rport,comedia", "yes", "yes", "yes", "mapped"),
        ("route", "yes", "yes", "no", "mapped"),
        ("auto_force_rport,auto_comedia", "yes", "yes", "yes", "changed"),
        ("no,comedia", "no", "no", "no", "mapped"),
    ],
)
def test_nat_becomes_three_options(text: str, rport: str, contact: str, symmetric: str, verdict_: str) -> None:
    made = peer(f"nat = {text}")
    endpoint = options(made, "endpoint")
    found = (endpoint["force_rport"], endpoint["rewrite_contact"], endpoint["rtp_symmetric"])
    assert found == (rport, contact, symmetric)
    assert verdict(made, "nat") == verdict_


def test_without_a_line_a_phone_is_answered_where_it_is_and_a_trunk_where_it_says() -> None:
    assert options(peer(""), "endpoint")["rewrite_contact"] == "yes"
    assert "rewrite_contact" not in options(converted(f"{CLOSED}[p]\ntype = peer\nhost = 192.0.2.1\n"), "endpoint")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("encryption = yes", "sdes"),
        ("encryption = yes\ndtlsenable = yes", "dtls"),
        ("dtlsenable = yes", "dtls"),
        ("encryption = no", None),
    ],
)
def test_media_are_encrypted_by_keys_in_sdp_or_by_dtls(lines: str, wanted: str | None) -> None:
    assert options(peer(lines), "endpoint").get("media_encryption") == wanted


def test_dtls_offers_both_roles_unless_told_otherwise() -> None:
    assert options(peer("dtlsenable = yes"), "endpoint")["dtls_setup"] == "actpass"
    assert options(peer("dtlsenable = yes\ndtlssetup = active"), "endpoint")["dtls_setup"] == "active"


def test_a_certificate_that_cannot_be_read_here_is_lost(tmp_path: Path) -> None:
    there = tmp_path / "there.pem"
    there.touch()
    assert options(peer(f"dtlscertfile = {there}"), "endpoint")["dtls_cert_file"] == str(there)
    made = peer(f"dtlscertfile = {tmp_path}/missing.pem")
    assert "dtls_cert_file" not in options(made, "endpoint")
    assert (verdict(made, "dtlscertfile"), note(made, "dtlscertfile").became) == (Verdict.LOST, "")


@pytest.mark.parametrize(("text", "wanted"), [("32", "yes"), ("80", "no"), ("64", None)])
def test_the_length_of_tags_is_32_or_80(text: str, wanted: str | None) -> None:
    assert options(peer(f"encryption_taglen = {text}"), "endpoint").get("srtp_tag_32") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("yes", ("yes", "fec", None)),
        ("yes,redundancy", ("yes", "redundancy", None)),
        ("yes,none,maxdatagram=400", ("yes", "none", "400")),
        ("maxdatagram=400,fec", ("yes", "fec", "400")),
        ("redundancy,yes", ("yes", "fec", None)),
        ("maxdatagram=400", ("no", None, None)),
        ("no", ("no", None, None)),
    ],
)
def test_fax_has_error_correction_unless_told_otherwise(text: str, wanted: tuple[str | None, ...]) -> None:
    endpoint = options(peer(f"t38pt_udptl = {text}"), "endpoint")
    assert tuple(endpoint.get(f"t38_udptl{name}") for name in ("", "_ec", "_maxdatagram")) == wanted


@pytest.mark.parametrize(
    ("text", "wanted", "verdict_"),
    [("cng", "yes", "mapped"), ("yes", "yes", "changed"), ("no", "no", "mapped"), ("t38", None, "lost")],
)
def test_fax_is_detected_by_tones(text: str, wanted: str | None, verdict_: str) -> None:
    made = peer(f"faxdetect = {text}")
    assert (options(made, "endpoint").get("fax_detect"), verdict(made, "faxdetect")) == (wanted, verdict_)


def test_music_on_hold_is_a_variable_or_passed_through() -> None:
    assert options(peer("mohinterpret = passthrough"), "endpoint")["moh_passthrough"] == "yes"
    assert options(peer("mohinterpret = jazz"), "endpoint")["set_var"] == "CHANNEL(musicclass)=jazz"
    assert "set_var" not in options(peer("mohinterpret = default"), "endpoint")
