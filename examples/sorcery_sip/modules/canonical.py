"""The text of a Contact URI: the one that Asterisk stores, whose MD5 names the contact.

One URI has many spellings. Who shares a store with Asterisk has to choose the one that PJSIP prints, or both would
keep the same phone under two names.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import attrs

from sorcery_sip.message.params import Params
from sorcery_sip.message.uri import SipUri

__all__ = ["canonical"]

_USER = "-_.!~*'()&=+$,;?/"
_PASSWORD = "-_.!~*'()&=+$,"
_PARAM = "-_.!~*'()[]/:&+$"
_HEADER = "-_.!~*'()[]/?:+$"
_ESCAPE = re.compile("%[0-9A-F]{2}")
_FIRST = ("user", "transport", "ttl", "maddr")
_DROPPED = ("lr", "method")
"""They mean nothing in a Contact (RFC 3261 19.1.1, table 1)."""


def canonical(uri: SipUri) -> SipUri:
    """Return the URI with its known parameters in front and only those escapes that it needs.

    An escaped percent sign stays escaped, although PJSIP prints it bare: it would escape what follows.
    """
    return attrs.evolve(
        uri,
        scheme=uri.scheme.lower(),
        user=None if uri.user is None else _respelt(uri.user, _USER),
        password=None if uri.password is None else _respelt(uri.password, _PASSWORD),
        params=_ordered(uri.params) if uri.params else uri.params,
        headers=tuple((_respelt(name, _HEADER), _respelt(value, _HEADER)) for name, value in uri.headers),
    )


def _ordered(params: Params) -> Params:
    known = tuple((name, value) for name in _FIRST if (value := params.get(name)))
    others = tuple(
        (_respelt(name, _PARAM), _respelt(value, _PARAM) if value else None)
        for name, value in params
        if name.lower() not in _FIRST and name.lower() not in _DROPPED
    )
    return Params(known + others)


def _respelt(text: str, safe: str) -> str:
    """Return the text with escapes, in lower case, for all but letters, digits and what is safe."""
    if text.isalnum() and text.isascii():
        return text
    escaped = quote(unquote(text, errors="surrogateescape"), safe=safe, errors="surrogateescape")
    return _ESCAPE.sub(lambda found: found[0].lower(), escaped)
