"""The gate of `type=acl`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Acl
from sorcery_sip import Address
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.acl import AclGate
from sorcery_sip.modules.contract import Incoming

INSIDE, OUTSIDE = Address("192.0.2.7", 5062, "udp"), Address("198.51.100.1", 5062, "udp")


def acl(id: str, *lines: tuple[str, str]) -> Acl:
    return Acl.from_objectset(id, lines)


def test_without_sections_everybody_comes_in(open_pbx: Any) -> None:
    assert open_pbx.ask(source=OUTSIDE).status == 200


def test_a_refused_source_is_403(open_pbx: Any) -> None:
    open_pbx.store(acl("a", ("deny", "0.0.0.0/0"), ("permit", "192.0.2.0/24")))
    assert open_pbx.ask(source=INSIDE).status == 200
    assert open_pbx.ask(source=OUTSIDE).status == 403


def test_every_section_has_to_let_a_source_in(open_pbx: Any) -> None:
    open_pbx.store(acl("a", ("permit", "192.0.2.0/24")), acl("b", ("deny", "192.0.2.7")))
    assert open_pbx.ask(source=INSIDE).status == 403


@pytest.mark.parametrize(("contact", "status"), [("<sip:alice@10.0.0.1>", 403), ("<sip:alice@192.0.2.9>", 200)])
def test_every_contact_has_to_be_let_in(open_pbx: Any, contact: str, status: int) -> None:
    open_pbx.store(acl("a", ("contact_deny", "10.0.0.0/8")))
    assert open_pbx.ask(fields={"Contact": f"<sip:bob@192.0.2.8>, {contact}"}).status == status


def test_a_contact_that_does_not_resolve_is_passed_over(open_pbx: Any) -> None:
    open_pbx.store(acl("a", ("contact_deny", "10.0.0.0/8")))
    assert open_pbx.ask(fields={"Contact": "<sip:alice@no-such-host.invalid>"}).status == 200


def test_a_named_list_that_does_not_exist_lets_nobody_in(open_pbx: Any) -> None:
    open_pbx.store(acl("a", ("acl", "nowhere")))
    assert open_pbx.ask(source=INSIDE).status == 403


def test_a_refused_ack_is_dropped(open_pbx: Any) -> None:
    open_pbx.store(acl("a", ("deny", "0.0.0.0/0")))
    assert open_pbx.send(open_pbx.request("ACK", {"To": "<sip:b@h>;tag=x"})) is None


def test_it_is_open_only_while_the_last_look_found_no_section(open_pbx: Any) -> None:
    gate = open_pbx.application.acl
    assert not gate.is_open  # nobody has looked yet
    open_pbx.ask()
    assert gate.is_open
    open_pbx.store(acl("a", ("permit", "192.0.2.0/24")))
    assert not gate.is_open
    open_pbx.ask()
    assert not gate.is_open


BAD = "[gate]\ntype=acl\ndeny=0.0.0.0/33\n"


@pytest.mark.parametrize("compat", [False, True])
def test_a_section_that_cannot_be_read_lets_nobody_in_or_as_in_asterisk_everybody(
    server: Any, tmp_path: Path, compat: bool
) -> None:
    conf, incoming = tmp_path / "pjsip.conf", Incoming(server.request(), INSIDE, 0.0)
    conf.write_text(BAD)
    with Sorcery.open(tmp_path, compat=compat) as sorcery:
        gate = AclGate(sorcery, AccessLists(None))
        assert gate.check(incoming).status == (0 if compat else 403)
        assert gate.is_open == compat
        conf.write_text("[gate]\ntype=acl\npermit=0.0.0.0/0\n")
        sorcery.reload()
        assert gate.check(incoming).status == 0
        conf.write_text(f"; the last good one stays in force\n{BAD}")
        sorcery.reload()
        assert gate.check(incoming).status == 0
