import hashlib

import pytest

from sorcery_sip.auth.nonce import NonceState, check_nonce, make_nonce

NONCE = make_nonce(1000, "192.0.2.1", "server", "asterisk")


def check(nonce: str = NONCE, seconds: int = 1000, source: str = "192.0.2.1", realm: str = "asterisk") -> NonceState:
    return check_nonce(nonce, seconds=seconds, source=source, server_id="server", realm=realm, lifetime=32)


def test_the_text_is_time_and_hash() -> None:
    assert "1000/" + hashlib.md5(b"1000:192.0.2.1:server:asterisk").hexdigest() == NONCE


@pytest.mark.parametrize(
    ("seconds", "state"), [(1000, NonceState.VALID), (1032, NonceState.VALID), (1033, NonceState.EXPIRED)]
)
def test_it_is_valid_up_to_its_lifetime(seconds: int, state: NonceState) -> None:
    assert check(seconds=seconds) is state


def test_one_for_another_source_or_realm_is_foreign() -> None:
    assert check(source="192.0.2.2") is NonceState.FOREIGN
    assert check(realm="other") is NonceState.FOREIGN


def test_one_of_an_earlier_start_is_foreign() -> None:
    assert check(make_nonce(1000, "192.0.2.1", "earlier", "asterisk")) is NonceState.FOREIGN


@pytest.mark.parametrize(
    "nonce", ["", "/", "1000", "1001" + NONCE[4:], "01000" + NONCE[4:], "x/y", "9" * 5000, "²/é", "1\udcff/"]
)
def test_what_was_not_made_here_is_foreign(nonce: str) -> None:
    assert check(nonce) is NonceState.FOREIGN
