"""The modules put together."""

from __future__ import annotations

from pathlib import Path

from sorcery import Sorcery
from sorcery_sip.modules import build


def test_handlers_are_asked_in_the_order_of_their_priorities(sorcery: Sorcery) -> None:
    application = build(sorcery)
    priorities = [handler.priority for handler in application.pipeline.handlers]
    assert priorities == sorted(priorities)
    assert [type(handler).__name__ for handler in application.pipeline.handlers] == [
        "Registrar",
        "Options",
        "Unhandled",
    ]
    application.close()


def test_named_lists_come_from_the_configuration_directory(tmp_path: Path) -> None:
    (tmp_path / "acl.conf").write_text("[lan]\npermit=192.0.2.0/24\n")
    (tmp_path / "pjsip.conf").write_text("[gate]\ntype=acl\nacl=lan\n")
    with Sorcery.open(tmp_path) as sorcery:
        application = build(sorcery)
        (gate,) = sorcery.retrieve_all("acl")
        assert application.lists.refusal_of(gate.acl, "192.0.2.1") is None
        application.close()
