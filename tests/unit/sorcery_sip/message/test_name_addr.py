import pytest

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"Alice" <sip:alice@example.com>;tag=1', "Alice"),
        ("Alice Liddell <sip:alice@example.com>;tag=1", "Alice Liddell"),
        ("<sip:alice@example.com>;tag=1", ""),
        ("sip:alice@example.com;tag=1", ""),
        (r'"J \"R\" \\" <sip:alice@example.com>;tag=1', 'J "R" \\'),
        ('"a<b>;c,d" <sip:alice@example.com>;tag=1', "a<b>;c,d"),
        ('""<sip:alice@example.com> ; tag = 1', ""),
        ("Bell, Alexander <sip:alice@example.com>;tag=1", "Bell, Alexander"),
    ],
)
def test_forms_of_an_address(text: str, name: str) -> None:
    address = NameAddr.parse(text)
    assert (address.display_name, str(address.uri), address.tag) == (name, "sip:alice@example.com", "1")


def test_what_follows_a_bare_uri_belongs_to_the_header() -> None:
    address = NameAddr.parse("sip:a@h;expires=60")
    assert (str(address.uri), address.expires) == ("sip:a@h", 60)
    bracketed = NameAddr.parse("<sip:a@h;expires=60>")
    assert (str(bracketed.uri), bracketed.expires) == ("sip:a@h;expires=60", None)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("99999999999999999999", 2**32 - 1), ("-1", None), ("x", None)]
)
def test_expires_is_cut_when_huge_and_absent_when_malformed(text: str, seconds: int | None) -> None:
    assert NameAddr.parse(f"<sip:a@h>;expires={text}").expires == seconds


def test_printing_quotes_the_name_so_that_reading_gives_it_back() -> None:
    address = NameAddr(SipUri("h"), 'a "b" \\')
    assert NameAddr.parse(str(address)) == address


def test_a_tag_is_set_or_replaced() -> None:
    assert str(NameAddr.parse("<sip:a@h>").with_tag("x").with_tag("y")) == "<sip:a@h>;tag=y"


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"Alice <sip:a@h>',
        "<sip:a@h",
        "sip:a@h>",
        "<<sip:a@h>>",
        "sip:a@h?Route=%3Csip:x%3E",
        "Alice",
        "<sip:a@h> tag=1",
        "<>",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        NameAddr.parse(text)
