"""What the PBX says to a channel, as its phone hears it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Endpoint, Global
from sorcery_sip import Request, Response
from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.message import NameAddr
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import HangupRequested
from sorcery_sip.pbx.party import Party, Redirecting
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.modules.call_bench import SDP, Bench, Message, in_loop, session_of


def endpoint(name: str = "alice", **options: str) -> Endpoint:
    return Endpoint.from_objectset(name, {"allow": "ulaw,alaw", "direct_media": "no", **options}.items())


@pytest.fixture
def bench(sorcery: Sorcery) -> Iterator[Bench]:
    made = Bench(sorcery)
    yield made
    made.close()


def seen(messages: list[Message]) -> list[tuple[int | str, bool]]:
    """Return statuses and methods, and whether each carries a session description."""
    return [
        (message.status if isinstance(message, Response) else message.method, bool(message.body))
        for message in messages
    ]


# -- before the answer


@pytest.mark.parametrize(
    ("what", "status", "has_sdp"),
    [
        (Indication.RINGING, 180, False),
        (Indication.PROGRESS, 183, True),
        (Indication.BUSY, 486, False),
        (Indication.CONGESTION, 503, False),
        (Indication.INCOMPLETE, 484, False),
    ],
)
@in_loop
def test_an_indication_before_the_answer_is_a_response(
    bench: Bench, what: Indication, status: int, has_sdp: bool
) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.indicate(what)
    assert seen(bench.sent()) == [(status, has_sdp)]


@pytest.mark.parametrize("what", [Indication.PROCEEDING, Indication.HOLD, Indication.SOURCE_CHANGED])
@in_loop
def test_what_there_is_no_response_for_is_not_told(bench: Bench, what: Indication) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.indicate(what)
    assert bench.sent() == []


@in_loop
def test_progress_is_told_once_and_ringing_after_it_by_another_183(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.indicate(Indication.PROGRESS)
    channel.indicate(Indication.PROGRESS)
    assert seen(bench.sent()) == [(183, True)]
    channel.indicate(Indication.RINGING)
    assert seen(bench.sent()) == [(183, True)]


@in_loop
def test_ringing_after_progress_is_told_where_that_is_allowed(bench: Bench) -> None:
    bench.sorcery.create(Global.from_objectset("global", [("allow_sending_180_after_183", "yes")]))
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.indicate(Indication.PROGRESS)
    channel.indicate(Indication.RINGING)
    assert [status for status, _ in seen(bench.sent())] == [183, 180]


@in_loop
def test_with_inband_progress_the_caller_hears_it_ring(bench: Bench) -> None:
    bench.sorcery.create(endpoint(inband_progress="yes"))
    channel = bench.call()
    channel.indicate(Indication.RINGING)
    assert seen(bench.sent()) == [(183, True)]
    assert bench.ports[0].played == ["ring"]


@pytest.mark.parametrize("what", [Indication.PROGRESS, None])
@in_loop
def test_the_ringing_that_the_caller_hears_ends_with_early_media_or_the_answer(
    bench: Bench, what: Indication | None
) -> None:
    bench.sorcery.create(endpoint(inband_progress="yes"))
    channel = bench.call()
    channel.indicate(Indication.RINGING)
    assert not bench.ports[0].tunes[0].is_over
    if what is None:
        channel.answer()
    else:
        channel.indicate(what)
    assert bench.ports[0].tunes[0].is_over


@in_loop
def test_a_call_in_which_no_sound_can_be_made_rings_in_silence(bench: Bench) -> None:
    bench.sorcery.create(endpoint(inband_progress="yes"))
    channel = bench.call()
    bench.ports[0].trouble = UnsupportedFormat("sound cannot be made in g722")
    channel.indicate(Indication.RINGING)
    assert seen(bench.sent()) == [(183, True)]


@in_loop
def test_a_call_that_is_passed_on_is_told_by_181(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.indicate(Indication.REDIRECTING, Redirecting(to=Party("200"), count=1))
    (response,) = bench.sent()
    assert seen([response]) == [(181, False)]
    assert "Diversion" in response.headers


@in_loop
def test_the_answer_is_the_same_in_183_and_200(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.indicate(Indication.PROGRESS)
    channel.answer()
    progress, answer = bench.sent()
    assert progress.body == answer.body


# -- after it


@pytest.mark.parametrize(("what", "tone"), [(Indication.BUSY, "busy"), (Indication.CONGESTION, "congestion")])
@in_loop
def test_after_the_answer_a_refusal_is_a_tone(bench: Bench, what: Indication, tone: str) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.indicate(what)
    assert bench.sent() == []
    assert bench.ports[0].played == [tone]


@pytest.mark.parametrize("what", [Indication.RINGING, Indication.PROGRESS])
@in_loop
def test_after_the_answer_nothing_rings(bench: Bench, what: Indication) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.indicate(what)
    assert bench.sent() == []


@in_loop
def test_hold_is_passed_on_with_moh_passthrough(bench: Bench) -> None:
    bench.sorcery.create(endpoint(moh_passthrough="yes"))
    channel, _ = bench.answered()
    channel.indicate(Indication.HOLD)
    (hold,) = bench.sent()
    assert b"a=sendonly" in hold.body
    bench.send(bench.answer_to(hold, 200, body=SDP + "a=recvonly\r\n"))
    channel.indicate(Indication.UNHOLD)
    (resume,) = bench.sent()
    assert b"a=sendrecv" in resume.body


@in_loop
def test_hold_is_not_told_without_moh_passthrough(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.indicate(Indication.HOLD)
    assert bench.sent() == []


@in_loop
def test_a_text_is_a_message_in_the_dialog(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.technology.send_text("h\u00e9")
    (message,) = bench.sent()
    assert seen([message]) == [("MESSAGE", True)]
    assert message.body == "h\u00e9".encode()


@pytest.mark.parametrize(("mode", "is_info"), [("info", True), ("rfc4733", False)])
@in_loop
def test_a_digit_goes_the_way_that_was_agreed(bench: Bench, mode: str, is_info: bool) -> None:
    bench.sorcery.create(endpoint(dtmf_mode=mode))
    sdp = SDP.replace("0 8\r\n", "0 8 101\r\n", 1) + "a=rtpmap:101 telephone-event/8000\r\n"
    bench.send(bench.request(body=sdp))
    (channel,) = bench.pbx.channels
    channel.answer()
    (response,) = bench.sent()
    assert isinstance(response, Response)
    bench.send(bench.request("ACK", to=str(response.to)))
    channel.technology.send_dtmf("5", 120)
    sent = bench.sent()
    assert seen(sent) == ([("INFO", True)] if is_info else [])
    assert bench.ports[0].digits == ([] if is_info else ["5"])
    if is_info:
        assert sent[0].body.split() == [b"Signal=5", b"Duration=120"]


@pytest.mark.parametrize("trouble", [UnsupportedFormat("no telephone-event is agreed"), ValueError("'!' is no digit")])
@in_loop
def test_a_digit_that_cannot_be_sent_is_left_out_and_the_log_says_so(
    bench: Bench, caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    bench.sorcery.create(endpoint(dtmf_mode="inband"))
    channel, _ = bench.answered()
    bench.ports[0].trouble = trouble
    channel.technology.send_dtmf("!", 100)
    assert str(trouble) in caplog.text


@in_loop
def test_before_there_is_a_dialog_texts_and_digits_in_info_go_nowhere(bench: Bench) -> None:
    channel, invite = bench.dial(endpoint("bob", dtmf_mode="info"))
    bench.send(bench.answer_to(invite, 100))
    channel.technology.send_text("early")
    session_of(channel).media.apply(SDP.encode())
    channel.technology.send_dtmf("1", 100)
    assert bench.sent() == []


@in_loop
def test_what_channel_reads(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    tag = NameAddr.parse(to).tag
    read = channel.technology.read_variable
    expected = {
        "endpoint": "alice",
        "aor": "",
        "pjsip,call-id": "call",
        "pjsip,local_tag": tag,
        "pjsip, remote_tag": "a",
        "pjsip,remote_uri": "sip:alice@pbx",
        "pjsip,local_uri": "sip:100@pbx",
        "pjsip,target_uri": "sip:alice@192.0.2.7:5062",
        "pjsip,request_uri": "sip:100@pbx",
        "pjsip,remote_addr": "192.0.2.7:5062",
        "pjsip,secure": "0",
        "pjsip,nonsense": None,
        "nonsense": None,
    }
    assert {name: read(name) for name in expected} == expected


# -- who is connected


PARTY = Party("200", "Bob")


@in_loop
def test_another_party_is_told_by_an_update_where_the_phone_takes_that(bench: Bench) -> None:
    bench.sorcery.create(endpoint(send_pai="yes"))
    bench.send(bench.request(body=SDP, fields={"Allow": "INVITE, UPDATE"}))
    channel = acknowledged(bench)
    channel.connect_line(PARTY)
    (update,) = bench.sent()
    assert seen([update]) == [("UPDATE", False)]
    assert (update.headers.get("P-Asserted-Identity") or "").startswith('"Bob" <sip:200@')


@in_loop
def test_another_party_is_told_by_a_reinvite_else(bench: Bench) -> None:
    bench.sorcery.create(endpoint(send_pai="yes"))
    channel, _ = bench.answered()
    channel.connect_line(PARTY)
    (invite,) = bench.sent()
    assert seen([invite]) == [("INVITE", True)]


@pytest.mark.parametrize(
    "options", [{}, {"send_pai": "yes", "send_connected_line": "no"}, {"send_rpid": "yes", "send_connected_line": "no"}]
)
@in_loop
def test_an_endpoint_that_is_not_to_know_is_not_told(bench: Bench, options: dict[str, str]) -> None:
    bench.sorcery.create(endpoint(**options))
    channel, _ = bench.answered()
    channel.connect_line(PARTY)
    assert bench.sent() == []


@in_loop
def test_a_withheld_party_is_told_to_the_trusted_alone(bench: Bench) -> None:
    bench.sorcery.create(endpoint(send_pai="yes"))
    channel, _ = bench.answered()
    channel.connect_line(Party("200", presentation="prohib"))
    assert bench.sent() == []


@pytest.mark.parametrize(
    ("immediate", "inband", "expected"),
    [("yes", "no", [(180, False)]), ("yes", "yes", [(183, False)]), ("no", "no", [])],
)
@in_loop
def test_before_the_answer_only_rpid_immediate_tells(
    bench: Bench, immediate: str, inband: str, expected: list[tuple[int, bool]]
) -> None:
    bench.sorcery.create(endpoint(send_rpid="yes", rpid_immediate=immediate, inband_progress=inband))
    channel = bench.call()
    channel.connect_line(PARTY)
    assert seen(bench.sent()) == expected


def acknowledged(bench: Bench) -> Channel:
    """Answer the last call."""
    channel = bench.pbx.channels[-1]
    channel.answer()
    (response,) = bench.sent()
    assert isinstance(response, Response)
    bench.send(bench.request("ACK", to=str(response.to)))
    return channel


# -- two legs


def joined(bench: Bench, **options: str) -> tuple[Channel, Channel]:
    """Let alice call bob; both are up, and nothing was sent since."""
    bench.sorcery.create(endpoint(**options))
    caller = bench.call()
    callee, invite = bench.dial(endpoint("bob", **options), caller)
    bench.send(bench.answer_to(invite, 200, body=THEIRS))
    caller.answer()
    (response,) = bench.sent()
    assert isinstance(response, Response)
    bench.send(bench.request("ACK", to=str(response.to)))
    return caller, callee


THEIRS = SDP.replace("4000", "4002")
"""What bob takes in."""


def agree(bench: Bench) -> None:
    """Let both phones accept what they are offered."""
    for offer in bench.sent():
        body = SDP if str(offer.to.uri) == "sip:alice@pbx" else THEIRS
        assert seen(bench.send(bench.answer_to(offer, 200, body=body))) == [("ACK", False)]


def bridge(caller: Channel, callee: Channel) -> None:
    caller.technology.bridged(callee)
    callee.technology.bridged(caller)


@in_loop
def test_the_callers_answer_names_no_codec_that_the_callee_lacks(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    caller = bench.call()
    _, invite = bench.dial(endpoint("bob"), caller)
    bench.send(bench.answer_to(invite, 200, body=SDP.replace("RTP/AVP 0 8", "RTP/AVP 8")))
    caller.answer()
    (response,) = bench.sent()
    assert b"RTP/AVP 8\r\n" in response.body


@in_loop
def test_a_caller_who_asks_for_an_offer_is_offered_what_the_callee_has(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    bench.send(bench.request())
    caller = bench.pbx.channels[-1]
    _, invite = bench.dial(endpoint("bob"), caller)
    bench.send(bench.answer_to(invite, 200, body=SDP.replace("RTP/AVP 0 8", "RTP/AVP 8")))
    caller.answer()
    (response,) = bench.sent()
    assert b"RTP/AVP 8 101\r\n" in response.body


@in_loop
def test_an_answer_that_is_out_is_corrected_by_a_reinvite(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    caller, _ = bench.answered()
    session_of(caller).media.answer_again(["ulaw"])
    callee, invite = bench.dial(endpoint("bob", allow="alaw"))
    bench.send(bench.answer_to(invite, 200, body=SDP))
    bridge(caller, callee)
    (correction,) = bench.sent()
    assert seen([correction]) == [("INVITE", True)]
    assert b"RTP/AVP 8 101\r\n" in correction.body


@in_loop
def test_a_caller_whose_answer_to_our_offer_is_on_its_way_gets_no_other_offer(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    bench.send(bench.request())
    caller = bench.pbx.channels[-1]
    callee, invite = bench.dial(endpoint("bob"), caller)
    bench.send(bench.answer_to(invite, 200, body=SDP))
    caller.answer()
    (response,) = bench.sent()
    bridge(caller, callee)
    assert bench.send(bench.request("ACK", to=str(response.to), body=SDP)) == []
    assert session_of(caller).media.formats


@in_loop
def test_an_answer_in_the_ack_without_a_codec_of_the_callee_is_corrected(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    bench.send(bench.request())
    caller = bench.pbx.channels[-1]
    caller.indicate(Indication.PROGRESS)
    assert seen(bench.sent()) == [(183, False)]
    callee, invite = bench.dial(endpoint("bob", allow="alaw"), caller)
    bench.send(bench.answer_to(invite, 200, body=SDP))
    caller.answer()
    response = bench.sent()[-1]
    bridge(caller, callee)
    sent = bench.send(bench.request("ACK", to=str(response.to), body=SDP.replace("RTP/AVP 0 8", "RTP/AVP 0")))
    assert seen(sent) == [("INVITE", True)]
    assert b"RTP/AVP 8 101\r\n" in sent[0].body


@in_loop
def test_without_direct_media_joining_sends_nothing(bench: Bench) -> None:
    caller, callee = joined(bench)
    bridge(caller, callee)
    assert bench.sent() == []


@in_loop
def test_direct_media_sends_each_phone_to_the_other(bench: Bench) -> None:
    caller, callee = joined(bench, direct_media="yes")
    bridge(caller, callee)
    offers = {str(each.to.uri): each.body for each in bench.sent() if isinstance(each, Request)}
    assert set(offers) == {"sip:alice@pbx", "sip:bob@192.0.2.7"}
    assert b"m=audio 4002 " in offers["sip:alice@pbx"]
    assert b"m=audio 4000 " in offers["sip:bob@192.0.2.7"]
    assert all(b"c=IN IP4 192.0.2.7\r\n" in body for body in offers.values())


@in_loop
def test_direct_media_is_taken_back_when_the_bridge_ends(bench: Bench) -> None:
    caller, callee = joined(bench, direct_media="yes")
    bridge(caller, callee)
    agree(bench)
    caller.technology.bridged(None)
    (back,) = bench.sent()
    assert b"m=audio 10000 " in back.body
    assert b"c=IN IP4 192.0.2.1\r\n" in back.body


@pytest.mark.parametrize(("mitigation", "told"), [("outgoing", "sip:alice@pbx"), ("incoming", "sip:bob@192.0.2.7")])
@in_loop
def test_glare_mitigation_holds_the_first_reinvite_of_one_side_back(bench: Bench, mitigation: str, told: str) -> None:
    caller, callee = joined(bench, direct_media="yes", direct_media_glare_mitigation=mitigation)
    bridge(caller, callee)
    assert [str(each.to.uri) for each in bench.sent()] == [told]


@in_loop
def test_direct_media_passes_through_us_where_nat_is_in_the_way(bench: Bench) -> None:
    options = {"direct_media": "yes", "disable_direct_media_on_nat": "yes"}
    bench.sorcery.create(endpoint(**options))
    bench.send(bench.request(body=SDP.replace("192.0.2.7", "10.0.0.7")))
    caller = acknowledged(bench)
    callee, invite = bench.dial(endpoint("bob", **options), caller)
    bench.send(bench.answer_to(invite, 200, body=SDP))
    bridge(caller, callee)
    assert bench.sent() == []


@in_loop
def test_direct_media_follows_a_phone_that_moves(bench: Bench) -> None:
    caller, callee = joined(bench, direct_media="yes")
    bridge(caller, callee)
    agree(bench)
    dialog = session_of(caller).invite.dialog
    assert dialog is not None
    to = str(dialog.local)
    sent = bench.send(bench.request("INVITE", to=to, cseq=2, body=SDP.replace("4000", "4444").replace("1 1", "1 2")))
    told = [each for each in sent if isinstance(each, Request) and each.method == "INVITE"]
    assert [b"m=audio 4444 " in each.body for each in told] == [True]
    assert not any(isinstance(event, HangupRequested) for event in bench.heard(callee))


@in_loop
def test_an_offer_that_fails_leaves_the_media_with_us(bench: Bench) -> None:
    caller, callee = joined(bench, direct_media="yes")
    bridge(caller, callee)
    for offer in bench.sent():
        bench.send(bench.answer_to(offer, 488))
    assert bench.sent() == []
    assert not caller.is_hung_up
    assert not callee.is_hung_up
