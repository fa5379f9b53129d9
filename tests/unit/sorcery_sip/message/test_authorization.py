import pytest

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.authorization import Challenge, Credentials


def test_a_challenge_is_read() -> None:
    challenge = Challenge.parse('Digest realm="a, \\"b\\"", Nonce="n=1", qop="auth,Auth-int", STALE=TRUE, x=y')
    assert (challenge.realm, challenge.nonce, challenge.algorithm) == ('a, "b"', "n=1", "MD5")
    assert (challenge.qop, challenge.stale, challenge.get("x")) == (("auth", "auth-int"), True, "y")


def test_a_challenge_is_printed_with_quotes_where_they_belong() -> None:
    challenge = Challenge("Digest", (("realm", 'a"b'), ("algorithm", "MD5"), ("stale", "true"), ("qop", "auth")))
    assert str(challenge) == 'Digest realm="a\\"b", algorithm=MD5, stale=true, qop="auth"'
    assert Challenge.parse(str(challenge)) == challenge


def test_credentials_are_read_and_printed_back() -> None:
    text = 'Digest username="a", realm="r", nonce="n", uri="sip:h", response="00", qop=auth, nc=00000001, cnonce="c"'
    credentials = Credentials.parse(text)
    assert (credentials.username, credentials.uri, credentials.response) == ("a", "sip:h", "00")
    assert str(credentials) == text


def test_the_repr_shows_nothing_a_password_could_be_guessed_from() -> None:
    assert "deadbeef" not in repr(Credentials.parse('Digest username="a", response="deadbeef"'))


def test_of_another_scheme_only_the_name_is_kept() -> None:
    credentials = Credentials.parse("NoOneKnowsThisScheme opaque-data=here,,")
    assert (credentials.scheme, credentials.is_digest, credentials.pairs) == ("NoOneKnowsThisScheme", False, ())


def test_what_is_absent_is_empty() -> None:
    credentials = Credentials.parse("digest")
    assert (credentials.is_digest, credentials.username, credentials.realm, credentials.nonce) == (True, "", "", "")
    assert (credentials.uri, credentials.response) == ("", "")


@pytest.mark.parametrize("text", ["", "Digest realm", 'Digest realm="x', "Digest =x", 'Digest a="b" c="d"'])
def test_what_is_no_list_of_parameters_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        Credentials.parse(text)


def test_an_error_does_not_show_the_response() -> None:
    with pytest.raises(HeaderError) as caught:
        Credentials.parse('Digest response="deadbeef", oops')
    assert "deadbeef" not in str(caught.value)
