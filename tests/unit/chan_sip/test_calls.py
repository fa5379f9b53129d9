"""Callers, mailboxes, limits, and the services of a peer."""

from __future__ import annotations

import pytest

from sorcery.chan_sip import Verdict
from tests.unit.chan_sip.sip import CLOSED, converted, note, options, peer, verdict


@pytest.mark.parametrize(
    ("lines", "callerid"),
    [
        ('callerid = "Anna" <101>', '"Anna" <101>'),
        ("callerid = Anna <101>", "Anna <101>"),
        ("fullname = Anna\ncid_number = 101", '"Anna" <101>'),
        ("callerid = Bert <102>\nfullname = Anna", '"Anna" <102>'),
    ],
)
def test_a_caller_is_named_whole_or_in_parts(lines: str, callerid: str) -> None:
    assert options(peer(lines), "endpoint")["callerid"] == callerid


def test_the_caller_of_the_general_section_is_not_that_of_peers() -> None:
    assert "callerid" not in options(peer("", "callerid = Office"), "endpoint")


@pytest.mark.parametrize(
    ("text", "header"), [("yes", "send_rpid"), ("rpid", "send_rpid"), ("pai", "send_pai"), ("no", None)]
)
def test_the_identity_goes_into_one_header(text: str, header: str | None) -> None:
    endpoint = options(peer(f"sendrpid = {text}"), "endpoint")
    assert {name for name in ("send_rpid", "send_pai") if endpoint.get(name) == "yes"} == (
        {header} if header else set()
    )


def test_private_identities_are_told_of_where_an_identity_is_sent() -> None:
    assert note(peer("sendrpid = yes"), "trust_id_outbound").verdict is Verdict.DEFAULT
    for lines in ("sendrpid = no", "sendrpid = yes\ntrust_id_outbound = yes"):
        assert not [
            each for each in peer(lines).notes if (each.option, each.verdict) == ("trust_id_outbound", "default")
        ]


def test_updates_of_the_identity_use_update() -> None:
    assert options(peer("rpid_update = yes"), "endpoint")["connected_line_method"] == "update"
    assert "connected_line_method" not in options(peer("rpid_update = no"), "endpoint")


def test_a_limit_shows_as_busy_and_refuses_nobody() -> None:
    made = peer("call-limit = 2")
    assert options(made, "endpoint")["device_state_busy_at"] == "2"
    assert verdict(made, "call-limit") is Verdict.CHANGED


def test_a_busy_level_goes_before_a_limit() -> None:
    made = peer("call-limit = 4\nbusylevel = 2")
    assert options(made, "endpoint")["device_state_busy_at"] == "2"
    assert verdict(made, "call-limit") is Verdict.LOST
    assert verdict(peer("call-limit = 0"), "call-limit") is Verdict.MAPPED


def test_mailboxes_are_told_unasked_or_to_those_who_ask() -> None:
    made = peer("mailbox = 101,102@sales")
    assert options(made, "endpoint")["mailboxes"] == options(made, "aor")["mailboxes"] == "101@default,102@sales"
    assert options(made, "endpoint")["mwi_subscribe_replaces_unsolicited"] == "yes"
    made = peer("mailbox = 101\nmailbox = 102\nsubscribemwi = yes")
    assert not {"mailboxes", "mwi_subscribe_replaces_unsolicited"} & options(made, "endpoint").keys()
    assert options(made, "aor")["mailboxes"] == "101@default,102@default"
    assert options(peer("hasvoicemail = yes"), "endpoint")["mailboxes"] == "p@default"
    assert options(peer("hasvoicemail = yes", name="p@own"), "endpoint", "p@own")["mailboxes"] == "p@own"


def test_an_extension_of_another_name_is_lost() -> None:
    assert verdict(peer("regexten = p"), "regexten") is Verdict.MAPPED
    assert verdict(peer("regexten = 200"), "regexten") is Verdict.LOST


def test_lamps_show_ringing_beside_a_call_unless_told_otherwise() -> None:
    assert options(peer(""), "endpoint")["notify_early_inuse_ringing"] == "yes"
    assert options(peer("", "notifyringing = notinuse"), "endpoint")["notify_early_inuse_ringing"] == "no"


def test_media_leave_from_the_address_that_is_bound() -> None:
    endpoint = options(peer("", "rtpbindaddr = 192.0.2.5"), "endpoint")
    assert (endpoint["media_address"], endpoint["bind_rtp_to_media_address"]) == ("192.0.2.5", "yes")


def test_a_forced_proxy_counts_outside_calls_only() -> None:
    assert verdict(peer("outboundproxy = 192.0.2.9"), "outboundproxy") is Verdict.MAPPED
    assert verdict(peer("outboundproxy = 192.0.2.9,force"), "outboundproxy") is Verdict.CHANGED


def test_a_transport_that_is_none_is_told() -> None:
    assert "sctp is no transport" in note(peer("transport = sctp"), "transport").why


def test_calls_are_counted_whatever_the_counter_says() -> None:
    assert verdict(peer("callcounter = yes"), "callcounter") is Verdict.MAPPED
    assert verdict(peer("callcounter = no"), "callcounter") is Verdict.CHANGED


@pytest.mark.parametrize(
    ("line", "option", "text"),
    [
        ("dtmfmode = rfc2833", "dtmf_mode", "rfc4733"),
        ("dtmfmode = inband", "dtmf_mode", "inband"),
        ("dtmfmode = shortinfo", "dtmf_mode", "info"),
        ("session-timers = originate", "timers", "always"),
        ("session-timers = refuse", "timers", "no"),
        ("session-expires = 600", "timers_sess_expires", "600"),
        ("trustrpid = yes", "trust_id_inbound", "yes"),
        ("trust_id_outbound = legacy", "trust_id_outbound", "no"),
        ("usereqphone = yes", "user_eq_phone", "yes"),
        ("promiscredir = yes", "redirect_method", "uri_core"),
        ("progressinband = never", "inband_progress", "no"),
        ("allowoverlap = dtmf", "allow_overlap", "yes"),
        ("use_q850_reason = no", "suppress_q850_reason_headers", "yes"),
        ("parkinglot = plaza", "set_var", "CHANNEL(parkinglot)=plaza"),
        ("amaflags = billing", "set_var", "CHANNEL(amaflags)=billing"),
        ("callingpres = 35", "callerid_privacy", "prohib"),
        ("callingpres = prohib_passed_screen", "callerid_privacy", "prohib_passed_screen"),
        ("mwi_from = boxes", "mwi_from_user", "boxes"),
        ("setvar = A=1\nsetvar = B=2", "set_var", "A=1 B=2"),
        ("unsolicited_mailbox = 77", "incoming_mwi_mailbox", "77@SIP_Remote"),
        ("deny = 0.0.0.0/0.0.0.0\npermit = 10.0.0.0/8", "permit", "10.0.0.0/8"),
        ("acl = lan", "acl", "lan"),
        ("dtlsfingerprint = sha-1", "dtls_fingerprint", "SHA-1"),
        ("recordonfeature = automon", "one_touch_recording", "yes"),
        ("rtptimeout = 60", "rtp_timeout", "60"),
    ],
)
def test_many_options_have_another_name_only(line: str, option: str, text: str) -> None:
    assert options(peer(line), "endpoint")[option] == text


def test_rules_of_access_keep_their_order() -> None:
    made = peer("permit = 10.0.0.0/8\ndeny = 0.0.0.0/0\npermit = 192.0.2.0/24")
    (endpoint,) = (part for part in made.parts if part.type_name == "endpoint")
    assert [pair.option for pair in endpoint.pairs if pair.option in ("deny", "permit")] == ["permit", "deny", "permit"]


def test_a_value_that_means_nothing_is_lost() -> None:
    made = peer("dtmfmode = morse")
    assert (verdict(made, "dtmfmode"), "rfc2833" in note(made, "dtmfmode").why) == (Verdict.LOST, True)


def test_what_pjsip_refuses_is_lost_and_the_endpoint_stays() -> None:
    made = peer("session-expires = 60")
    assert "timers_sess_expires" not in options(made, "endpoint")
    assert (verdict(made, "session-expires"), options(made, "endpoint")["aors"]) == (Verdict.LOST, "p")


def test_what_pjsip_repairs_has_changed() -> None:
    assert verdict(peer("callgroup = 1,77"), "callgroup") is Verdict.CHANGED


def test_an_empty_line_says_nothing() -> None:
    assert verdict(peer("language ="), "language") is Verdict.MAPPED
    assert "language" not in options(converted(f"{CLOSED}[p]\ntype = friend\nlanguage =\n"), "endpoint")
