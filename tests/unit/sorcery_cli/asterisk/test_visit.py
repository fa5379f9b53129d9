"""Where the password of a manager is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery_ami import AmiAddress
from sorcery_cli.asterisk.visit import secret_of
from sorcery_cli.exits import Misuse

ADDRESS = AmiAddress("127.0.0.1", 5038, "ann")


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


@pytest.mark.parametrize("named", ["env:NO_SUCH_VARIABLE", "env:TWO_LINES", "file:/no/such/file", "file:", "geheim"])
def test_a_password_that_is_named_and_not_there_is_misuse(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWO_LINES", "one\ntwo")
    with pytest.raises(Misuse):
        secret_of(ADDRESS, named, None)
