"""The named lists of `acl.conf`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery.pjsip.kinds.access import AccessList
from sorcery_sip.modules.access import AccessLists, contact_hosts

LAN = "[lan]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n"
NAMED = AccessList(names=("lan",))


def test_a_list_is_read_in_the_order_of_its_rules(tmp_path: Path) -> None:
    (tmp_path / "acl.conf").write_text(LAN)
    lists = AccessLists(tmp_path / "acl.conf")
    assert lists.refusal_of(NAMED, "192.0.2.1") is None
    assert lists.refusal_of(NAMED, "198.51.100.1") == "access list 'lan' refuses 198.51.100.1"


def test_without_a_file_no_list_exists(tmp_path: Path) -> None:
    for lists in (AccessLists(tmp_path / "acl.conf"), AccessLists(None)):
        assert "does not exist" in (lists.refusal_of(NAMED, "192.0.2.1") or "")


def test_a_bad_rule_makes_its_list_refuse_everybody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "acl.conf").write_text("[lan]\npermit=lots\n[other]\npermit=192.0.2.1\n")
    lists = AccessLists(tmp_path / "acl.conf")
    assert lists.refusal_of(NAMED, "192.0.2.1") is not None
    assert lists.refusal_of(AccessList(names=("other",)), "192.0.2.1") is None
    assert "acl.conf:2: [lan]" in caplog.text


def test_a_reload_reads_the_file_again(tmp_path: Path) -> None:
    path = tmp_path / "acl.conf"
    path.write_text(LAN)
    lists = AccessLists(path)
    path.write_text("[lan]\npermit=198.51.100.1\ndeny=192.0.2.0/24\n")
    lists.reload()
    assert lists.refusal_of(NAMED, "192.0.2.1") is not None
    assert lists.refusal_of(NAMED, "198.51.100.1") is None


def test_a_file_that_is_refused_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "acl.conf"
    path.write_text(LAN)
    lists = AccessLists(path)
    path.write_text("[lan\npermit=0.0.0.0/0\n")
    lists.reload()
    assert lists.refusal_of(NAMED, "198.51.100.1") is not None
    assert "stay as they were" in caplog.text


def test_contact_hosts_are_addresses(server: Any) -> None:
    request = server.request(fields={"Contact": "<sip:a@[2001:db8::1]:5060>, <sip:b@localhost>, <sip:c@no.invalid>"})
    hosts = list(contact_hosts(request))
    assert hosts[0] == "2001:db8::1"
    assert "127.0.0.1" in hosts
    assert len(hosts) <= 3
