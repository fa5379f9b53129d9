import pytest

from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.uri import SipUri
from sorcery_sip.message.writer import write


def test_a_request() -> None:
    message = Request("MESSAGE", SipUri("h", "a"), Headers([("s", "x"), ("To", "sip:ü@h")]), "é".encode())
    assert write(message) == "MESSAGE sip:a@h SIP/2.0\r\ns: x\r\nTo: sip:ü@h\r\nContent-Length: 2\r\n\r\né".encode()


def test_a_response_without_phrase_keeps_its_blank() -> None:
    assert write(Response(200, "")) == b"SIP/2.0 200 \r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("value", ["a\r\nEvil: yes", "a\nEvil: yes", "a\rb"])
def test_a_value_cannot_forge_a_field(value: str) -> None:
    with pytest.raises(ValueError, match="line end"):
        write(Response(200, "OK", Headers([("Subject", value)])))
    with pytest.raises(ValueError, match="line end"):
        write(Response(200, value))
