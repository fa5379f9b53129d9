"""URIs in their parts."""

from __future__ import annotations

import pickle

import pytest

from sorcery.kinds import Refused
from sorcery.pjsip import Aor
from sorcery.pjsip.kinds.uris import Uri


def test_a_uri_has_its_parts() -> None:
    uri = Uri.read("sips:alice:pw@pbx.example:5071;Transport=TCP;lr?Subject=x")
    assert (uri.scheme, uri.user, uri.password, uri.host, uri.port) == ("sips", "alice", "pw", "pbx.example", 5071)
    assert (uri.transport, dict(uri.parameters), uri.headers) == ("tcp", {"transport": "TCP", "lr": ""}, "Subject=x")
    assert Uri.read("<sip:[2001:db8::1]>") == Uri("2001:db8::1")
    assert pickle.loads(pickle.dumps(uri)) == uri


@pytest.mark.parametrize(
    "text", ["sip:h", "sip:a@h:5060", "sip:a:b@h;lr;x=1", "sips:[::1]:5061;transport=tls", "sip:h?a=b"]
)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(Uri.read(text)) == text


@pytest.mark.parametrize(
    "text", ["", "alice", "tel:1", "sip:", "sip:h:70000", "sip:a b@h", "http://h", "sip:@h", "sip:a:@h", "sip:h?a=b&"]
)
def test_what_is_no_sip_uri_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="cannot be parsed"):
        Uri.read(text)


def test_a_password_is_in_no_repr() -> None:
    assert repr(Uri.read("sip:alice:pw@h")) == "Uri('sip:alice@h')"


def test_contacts_are_uris() -> None:
    aor = Aor("a", contact=["sip:a@192.0.2.1:5062", "sip:a@[::1]"])
    assert [Uri.read(contact).port for contact in aor.contact] == [5062, None]
