import pytest

from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.headers import Headers, canonical_name
from sorcery_sip.message.simple import CSeq
from sorcery_sip.message.via import Via

HEADERS = Headers([("v", "SIP/2.0/UDP a, SIP/2.0/UDP b"), ("Subject", "x, y"), ("VIA", "SIP/2.0/UDP c")])


def test_case_and_compact_names_do_not_count() -> None:
    assert HEADERS.get("via") == HEADERS.get("V") == "SIP/2.0/UDP a, SIP/2.0/UDP b"
    assert "s" in HEADERS
    assert "From" not in HEADERS
    assert 1 not in HEADERS
    assert canonical_name("M") == "contact"


def test_fields_keep_order_and_spelling() -> None:
    assert [name for name, _ in HEADERS] == ["v", "Subject", "VIA"]
    assert len(HEADERS) == 3


def test_lists_may_be_spread_over_fields() -> None:
    assert HEADERS.get_all("Via") == ("SIP/2.0/UDP a, SIP/2.0/UDP b", "SIP/2.0/UDP c")
    assert HEADERS.elements("Via") == ("SIP/2.0/UDP a", "SIP/2.0/UDP b", "SIP/2.0/UDP c")


def test_parsing_happens_once() -> None:
    calls = []

    def parse(text: str) -> int:
        calls.append(text)
        return len(text)

    assert HEADERS.parsed("Subject", parse) == HEADERS.parsed("s", parse) == (1, 1)
    assert HEADERS.parsed("Subject", parse, whole=True) == (4,)
    assert calls == ["x", "y", "x, y"]


def test_a_copy_parses_again_what_changed_and_nothing_else() -> None:
    headers = Headers([("CSeq", "1 A"), ("Via", "SIP/2.0/UDP a")])
    before = headers.parsed("CSeq", CSeq.parse, whole=True), headers.parsed("Via", Via.parse)
    changed = headers.with_set("Via", "SIP/2.0/UDP b")
    assert changed.parsed("CSeq", CSeq.parse, whole=True) is before[0]
    assert changed.parsed("Via", Via.parse)[0].host == "b"


def test_errors_name_the_field_that_was_asked_for() -> None:
    def refuse(text: str) -> None:
        raise ParseError("never")

    with pytest.raises(HeaderError, match=r"^Subject 'x': never$"):
        HEADERS.parsed("Subject", refuse)
    with pytest.raises(HeaderError, match=r"^Subject 'x': write SIP"):
        HEADERS.parsed("Subject", Via.parse)


def test_setting_keeps_the_place_and_drops_the_rest_of_the_name() -> None:
    headers = Headers([("A", "1"), ("f", "2"), ("B", "3"), ("From", "4")])
    assert list(headers.with_set("From", "5", "6")) == [("A", "1"), ("From", "5"), ("From", "6"), ("B", "3")]
    assert list(headers.with_set("C", "7"))[-1] == ("C", "7")


def test_adding_goes_last_and_first_goes_before_its_name() -> None:
    headers = Headers([("A", "1"), ("v", "2")])
    assert list(headers.with_added("A", "3", "4")) == [("A", "1"), ("v", "2"), ("A", "3"), ("A", "4")]
    assert list(headers.with_first("Via", "0")) == [("A", "1"), ("Via", "0"), ("v", "2")]
    assert next(iter(headers.with_first("Z", "0"))) == ("Z", "0")


def test_without_takes_all_spellings() -> None:
    assert list(HEADERS.without("Via")) == [("Subject", "x, y")]


def test_equality_is_by_fields() -> None:
    assert Headers([("A", "1")]) == Headers([("A", "1")])
    assert hash(Headers([("A", "1")])) == hash(Headers([("A", "1")]))
    assert Headers([("A", "1")]) != Headers([("a", "1")])
    assert Headers() != ()


def test_the_repr_shows_names_and_no_values() -> None:
    assert repr(Headers([("Authorization", "secret")])) == "<Headers Authorization>"


@pytest.mark.parametrize("name", ["Content-Length", "l"])
def test_content_length_cannot_be_put_in(name: str) -> None:
    with pytest.raises(ValueError, match="follows from the body"):
        Headers([(name, "0")])


def test_a_view_is_made_once_and_again_when_its_fields_change() -> None:
    made: list[str | None] = []

    def make(headers: Headers) -> str:
        made.append(headers.get("To"))
        return f"<{headers.get('To')}>"

    headers = Headers([("To", "a"), ("From", "b")])
    assert [headers.view("to", make), headers.view("to", make)] == ["<a>", "<a>"]
    assert headers.with_set("From", "c").view("to", make) == "<a>"
    assert made == ["a"]
    assert headers.with_set("t", "d").view("to", make) == "<d>"
    assert headers.view("to", make) == "<a>"
    assert made == ["a", "d"]
