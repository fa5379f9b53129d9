"""Hypothesis strategies for objects of any type, declared with ours or a caller's own kinds.

`texts` draws what may be written for one option, most of it good; `lines` draws the lines of a whole object;
`objects` draws objects. Needs the package `hypothesis`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from sorcery.errors import InvalidObject
from sorcery.kinds import Boolean, Choice, Flags, Integer, Kind, NamedLines, Names, Real
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.pjsip.kinds.access import AccessNames, AccessRules
from sorcery.pjsip.kinds.callerid import CallerIdText, Presentation
from sorcery.pjsip.kinds.choices import OptionalChoice
from sorcery.pjsip.kinds.codecprefs import CodecPreferences
from sorcery.pjsip.kinds.codecs import CODECS, CodecList
from sorcery.pjsip.kinds.digests import AlgorithmDefaults, PasswordDigests, SupportedAlgorithms
from sorcery.pjsip.kinds.expressions import Expression
from sorcery.pjsip.kinds.groups import GroupNumbers
from sorcery.pjsip.kinds.implied import Alias
from sorcery.pjsip.kinds.items import NameValueList
from sorcery.pjsip.kinds.json_text import JsonText
from sorcery.pjsip.kinds.matches import HeaderMatchText, SourceMatches, UriMatchText
from sorcery.pjsip.kinds.moments import Moment
from sorcery.pjsip.kinds.networks import LocalNetworks
from sorcery.pjsip.kinds.security import MECHANISMS, SecurityMechanisms
from sorcery.pjsip.kinds.sockaddr import BindAddress
from sorcery.pjsip.kinds.texts import ReadablePath
from sorcery.pjsip.kinds.tos import TypeOfService
from sorcery.pjsip.kinds.uris import ContactUris, UncheckedUri
from sorcery.pjsip.kinds.variables import VariableLines

__all__ = ["lines", "objects", "texts"]

T = TypeVar("T", bound=Object)
Texts = SearchStrategy[str]

_WORDS = ("yes", "no", "true", "off", "1", "maybe")
_MASKS = ("", "/24", "/0", "/255.255.0.0", "/255.0.255.0", "/33")
_HEX = "0123456789abcdef"


def _joined(items: Texts, separator: str = ",") -> Texts:
    return st.lists(items, max_size=4).map(separator.join)


def _names() -> Texts:
    return st.text("abcXYZ019-_. ", min_size=1, max_size=8)


def _network() -> Texts:
    addresses = st.one_of(st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str), st.just("10.1"))
    return st.builds("{}{}{}".format, st.sampled_from(["", "", "!"]), addresses, st.sampled_from(_MASKS))


def _uri() -> Texts:
    hosts = st.one_of(st.ip_addresses(v=4).map(str), st.sampled_from(["pbx.example", "[::1]", "a"]))
    tails = st.sampled_from(["", ":5080", ";transport=tcp", ":5060;lr", ";transport=bogus"])
    return st.builds("{}:{}{}{}".format, st.sampled_from(["sip", "sips"]), st.sampled_from(["", "u@"]), hosts, tails)


def _digest() -> Texts:
    return st.one_of(
        st.text(_HEX, min_size=32, max_size=32),
        st.builds("MD5:{}".format, st.text(_HEX, min_size=32, max_size=32)),
        st.builds("SHA-256:{}".format, st.text(_HEX, min_size=64, max_size=64)),
    )


def _item() -> Texts:
    names = st.sampled_from(["country", "A1", "FLR", "URI", "shape", "pos", "a b", '"c"'])
    values = st.one_of(
        st.sampled_from(["US", '"1 2"', "Point", "2d", "", '"https://x/?a=b,c"']), st.text("a=\\\"', ", max_size=6)
    )
    return st.builds("{}={}".format, names, values)


def _numbers(kind: Any) -> Texts:
    return st.one_of(st.integers(kind.least, kind.most), st.integers(kind.least, min(kind.most, 4000))).map(str)


_BY_KIND: dict[type[Kind[Any]], Callable[[Any], Texts]] = {
    AccessNames: lambda _: _joined(_names()),
    AccessRules: lambda _: _joined(_network()),
    Alias: lambda kind: _good(kind.kind),
    AlgorithmDefaults: lambda _: _joined(st.sampled_from(["MD5", "sha-256", "SHA-512-256", "bogus"])),
    BindAddress: lambda _: st.one_of(
        st.builds("{}:{}".format, st.ip_addresses(v=4), st.integers(0, 65535)),
        st.builds("[{}]:{}".format, st.ip_addresses(v=6), st.integers(0, 65535)),
        st.just("localhost"),
    ),
    Boolean: lambda _: st.sampled_from(_WORDS),
    CallerIdText: lambda _: st.text('ab"\\<> 0123+-.é', max_size=12),
    Choice: lambda kind: st.sampled_from([*kind.words, *(word.upper() for word in kind.words)]),
    CodecList: lambda _: _joined(
        st.builds(
            "{}{}{}".format,
            st.sampled_from(["", "", "!"]),
            st.sampled_from(["all", "none", *CODECS]),
            st.sampled_from(["", "", ":20"]),
        )
    ),
    CodecPreferences: lambda _: _joined(
        st.sampled_from(["prefer:configured", "operation: only_preferred", "keep:first", "transcode:prevent"]), ", "
    ),
    Expression: lambda _: st.sampled_from(["", "^SIP/", "[0-9]+$", "(", "é"]),
    ContactUris: lambda _: _joined(_uri()),
    Flags: lambda kind: _joined(st.sampled_from(kind.words)),
    GroupNumbers: lambda _: _joined(st.sampled_from(["1", "60-63", "5-3", "64", "x", ""])),
    HeaderMatchText: lambda _: st.sampled_from(["X-A: b", "X-A: /^b[[:digit:]]+$/", "X-A:", "bad", "X: /(/"]),
    Integer: _numbers,
    JsonText: lambda _: st.sampled_from(["", '{"a": [1, "é"]}', "[]", "{", "1.50"]),
    LocalNetworks: lambda _: _joined(_network()),
    Moment: lambda _: st.builds("{}.{:06}".format, st.integers(-1, 1 << 33), st.integers(0, 999999)),
    NamedLines: lambda _: st.builds("{}={}".format, _names(), st.text(max_size=6)),
    NameValueList: lambda _: _joined(_item()),
    Names: lambda _: _joined(_names()),
    OptionalChoice: lambda kind: _good(kind.choice),
    PasswordDigests: lambda _: _joined(_digest()),
    Presentation: lambda kind: st.one_of(st.sampled_from(sorted(set(kind.NAMES.values()))), st.integers().map(str)),
    ReadablePath: lambda _: st.sampled_from(["", "/dev/null", "/", "."]),
    Real: lambda _: st.floats().map(str),
    SecurityMechanisms: lambda _: _joined(
        st.builds(
            "{}{}".format, st.sampled_from(MECHANISMS), st.sampled_from(["", ";mediasec", ";q=0.5", ";q=9", ";;a"])
        )
    ),
    SourceMatches: lambda _: _joined(st.one_of(_network(), st.just("localhost"), st.just("192.0.2.1:5060"))),
    SupportedAlgorithms: lambda _: _joined(st.sampled_from(["MD5", "sha-256", "SHA-512-256"])),
    TypeOfService: lambda _: st.one_of(st.sampled_from(["ef", "AF41", "cs0"]), st.integers().map(str)),
    UncheckedUri: lambda _: _uri(),
    UriMatchText: lambda _: st.sampled_from(["sip:1@h", "/^sip:[^@]*@/", "/(/"]),
    VariableLines: lambda _: st.builds("{}={}".format, _names(), st.text(max_size=6)),
}


def _good(kind: Kind[Any]) -> Texts:
    """Return texts of which the kind takes most."""
    for base in type(kind).__mro__:
        if base in _BY_KIND:
            return _BY_KIND[base](kind)
    return st.text(max_size=90)


@functools.cache
def texts(option: Option) -> Texts:
    """Return texts for one option: most are good ones, some are odd, some anything."""
    return st.one_of(_good(option.kind), _good(option.kind), st.text(max_size=20))


@functools.cache
def lines(object_type: ObjectType) -> SearchStrategy[list[tuple[str, str]]]:
    """Return (name, text) pairs as a file might hold them, repeats and extended fields included."""
    one = [_line(option) for option in object_type.options.values()]
    extended = st.tuples(_names().map("@{}".format), st.text(max_size=9))
    return st.lists(st.one_of(*one, extended), max_size=12)


def _line(option: Option) -> SearchStrategy[tuple[str, str]]:
    if option.is_family:
        start = option.name[:-1]
        return st.tuples(_names().map(lambda name: start + name.strip()), st.text("abc019-_. ", max_size=9))
    return st.tuples(st.sampled_from([option.name, option.name, option.name.upper()]), texts(option))


@st.composite
def objects(draw: DrawFn, /, cls: type[T], **base: str) -> T:
    """Return objects of a type; `base` holds texts of options without which there is none.

    Lines that are refused are left out; where the rest breaks a rule, only `base` remains.
    """
    own = cls.__sorcery__
    name = draw(_names())
    draft = own.draft(name)
    for option, text in [*base.items(), *draw(lines(own))]:
        try:
            draft.apply(option, text)
        except InvalidObject:
            continue
    try:
        return draft.finish()  # type: ignore[return-value]
    except InvalidObject:
        return cls.from_objectset(name, base.items())
