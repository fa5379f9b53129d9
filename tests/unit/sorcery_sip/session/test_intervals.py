import pytest

from sorcery_sip.message import Headers, Request, SipUri
from sorcery_sip.session.intervals import SessionExpires, least_interval


def message(*fields: tuple[str, str]) -> Request:
    return Request("INVITE", SipUri("h"), Headers(fields))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1800", SessionExpires(1800)),
        ("90;refresher=uac", SessionExpires(90, "uac")),
        (" 90 ; refresher = UAS", SessionExpires(90, "uas")),
        ("90;refresher=nobody", SessionExpires(90)),
        ("90;=;", SessionExpires(90)),
        ("0", None),
        ("soon", None),
        ("", None),
    ],
)
def test_session_expires_is_read_leniently(text: str, expected: SessionExpires | None) -> None:
    assert SessionExpires.of(message(("x", text))) == expected  # the compact name


def test_what_is_written_is_read_again() -> None:
    for value in (SessionExpires(90), SessionExpires(90, "uac"), SessionExpires(4000, "uas")):
        assert SessionExpires.of(message(("Session-Expires", str(value)))) == value


def test_min_se_is_a_number_or_nothing() -> None:
    assert least_interval(message(("Min-SE", "120;x=y"))) == 120
    assert least_interval(message(("Min-SE", "much"))) == 0
    assert least_interval(message()) == 0
