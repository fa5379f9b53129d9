"""OPTIONS outside dialogs."""

from __future__ import annotations

from typing import Any


def test_the_server_itself_answers_200_with_what_it_is_able_to_do(open_pbx: Any) -> None:
    response = open_pbx.ask("OPTIONS")
    assert response.status == 200
    expected = {
        "Accept": "application/sdp",
        "Allow": "OPTIONS, REGISTER",
        "Supported": "path",
        "Accept-Encoding": "identity",
        "Accept-Language": "en",
    }
    assert {name: response.headers.get(name) for name in expected} == expected


def test_an_extension_is_404(open_pbx: Any) -> None:
    assert open_pbx.ask("OPTIONS", uri="sip:100@pbx.example.com").status == 404


def test_another_scheme_is_416(open_pbx: Any) -> None:
    assert open_pbx.ask("OPTIONS", uri="http://pbx.example.com").status == 416


def test_a_stranger_is_challenged(open_pbx: Any) -> None:
    assert open_pbx.ask("OPTIONS", {"From": "<sip:bob@a>;tag=1"}).status == 401
