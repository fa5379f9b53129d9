"""Both sides of a challenge: asking for a digest, and answering one."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery_sip.auth.digest import Algorithm, digest_response
from sorcery_sip.message.authorization import Challenge, Credentials

__all__ = ["answer_challenge", "choose_challenge", "make_challenge"]


def make_challenge(
    realm: str, nonce: str, *, opaque: str = "", algorithm: Algorithm = Algorithm.MD5, stale: bool = False
) -> Challenge:
    """Make the challenge of one realm and algorithm, with `qop="auth"`.

    `stale` says that only the nonce was unfit, so that the client may answer without asking its user again.
    """
    pairs = [("realm", realm), ("nonce", nonce), ("opaque", opaque), ("algorithm", algorithm.value)]
    if stale:
        pairs.append(("stale", "true"))
    return Challenge("Digest", (*pairs, ("qop", "auth")))


def choose_challenge(
    challenges: Iterable[Challenge], supported: Iterable[Algorithm] = tuple(Algorithm)
) -> Challenge | None:
    """Return the first challenge that can be answered, in the server's order (RFC 8760 2.4), or None."""
    able = set(supported)
    for challenge in challenges:
        fits = challenge.is_digest and (not challenge.qop or "auth" in challenge.qop)
        if fits and Algorithm.named(challenge.algorithm) in able:
            return challenge
    return None


def answer_challenge(
    challenge: Challenge, *, username: str, ha1_hex: str, method: str, uri: str, cnonce: str, nc: int = 1
) -> Credentials:
    """Answer a challenge; with `qop=auth` where it is offered, as in RFC 2069 where no qop is.

    `uri` is the Request-URI as written, `cnonce` a random text, `nc` how often the nonce has been used.
    Raises `ValueError` for an algorithm that is not known: see `choose_challenge`.
    """
    algorithm = Algorithm.named(challenge.algorithm)
    if algorithm is None:
        raise ValueError(f"algorithm {challenge.algorithm!r} is not one of {', '.join(Algorithm)}")
    extra = {"qop": "auth", "nc": f"{nc:08x}", "cnonce": cnonce} if "auth" in challenge.qop else {}
    response = digest_response(algorithm, ha1_hex, method=method, uri=uri, nonce=challenge.nonce, **extra)
    pairs = [
        ("username", username),
        ("realm", challenge.realm),
        ("nonce", challenge.nonce),
        ("uri", uri),
        ("response", response),
        ("algorithm", challenge.get("algorithm")),
        ("opaque", challenge.get("opaque")),
        *extra.items(),
    ]
    return Credentials("Digest", tuple((name, value) for name, value in pairs if value is not None))
