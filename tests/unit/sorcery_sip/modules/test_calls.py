"""Incoming and outgoing calls through supplements, media and channels."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_sip import Address, Request, Response
from sorcery_sip.events import RequestReceived
from sorcery_sip.message import parse_datagram, reply, write
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.chan_pjsip import ChannelSupplement, PjsipTechnology
from sorcery_sip.modules.contract import LAST_PRIORITY, Decision, SessionSupplement, refuse
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.targets import Target
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import ChannelState
from sorcery_sip.pbx.events import (
    Answered,
    DtmfEnd,
    HangupRequested,
    Hold,
    Progress,
    RedirectRequested,
    Ringing,
    TextReceived,
    Unhold,
)
from sorcery_sip.pbx.media import Dtmf
from tests.unit.sorcery_sip.modules.call_bench import PHONE, SDP, Bench, Message, in_loop, session_of


def endpoint(name: str = "alice", **options: str) -> Endpoint:
    return Endpoint.from_objectset(name, {"allow": "ulaw,alaw", "direct_media": "no", **options}.items())


@pytest.fixture
def bench(sorcery: Sorcery) -> Iterator[Bench]:
    made = Bench(sorcery)
    yield made
    made.close()


def statuses(messages: list[Message]) -> list[int]:
    return [message.status for message in messages if isinstance(message, Response)]


def methods(messages: list[Message]) -> list[str]:
    return [message.method for message in messages if isinstance(message, Request)]


def nothing_is_left(bench: Bench) -> bool:
    return len(bench.calls) == 0 and len(bench.agent) == 0 and all(port.is_closed for port in bench.ports)


# -- calls of the peer


@in_loop
def test_a_call_gets_100_a_channel_and_the_dialplan(bench: Bench) -> None:
    bench.sorcery.create(endpoint(callerid="Alice <12>", language="de", accountcode="a1", set_var="colour=red"))
    assert statuses(bench.send(bench.request(body=SDP))) == [100]
    (channel,) = bench.pbx.channels
    assert channel.state is ChannelState.RING
    assert (channel.context, channel.exten, channel.dialed) == ("default", "100", "100")
    assert (channel.caller.number, channel.caller.name) == ("12", "Alice")
    assert (channel.language, channel.account, channel.variables["colour"]) == ("de", "a1", "red")
    assert channel.formats == ("ulaw", "alaw")
    assert channel.name == "PJSIP/alice-00000000"
    assert len(bench.calls) == 1


@in_loop
def test_the_answer_is_a_200_with_sdp_contact_and_server(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.answer()
    (response,) = bench.sent()
    assert isinstance(response, Response)
    assert response.status == 200
    assert response.headers.get("Contact") == "<sip:192.0.2.1:5060>"
    assert response.headers.get("Server") == bench.settings.current.user_agent
    assert b"m=audio 10000 RTP/AVP 0 8" in response.body


@pytest.mark.parametrize(
    ("exten", "status", "options"),
    [
        ("101", 404, {}),
        ("9", 484, {}),
        ("9", 404, {"allow_overlap": "no"}),
        ("9", 484, {"context": "elsewhere", "overlap_context": "default"}),
    ],
)
def test_an_extension_that_is_not_there_gets_404_or_484_and_no_100(
    bench: Bench, exten: str, status: int, options: dict[str, str]
) -> None:
    bench.sorcery.create(endpoint(**options))
    assert statuses(bench.send(bench.request(uri=f"sip:{exten}@pbx", body=SDP))) == [status]
    assert nothing_is_left(bench)


def test_a_scheme_that_is_no_extension_gets_416(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    assert statuses(bench.send(bench.request(uri="http://pbx", body=SDP))) == [416]


def test_a_stranger_is_challenged(bench: Bench) -> None:
    assert statuses(bench.send(bench.request(body=SDP))) == [401]


@in_loop
def test_an_offer_without_a_common_codec_gets_100_and_488_with_a_warning(bench: Bench) -> None:
    bench.sorcery.create(endpoint(allow="g722"))
    trying, refusal = bench.send(bench.request(body=SDP))
    assert isinstance(refusal, Response)
    assert statuses([trying, refusal]) == [100, 488]
    assert (refusal.headers.get("Warning") or "").startswith("305 ")
    bench.send(bench.request("ACK", to=str(refusal.to)))
    assert nothing_is_left(bench)
    assert bench.pbx.channels == []


@in_loop
def test_a_call_without_an_offer_gets_ours_in_the_200_and_answers_in_the_ack(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    bench.send(bench.request())
    (channel,) = bench.pbx.channels
    channel.answer()
    (response,) = bench.sent()
    assert b"RTP/AVP 0 8" in response.body
    bench.send(bench.request("ACK", to=str(response.to), body=SDP))
    assert bench.ports[0].settings is not None
    assert bench.ports[0].settings.remote == ("192.0.2.7", 4000)


@in_loop
def test_an_answer_in_the_ack_that_does_not_fit_ends_the_call_with_cause_58(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    bench.send(bench.request())
    (channel,) = bench.pbx.channels
    channel.answer()
    (response,) = bench.sent()
    wrong = SDP.replace("RTP/AVP 0 8", "RTP/AVP 9").replace("rtpmap:0 PCMU", "rtpmap:9 G722")
    sent = bench.send(bench.request("ACK", to=str(response.to), body=wrong))
    assert methods(sent) == ["BYE"]
    assert sent[0].headers.get("Reason") == "Q.850;cause=58"
    assert channel.hangup_cause == Cause.BEARERCAPABILITY_NOTAVAIL


@in_loop
def test_a_bye_gets_200_and_ends_the_channel_with_the_cause_it_tells(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    bye = bench.request("BYE", to=to, cseq=2, fields={"Reason": "Q.850;cause=31"})
    assert statuses(bench.send(bye)) == [200]
    assert channel.is_hung_up
    assert channel.hangup_cause == 31
    channel.hangup()
    assert bench.sent() == []
    assert nothing_is_left(bench)


@in_loop
def test_a_cancel_gets_200_and_487_and_ends_the_channel(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call(branch="one")
    assert sorted(statuses(bench.send(bench.request("CANCEL", branch="one")))) == [200, 487]
    assert channel.is_hung_up
    assert channel.tech_cause == "SIP 487"
    channel.hangup()
    assert nothing_is_left(bench)


@pytest.mark.parametrize(("cause", "status"), [(17, 486), (1, 404), (34, 503), (16, 603), (21, 403)])
@in_loop
def test_a_hang_up_before_the_answer_is_the_response_of_its_cause(bench: Bench, cause: int, status: int) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.hangup(cause)
    (response,) = bench.sent()
    assert statuses([response]) == [status]
    assert response.headers.get("Reason") == f"Q.850;cause={cause}"
    assert nothing_is_left(bench)


@in_loop
def test_a_hang_up_after_the_answer_is_a_bye_with_its_reason(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.hangup(17)
    (bye,) = bench.sent()
    assert methods([bye]) == ["BYE"]
    assert bye.headers.get("Reason") == "Q.850;cause=17"
    bench.send(bench.answer_to(bye, 200))
    assert nothing_is_left(bench)


@in_loop
def test_reasons_are_kept_from_an_endpoint_that_wants_none(bench: Bench) -> None:
    bench.sorcery.create(endpoint(suppress_q850_reason_headers="yes"))
    channel = bench.call()
    channel.hangup(17)
    (response,) = bench.sent()
    assert response.headers.get("Reason") is None


@in_loop
def test_a_peer_that_never_acknowledges_ends_the_call(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel = bench.call()
    channel.answer()
    sent = bench.wait(33)
    assert methods(sent)[:1] == ["BYE"]
    assert channel.is_hung_up
    bench.wait(40)
    assert nothing_is_left(bench)


@in_loop
def test_a_call_goes_on_with_the_endpoint_it_began_with(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    stored = bench.sorcery.retrieve_by_id(Endpoint, "alice")
    assert stored is not None
    bench.sorcery.delete(stored)
    assert statuses(bench.send(bench.request("INVITE", to=to, cseq=2, body=SDP))) == [200]
    assert statuses(bench.send(bench.request("BYE", to=to, cseq=3))) == [200]
    channel.hangup()
    assert nothing_is_left(bench)


# -- inside a call


@in_loop
def test_hold_and_resume_reach_the_channel(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    (held,) = bench.send(bench.request("INVITE", to=to, cseq=2, body=SDP + "a=sendonly\r\n"))
    assert b"a=recvonly" in held.body
    bench.send(bench.request("ACK", to=to, cseq=2))
    (resumed,) = bench.send(bench.request("INVITE", to=to, cseq=3, body=SDP))
    assert b"a=recvonly" not in resumed.body
    heard = [each for each in bench.heard(channel) if isinstance(each, Hold | Unhold)]
    assert heard == [Hold(), Unhold()]


@pytest.mark.parametrize(
    ("body", "status"),
    [(SDP.replace("RTP/AVP 0 8", "RTP/AVP 9").replace("rtpmap:0 PCMU", "rtpmap:9 G722"), 488), ("v=0\r\nx", 415)],
)
@in_loop
def test_a_reinvite_that_does_not_fit_is_refused_and_the_media_stay(bench: Bench, body: str, status: int) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    before = bench.ports[0].settings
    (refusal,) = bench.send(bench.request("INVITE", to=to, cseq=2, body=body))
    assert statuses([refusal]) == [status]
    assert "Warning" in refusal.headers
    assert bench.ports[0].settings == before
    assert not channel.is_hung_up


@in_loop
def test_a_reinvite_without_sdp_gets_our_offer(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    _, to = bench.answered()
    (offer,) = bench.send(bench.request("INVITE", to=to, cseq=2))
    assert b"m=audio 10000" in offer.body


@pytest.mark.parametrize(
    ("method", "fields", "body", "status"),
    [
        ("OPTIONS", {}, "", 200),
        ("INFO", {}, "", 200),
        ("INFO", {"Content-Type": "application/unknown"}, "x", 415),
        ("MESSAGE", {"Content-Type": "text/plain"}, "hello", 202),
        ("MESSAGE", {"Content-Type": "image/png"}, "x", 415),
        ("MESSAGE", {}, "", 415),
        ("REFER", {"Refer-To": "<sip:102@pbx>"}, "", 603),
        ("NOTIFY", {"Event": "x"}, "", 405),
        ("FROBNICATE", {}, "", 405),
    ],
)
@in_loop
def test_requests_inside_a_call(bench: Bench, method: str, fields: dict[str, str], body: str, status: int) -> None:
    bench.sorcery.create(endpoint())
    _, to = bench.answered()
    assert statuses(bench.send(bench.request(method, to=to, cseq=2, body=body, fields=fields))) == [status]


@in_loop
def test_a_text_reaches_the_channel(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    bench.send(bench.request("MESSAGE", to=to, cseq=2, body="h\u00e9", fields={"Content-Type": "text/plain"}))
    assert TextReceived("h\u00e9") in bench.heard(channel)


@in_loop
def test_a_digit_in_an_info_reaches_the_channel(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, to = bench.answered()
    fields = {"Content-Type": "application/dtmf-relay"}
    body = "Signal=5\r\nDuration=200\r\n"
    assert statuses(bench.send(bench.request("INFO", to=to, cseq=2, body=body, fields=fields))) == [200]
    assert DtmfEnd("5", 200) in bench.heard(channel)


@in_loop
def test_a_digit_in_the_audio_reaches_the_channel(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    assert bench.ports[0].dtmf is not None
    bench.ports[0].dtmf(Dtmf("7", ended=True, milliseconds=120, relayed=True))
    assert DtmfEnd("7", 120, relayed=True) in bench.heard(channel)


@in_loop
def test_silence_for_longer_than_the_endpoint_bears_ends_the_call_with_cause_44(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    bench.sorcery.create(endpoint(rtp_timeout="5"))
    channel, _ = bench.answered()
    port = bench.ports[0]
    assert port.settings is not None
    assert port.settings.timeout == 5
    assert port.timeout is not None
    port.timeout()
    assert "no audio has come" in caplog.text
    assert channel.hangup_cause == Cause.REQUESTED_CHAN_UNAVAIL


# -- calls of ours


@in_loop
def test_a_call_of_ours_rings_and_is_answered(bench: Bench) -> None:
    channel, invite = bench.dial(endpoint("bob"))
    assert channel.state.value == "Dialing"
    assert str(invite.uri) == "sip:bob@192.0.2.7:5062"
    assert b"m=audio 10000" in invite.body
    bench.send(bench.answer_to(invite, 180))
    assert channel.state.value == "Ringing"
    sent = bench.send(bench.answer_to(invite, 200, body=SDP))
    assert methods(sent) == ["ACK"]
    assert channel.is_up
    assert bench.ports[0].settings is not None
    assert bench.ports[0].settings.remote == ("192.0.2.7", 4000)
    heard = [each for each in bench.heard(channel) if isinstance(each, Ringing | Answered)]
    assert heard == [Ringing(), Answered()]


@pytest.mark.parametrize(
    ("status", "body", "options", "event"),
    [
        (183, SDP, {}, Progress(True)),
        (180, SDP, {}, Progress(True)),
        (183, "", {}, Progress(False)),
        (183, "", {"ignore_183_without_sdp": "yes"}, None),
    ],
)
@in_loop
def test_news_before_the_answer(
    bench: Bench, status: int, body: str, options: dict[str, str], event: Progress | None
) -> None:
    channel, invite = bench.dial(endpoint("bob", **options))
    bench.send(bench.answer_to(invite, status, body=body))
    assert [each for each in bench.heard(channel) if isinstance(each, Progress)] == ([event] if event else [])


@pytest.mark.parametrize("option", ["from_domain", "contact_user"])
@in_loop
def test_an_invite_that_cannot_be_written_ends_its_channel_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture, option: str
) -> None:
    session = bench.calls.make(endpoint("bob", **{option: "x\nY: z"}), PHONE)
    target = Target(endpoint=session.endpoint, uri=SipUri("192.0.2.7"), routes=(), destinations=(PHONE,))
    technology = PjsipTechnology(session, bench.surroundings, target)
    channel = session.channel = bench.surroundings.channels.create("bob", technology)
    technology.call()
    assert channel.is_hung_up
    assert "a line end within a line" in caplog.text
    channel.hangup()
    assert bench.sent() == []
    assert nothing_is_left(bench)
    assert len(bench.surroundings.channels) == 0


@in_loop
def test_a_180_whose_body_is_no_description_rings(bench: Bench) -> None:
    channel, invite = bench.dial(endpoint("bob"))
    text = bench.answer_to(invite, 180, body="a text").replace("application/sdp", "text/plain")
    bench.send(text)
    assert [each for each in bench.heard(channel) if isinstance(each, Ringing | Progress)] == [Ringing()]


@pytest.mark.parametrize(
    ("status", "fields", "cause"),
    [(486, {}, 17), (404, {}, 1), (503, {}, 34), (480, {"Reason": "Q.850;cause=20"}, 19), (401, {}, 21)],
)
def test_a_refusal_ends_the_channel_with_its_cause(
    bench: Bench, status: int, fields: dict[str, str], cause: int
) -> None:
    async def play() -> None:
        channel, invite = bench.dial(endpoint("bob"))
        bench.send(bench.answer_to(invite, status, fields=fields))
        for _ in range(5):
            await asyncio.sleep(0)
        bench.sent()
        assert channel.hangup_cause == cause
        assert channel.tech_cause == f"SIP {status}"
        channel.hangup()
        assert nothing_is_left(bench)

    asyncio.run(play())


@in_loop
@pytest.mark.parametrize("rewrite_contact", ["no", "yes"])
@pytest.mark.parametrize("field", ["Contact: <sip:", "Contact: <sip:bob@192.0.2.7:5062>\r\nRecord-Route: <sip:"])
def test_an_answer_that_tells_no_address_ends_the_call(bench: Bench, rewrite_contact: str, field: str) -> None:
    channel, invite = bench.dial(endpoint("bob", rewrite_contact=rewrite_contact))
    answer = bench.answer_to(invite, 200, body=SDP)
    bench.send(answer.replace("Contact: <sip:bob@192.0.2.7:5062>", field))
    assert any(isinstance(event, HangupRequested) for event in bench.heard(channel))
    channel.hangup()
    bench.wait(40)
    assert nothing_is_left(bench)


@in_loop
def test_nobody_there_ends_the_channel_with_cause_18(bench: Bench) -> None:
    channel, _ = bench.dial(endpoint("bob"))
    bench.wait(40)
    assert channel.hangup_cause == Cause.NO_USER_RESPONSE
    assert nothing_is_left(bench)


@pytest.mark.parametrize("status", [401, 407])
@in_loop
def test_a_bye_that_is_challenged_in_vain_leaves_nothing_behind(bench: Bench, status: int) -> None:
    channel, invite = bench.dial(endpoint("bob"))
    bench.send(bench.answer_to(invite, 200, body=SDP))
    channel.hangup()
    (bye,) = bench.sent()
    text = bench.request("OPTIONS", to=str(bye.from_), call_id=bye.call_id, fields={"From": str(bye.to)})
    options = parse_datagram(text.encode())
    assert isinstance(options, Request)
    assert bench.calls.owns(RequestReceived(options, PHONE, None))
    bench.send(bench.answer_to(bye, status, fields={"WWW-Authenticate": 'Digest realm="r", nonce="n"'}))
    assert not bench.calls.owns(RequestReceived(options, PHONE, None))


@in_loop
def test_the_log_says_why_a_call_failed(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    _, invite = bench.dial(endpoint("bob"))
    bench.send(bench.answer_to(invite, 486))
    bench.dial(endpoint("carol"))
    bench.wait(40)
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.hangup()
    bench.wait(40)  # that it was hung up is no failure
    assert [record.getMessage() for record in caplog.records if "ended" in record.getMessage()] == [
        "PJSIP/bob-00000000 ended (remote, 486): 486 Reason",
        "PJSIP/carol-00000001 ended (timeout, 408): INVITE to 192.0.2.7:5062: Request Timeout",
    ]


@in_loop
def test_a_hang_up_while_it_rings_is_a_cancel(bench: Bench) -> None:
    channel, invite = bench.dial(endpoint("bob"))
    channel.hangup()
    assert bench.sent() == []  # not before the phone has said anything
    assert methods(bench.send(bench.answer_to(invite, 180))) == ["CANCEL"]
    assert methods(bench.send(bench.answer_to(invite, 487))) == ["ACK"]
    assert nothing_is_left(bench)


@in_loop
def test_an_answer_that_does_not_fit_ends_the_call_with_cause_58(bench: Bench) -> None:
    channel, invite = bench.dial(endpoint("bob"))
    wrong = SDP.replace("RTP/AVP 0 8", "RTP/AVP 9").replace("rtpmap:0 PCMU", "rtpmap:9 G722")
    sent = bench.send(bench.answer_to(invite, 200, body=wrong))
    assert methods(sent) == ["ACK", "BYE"]
    assert channel.hangup_cause == Cause.BEARERCAPABILITY_NOTAVAIL
    assert not channel.is_up


@pytest.mark.parametrize(("method", "target"), [("user", "200"), ("uri_core", "PJSIP/bob/sip:200@192.0.2.99")])
@in_loop
def test_a_redirection_is_the_dialplans_to_follow(bench: Bench, method: str, target: str) -> None:
    channel, invite = bench.dial(endpoint("bob", redirect_method=method))
    response = bench.answer_to(invite, 302).replace("<sip:bob@192.0.2.7:5062>", "<sip:200@192.0.2.99>")
    bench.send(response)
    (redirected,) = [each for each in bench.heard(channel) if isinstance(each, RedirectRequested)]
    assert redirected.target == target
    assert isinstance(bench.heard(channel)[-1], HangupRequested)


def test_a_challenge_is_answered_with_the_credentials_of_the_endpoint(bench: Bench) -> None:
    async def play() -> None:
        bench.credentials = (("Authorization", "Digest x"),)
        _, invite = bench.dial(endpoint("bob"))
        bench.send(bench.answer_to(invite, 401, fields={"WWW-Authenticate": 'Digest realm="r", nonce="n"'}))
        for _ in range(5):
            await asyncio.sleep(0)
        (again,) = bench.sent()
        assert isinstance(again, Request)
        assert again.headers.get("Authorization") == "Digest x"
        assert again.cseq.number == invite.cseq.number + 1

    asyncio.run(play())


def test_a_request_in_a_call_is_sent_with_credentials_up_to_five_times(bench: Bench) -> None:
    async def play() -> None:
        bench.credentials = (("Authorization", "Digest x"),)
        channel, invite = bench.dial(endpoint("bob"))
        bench.send(bench.answer_to(invite, 200, body=SDP))
        for _ in range(2):
            channel.technology.send_text("a text")
            sent = [each for each in bench.sent() if isinstance(each, Request)]
            count = 0
            while sent:
                count += 1
                bench.send(bench.answer_to(sent[0], 401, fields={"WWW-Authenticate": f'Digest nonce="{count}"'}))
                for _ in range(5):
                    await asyncio.sleep(0)
                sent = [each for each in bench.sent() if isinstance(each, Request)]
            assert count == 1 + 5

    asyncio.run(play())


def test_a_fault_in_answering_a_challenge_ends_the_call(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        bench.credentials = None
        channel, invite = bench.dial(endpoint("bob"))
        bench.send(bench.answer_to(invite, 401, fields={"WWW-Authenticate": 'Digest realm="r", nonce="n"'}))
        for _ in range(5):
            await asyncio.sleep(0)
        bench.sent()
        assert "a fault" in caplog.text
        assert channel.is_hung_up
        assert nothing_is_left(bench)

    asyncio.run(play())


@pytest.mark.parametrize("target", ["PJSIP/trunk", "Local/100", "x/y"])
@in_loop
def test_a_redirection_to_a_user_with_a_slash_is_not_followed(
    bench: Bench, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    channel, invite = bench.dial(endpoint("bob"))
    bench.send(bench.answer_to(invite, 302).replace("<sip:bob@192.0.2.7:5062>", f"<sip:{target}@192.0.2.99>"))
    assert [each for each in bench.heard(channel) if isinstance(each, RedirectRequested)] == []
    assert channel.hangup_cause == Cause.REDIRECTED_TO_NEW_DESTINATION
    assert f"{target}' is no extension" in caplog.text


@in_loop
def test_calls_with_the_same_call_id_do_not_part_one_another_from_their_nat(bench: Bench) -> None:
    bench.sorcery.create(endpoint(rewrite_contact="yes"))
    _, to = bench.answered()
    bench.send(bench.request(fields={"From": "<sip:alice@pbx>;tag=other"}, body=SDP))
    bench.pbx.channels[-1].hangup()
    bench.sent()
    moved = Address("192.0.2.7", 7000, "udp")
    fields = {"Contact": "<sip:alice@10.0.0.1>"}
    bench.send(bench.request("UPDATE", to=to, cseq=2, fields=fields), moved)
    dialog = session_of(bench.pbx.channels[0]).invite.dialog
    assert dialog is not None
    assert (dialog.remote_target.host, dialog.remote_target.port) == ("192.0.2.7", 7000)


@pytest.mark.parametrize(("outbound_auth", "is_kept"), [("", False), ("trunk", True)])
@in_loop
def test_a_call_that_is_over_is_let_go_of(bench: Bench, outbound_auth: str, is_kept: bool) -> None:
    bench.sorcery.create(endpoint(outbound_auth=outbound_auth))
    channel, _ = bench.answered()
    session = session_of(channel)
    channel.hangup()
    (bye,) = bench.sent()
    assert session.channel is None
    assert (session.invite.data is session) is is_kept  # a challenge to the BYE may have to be answered
    assert isinstance(bye, Request)
    bench.send(write(reply(bye, 200)).decode())
    assert session.invite.data is None


@in_loop
def test_a_call_that_the_peer_ends_is_let_go_of_at_once(bench: Bench) -> None:
    bench.sorcery.create(endpoint(outbound_auth="trunk"))
    channel, to = bench.answered()
    session = session_of(channel)
    bench.send(bench.request("BYE", to=to, cseq=2))
    channel.hangup()
    assert (session.channel, session.invite.data) == (None, None)


@in_loop
def test_a_bye_that_cannot_be_sent_ends_the_call_all_the_same(bench: Bench) -> None:
    bench.sorcery.create(endpoint())
    channel, _ = bench.answered()
    channel.hangup()
    bench.stack.transport_failed(PHONE, bench.now)
    while (event := bench.stack.next_event()) is not None:
        bench.calls.handle(event)
    assert len(bench.calls) == 0


@pytest.mark.parametrize("options", [{}, {"outbound_auth": "trunk"}, {"rewrite_contact": "yes"}])
@in_loop
def test_a_call_that_is_over_is_freed_without_the_garbage_collector(bench: Bench, options: dict[str, str]) -> None:
    bench.sorcery.create(endpoint(**options))
    gc.disable()
    try:
        channel, _ = bench.answered()
        known = [weakref.ref(each) for each in (channel, session_of(channel), session_of(channel).media)]
        channel.hangup()
        (bye,) = bench.sent()
        assert isinstance(bye, Request)
        bench.send(write(reply(bye, 200)).decode())
        bench.pbx.channels.clear()
        bench.notices.clear()
        bench.ports.clear()
        del channel
        assert [each() for each in known] == [None, None, None]
    finally:
        gc.enable()


class Failing(SessionSupplement):
    """A module with a fault in it."""

    def __init__(self, method: str) -> None:
        self.methods = frozenset({method})

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        raise RuntimeError("a fault")


@pytest.mark.parametrize(("method", "expected"), [("INVITE", [100, 500]), ("INFO", [500])])
@in_loop
def test_a_module_that_fails_ends_the_call(
    bench: Bench, caplog: pytest.LogCaptureFixture, method: str, expected: list[int]
) -> None:
    bench.sorcery.create(endpoint())
    if method == "INVITE":
        bench.calls.use([Failing(method)])
        sent = bench.send(bench.request(body=SDP))
    else:
        _, to = bench.answered()
        bench.calls.use([Failing(method)])
        sent = bench.send(bench.request(method, to=to, cseq=2))
        assert methods(sent) == ["BYE"]
    assert statuses(sent) == expected
    assert "a fault" in caplog.text
    assert len(bench.calls) == 0


class Refusing(SessionSupplement):
    """A module that stands behind the channel, and wants no calls."""

    methods = frozenset({"INVITE"})
    priority = LAST_PRIORITY

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        return refuse(503, "no calls")


class FailingLate(Refusing):
    """Another, with a fault in it."""

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        raise RuntimeError("a fault")


@pytest.mark.parametrize(("module", "status"), [(Refusing, 503), (FailingLate, 500)])
@in_loop
def test_a_call_that_fails_behind_its_channel_leaves_no_channel(
    bench: Bench, module: type[SessionSupplement], status: int
) -> None:
    bench.sorcery.create(endpoint())
    bench.calls.use([ChannelSupplement(bench.surroundings), module()])
    assert statuses(bench.send(bench.request(body=SDP))) == [100, status]
    assert len(bench.surroundings.channels) == 0
    assert nothing_is_left(bench)


@in_loop
def test_an_update_without_sdp_tells_who_the_peer_is_now(bench: Bench) -> None:
    bench.sorcery.create(endpoint(trust_id_inbound="yes"))
    channel, to = bench.answered()
    fields = {"P-Asserted-Identity": '"Carol" <sip:300@pbx>'}
    assert statuses(bench.send(bench.request("UPDATE", to=to, cseq=2, fields=fields))) == [200]
    assert (channel.caller.number, channel.caller.name) == ("300", "Carol")
