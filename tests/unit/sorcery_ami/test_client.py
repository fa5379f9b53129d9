"""Actions and their answers, and what becomes of a server that is silent or something else."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import pytest

from sorcery.errors import Unavailable
from sorcery_ami import ActionRefused, AmiAddress, AmiClient
from tests.manager import Answer, Manager


def connect(port: int) -> AmiClient:
    return AmiClient.connect(AmiAddress("127.0.0.1", port, "ann"), patience=60)


def answering(text: str) -> Answer:
    return lambda action: f"{text}ActionID: {{id}}\r\n\r\n"


def test_who_logs_in_hears_no_events(manager: Manager) -> None:
    manager.answer = answering("Response: Success\r\n")
    with connect(manager.port) as client:
        assert client.version == "11.0.0"
        client.login("ann", "secret")
    assert manager.heard == [
        {"Action": "Login", "ActionID": "1", "Username": "ann", "Secret": "secret", "Events": "off"}
    ]


def test_a_header_that_comes_again_is_a_line_more(manager: Manager) -> None:
    manager.answer = answering("Response: Success\r\nOutput: one\r\nOutput: two: three\r\nEmpty:\r\n")
    with connect(manager.port) as client:
        (answer,) = client.action("Command", Command="x")
        assert (answer["Output"], answer["Empty"]) == ("one\ntwo: three", "")
        assert client.command("x") == ["one", "two: three"]


def test_a_line_that_is_no_header_does_not_end_a_message(manager: Manager) -> None:
    manager.answer = answering("Response: Success\r\nOutput: one\r\n--END COMMAND--\r\nOutput: two\r\n")
    with connect(manager.port) as client:
        assert client.command("x") == ["one", "two"]


def test_a_list_is_its_response_and_its_events_and_other_events_are_passed_over(manager: Manager) -> None:
    def answer(action: Mapping[str, str]) -> str:
        return (
            "Event: FullyBooted\r\n\r\n"
            "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\n"
            "Event: EndpointList\r\nActionID: {id}\r\nObjectName: a\r\n\r\n"
            "Event: Other\r\nActionID: another\r\n\r\n"
            "Event: EndpointListComplete\r\nActionID: {id}\r\nEventList: Complete\r\n\r\n"
        )

    manager.answer = answer
    with connect(manager.port) as client:
        found = client.action("PJSIPShowEndpoints")
    assert [each.get("Event") for each in found] == [None, "EndpointList", "EndpointListComplete"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("Message: Authentication failed\r\n", "Authentication failed"), ("Message: m\r\nOutput: no\r\n", "no")],
)
def test_a_refusal_says_why(manager: Manager, text: str, reason: str) -> None:
    manager.answer = answering(f"Response: Error\r\n{text}")
    with connect(manager.port) as client, pytest.raises(ActionRefused) as told:
        client.login("ann", "geheim")
    assert told.value.reason == reason
    assert "geheim" not in str(told.value)


def test_a_header_cannot_smuggle_another_action(manager: Manager) -> None:
    with connect(manager.port) as client, pytest.raises(ValueError, match="line break"):
        client.action("Command", Command="x\r\n\r\nAction: Logoff")
    assert manager.heard == []


def test_a_server_that_says_nothing_is_given_up() -> None:
    made, other = socket.socketpair()
    with (
        other,
        AmiClient(made, "Asterisk", 0.1) as client,
        pytest.raises(Unavailable, match=r"said nothing for 0\.1 s"),
    ):
        client.action("Ping")


def test_a_server_of_another_kind_is_refused(manager: Manager) -> None:
    manager.greeting = b"SSH-2.0-OpenSSH\r\n"
    with pytest.raises(Unavailable, match="no manager interface"):
        connect(manager.port)


def test_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = socket.create_connection(listening.getsockname())
        other, _ = listening.accept()
        other.close()
        client = AmiClient(made, "Asterisk", 5.0)
        with client, pytest.raises(Unavailable, match="hung up"):
            client.action("Ping")


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unavailable, match="refused"):
        connect(port)
