"""Where Asterisk has a defect, a running one does as we do with `compat`, and not as we do without."""

from pathlib import Path

import pytest

from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Endpoint, Global
from tests.interop.asterisk import Asterisk
from tests.interop.objects import asked, comparable, known_there, printed

pytestmark = pytest.mark.interop

NAMES = ",".join(f"auth{number:03}" for number in range(20))
GLOBALS = "[first]\ntype=global\nuser_agent=one\n[second]\ntype=global\nuser_agent=two\n"
ENDPOINTS = f"""\
[method]
type=endpoint
allow=ulaw
direct_media_method=update
[long]
type=endpoint
allow=ulaw
auth={NAMES}
call_group=0-63
[capitals]
type=endpoint
allow=ulaw
Outgoing_Call_Offer_Pref=local_first
Contact_Deny=0.0.0.0/0
"""
THIRD = "[third]\ntype=global\nuser_agent=three\n"


def shown(obj: Object) -> object:
    return comparable(known_there(obj, printed(obj)))


def test_what_is_misread_or_misprinted_is_so_with_compat_alone(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"pjsip.conf": ENDPOINTS}) as asterisk:
        with Sorcery.open(asterisk.configuration, compat=True) as s:
            for endpoint in s.retrieve_all(Endpoint):
                said = asked(asterisk, Endpoint.__sorcery__, endpoint.id)
                assert said is not None
                assert comparable(said) == shown(endpoint)
        with Sorcery.open(asterisk.configuration) as s:
            meant = {each.id: dict(each.objectset()) for each in s.retrieve_all(Endpoint)}
    assert meant["method"]["direct_media_method"] == "update"
    assert meant["long"]["auth"] == NAMES
    assert meant["capitals"]["contact_acl"] == "deny/permit"
    assert meant["capitals"]["outgoing_call_offer_pref"] == "local_first"


def test_two_objects_of_a_single_type_pass_and_three_do_not(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"pjsip.conf": GLOBALS}) as asterisk:
        for id, agent in (("first", "one"), ("second", "two")):
            said = asterisk.ari_get("global", id)
            assert said is not None
            assert said["user_agent"] == agent
        with Sorcery.open(asterisk.configuration, compat=True) as s:
            assert [each.id for each in s.retrieve_all(Global)] == ["first", "second"]
        with Sorcery.open(asterisk.configuration) as s:
            assert [finding.rule for finding in s.report.errors] == ["single-object"]
        asterisk.write("pjsip.conf", GLOBALS + THIRD)
        with Sorcery.open(asterisk.configuration, compat=True) as s:
            assert {finding.rule for finding in s.report.errors} == {"single-object"}


def test_of_a_repeated_name_in_the_astdb_the_last_line_is_read(asterisk_root: Path) -> None:
    asterisk = Asterisk(asterisk_root, {"sorcery.conf": "[res_pjsip]\naor=astdb,phones\n"})
    both = Aor("desk", contact=["sip:192.0.2.1", "sip:192.0.2.2"])
    with Sorcery.open(asterisk.configuration, astdb=asterisk.astdb) as s:
        s.create(both)
        assert s.retrieve_by_id(Aor, "desk") == both
    with asterisk, Sorcery.open(asterisk.configuration, compat=True, astdb=asterisk.astdb) as s:
        there = s.retrieve_by_id(Aor, "desk")
        assert there is not None
        said = asked(asterisk, Aor.__sorcery__, "desk")
        assert said is not None
        assert said["contact"] == there.text("contact") == "sip:192.0.2.2"
