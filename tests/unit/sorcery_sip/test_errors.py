from sorcery_sip.errors import HeaderError, NoResponse, ParseError, UriError


def test_a_header_error_names_field_value_and_rule() -> None:
    error = HeaderError("CSeq", "x", "write a number and a method")
    assert (str(error), error.status) == ("CSeq 'x': write a number and a method", 400)
    assert (error.name, error.value, error.detail) == ("CSeq", "x", "write a number and a method")


def test_a_long_value_is_cut_in_the_message_and_kept_in_the_field() -> None:
    error = UriError("u" * 1000, "too long", status=414)
    assert len(str(error)) < 110
    assert (len(error.text), error.status) == (1000, 414)


def test_parse_errors_are_value_errors_and_no_response_is_a_timeout() -> None:
    assert issubclass(ParseError, ValueError)
    assert issubclass(NoResponse, TimeoutError)
