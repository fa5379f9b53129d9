"""Our first INVITE."""

from __future__ import annotations

import pytest

from sorcery_sip.message import reply
from sorcery_sip.session import (
    Accepted,
    Challenged,
    Confirmed,
    Ended,
    Offered,
    Progressed,
    Redirected,
    Rejected,
    State,
)
from sorcery_sip.session.requests import BAD_MEDIA
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire


def ringing(**profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which alice has called somebody who has not answered yet."""
    wire = Wire()
    alice, raw = wire.peer("alice", **profile), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    return wire, alice, raw


class TestProgress:
    def test_a_100_is_nothing_and_a_180_is_progress(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 100)
        wire.run(0.1)
        assert (alice.told(), alice.session.dialog) == ([], None)
        raw.answer(raw.request("INVITE"), 180)
        wire.run(0.1)
        assert (alice.take(Progressed).sdp, alice.session.state) == (None, State.EARLY)

    def test_a_180_without_a_tag_is_progress_that_makes_no_dialog(self) -> None:
        wire, alice, raw = ringing()
        invite = raw.request("INVITE")
        answer = reply(invite, 180)
        raw.say(answer.with_headers(answer.headers.with_set("To", str(invite.to))), alice)
        wire.run(0.1)
        assert (alice.take(Progressed).response.status, alice.session.dialog) == (180, None)

    def test_sdp_in_an_unreliable_1xx_is_an_answer_and_comes_once(self) -> None:
        wire, alice, raw = ringing()
        for body in (ANSWER, ANSWER, b"v=0 other"):
            raw.answer(raw.request("INVITE"), 183, sdp=body)
            wire.run(0.1)
        assert [alice.take(Progressed).sdp for _ in range(3)] == [ANSWER, None, None]
        raw.answer(raw.request("INVITE"), 200)
        wire.run(0.1)
        assert (alice.take(Accepted).sdp, alice.session.offers.remote) == (None, ANSWER)
        assert alice.session.state is State.CONFIRMED

    def test_another_answer_of_the_same_peer_counts_when_the_profile_says_so(self) -> None:
        wire, alice, raw = ringing(accept_multiple_sdp_answers=True)
        for body in (ANSWER, b"v=0 other"):
            raw.answer(raw.request("INVITE"), 183, sdp=body)
            wire.run(0.1)
        assert [alice.take(Progressed).sdp for _ in range(2)] == [ANSWER, b"v=0 other"]

    def test_silence_after_a_1xx_takes_the_call_back(self) -> None:
        wire, alice, raw = ringing(provisional_timeout=100.0)
        raw.answer(raw.request("INVITE"), 180)
        wire.run(90.0)
        raw.answer(raw.request("INVITE"), 180)
        wire.run(90.0)
        assert not alice.ended
        wire.run(10.2)
        raw.answer(raw.request("CANCEL"), 200)
        raw.answer(raw.request("INVITE"), 487)
        wire.run(1.0)
        assert (alice.take(Ended).by, len(alice.ended)) == ("timeout", 1)


class TestAnswer:
    def test_the_2xx_is_acknowledged_at_once_and_each_repeat_of_it_again(self) -> None:
        wire, alice, raw = ringing()
        for _ in range(3):
            raw.answer(raw.request("INVITE"), 200, sdp=ANSWER)
            wire.run(1.0)
        acks = wire.messages("ACK")
        assert len(acks) == 3
        assert len({str(ack.headers.get("Via")) for ack in acks}) == 1
        assert (acks[0].cseq.number, acks[0].to.tag) == (raw.request("INVITE").cseq.number, "raw")
        assert alice.told() == ["Accepted", "Confirmed"]

    def test_a_2xx_without_any_answer_is_acknowledged_and_ended_with_cause_58(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 200)
        wire.run(0.1)
        assert wire.seen("ACK", "BYE") == ["ACK", "BYE"]
        assert raw.request("BYE").headers.get("Reason") == BAD_MEDIA[0][1]
        ended = alice.take(Ended)
        assert (ended.by, ended.status) == ("failure", 488)

    def test_without_an_offer_of_ours_the_ack_answers_that_of_the_2xx(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        session = alice.call(raw, sdp=None)
        wire.run(0.1)
        for _ in range(2):
            raw.answer(raw.request("INVITE"), 200, sdp=OFFER)
            wire.run(0.1)
        offered = alice.take(Offered)
        assert (offered.method, offered.sdp, wire.messages("ACK"), session.state) == (
            "ACK",
            OFFER,
            [],
            State.CONNECTING,
        )
        session.answer_offer(ANSWER, wire.now)
        wire.run(0.1)
        assert (raw.request("ACK").body, session.state) == (ANSWER, State.CONFIRMED)
        raw.answer(raw.request("INVITE"), 200, sdp=OFFER)
        wire.run(0.1)
        assert [ack.body for ack in wire.messages("ACK")] == [ANSWER, ANSWER]
        alice.take(Accepted)
        alice.take(Confirmed)

    def test_an_offer_in_the_2xx_that_is_refused_ends_the_call(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        session = alice.call(raw, sdp=None)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), 200, sdp=OFFER)
        wire.run(0.1)
        session.refuse_offer(488, wire.now)
        wire.run(0.1)
        assert wire.seen("ACK", "BYE") == ["ACK", "BYE"]
        assert (raw.request("ACK").body, alice.take(Ended).status) == (b"", 488)

    def test_a_2xx_without_the_offer_we_asked_for_ends_the_call(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        alice.call(raw, sdp=None)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), 200)
        wire.run(0.1)
        assert (wire.seen("ACK", "BYE"), alice.take(Ended).status) == (["ACK", "BYE"], 488)

    def test_a_2xx_whose_contact_cannot_be_used_ends_the_call(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 200, ("Contact", "<tel:+49>"), contact=False, sdp=ANSWER)
        wire.run(0.1)
        ended = alice.take(Ended)
        assert (ended.by, ended.status) == ("failure", 500)
        assert "Contact" in ended.reason


class TestCancel:
    def test_it_is_held_back_until_something_was_heard(self) -> None:
        wire, alice, raw = ringing()
        alice.session.hangup(wire.now, headers=[("Reason", "Q.850;cause=26")])
        wire.run(5.0)
        assert wire.messages("CANCEL") == []
        raw.answer(raw.request("INVITE"), 180)
        wire.run(0.1)
        assert raw.request("CANCEL").headers.get("Reason") == "Q.850;cause=26"
        raw.answer(raw.request("CANCEL"), 200)
        raw.answer(raw.request("INVITE"), 487)
        wire.run(0.1)
        ended = alice.take(Ended)
        assert (ended.by, ended.status, alice.told()) == ("local", 487, [])

    def test_a_2xx_that_crosses_it_is_acknowledged_and_ended(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 180)
        wire.run(0.1)
        alice.session.hangup(wire.now)
        raw.answer(raw.request("INVITE"), 200, sdp=ANSWER)
        wire.run(0.1)
        assert wire.seen("CANCEL", "ACK", "BYE") == ["CANCEL", "ACK", "BYE"]
        assert alice.take(Ended).by == "local"
        assert "Accepted" not in alice.told()

    def test_silence_ends_the_call(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 180)
        wire.run(0.1)
        alice.session.hangup(wire.now)
        wire.run(33.0)
        assert (alice.take(Ended).by, len(alice.agent)) == ("local", 0)

    def test_between_two_attempts_nothing_needs_to_be_sent(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 401, ("WWW-Authenticate", 'Digest realm="a",nonce="b"'))
        wire.run(0.1)
        alice.take(Challenged)
        alice.session.hangup(wire.now)
        wire.run(0.1)
        assert (alice.take(Ended).by, wire.messages("CANCEL")) == ("local", [])
        alice.session.authenticate([("Authorization", "Digest x")], wire.now)
        wire.run(0.1)
        assert len({invite.cseq.number for invite in wire.messages("INVITE")}) == 1


class TestRefusals:
    def test_a_refusal_is_told_and_ends_the_call(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 486)
        wire.run(0.1)
        assert alice.take(Rejected).response.status == 486
        ended = alice.take(Ended)
        assert (ended.by, ended.status, ended.reason) == ("remote", 486, "486 Busy Here")
        assert ended.message is not None

    def test_nobody_answers(self) -> None:
        wire, alice, _ = ringing()
        wire.run(40.0)
        ended = alice.take(Ended)
        assert (ended.by, ended.status, ended.message, alice.told()) == ("timeout", 408, None, [])

    def test_the_network_refuses(self) -> None:
        wire, alice, raw = ringing()
        alice.stack.transport_failed(raw.address, wire.now)
        wire.run(0.1)
        ended = alice.take(Ended)
        assert (ended.by, ended.status) == ("failure", 503)

    @pytest.mark.parametrize("status", [408, 503])
    def test_the_next_destination_is_tried(self, status: int) -> None:
        wire = Wire()
        alice, raw, other = wire.peer("alice"), wire.raw(), wire.raw()
        alice.call(raw, other)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), status)
        wire.run(0.1)
        first, second = raw.request("INVITE"), other.request("INVITE")
        assert (first.call_id, first.cseq, first.from_) == (second.call_id, second.cseq, second.from_)
        assert first.via.branch != second.via.branch
        other.answer(second, 200, sdp=ANSWER)
        wire.run(0.1)
        assert alice.take(Accepted).sdp == ANSWER

    @pytest.mark.parametrize("how", ["silence", "refusal"])
    def test_the_next_destination_is_tried_when_one_cannot_be_reached(self, how: str) -> None:
        wire = Wire()
        alice, raw, other = wire.peer("alice"), wire.raw(), wire.raw()
        alice.call(raw, other)
        wire.run(0.1)
        if how == "refusal":
            alice.stack.transport_failed(raw.address, wire.now)
        wire.run(0.1 if how == "refusal" else 33.0)
        other.answer(other.request("INVITE"), 503)
        wire.run(0.1)
        assert (alice.take(Rejected).response.status, len(alice.ended)) == (503, 1)

    def test_what_a_failed_attempt_left_open_is_closed_and_does_not_touch_the_next(self) -> None:
        wire = Wire()
        alice, first, second = wire.peer("alice"), wire.raw(), wire.raw()
        session = alice.call(first, second)
        wire.run(0.1)
        invite = first.request("INVITE")
        first.answer(invite, 183, ("Require", "100rel"), ("RSeq", "1"), ("Allow", "UPDATE"), sdp=ANSWER)
        wire.run(0.1)
        first.answer(first.request("PRACK"), 200)
        wire.run(0.1)
        session.modify(wire.now, None, "UPDATE")
        first.ask("UPDATE", alice, cseq=1, tag=invite.from_.tag, call_id=invite.call_id, sdp=b"v=0 more")
        wire.run(0.1)
        alice.take(Offered)
        first.answer(invite, 503)
        wire.run(0.1)
        assert first.response("487 UPDATE")
        second.answer(second.request("INVITE"), 180)
        wire.run(0.1)
        first.answer(first.request("UPDATE"), 481)
        wire.run(0.1)
        second.answer(second.request("INVITE"), 200, sdp=ANSWER)
        wire.run(0.1)
        assert (session.state, alice.ended) == (State.CONFIRMED, [])

    def test_a_busy_destination_is_the_last(self) -> None:
        wire = Wire()
        alice, raw, other = wire.peer("alice"), wire.raw(), wire.raw()
        alice.call(raw, other)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), 486)
        wire.run(0.1)
        assert (other.inbox, alice.take(Ended).status) == ([], 486)

    def test_a_422_is_followed_by_a_longer_interval(self) -> None:
        wire, alice, raw = ringing(session_expires=90)
        raw.answer(raw.request("INVITE"), 422, ("Min-SE", "300"))
        wire.run(0.1)
        again = raw.request("INVITE")
        assert (again.headers.get("Session-Expires"), again.headers.get("Min-SE")) == ("300", "300")
        assert again.cseq.number == alice.session.invite.cseq.number
        raw.answer(again, 422, ("Min-SE", "300"))
        wire.run(0.1)
        assert alice.take(Rejected).response.status == 422


class TestChallenges:
    CHALLENGE = ("WWW-Authenticate", 'Digest realm="a",nonce="b"')

    def test_the_invite_goes_again_with_credentials_and_so_does_its_ack(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 401, self.CHALLENGE)
        wire.run(0.1)
        challenged = alice.take(Challenged)
        assert (challenged.response.status, challenged.request.method) == (401, "INVITE")
        first = raw.request("INVITE")
        alice.session.authenticate([("Authorization", "Digest x")], wire.now)
        wire.run(0.1)
        again = raw.request("INVITE")
        assert (again.cseq.number, again.headers.get("Authorization")) == (first.cseq.number + 1, "Digest x")
        raw.answer(again, 200, sdp=ANSWER)
        wire.run(0.1)
        assert raw.request("ACK").headers.get("Authorization") == "Digest x"
        assert alice.session.state is State.CONFIRMED

    def test_who_gives_up_is_refused(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 407, ("Proxy-Authenticate", 'Digest realm="a",nonce="b"'))
        wire.run(0.1)
        alice.take(Challenged)
        alice.session.give_up(wire.now)
        assert (alice.take(Rejected).response.status, alice.take(Ended).status) == (407, 407)

    def test_there_are_five_rounds(self) -> None:
        wire, alice, raw = ringing()
        for _ in range(5):
            raw.answer(raw.request("INVITE"), 401, self.CHALLENGE)
            wire.run(0.1)
            alice.take(Challenged)
            alice.session.authenticate([("Authorization", "Digest x")], wire.now)
            wire.run(0.1)
        raw.answer(raw.request("INVITE"), 401, self.CHALLENGE)
        wire.run(0.1)
        assert (alice.told(), len(alice.ended)) == (["Rejected", "Ended"], 1)


class TestRedirections:
    def test_the_owner_decides_what_becomes_of_it(self) -> None:
        wire, alice, raw = ringing()
        raw.answer(raw.request("INVITE"), 302, ("Contact", "<sip:carol@192.0.2.9>"), contact=False)
        wire.run(0.1)
        redirected = alice.take(Redirected)
        assert [str(contact.uri) for contact in redirected.contacts] == ["sip:carol@192.0.2.9"]
        assert (alice.take(Ended).status, alice.told()) == (302, [])

    def test_with_uri_pjsip_the_session_follows(self) -> None:
        wire = Wire()
        alice, raw, other = wire.peer("alice", redirect_method="uri_pjsip"), wire.raw(), wire.raw()
        alice.call(raw)
        wire.run(0.1)
        contacts = f"<tel:+49>, <sip:carol@nowhere.example>, <sip:carol@{other.address}?X=y>"
        raw.answer(raw.request("INVITE"), 302, ("Contact", contacts), contact=False)
        wire.run(0.1)
        first, again = raw.request("INVITE"), other.request("INVITE")
        assert (str(again.uri), again.call_id, again.cseq.number) == (
            f"sip:carol@{other.address}",
            first.call_id,
            first.cseq.number + 1,
        )
        assert again.to == first.to
        other.answer(again, 200, sdp=ANSWER)
        wire.run(0.1)
        assert alice.take(Accepted).sdp == ANSWER

    def test_a_circle_ends(self) -> None:
        wire, alice, raw = ringing(redirect_method="uri_pjsip")
        for _ in range(6):
            raw.answer(raw.request("INVITE"), 302)
            wire.run(0.1)
        assert (alice.take(Rejected).response.status, len(alice.ended)) == (302, 1)
        assert len({invite.cseq.number for invite in wire.messages("INVITE")}) == 6

    @pytest.mark.parametrize("contact", ["<<broken", "<sip:carol@nowhere.example>"])
    def test_a_redirection_that_leads_nowhere_is_a_refusal(self, contact: str) -> None:
        wire, alice, raw = ringing(redirect_method="uri_pjsip")
        raw.answer(raw.request("INVITE"), 302, ("Contact", contact), contact=False)
        wire.run(0.1)
        assert (alice.take(Rejected).response.status, alice.take(Ended).status) == (302, 302)
