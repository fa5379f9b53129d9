"""Identification of everybody else."""

from __future__ import annotations

from typing import Any

from sorcery.pjsip import Endpoint

STRANGER = {"From": "<sip:nobody@pbx.example.com>;tag=1"}


def test_an_endpoint_for_strangers_takes_those_that_nobody_knows(server: Any) -> None:
    assert server.ask("OPTIONS", STRANGER).status == 401
    server.store(Endpoint(id="anonymous", identify_by="username"))
    assert server.ask("OPTIONS", STRANGER).status == 200


def test_that_of_the_domain_comes_before_the_general_one(server: Any) -> None:
    server.store(Endpoint(id="anonymous"), Endpoint(id="anonymous@pbx.example.com", auth=["gone"]))
    assert server.ask("OPTIONS", STRANGER).status == 500


def test_a_known_user_is_not_anonymous(open_pbx: Any) -> None:
    open_pbx.store(Endpoint(id="anonymous"))
    assert open_pbx.ask().status == 200
    assert open_pbx.ask(fields=STRANGER).status == 403
