import pytest

from sorcery_sip.auth.challenge import answer_challenge, choose_challenge, make_challenge
from sorcery_sip.auth.digest import Algorithm, ha1, verify
from sorcery_sip.message.authorization import Challenge, Credentials


def test_the_text_of_a_challenge() -> None:
    challenge = make_challenge("asterisk", "1/2", opaque="abc", algorithm=Algorithm.SHA_256)
    assert str(challenge) == 'Digest realm="asterisk", nonce="1/2", opaque="abc", algorithm=SHA-256, qop="auth"'
    assert not challenge.stale
    assert make_challenge("r", "n", stale=True).stale


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("qop", ["auth", "auth-int, auth", None])
def test_the_answer_to_a_challenge_verifies(algorithm: Algorithm, qop: str | None) -> None:
    text = f'Digest realm="r", nonce="n", algorithm={algorithm.value}' + (f', qop="{qop}"' if qop else "")
    stored = ha1(algorithm, "alice", "r", "secret")
    answer = answer_challenge(
        Challenge.parse(text), username="alice", ha1_hex=stored, method="REGISTER", uri="sip:h", cnonce="c", nc=2
    )
    received = Credentials.parse(str(answer))
    assert verify(received, "REGISTER", stored)
    assert not verify(received, "REGISTER", ha1(algorithm, "alice", "r", "wrong"))
    assert received.get("nc") == ("00000002" if qop else None)


def test_opaque_goes_back_and_an_absent_algorithm_stays_absent() -> None:
    challenge = Challenge.parse('Digest realm="r", nonce="n", opaque="o"')
    answer = answer_challenge(challenge, username="a", ha1_hex="0", method="X", uri="sip:h", cnonce="c")
    assert (answer.get("opaque"), answer.get("algorithm"), answer.username) == ("o", None, "a")


def test_the_first_challenge_that_can_be_answered_is_chosen() -> None:
    texts = ["Basic x", 'Digest algorithm=SHA-1, realm="a"', 'Digest qop="auth-int", realm="b"']
    impossible = [Challenge.parse(text) for text in texts]
    sha, md5 = make_challenge("c", "n", algorithm=Algorithm.SHA_256), make_challenge("d", "n")
    assert choose_challenge([*impossible, sha, md5]) is sha
    assert choose_challenge([*impossible, sha, md5], [Algorithm.MD5]) is md5
    assert choose_challenge(impossible) is None


def test_an_unknown_algorithm_cannot_be_answered() -> None:
    challenge = Challenge.parse('Digest realm="r", nonce="n", algorithm=SHA-1')
    with pytest.raises(ValueError, match="SHA-1"):
        answer_challenge(challenge, username="a", ha1_hex="0", method="X", uri="sip:h", cnonce="c")
