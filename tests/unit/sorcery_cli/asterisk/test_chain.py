"""The chain to an Asterisk: each link broken in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sorcery.doctor.chains import Chain, Link, State
from sorcery_cli.asterisk import visit
from sorcery_cli.asterisk.chain import asterisk_chain
from sorcery_cli.context import Session
from tests.manager import Manager, running_manager


@pytest.fixture
def manager() -> Iterator[Manager]:
    with running_manager() as made:
        made.answer = answer
        yield made


def said(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in ("Response: Success", "ActionID: {id}", *lines)) + "\r\n"


def answer(action: Mapping[str, str], **instead: str) -> str:
    """Answer as an Asterisk that runs on the directory of these tests."""
    name = action["Action"]
    command = action.get("Command", "")
    if name in instead or command in instead:
        return instead.get(name) or instead[command]
    if command.startswith("module show like"):
        module = command.rpartition(" ")[2]
        return said(f"Output: {module}  a module  0  Running  core")
    if name == "CoreSettings":
        return said("AsteriskVersion: 22.10.1")
    if name == "GetConfig":
        return "Response: Error\r\nActionID: {id}\r\nMessage: Config file not found\r\n\r\n"
    if name == "PJSIPShowEndpoints":
        return (
            said("EventList: start")
            + "Event: EndpointList\r\nActionID: {id}\r\nObjectName: alice\r\n\r\n"
            + "Event: EndpointListComplete\r\nActionID: {id}\r\nEventList: Complete\r\n\r\n"
        )
    return said("Output: nothing")


def look(directory: Path, manager: Manager, secret: str = "geheim") -> Chain:
    password = f":{secret}" if secret else ""
    chain = asterisk_chain(Session(target=str(directory)), f"ami://ann{password}@127.0.0.1:{manager.port}", None)
    assert "geheim" not in str(chain.data())
    return chain


def broken(directory: Path, manager: Manager, **instead: Any) -> Link:
    manager.answer = lambda action: answer(action, **instead)
    found = look(directory, manager).first_broken
    assert found is not None
    return found


def refused(reason: str) -> str:
    return f"Response: Error\r\nActionID: {{id}}\r\nMessage: {reason}\r\n\r\n"


def test_an_asterisk_that_runs_on_the_files_is_good(directory: Path, manager: Manager) -> None:
    chain = look(directory, manager)
    assert chain.state is State.GOOD
    assert [link.name for link in chain.links] == [
        *("port", "login", "version", "modules", "files", "families", "databases", "caches", "endpoints")
    ]


def test_a_login_that_is_refused(directory: Path, manager: Manager) -> None:
    found = broken(directory, manager, Login=refused("Authentication failed"))
    assert (found.name, found.silent, "manager reload" in found.mending) == ("login", False, True)


def test_no_password_at_all(directory: Path, manager: Manager) -> None:
    found = look(directory, manager, "").first_broken
    assert found is not None
    assert (found.name, "--ami-secret-from" in found.mending) == ("login", True)


def test_rights_that_are_missing(directory: Path, manager: Manager) -> None:
    found = broken(directory, manager, CoreSettings=refused("Permission denied"))
    assert (found.name, "write = system,command,config,reporting in [ann]" in found.mending) == ("version", True)


def test_a_module_that_does_not_run(directory: Path, manager: Manager) -> None:
    line = said("Output: res_pjsip.so  a module  0  Not Running  core")
    found = broken(directory, manager, **{"module show like res_pjsip.so": line})
    assert (found.name, found.text) == ("modules", "res_pjsip is not running")
    assert "module load res_pjsip.so" in found.mending


def test_an_asterisk_on_another_directory(directory: Path, manager: Manager) -> None:
    other = said("Category-000000: res_pjsip", "Line-000000-000000: aor=config,pjsip.conf")
    found = broken(directory, manager, GetConfig=other)
    assert (found.name, "another sorcery.conf" in found.text) == ("files", True)


def test_endpoints_that_differ_are_named(directory: Path, manager: Manager) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=endpoint\n")
    found = broken(directory, manager)
    assert (found.name, found.text) == ("endpoints", "Asterisk has 1 endpoints and we have 2: it lacks bob")


def test_an_asterisk_without_a_single_endpoint(directory: Path, manager: Manager) -> None:
    found = broken(directory, manager, PJSIPShowEndpoints=refused("No endpoints found"))
    assert found.text == "Asterisk has 0 endpoints and we have 1: it lacks alice"
    found = broken(directory, manager, PJSIPShowEndpoints=refused("out of order"))
    assert (found.name, found.text) == ("endpoints", "PJSIPShowEndpoints: out of order")


def test_a_port_without_tls_is_told_from_one_where_nobody_listens(directory: Path, manager: Manager) -> None:
    chain = asterisk_chain(Session(target=str(directory)), f"amis://ann@127.0.0.1:{manager.port}", None)
    found = chain.first_broken
    assert found is not None
    assert (found.name, found.silent, "tlsenable" in found.mending) == ("port", True, True)


def test_an_asterisk_that_says_nothing(directory: Path, manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "WAIT", 1.0)
    manager.answer = None
    found = look(directory, manager).first_broken
    assert found is not None
    assert (found.name, found.silent) == ("login", True)
