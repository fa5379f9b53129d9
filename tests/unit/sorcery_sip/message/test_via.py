import pytest

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.via import Via


def test_parts() -> None:
    via = Via.parse("SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bK1;rport;x=y")
    assert (via.transport, via.host, via.port, via.branch) == ("UDP", "[2001:db8::9]", 5070, "z9hG4bK1")
    assert (via.rport, via.received) == (None, None)


def test_blanks_are_allowed_wherever_the_grammar_has_them() -> None:
    via = Via.parse("SIP  / 2.0\t/ TCP     spindle.example.com : 5061  ; branch =   z9hG4bK9ikj8")
    assert str(via) == "SIP/2.0/TCP spindle.example.com:5061;branch=z9hG4bK9ikj8"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/3.0/UDP host",
        "host",
        "SIP/2.0/UDP host:99999",
        "SIP/2.0/UDP host:0",
        'SIP/2.0/UDP h;a="',
    ],
)
def test_what_is_no_via_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        Via.parse(text)


def test_received_is_always_filled_and_rport_on_request() -> None:
    plain, asking = Via.parse("SIP/2.0/UDP h;branch=b"), Via.parse("SIP/2.0/UDP h;rport;branch=b")
    assert str(plain.arrived_from("192.0.2.1", 9)) == "SIP/2.0/UDP h;branch=b;received=192.0.2.1"
    assert str(asking.arrived_from("192.0.2.1", 9)) == "SIP/2.0/UDP h;rport=9;branch=b;received=192.0.2.1"


def test_force_rport_fills_what_was_not_asked_for() -> None:
    via = Via.parse("SIP/2.0/UDP h;branch=b").arrived_from("192.0.2.1", 9, force_rport=True)
    assert (via.rport, via.received) == (9, "192.0.2.1")


def test_a_sender_cannot_choose_received_or_rport() -> None:
    via = Via.parse("SIP/2.0/UDP h;rport=1;received=203.0.113.1").arrived_from("192.0.2.1", 9)
    assert (via.rport, via.received) == (9, "192.0.2.1")


@pytest.mark.parametrize(("branch", "unique"), [("z9hG4bKa", True), ("z9hG4bK", False), ("a", False), (None, False)])
def test_a_branch_is_unique_with_the_cookie_and_more(branch: str | None, unique: bool) -> None:
    via = Via.parse("SIP/2.0/UDP h" + (f";branch={branch}" if branch else ""))
    assert via.has_cookie is unique


def test_a_via_of_ours_asks_for_rport_and_has_the_cookie() -> None:
    assert str(Via.create("::1", 5060, "abc")) == "SIP/2.0/UDP [::1]:5060;branch=z9hG4bKabc;rport"


def test_an_rport_that_is_no_number_counts_as_empty() -> None:
    assert Via.parse("SIP/2.0/UDP h;rport=abc").rport is None
    assert Via.parse("SIP/2.0/UDP h;rport=123456").rport is None
