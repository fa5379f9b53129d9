"""Access lists of an endpoint turn who was identified into a stranger."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Aor, Endpoint
from sorcery_sip import Address


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([("deny", "192.0.2.0/24")], 401),
        ([("deny", "0.0.0.0/0"), ("permit", "192.0.2.0/24")], 200),
        ([("acl", "nowhere")], 401),
        ([("contact_deny", "10.0.0.0/8")], 401),
        ([("contact_deny", "10.0.0.0/8"), ("contact_permit", "10.0.0.1")], 200),
    ],
)
def test_a_refusal_is_a_challenge_that_never_succeeds(server: Any, lines: list[tuple[str, str]], status: int) -> None:
    server.store(Endpoint.from_objectset("alice", [("aors", "alice"), *lines]), Aor(id="alice", max_contacts=1))
    assert server.ask(source=Address("192.0.2.7", 5062, "udp"), password="secret").status == status


def test_the_log_names_the_rule(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    server.store(Endpoint.from_objectset("alice", [("aors", "alice"), ("deny", "192.0.2.7")]))
    server.ask()
    assert "endpoint 'alice': permit/deny rules refuse 192.0.2.7" in caplog.text
