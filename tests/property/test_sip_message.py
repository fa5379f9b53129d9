"""Messages survive a round trip, and no octets whatever break the parser or the stack."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message import (
    Headers,
    NameAddr,
    Params,
    Request,
    Response,
    SipUri,
    TelUri,
    Via,
    parse_datagram,
    parse_uri,
    write,
)
from sorcery_sip.stack import Stack

# a busy machine is no counterexample
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TOKEN_CHARS = "abcXYZ019.!%*_+`'~-"
tokens = st.text(TOKEN_CHARS, min_size=1, max_size=12)
hosts = st.one_of(
    st.from_regex(r"[a-zA-Z0-9_.-]{1,20}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)
ports = st.none() | st.integers(1, 65535)
uri_params = st.lists(st.tuples(tokens, st.none() | tokens | st.just("")), max_size=4).map(lambda i: Params(tuple(i)))
quoted = st.text("ab ;,=<>@é", max_size=8).map(lambda text: f'"{text}"')
params = st.lists(st.tuples(tokens, st.none() | tokens | quoted), max_size=4).map(lambda i: Params(tuple(i)))
users = st.text("abcAB019-_.!~*'()&=+$,;?/%", min_size=1, max_size=20)
sip_uris = st.builds(
    SipUri,
    host=hosts,
    user=st.none() | users,
    port=ports,
    params=uri_params,
    headers=st.lists(st.tuples(tokens, tokens), max_size=3).map(tuple),
    scheme=st.sampled_from(["sip", "sips", "SIP"]),
)
bare_uris = sip_uris.map(lambda uri: SipUri(uri.host, uri.user, uri.port, uri.params, (), uri.password, uri.scheme))
uris = st.one_of(sip_uris, st.builds(TelUri, st.text("0123456789+-.()*#", min_size=1, max_size=15), uri_params))
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=15)
addresses = st.builds(NameAddr, uri=uris, display_name=names, params=params)
vias = st.builds(Via, host=hosts, port=ports, params=params, transport=st.sampled_from(["UDP", "TCP", "X-new"]))
call_ids = st.from_regex(r"[a-zA-Z0-9@.<>:-]{1,30}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(lambda text: text.strip(" \t"))
others = st.lists(st.tuples(tokens.map(lambda name: f"X-{name}"), values), max_size=4)


@st.composite
def headers(draw: st.DrawFn, method: str) -> Headers:
    fields = [("Via", str(via)) for via in draw(st.lists(vias, min_size=1, max_size=3))]
    fields += [
        (draw(st.sampled_from(["From", "f", "FROM"])), str(draw(addresses))),
        (draw(st.sampled_from(["To", "t"])), str(draw(addresses))),
        (draw(st.sampled_from(["Call-ID", "i"])), draw(call_ids)),
        ("CSeq", f"{draw(st.integers(0, 2**31 - 1))} {method}"),
        *draw(others),
    ]
    return Headers(draw(st.permutations(fields)))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    method = draw(tokens)
    return Request(method, draw(bare_uris), draw(headers(method)), draw(st.binary(max_size=60)))


@st.composite
def responses(draw: st.DrawFn) -> Response:
    fields = draw(headers(draw(tokens)))
    return Response(draw(st.integers(100, 699)), draw(values), fields, draw(st.binary(max_size=60)))


@unhurried
@given(requests() | responses())
def test_what_is_written_is_read_back(message: Request | Response) -> None:
    assert parse_datagram(write(message)) == message


@unhurried
@given(uris)
def test_a_uri_is_printed_as_it_is_read_and_equivalent_to_itself(uri: SipUri | TelUri) -> None:
    again = parse_uri(str(uri))
    assert again == uri
    assert again.equivalent(uri)


@unhurried
@given(sip_uris, sip_uris)
def test_equivalence_of_uris_is_symmetric(one: SipUri, other: SipUri) -> None:
    assert one.equivalent(other) == other.equivalent(one)


@unhurried
@given(addresses)
def test_an_address_is_printed_as_it_is_read(address: NameAddr) -> None:
    assert NameAddr.parse(str(address)) == address


HEAD = b"OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
HEAD += b"To: <sip:b@h>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
pieces = st.sampled_from(
    [b"\r\n", b"\n", b" ", b"\t", b",", b";", b'"', b"\\", b"<", b">", b":", b"=", b"\0", b"\xff", b"Via: ", b"l: 1"]
)
noise = st.lists(pieces | st.binary(max_size=4), max_size=6).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message with some of it replaced."""
    data = draw(st.just(HEAD + b"\r\n") | (requests() | responses()).map(write))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(data)))
        end = min(len(data), begin + draw(st.integers(0, 12)))
        data = data[:begin] + draw(noise) + data[end:]
    return data


@unhurried
@given(st.binary(max_size=300) | damaged() | noise.map(lambda tail: HEAD + tail))
def test_octets_are_a_message_or_a_parse_error(data: bytes) -> None:
    try:
        message = parse_datagram(data)
    except ParseError:
        return
    assert parse_datagram(write(message)) == message


@unhurried
@given(damaged() | noise.map(lambda tail: HEAD + b"Contact: " + tail + b"\r\n\r\n"))
def test_reading_fields_raises_nothing_but_header_errors(data: bytes) -> None:
    try:
        message = parse_datagram(data)
    except ParseError:
        return
    views = [name for name in dir(type(message)) if isinstance(getattr(type(message), name), property)]
    for name in views:
        try:
            getattr(message, name)
        except HeaderError:
            continue


@unhurried
@given(st.lists(st.binary(max_size=100) | damaged(), max_size=5))
def test_the_stack_takes_anything(datagrams: list[bytes]) -> None:
    stack = Stack()
    for now, data in enumerate(datagrams):
        stack.receive(data, Address("192.0.2.1", 5060), float(now))
    while stack.next_event() is not None:
        continue
    assert len(stack.to_send()) <= len(datagrams)
