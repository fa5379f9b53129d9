"""Digest authentication: values in, values out. It knows header values, but no state, time or chance."""

from sorcery_sip.auth.challenge import answer_challenge, choose_challenge, make_challenge
from sorcery_sip.auth.digest import Algorithm, digest_response, ha1, verify
from sorcery_sip.auth.nonce import NonceState, check_nonce, make_nonce

__all__ = [
    "Algorithm",
    "NonceState",
    "answer_challenge",
    "check_nonce",
    "choose_challenge",
    "digest_response",
    "ha1",
    "make_challenge",
    "make_nonce",
    "verify",
]
