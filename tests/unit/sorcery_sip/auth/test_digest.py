import pytest

from sorcery_sip.auth.digest import Algorithm, digest_response, ha1, verify
from sorcery_sip.message.authorization import Credentials

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def credentials(response: str, **more: str) -> Credentials:
    pairs = {"username": "Mufasa", "realm": "http-auth@example.org", "nonce": NONCE, "uri": "/dir/index.html"}
    return Credentials("Digest", tuple({**pairs, "response": response, **more}.items()))


QOP = {"qop": "auth", "nc": "00000001", "cnonce": CNONCE}
VECTORS = {  # RFC 7616 3.9.1
    Algorithm.MD5: "8ca523f5e9506fed4657c9700eebdbec",
    Algorithm.SHA_256: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}


@pytest.mark.parametrize("algorithm", VECTORS)
def test_the_examples_of_rfc_7616(algorithm: Algorithm) -> None:
    stored = ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
    given = credentials(VECTORS[algorithm], algorithm=algorithm.value, **QOP)
    assert verify(given, "GET", stored)
    assert verify(given, "GET", stored.upper())
    assert not verify(given, "POST", stored)
    assert not verify(given, "GET", ha1(algorithm, "Mufasa", "http-auth@example.org", "circle of life"))


def test_sha_512_256_is_that_of_fips_180() -> None:
    assert Algorithm.SHA_512_256.hex("abc") == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"


def test_a_client_without_qop_is_served() -> None:
    stored = ha1(Algorithm.MD5, "Mufasa", "testrealm@host.com", "CircleOfLife")
    given = {"method": "GET", "uri": "/dir/index.html", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    response = digest_response(Algorithm.MD5, stored, **given)
    assert response == "1949323746fe6a43ef61f9606e7febea"  # RFC 2069, corrected by its erratum
    pairs = (("nonce", given["nonce"]), ("uri", given["uri"]), ("response", response.upper()))
    assert verify(Credentials("Digest", pairs), "GET", stored)


@pytest.mark.parametrize(
    "more",
    [
        {**QOP, "algorithm": "MD5-sess"},
        {**QOP, "qop": "auth-int"},
        {**QOP, "cnonce": ""},
        {**QOP, "nc": ""},
        {},
    ],
)
def test_what_is_not_supported_never_verifies(more: dict[str, str]) -> None:
    stored = ha1(Algorithm.MD5, "Mufasa", "http-auth@example.org", "Circle of Life")
    assert not verify(credentials(VECTORS[Algorithm.MD5], **more), "GET", stored)


@pytest.mark.parametrize("response", ["", "é", "\udcff", "0" * 32])
def test_a_strange_response_is_merely_wrong(response: str) -> None:
    assert not verify(credentials(response), "GET", "0" * 32)


def test_algorithms_are_found_in_any_case() -> None:
    assert Algorithm.named("sha-512-256") is Algorithm.SHA_512_256
    assert Algorithm.named("MD4") is None
