import pytest

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.simple import CSeq, MediaType, number_or_none, parse_number


def test_cseq_reads_number_and_method() -> None:
    assert CSeq.parse("0009 \t INVITE") == CSeq(9, "INVITE")
    assert str(CSeq(9, "INVITE")) == "9 INVITE"


@pytest.mark.parametrize("text", ["", "1", "INVITE", "-1 INVITE", "2147483648 X", "36893488147419103232 X", "1 A B"])
def test_what_is_no_cseq_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        CSeq.parse(text)


def test_the_greatest_cseq_is_read() -> None:
    assert CSeq.parse("2147483647 X").number == 2**31 - 1


def test_a_media_type_is_lower_case_and_keeps_parameters() -> None:
    media = MediaType.parse("Text / PLAIN ; charset=UTF-8")
    assert (media.essence, media.params.get("charset")) == ("text/plain", "UTF-8")
    assert str(media) == "text/plain;charset=UTF-8"


@pytest.mark.parametrize("text", ["", "text", "text/", "/plain", "text/plain charset", 'text/plain;a="'])
def test_what_is_no_media_type_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        MediaType.parse(text)


def test_numbers_are_checked_against_a_maximum() -> None:
    assert parse_number("Max-Forwards", "0068", 255) == 68
    for text in ("256", "", "-1", "1.0", "९", "99999999999"):
        with pytest.raises(HeaderError):
            parse_number("Max-Forwards", text, 255)


def test_number_or_none_cuts_what_is_too_large() -> None:
    assert [number_or_none(t) for t in ("7", "9" * 5000, "x", None)] == [7, 2**32 - 1, None, None]
