"""The same requests to a running Asterisk and to our stack, with one `pjsip.conf`: the same answers."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Contact
from tests.interop.asterisk import Asterisk
from tests.interop.exchange import PASSWORD, Ask, Outcome, put
from tests.interop.phone import Phone
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

PATIENCE, SILENCE = 30.0, 3.0
"""Seconds within which an answer comes, and after which none does where one of the two gives none."""
CONF = f"""\
[udp]
type=transport
protocol=udp
bind={LOOPBACK}:{{port}}
[phone](!)
type=endpoint
allow=ulaw
context=internal
[login](!)
type=auth
auth_type=userpass
password={PASSWORD}
[example.org]
type=domain_alias
domain=pbx.example
"""
USER = """\
[{name}](phone)
auth={name}
aors={name}
{endpoint}
[{name}](login)
username={name}
{auth}
[{name}]
type=aor
{aor}
"""


class Exchange(NamedTuple):
    """Requests of one user in order; its endpoint, auth and AOR bear its name."""

    user: str
    asks: Sequence[Ask]
    aor: str = "max_contacts=5"
    endpoint: str = ""
    auth: str = ""

    def conf(self) -> str:
        """Return the sections of the user; of an option given twice the last counts."""
        return USER.format(name=self.user, endpoint=self.endpoint, auth=self.auth, aor=self.aor)


A, B, C = (f"<sip:{letter}@127.0.0.1:5999>" for letter in "abc")
QUERY = Ask()
UNPROVED = Ask([A], password=None)
PATH = "Path: <sip:127.0.0.1:9;lr>"


def to(user: str) -> str:
    return f"sip:{user}@{LOOPBACK}"


EXCHANGES = (
    # who asks
    Exchange("good", [Ask([A]), QUERY]),
    Exchange("unproved", [UNPROVED]),
    Exchange("wrong", [Ask([A], password="other")]),
    Exchange("misnamed", [Ask([A], username="good")]),
    Exchange("stranger", [Ask([A], sender=to("nobody"), to=to("nobody")), Ask([A], sender=to("nobody"))]),
    Exchange("old_nonce", [Ask([A], nonce="1234567890/0123456789abcdef0123456789abcdef")]),
    Exchange("realm", [UNPROVED, Ask([A])], auth="realm=example.org"),
    Exchange("algorithms", [UNPROVED, Ask([A])], auth="supported_algorithms_uas=SHA-256,MD5"),
    Exchange("sha256", [UNPROVED, Ask([A])], auth="supported_algorithms_uas=SHA-256"),
    Exchange("two_auths", [UNPROVED, Ask([A]), Ask([A], username="good")], endpoint="auth=two_auths,good"),
    Exchange("no_auth", [UNPROVED], endpoint="auth="),
    Exchange("lost_auth", [Ask([A])], endpoint="auth=absent"),
    Exchange("denied", [Ask([A])], endpoint="deny=127.0.0.1"),
    Exchange("contact_denied", [Ask([A]), QUERY], endpoint="contact_deny=127.0.0.1"),
    Exchange("by_ip", [Ask([A])], endpoint="identify_by=ip"),
    Exchange("by_auth", [Ask([A], sender=to("nobody"))], endpoint="identify_by=auth_username"),
    Exchange("UPPER", [Ask([A]), Ask([A], sender=to("upper"), to=to("upper"))]),
    # which AOR
    Exchange("no_aors", [Ask([A])], endpoint="aors="),
    Exchange("lost_aor", [Ask([A]), Ask([A], to=to("absent"))], endpoint="aors=absent"),
    Exchange("other_aor", [Ask([A], to=to("good")), QUERY]),
    Exchange("two_aors", [Ask([A], to=to("second")), Ask(to=to("second")), QUERY], endpoint="aors=two_aors,second"),
    Exchange("second", []),
    Exchange("user@pbx.example", [Ask([A], sender="sip:user@pbx.example", to="sip:user@pbx.example")]),
    Exchange("named@pbx.example", [Ask([A], sender="sip:named@example.org", to="sip:named@example.org")]),
    Exchange("to_tel", [Ask([A], to="tel:+123"), Ask([A], to="mailto:a@b.c")]),
    Exchange("from_tel", [Ask([A], sender="tel:+123"), Ask([A], sender="mailto:a@b.c")]),
    Exchange("escaped", [Ask([A], to=to("%65scaped"), sender=to("%65scaped"))]),
    # how many
    Exchange("none", [Ask([A]), QUERY], aor="max_contacts=0"),
    Exchange(
        "one", [Ask([A]), Ask([B]), Ask([A]), Ask([A, B]), Ask([A + ";expires=0", B]), QUERY], aor="max_contacts=1"
    ),
    Exchange("two_at_once", [Ask([A, B]), QUERY], aor="max_contacts=1"),
    Exchange("moving", [Ask([A]), Ask([B]), Ask([A, B]), QUERY], aor="max_contacts=1\nremove_existing=yes"),
    Exchange(
        "moving_two",
        [Ask([A], 600), Ask([B], 300), Ask([C], 900), QUERY, Ask([A, B, C]), Ask([C, B])],
        aor="max_contacts=2\nremove_existing=yes",
    ),
    Exchange("static", [QUERY, Ask([A]), Ask([B]), QUERY], aor=f"max_contacts=1\ncontact=sip:fixed@{LOOPBACK}:9"),
    # which contacts
    Exchange("all_gone", [Ask([A, B]), Ask(["*"], 0), QUERY]),
    Exchange("wild_kept", [Ask([A]), Ask(["*"], 60), Ask(["*"]), QUERY]),
    Exchange("wild_others", [Ask([A]), Ask(["*", A], 0), Ask([A, "*"], 0), QUERY]),
    Exchange("removed", [Ask([A, B]), Ask([A], 0), Ask([C], 0), Ask([B + ";expires=0"], 600), QUERY]),
    Exchange("repeated", [Ask([A, A]), Ask([A + ";expires=600", A + ";expires=900"]), QUERY]),
    Exchange("one_header", [Ask([f"{A}, {B};q=0.5"]), QUERY]),
    Exchange("bare_uri", [Ask(["sip:a@127.0.0.1:5999;expires=600"]), QUERY]),
    Exchange("display", [Ask([f'"A; \\"b\\", c" {A};expires=600;q=0.1']), QUERY]),
    Exchange(
        "same_uri",
        [
            Ask(["<sip:a@HOST.example:5999;transport=udp>"]),
            Ask(["<sip:a@host.EXAMPLE:5999;Transport=UDP>"]),
            Ask(["<sip:%61@host.example:5999;transport=udp>"]),
            Ask(["<sip:A@host.example:5999;transport=udp>"]),
            Ask(["<sip:a@host.example:5999>"]),
            Ask(["<sip:a@host.example:5999;transport=udp;x=1>"]),
            QUERY,
        ],
        aor="max_contacts=9",
    ),
    Exchange("tel", [Ask(["<tel:+123>"]), Ask([A, "<tel:+123>"]), Ask(["<mailto:a@b.c>"]), QUERY]),
    Exchange("sips", [Ask(["<sips:a@127.0.0.1:5999>"]), QUERY]),
    Exchange(
        "long_uri", [Ask([f"<sip:a@127.0.0.1:5999;x={'y' * 600}>"]), Ask([f"<sip:a@{'h' * 300}.example>"]), QUERY]
    ),
    Exchange("method", [Ask(["<sip:a@127.0.0.1:5999;method=INVITE>"]), Ask([A])]),
    Exchange("spelt", [Ask(["<SIP:%61%20@h.example;x=%41;Transport=UDP;lr;user=phone;y=>"]), QUERY]),
    # how long
    Exchange("clamped", [Ask([A], 1), Ask([A], 99999), Ask([A]), Ask([A], 0), QUERY]),
    Exchange(
        "own_clamp",
        [Ask([A], 1), Ask([A], 99999), Ask([A]), Ask([A + ";expires=1"], 500), Ask([A + ";expires=9999"]), QUERY],
        aor="max_contacts=5\nminimum_expiration=120\nmaximum_expiration=600\ndefault_expiration=300",
    ),
    Exchange("each_its_own", [Ask([A + ";expires=100", B + ";expires=200", C], 300), QUERY]),
    Exchange("query_expires", [Ask([A]), Ask(expires=100), Ask(expires=0), QUERY]),
    Exchange(
        "inverted", [Ask([A]), Ask([A], 50)], aor="max_contacts=1\nminimum_expiration=600\nmaximum_expiration=100"
    ),
    # extensions
    Exchange(
        "path",
        [
            Ask([A], headers=["Path: <sip:127.0.0.1:9;lr>", "Supported: path"]),
            Ask([A], headers=["Path: <sip:127.0.0.1:9;lr>, <sip:127.0.0.1:8;lr>", "Supported: 100rel, path"]),
        ],
        aor="max_contacts=1\nsupport_path=yes",
    ),
    Exchange("path_unused", [Ask([A], headers=["Path: <sip:127.0.0.1:9;lr>"])]),
    Exchange("require", [Ask([A], headers=["Require: bogus"]), Ask([A], headers=["Require: path"])]),
    # other methods
    Exchange("missing_contact", [Ask(method="SUBSCRIBE"), Ask(method="INVITE"), Ask(method="NOTIFY")]),
    Exchange("missing_contact_too", [Ask(method="REFER"), Ask(method="UPDATE")]),
    Exchange("options", [Ask(method="OPTIONS"), Ask(method="OPTIONS", password=None)]),
    Exchange("options_extension", [Ask(method="OPTIONS", uri=to("100"))]),
    Exchange("options_free", [Ask(method="OPTIONS", password=None)], endpoint="allow_unauthenticated_options=yes"),
    Exchange("options_stranger", [Ask(method="OPTIONS", sender=to("nobody"))]),
    Exchange("unknown_method", [Ask(method="FOO"), Ask(method="FOO", password=None), Ask(method="foo")]),
    Exchange("bye", [Ask(method="BYE"), Ask(method="CANCEL"), Ask(method="PRACK"), Ask(method="INFO")]),
)


class Difference(NamedTuple):
    """An exchange in which we mean to answer otherwise, and what either side says."""

    exchange: Exchange
    why: str
    theirs: Sequence[str]
    ours: Sequence[str]


BOUND = "200 sip:a@127.0.0.1:5999=3600"
DIFFERENCES = (
    Difference(
        Exchange("unreadable", [Ask(["<sip:a@127.0.0.1:5999"]), Ask(["<sip:>"])]),
        "a Contact that cannot be read gets an answer",
        ["0", "0"],
        ["400", "400"],
    ),
    Difference(
        Exchange("odd_expires", [Ask([A], "soon"), Ask([A], "-1"), Ask([A], "70x")]),
        "an Expires that is no number is as good as none (RFC 3261 20.19)",
        ["0", "0", "0"],
        [BOUND, BOUND, BOUND],
    ),
    Difference(
        Exchange("odd_parameter", [Ask([f"{A};expires=soon"]), Ask([f"{A};expires=10x"]), Ask([f"{A};expires=-5"])]),
        "so is a Contact's (RFC 3261 10.2.1.1)",
        ["200", "200 sip:a@127.0.0.1:5999=60", "200"],
        [BOUND, BOUND, BOUND],
    ),
    Difference(
        Exchange("huge_expires", [Ask([A], 2**32 + 5)]),
        "an expiry beyond 32 bits is long, not short",
        ["200 sip:a@127.0.0.1:5999=60 Expires:60"],
        ["200 sip:a@127.0.0.1:5999=7200 Expires:7200"],
    ),
    Difference(
        Exchange("headers", [Ask(["<sip:a@127.0.0.1:5999?X=y>"]), Ask([A])]),
        "headers in URIs are compared both ways (RFC 3261 19.1.4)",
        ["200 sip:a@127.0.0.1:5999?X=y=3600"] * 2,
        ["200 sip:a@127.0.0.1:5999?X=y=3600", f"{BOUND} sip:a@127.0.0.1:5999?X=y=3600"],
    ),
    Difference(
        Exchange(
            "path_shown",
            [Ask([A], headers=[PATH]), Ask([A], headers=[PATH, "Supported: path"]), Ask([A]), QUERY],
            aor="max_contacts=1\nsupport_path=yes",
        ),
        "a 420 says what is missing (RFC 3261 21.4.15), a 200 has the Path of its request (RFC 3327 5.3)",
        ["420", *[f"{BOUND} {PATH.replace(' ', '')}"] * 3],
        ["420 Unsupported:path", f"{BOUND} {PATH.replace(' ', '')}", BOUND, BOUND],
    ),
    Difference(
        Exchange("to_a_number", [Ask([A], uri="tel:+123"), Ask(method="OPTIONS", uri="tel:+123")]),
        "a Request-URI that is a number is for calls only",
        [BOUND, "404"],
        ["416", "416"],
    ),
    Difference(
        Exchange("to_a_mailbox", [Ask(method="OPTIONS", uri="mailto:a@b.c")]),
        "a Request-URI of an unknown kind gets an answer",
        ["0"],
        ["416"],
    ),
)


AGENT = "User-Agent: one; with ^"
ROUTED = "max_contacts=3\nsupport_path=yes\noutbound_proxy=sip:127.0.0.1:5061\\;lr"
STORED = (
    Exchange("s-plain", [Ask([A, f"{B};q=0.5;expires=900"], 600, [AGENT])]),
    Exchange("s-escaped", [Ask(["<sip:%61%20%5e%7e%C3%A9;x#@127.0.0.1:5999;y=%61%2C;z?X=%41%26>"])]),
    Exchange("s-ordered", [Ask(["<SIP:a:%2f@H.example;rinstance=x;LR;Transport=TLS;maddr=127.0.0.1;User=phone;ob>"])]),
    Exchange("s-path", [Ask([A], headers=[PATH, "Path: <sip:127.0.0.1:8;lr>", "Supported: path"])], ROUTED),
    Exchange("s-refreshed", [Ask([A], headers=[AGENT]), Ask([A], 600, headers=["User-Agent: two"])]),
    Exchange("s-kept", [Ask([A], headers=[AGENT, PATH, "Supported: path"]), Ask([A], 600)], ROUTED),
    Exchange("s-rewritten", [Ask(["<sip:a@192.0.2.1:5999;transport=udp;ob>", B])], endpoint="rewrite_contact=yes"),
    Exchange("s-rewritten-host", [Ask(["<sip:a@192.0.2.1>"])], endpoint="rewrite_contact=yes"),
    Exchange("s-rewritten-port", [Ask([A])], endpoint="rewrite_contact=yes"),
    Exchange("s-qualified", [Ask([A])], "max_contacts=1\nqualify_timeout=0.5\nqualify_2xx_only=yes"),
)
OF_ONE_REQUEST = ("call_id", "via_port", "expiration_time")


class Registrars(NamedTuple):
    """A running Asterisk and our stack: their ports and AstDB files, in this order."""

    asterisk: Asterisk
    ports: tuple[int, int]
    astdbs: tuple[Path, Path]


@pytest.fixture(scope="module")
def registrars(asterisk_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registrars]:
    """Run an Asterisk and our stack with the users of all exchanges."""
    folder, ports = tmp_path_factory.mktemp("stack"), (free_port(), free_port())
    users = "".join(each.conf() for each in (*EXCHANGES, *STORED, *(each.exchange for each in DIFFERENCES)))
    theirs, ours = (CONF.format(port=port) + users for port in ports)
    (folder / "pjsip.conf").write_text(ours, encoding="utf-8")
    with Asterisk(asterisk_root, {"pjsip.conf": theirs}) as asterisk, SipStack(folder):
        yield Registrars(asterisk, ports, (asterisk.astdb, folder / "astdb.sqlite3"))


def outcomes(port: int, exchange: Exchange, seconds: float = PATIENCE) -> list[Outcome]:
    with Phone((LOOPBACK, port), seconds) as phone:
        return [put(phone, exchange.user, ask) for ask in exchange.asks]


@pytest.mark.parametrize("exchange", [pytest.param(each, id=each.user) for each in EXCHANGES if each.asks])
def test_our_stack_answers_as_asterisk_does(registrars: Registrars, exchange: Exchange) -> None:
    theirs, ours = (outcomes(port, exchange) for port in registrars.ports)
    assert ours == theirs


@pytest.mark.parametrize("difference", [pytest.param(each, id=each.exchange.user) for each in DIFFERENCES])
def test_our_stack_differs_where_it_means_to(registrars: Registrars, difference: Difference) -> None:
    theirs, ours = ([str(told) for told in outcomes(port, difference.exchange, SILENCE)] for port in registrars.ports)
    assert (theirs, ours) == (difference.theirs, difference.ours), difference.why


def stored(astdb: Path, exchange: Exchange, phone: Phone, asked: float) -> list[tuple[list[tuple[str, str]], int]]:
    """Return what the contacts of a user say, less what differs in every request, and the tens of their seconds."""
    with Sorcery.open("memory:", astdb=astdb) as sorcery:
        sorcery.map(Contact, "astdb", "registrar")
        contacts = sorcery.retrieve_by_prefix(Contact, f"{exchange.user};@")
    return sorted(
        (
            [
                (name, text.replace(f":{phone.port}", ":own"))
                for name, text in contact.objectset(compat=True)
                if name not in OF_ONE_REQUEST
            ],
            math.ceil((contact.expiration_time - asked) / 10),
        )
        for contact in contacts
    )


@pytest.mark.parametrize("exchange", [pytest.param(each, id=each.user) for each in STORED])
def test_our_stack_stores_the_contacts_that_asterisk_stores(registrars: Registrars, exchange: Exchange) -> None:
    found = []
    for port, astdb in zip(registrars.ports, registrars.astdbs, strict=True):
        with Phone((LOOPBACK, port), PATIENCE) as phone:
            assert [put(phone, exchange.user, ask).status for ask in exchange.asks] == [200] * len(exchange.asks)
            asked = time.time()
            if astdb == registrars.asterisk.astdb:
                registrars.asterisk.settle_astdb()
            found.append(stored(astdb, exchange, phone, asked))
    assert found[0]
    assert found[1] == found[0]
