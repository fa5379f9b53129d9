"""The harness itself: a private Asterisk says what it was told."""

from pathlib import Path

import pytest

from tests.interop.asterisk import Asterisk, AsteriskError

pytestmark = pytest.mark.interop

ALICE = "[alice]\ntype=endpoint\ncontext={context}\nallow=ulaw\nset_var=A=1\nset_var=B=2\n"


def test_an_endpoint_of_the_file_is_read_through_ari(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"pjsip.conf": ALICE.format(context="inside")}) as asterisk:
        alice = asterisk.ari_get("endpoint", "alice")
        assert alice is not None
        assert (alice["context"], alice["allow"]) == ("inside", "(ulaw)")
        assert asterisk.ari_get("endpoint", "no/such one") is None


def test_an_object_without_attributes_is_an_empty_one(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"pjsip.conf": "[office]\ntype=acl\npermit=127.0.0.1\n"}) as asterisk:
        assert asterisk.ari_get("acl", "office") == {}


def test_an_attribute_that_ari_repeats_is_a_list(asterisk_root: Path) -> None:
    aor = "[bob]\ntype=aor\ncontact=sip:a@127.0.0.1:9\ncontact=sip:b@127.0.0.1:9\n"
    with Asterisk(asterisk_root, {"pjsip.conf": aor}) as asterisk:
        bob = asterisk.ari_get("aor", "bob")
        assert bob is not None
        assert sorted(bob["contact"]) == ["sip:a@127.0.0.1:9", "sip:b@127.0.0.1:9"]


def test_a_reload_takes_what_was_written(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"pjsip.conf": ALICE.format(context="inside")}) as asterisk:
        asterisk.write("pjsip.conf", ALICE.format(context="elsewhere"))
        assert "reloaded successfully" in asterisk.reload()
        alice = asterisk.ari_get("endpoint", "alice")
        assert alice is not None
        assert alice["context"] == "elsewhere"


def test_the_manager_interface_prints_a_file_as_it_was_parsed(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"pjsip.conf": ALICE.format(context="inside")}) as asterisk:
        (parsed,) = asterisk.ami("GetConfig", Filename="pjsip.conf")
        assert parsed["Category-000000"] == "alice"
        assert parsed["Line-000000-000001"] == "context=inside"
        *_, last = asterisk.ami("PJSIPShowEndpoints")
        assert last["ListItems"] == "1"


def test_a_restart_keeps_the_astdb(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root) as asterisk:
        asterisk.cli("database put family key kept")
        asterisk.stop()
        asterisk.start()
        assert "kept" in asterisk.cli("database get family key")


def test_two_run_side_by_side_and_share_nothing(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root) as one, Asterisk(asterisk_root) as other:
        one.cli("database put family key mine")
        assert "not found" in other.cli("database get family key")


def test_one_that_cannot_start_says_why_and_leaves_nothing(asterisk_root: Path) -> None:
    broken = Asterisk(asterisk_root, {"modules.conf": "[modules]\nautoload=no\nrequire=no_such_module.so\n"})
    with pytest.raises(AsteriskError, match="no_such_module"), broken:
        pass
    assert not broken.configuration.exists()
