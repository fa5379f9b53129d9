import pytest

from sorcery_sip.errors import ParseError
from sorcery_sip.message.params import Params, parse_params


def test_flags_values_and_empty_values_are_told_apart() -> None:
    params = parse_params(";lr;a=b;c=")
    assert params.items == (("lr", None), ("a", "b"), ("c", ""))
    assert "lr" in params
    assert params.get("lr") is None


def test_names_are_found_in_any_case_and_keep_theirs() -> None:
    params = parse_params(";Branch=x")
    assert params.get("bRANCH") == "x"
    assert str(params) == ";Branch=x"


def test_blanks_around_separators_and_empty_pieces_are_dropped() -> None:
    assert str(parse_params(" ; tag =  1 ;; q=0.5 ;")) == ";tag=1;q=0.5"


def test_a_semicolon_in_quotes_does_not_divide() -> None:
    assert parse_params(r';a="x;\"y";b').items == (("a", r'"x;\"y"'), ("b", None))


@pytest.mark.parametrize("text", ["a=b", ';a="x', ";a=b c", ";=x", ";a<b", 'x";"'])
def test_what_is_no_parameter_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_params(text)


def test_replace_keeps_the_place_and_appends_what_is_new() -> None:
    params = Params((("rport", None), ("branch", "b")))
    assert str(params.replace("RPORT", "5060")) == ";rport=5060;branch=b"
    assert str(params.replace("ttl", "1")) == ";rport;branch=b;ttl=1"


def test_without_takes_all_of_a_name() -> None:
    assert str(parse_params(";a=1;b;A=2").without("a")) == ";b"
