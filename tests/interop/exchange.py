"""Requests that can be put to any registrar alike, and what of its answers has to be the same everywhere."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sorcery_sip import Response
from sorcery_sip.auth import Algorithm, answer_challenge, choose_challenge, ha1
from sorcery_sip.message.authorization import Challenge, Credentials
from sorcery_sip.message.parser import parse_datagram
from tests.interop.phone import Phone
from tests.interop.ports import LOOPBACK

COMPARED = ("Expires", "Min-Expires", "Path", "Unsupported", "Retry-After")
"""The headers a client goes by, besides challenges and Contacts."""
PASSWORD = "secret"


class Ask(NamedTuple):
    """One request; what is not said is as a REGISTER of the user has it."""

    contacts: Sequence[str] = ()
    expires: int | str | None = None
    headers: Sequence[str] = ()
    method: str = "REGISTER"
    uri: str = f"sip:{LOOPBACK}"
    to: str = ""
    sender: str = ""
    username: str = ""
    password: str | None = PASSWORD
    """None gives no credentials."""
    nonce: str = ""
    """Stands in place of the challenge's."""


class Outcome(NamedTuple):
    """What an answer says that matters; 0 is the status where there is none."""

    status: int
    phrase: str = ""
    challenges: Sequence[tuple[str, str, str, bool]] = ()
    contacts: Sequence[tuple[str, int | None]] = ()
    """By URI, with the expiry to the nearest ten seconds."""
    headers: Sequence[tuple[str, str]] = ()

    def __str__(self) -> str:
        """Put status, Contacts and headers on one line."""
        contacts = (uri if expires is None else f"{uri}={expires}" for uri, expires in self.contacts)
        return " ".join([str(self.status), *contacts, *(f"{name}:{value}" for name, value in self.headers)])


def put(phone: Phone, user: str, ask: Ask) -> Outcome:
    """Send a request, answer its challenge, and return what it came to."""
    call_id, tag = uuid.uuid4().hex, uuid.uuid4().hex[:8]
    response = _exchange(phone, _text(phone, user, ask, call_id, tag, 1))
    if response is not None and response.status == 401 and ask.password is not None:
        proof = _credentials(response, ask, user)
        response = _exchange(phone, _text(phone, user, ask, call_id, tag, 2, f"Authorization: {proof}"))
    return Outcome(0) if response is None else _outcome(response, phone.port)


def _text(phone: Phone, user: str, ask: Ask, call_id: str, tag: str, number: int, *more: str) -> str:
    expires = [] if ask.expires is None else [f"Expires: {ask.expires}"]
    return "\n".join(
        (
            f"{ask.method} {ask.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {LOOPBACK}:{phone.port};rport;branch=z9hG4bK{uuid.uuid4().hex}",
            "Max-Forwards: 70",
            f"From: <{ask.sender or f'sip:{user}@{LOOPBACK}'}>;tag={tag}",
            f"To: <{ask.to or f'sip:{user}@{LOOPBACK}'}>",
            f"Call-ID: {call_id}",
            f"CSeq: {number} {ask.method}",
            *(f"Contact: {contact}" for contact in ask.contacts),
            *expires,
            *ask.headers,
            *more,
            "Content-Length: 0",
        )
    )


def _exchange(phone: Phone, request: str) -> Response | None:
    try:
        answer = parse_datagram(phone.send(request).encode())
    except TimeoutError:
        return None
    assert isinstance(answer, Response)
    return answer


def _credentials(response: Response, ask: Ask, user: str) -> Credentials:
    challenge = choose_challenge(response.challenges)
    assert challenge is not None
    if ask.nonce:
        changed = tuple((name, ask.nonce if name == "nonce" else value) for name, value in challenge.pairs)
        challenge = Challenge(challenge.scheme, changed)
    algorithm, username = Algorithm(challenge.algorithm), ask.username or user
    return answer_challenge(
        challenge,
        username=username,
        ha1_hex=ha1(algorithm, username, challenge.realm, ask.password or ""),
        method=ask.method,
        uri=ask.uri,
        cnonce=uuid.uuid4().hex,
    )


def _outcome(response: Response, own_port: int) -> Outcome:
    return Outcome(
        response.status,
        response.reason,
        [(each.realm, each.algorithm, each.get("qop") or "", each.stale) for each in response.challenges],
        sorted((str(each.uri).replace(f":{own_port}", ":own"), _tens(each.expires)) for each in response.contacts),
        [(name, value) for name in COMPARED for value in response.headers.elements(name)],
    )


def _tens(seconds: int | None) -> int | None:
    return None if seconds is None else round(seconds, -1)
