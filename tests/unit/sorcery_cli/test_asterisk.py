"""The chain to an Asterisk: where its password comes from, and each link broken in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sorcery.doctor.chains import Chain, Link, State
from sorcery_ami import AmiAddress
from sorcery_cli import asterisk
from sorcery_cli.asterisk import asterisk_chain, secret_of
from sorcery_cli.context import Session
from sorcery_cli.exits import Misuse
from tests.manager import Manager, running_manager

ADDRESS = AmiAddress("127.0.0.1", 5038, "ann")


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


def test_an_asterisk_that_says_nothing(directory: Path, manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asterisk, "WAIT", 0.1)
    manager.answer = None
    found = look(directory, manager).first_broken
    assert found is not None
    assert (found.name, found.silent) == ("login", True)


def test_a_password_is_where_it_is_named_in_the_address_or_in_manager_conf(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (directory / "manager.conf").write_text("[general]\nenabled=yes\n[ann]\nsecret = written\n")
    (directory / "secret").write_text("kept\n")
    monkeypatch.setenv("AMI_SECRET", "set")
    assert secret_of(ADDRESS, None, directory) == "written"
    assert secret_of(AmiAddress("pbx", 1, "ann", "typed"), None, directory) == "typed"
    assert secret_of(ADDRESS, "env:AMI_SECRET", directory) == "set"
    assert secret_of(ADDRESS, f"file:{directory}/secret", directory) == "kept"
    assert secret_of(AmiAddress("pbx", 1, "bob"), None, directory) == ""
    assert secret_of(ADDRESS, None, None) == ""


@pytest.mark.parametrize("named", ["env:NO_SUCH_VARIABLE", "file:/no/such/file", "file:", "geheim"])
def test_a_password_that_is_named_and_not_there_is_misuse(named: str) -> None:
    with pytest.raises(Misuse):
        secret_of(ADDRESS, named, None)
