"""Texts in other spellings, and their digests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from sorcery_sip.pbx.dialplan.scope import BadCall, Function

__all__ = ["CODES"]

_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2})+")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _uri_decode(text: str) -> str:
    return _ESCAPES.sub(lambda found: _text(bytes.fromhex(found[0].replace("%", ""))), text)


def _base64_decode(text: str) -> str:
    try:
        return _text(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadCall(f"it is not Base64: {error}") from None


def _code(function: Callable[[str], str]) -> Function:
    return Function(lambda scope, text: function(text))


CODES: Mapping[str, Function] = {
    "BASE64_DECODE": _code(_base64_decode),
    "BASE64_ENCODE": _code(lambda text: base64.b64encode(_bytes(text)).decode("ascii")),
    "MD5": _code(lambda text: hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()),
    "SHA1": _code(lambda text: hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()),
    "URIDECODE": _code(_uri_decode),
    "URIENCODE": _code(lambda text: quote(_bytes(text), safe="")),
}
