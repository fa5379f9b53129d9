"""Names with addresses: From, To, Contact, Route, Record-Route, Path (RFC 3261 20.10)."""

from __future__ import annotations

import re

import attrs

from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.params import NO_PARAMS, Params, parse_params
from sorcery_sip.message.quoting import quote, unquote
from sorcery_sip.message.remembered import remembered
from sorcery_sip.message.simple import number_or_none
from sorcery_sip.message.uri import SipUri, Uri, parse_uri

__all__ = ["NameAddr"]

_BRACKETED = re.compile(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^<"]*))<([^<>]*)>\s*((?:;.*)?)', re.DOTALL)


@attrs.frozen(slots=True)
class NameAddr:
    """A URI, the name it is shown under, and the parameters of the header field (not those of the URI)."""

    uri: Uri
    display_name: str = ""
    """Without quotes and escapes; empty when there is none."""
    params: Params = NO_PARAMS

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Parse one value, with or without angle brackets. Raises `HeaderError`."""
        try:
            return _parse(text.strip())
        except ParseError as error:
            raise HeaderError("address", text, error.reason) from None

    @property
    def tag(self) -> str | None:
        """The `tag` parameter."""
        return self.params.get("tag")

    @property
    def expires(self) -> int | None:
        """The `expires` parameter in seconds, cut to 2**32 - 1; None when absent or no number."""
        return number_or_none(self.params.get("expires"))

    def with_tag(self, tag: str) -> NameAddr:
        """Return this with its tag set."""
        return NameAddr(self.uri, self.display_name, self.params.replace("tag", tag))

    def __str__(self) -> str:
        name = f"{quote(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>{self.params}"


@remembered
def _parse(text: str) -> NameAddr:
    match = _BRACKETED.fullmatch(text)
    if match is None:
        return _parse_bare(text)
    quoted, bare, uri, params = match.groups()
    name = bare.strip() if quoted is None else unquote(quoted)
    return NameAddr(parse_uri(uri.strip()), name, parse_params(params))


def _parse_bare(text: str) -> NameAddr:
    """Parse a URI without brackets: what follows its first semicolon belongs to the header field."""
    uri, semicolon, params = text.partition(";")
    parsed = parse_uri(uri.strip())
    if isinstance(parsed, SipUri) and parsed.headers:
        raise ParseError("a URI with '?' goes into angle brackets")
    return NameAddr(parsed, "", parse_params(semicolon + params))
