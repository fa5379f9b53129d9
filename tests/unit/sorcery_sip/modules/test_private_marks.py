"""Parameters named `x-ast-…`."""

from __future__ import annotations

from typing import Any

from sorcery_sip.modules.private_marks import without_marks


def test_marks_leave_every_uri_and_header_parameter(server: Any) -> None:
    request = server.request(
        fields={
            "From": "<sip:alice@a;x-ast-orig-host=b>;tag=1",
            "To": "<sip:alice@a;x-ast-txp=t>",
            "Contact": "<sip:a@b;x-ast-txp=t;ob>;expires=5;x-ast-y, <sip:c@d>",
        },
        uri="sip:pbx;x-ast-txp=t;lr",
    )
    clean = without_marks(request)
    assert str(clean.uri) == "sip:pbx;lr"
    assert [str(contact) for contact in clean.contacts] == ["<sip:a@b;ob>;expires=5", "<sip:c@d>"]
    assert (str(clean.from_), str(clean.to)) == ("<sip:alice@a>;tag=1", "<sip:alice@a>")


def test_a_request_without_marks_stays_the_same_object(server: Any) -> None:
    request = server.request()
    assert without_marks(request) is request


def test_a_wildcard_survives(server: Any) -> None:
    request = server.request(fields={"Contact": "*", "To": "<sip:alice@a;x-ast-txp=t>"})
    assert without_marks(request).has_wildcard_contact
