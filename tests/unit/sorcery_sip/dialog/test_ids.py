from sorcery_sip.dialog import DialogId, dialog_id_of_request, dialog_id_of_response
from sorcery_sip.message import Headers, Request, SipUri, reply


def request(to: str = "<sip:b@h>") -> Request:
    fields = [("Via", "SIP/2.0/UDP h"), ("From", "<sip:a@h>;tag=a"), ("To", to), ("Call-ID", "c"), ("CSeq", "1 INVITE")]
    return Request("INVITE", SipUri("h"), Headers(fields))


def test_both_ends_name_the_dialog_from_their_side() -> None:
    assert dialog_id_of_request(request("<sip:b@h>;tag=b")) == DialogId("c", local_tag="b", remote_tag="a")
    assert dialog_id_of_response(reply(request(), 200, to_tag="b")) == DialogId("c", local_tag="a", remote_tag="b")


def test_a_tag_that_is_not_there_is_empty() -> None:
    assert dialog_id_of_request(request()).local_tag == ""
    assert dialog_id_of_response(reply(request(), 100)).remote_tag == ""
