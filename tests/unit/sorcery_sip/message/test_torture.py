"""The situations of RFC 4475, retold: what a parser has to bear, and what it has to refuse."""

import pytest

from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.parser import parse_datagram
from sorcery_sip.message.uri import OtherUri, SipUri

BASE = {
    "Via": "SIP/2.0/UDP host.example.com;branch=z9hG4bK-1",
    "From": "<sip:caller@example.com>;tag=1",
    "To": "<sip:callee@example.com>",
    "Call-ID": "torture@example.com",
    "CSeq": "1 OPTIONS",
}


def datagram(
    start: str = "OPTIONS sip:callee@example.com SIP/2.0", *more: str, body: str = "", **changed: str
) -> bytes:
    """Make a message out of `BASE`; a keyword is a header's name with `_` for `-`, `more` are whole lines."""
    fields = BASE | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [start, *(f"{name}: {value}" for name, value in fields.items()), *more]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def request(*args: str, **changed: str) -> Request:
    message = parse_datagram(datagram(*args, **changed))
    assert isinstance(message, Request)
    return message


def refused(*args: str, **changed: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse_datagram(datagram(*args, **changed))
    return caught.value


def test_a_short_tortuous_invite() -> None:
    data = (
        b"INVITE sip:vivek@chair.example.com;unknownparam SIP/2.0\r\n"
        b"TO :\r\n sip:vivek@chair.example.com ;   tag    = 1918n\r\n"
        b'from   : "J Rosen \\\\\\""       <sip:jd@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
        b"MaX-fOrWaRdS: 0068\r\n"
        b"Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
        b"Content-Length   : 3\r\n"
        b"cseq: 0009\r\n  INVITE\r\n"
        b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
        b"s :\r\n"
        b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
        b"UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
        b"Content-Type: application/sdp\r\n"
        b"Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
        b"v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
        b" SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
        b'm:"Quoted string \\"\\"" <sip:jd@example.com> ; newparam =\r\n      newvalue ;\r\n'
        b"  secondparam ; q = 0.33\r\n"
        b"\r\nv=0"
    )
    message = parse_datagram(data)
    assert isinstance(message, Request)
    assert [via.branch for via in message.vias] == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]
    assert (message.to.tag, message.from_.tag, message.from_.display_name) == ("1918n", "98asjd8", 'J Rosen \\"')
    assert (message.cseq.number, message.max_forwards, message.headers.get("Subject")) == (9, 68, "")
    assert message.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert str(message.addresses("Route")[0]).endswith(";lr;unknownwith=value;unknown-no-value>")
    contact = message.contacts[0]
    assert (contact.display_name, contact.params.get("q"), contact.params.get("newparam")) == (
        'Quoted string ""',
        "0.33",
        "newvalue",
    )


def test_a_method_and_names_of_every_character_the_grammar_allows() -> None:
    method = "!interesting-Method0123456789_*+`.%indeed'~"
    message = request(
        f"{method} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@example.com SIP/2.0",
        CSeq=f"139122385 {method}",
        To='"BEL:\x07 NUL:\x01 DEL:\x7f" <sip:1_unusual.URI~@example.com>',
        From="token1~` token2'+_ token3*%!.- <sip:mundane@example.com>"
        ";fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
    )
    assert message.method == method
    assert isinstance(message.uri, SipUri)
    assert message.uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert message.from_.tag == "_token~1'+`*%!-."


def test_percent_escapes_stay_what_they_are() -> None:
    message = request("RE%47IST%45R sip:%55s%65r@example.com SIP/2.0", CSeq="1 RE%47IST%45R")
    assert (message.method, str(message.uri)) == ("RE%47IST%45R", "sip:%55s%65r@example.com")


def test_escaped_nulls_are_part_of_a_user() -> None:
    assert str(request(To="sip:null-%00-null@example.com").to.uri) == "sip:null-%00-null@example.com"


def test_no_blank_between_display_name_and_bracket() -> None:
    assert request(To="caller<sip:caller@example.com>").to.display_name == "caller"


def test_long_values() -> None:
    name, tag = "I have a user name of " + "extremely " * 10 + "proportion", "y" * 3000
    message = request(To=f'"{name}" <sip:user@example.com>;tag={tag}', Call_ID="a" * 3000)
    assert (message.to.display_name, message.to.tag, len(message.call_id)) == (name, tag, 3000)


def test_a_second_message_in_the_datagram_is_ignored() -> None:
    data = datagram(
        "OPTIONS sip:a@example.com SIP/2.0", "Content-Length: 0", body="INVITE sip:b@example.com SIP/2.0\r\n"
    )
    assert parse_datagram(data).body == b""


def test_a_semicolon_may_stand_in_a_user() -> None:
    message = request("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0")
    assert isinstance(message.uri, SipUri)
    assert (message.uri.user, len(message.uri.params)) == ("user;par=u%40example.net", 0)


def test_transports_nobody_knows() -> None:
    vias = ", ".join(f"SIP/2.0/{t} t1.example.com;branch=z9hG4bK{t}" for t in ("UDP", "SCTP", "TLS", "UNKNOWN"))
    assert [via.transport for via in request(Via=vias).vias] == ["UDP", "SCTP", "TLS", "UNKNOWN"]


def test_an_unusual_reason_phrase() -> None:
    phrase = "= 2**3 * 5**2 но сто девяносто девять - простое"
    message = parse_datagram(datagram(f"SIP/2.0 200 {phrase}"))
    assert isinstance(message, Response)
    assert message.reason == phrase


def test_a_contact_parameter_may_come_with_brackets_or_without() -> None:
    bare = request("OPTIONS sip:h SIP/2.0", "Contact: sip:+19725552222@gw1.example.net;unknownparam")
    assert "unknownparam" in bare.contacts[0].params
    within = request("OPTIONS sip:h SIP/2.0", "Contact: <sip:+19725552222@gw1.example.net;unknownparam>")
    assert str(within.contacts[0].uri).endswith(";unknownparam")


def test_schemes_nobody_knows() -> None:
    assert request("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0").uri == OtherUri(
        "nobodyKnowsThisScheme", "totallyopaquecontent"
    )
    assert isinstance(request(To="<isbn:2983792873>").to.uri, OtherUri)


def test_a_request_older_than_branches_and_tags() -> None:
    message = request(Via="SIP/2.0/UDP iftgw.example.com", From="sip:caller@example.net", To="sip:c@example.net")
    assert (message.via.branch, message.from_.tag, message.to.tag) == (None, None, None)


def test_an_unknown_authorization_scheme_does_no_harm() -> None:
    message = request("OPTIONS sip:h SIP/2.0", "Authorization: NoOneKnowsThisScheme opaque-data=here")
    assert [credentials.is_digest for credentials in message.credentials] == [False]


def test_separators_too_many_in_a_via_are_refused() -> None:
    assert refused(Via="SIP/2.0/UDP 192.0.2.15;;,;,,").fields


@pytest.mark.parametrize(
    "start",
    [
        "OPTIONS <sip:user@example.com> SIP/2.0",
        "OPTIONS sip:user@example.com; lr SIP/2.0",
        "OPTIONS  sip:user@example.com  SIP/2.0",
        "OPTIONS sip:user@example.com SIP/2.0  ",
        "OPTIONS sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0",
    ],
)
def test_request_lines_that_are_refused(start: str) -> None:
    assert refused(start).status == 400


def test_another_version_is_answered_505() -> None:
    assert refused("OPTIONS sip:t.watson@example.org SIP/7.0").status == 505


def test_a_response_number_out_of_range_is_refused() -> None:
    assert not refused("SIP/2.0 4294967301 better not break the receiver").fields


@pytest.mark.parametrize("length", ["-999", "9999", "none", "1 2"])
def test_lengths_that_are_refused(length: str) -> None:
    assert refused("OPTIONS sip:h SIP/2.0", f"Content-Length: {length}").status == 400


def test_an_unclosed_quote_is_refused() -> None:
    assert refused(To='"Mr. J. User <sip:j.user@example.com>').status == 400


def test_the_cseq_method_has_to_be_that_of_the_request() -> None:
    assert refused(CSeq="8 INVITE").status == 400


def test_a_cseq_number_over_its_range_is_refused() -> None:
    assert refused(CSeq="36893488147419103232 OPTIONS").status == 400


def test_single_fields_given_twice_are_refused() -> None:
    assert refused("OPTIONS sip:h SIP/2.0", "CSeq: 59 OPTIONS", "Max-Forwards: 5").status == 400
    assert refused("OPTIONS sip:h SIP/2.0", "Max-Forwards: 5", "Max-Forwards: 8").status == 400


def test_headers_in_a_contact_need_brackets() -> None:
    message = request("OPTIONS sip:h SIP/2.0", "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E")
    with pytest.raises(HeaderError, match="angle brackets"):
        _ = message.contacts


def test_expiries_beyond_all_bounds_are_cut() -> None:
    message = request(
        "OPTIONS sip:h SIP/2.0", "Expires: 10000000000000000000", "Contact: <sip:h>;expires=280297596632815"
    )
    assert (message.expires, message.contacts[0].expires) == (2**32 - 1, 2**32 - 1)


def test_a_message_of_almost_nothing_is_refused() -> None:
    with pytest.raises(ParseError, match="no Via, From, To, Call-ID in the message"):
        parse_datagram(b"INVITE sip:user@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n")


def test_a_method_name_of_thousands_of_letters_is_read_or_refused() -> None:
    method = "A" * 9000
    assert request(f"{method} sip:h SIP/2.0", CSeq=f"1 {method}").method == method
    assert refused(f"{method} sip:h SIP/2.0").status == 400
