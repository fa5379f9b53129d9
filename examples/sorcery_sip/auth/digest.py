"""The digest of a password (RFC 7616, RFC 8760; without qop as in RFC 2069)."""

from __future__ import annotations

import enum
import hashlib
import hmac

from sorcery_sip.message.authorization import Credentials

__all__ = ["Algorithm", "digest_response", "ha1", "verify"]


class Algorithm(enum.StrEnum):
    """The hash algorithms, weakest first, under the names that headers use."""

    MD5 = "MD5"
    SHA_256 = "SHA-256"
    SHA_512_256 = "SHA-512-256"

    @classmethod
    def named(cls, text: str) -> Algorithm | None:
        """Return the algorithm of that name in any case, None for one that is not known here."""
        return next((algorithm for algorithm in cls if algorithm.value.lower() == text.lower()), None)

    def hex(self, text: str) -> str:
        """Hash `text`; hexadecimal, in lower case."""
        name = self.value.lower().replace("sha-256", "sha256").replace("sha-512-256", "sha512_256")
        octets = text.encode("utf-8", "surrogateescape")
        return hashlib.new(name, octets, usedforsecurity=False).hexdigest()


def ha1(algorithm: Algorithm, username: str, realm: str, password: str) -> str:
    """Return the digest of a password, which may be stored in its place: for one user, realm and algorithm."""
    return algorithm.hex(f"{username}:{realm}:{password}")


def digest_response(
    algorithm: Algorithm,
    ha1_hex: str,
    *,
    method: str,
    uri: str,
    nonce: str,
    qop: str = "",
    nc: str = "",
    cnonce: str = "",
) -> str:
    """Return what answers a challenge; `qop` is `auth`, or empty for clients of RFC 2069 (RFC 7616 3.4.1)."""
    middle = f"{nonce}:{nc}:{cnonce}:{qop}" if qop else nonce
    ha2 = algorithm.hex(f"{method}:{uri}")
    return algorithm.hex(f"{ha1_hex}:{middle}:{ha2}")


def verify(credentials: Credentials, method: str, ha1_hex: str) -> bool:
    """Tell whether credentials were made with the password behind `ha1_hex`; takes the same time either way.

    Nothing but the digest is looked at: the nonce, the realm and the user's name are the caller's to check.
    False as well for an algorithm that is not known, a quality other than `auth`, or one without nc and cnonce.
    """
    algorithm = Algorithm.named(credentials.algorithm)
    qop, nc, cnonce = (credentials.get(name) or "" for name in ("qop", "nc", "cnonce"))
    if algorithm is None or qop.lower() not in ("", "auth") or (qop and not (nc and cnonce)):
        return False
    expected = digest_response(
        algorithm,
        ha1_hex.lower(),
        method=method,
        uri=credentials.uri,
        nonce=credentials.nonce,
        qop=qop,
        nc=nc,
        cnonce=cnonce,
    )
    given = credentials.response.lower().encode("utf-8", "surrogateescape")
    return hmac.compare_digest(expected.encode(), given)
