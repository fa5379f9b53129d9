"""Addresses of manager interfaces."""

from __future__ import annotations

import pytest

from sorcery.errors import ConfigurationError
from sorcery_ami import AmiAddress


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ami://ann@pbx", AmiAddress("pbx", 5038, "ann")),
        ("ami://ann:s%40e@192.0.2.1:7", AmiAddress("192.0.2.1", 7, "ann", "s@e")),
        ("ami://ann:file:/run/s@pbx", AmiAddress("pbx", 5038, "ann", "file:/run/s")),
        ("amis://ann@[::1]", AmiAddress("::1", 5039, "ann", tls=True)),
    ],
)
def test_an_address_is_read(text: str, expected: AmiAddress) -> None:
    assert AmiAddress.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pbx",
        "http://ann@pbx",
        "ami://pbx",
        "ami://ann@",
        "ami://ann:geheim@pbx:port",
        "ami://ann:geheim%0D%0AAction: Logoff@pbx",
    ],
)
def test_what_is_none_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        AmiAddress.parse(text)
    assert "geheim" not in str(told.value)


def test_what_is_printed_is_read_again() -> None:
    address = AmiAddress.parse("amis://ann%40pbx@[::1]")
    assert str(address) == "amis://ann%40pbx@[::1]:5039"
    assert AmiAddress.parse(str(address)) == address


def test_no_secret_is_printed() -> None:
    address = AmiAddress.parse("ami://ann:geheim@pbx")
    assert str(address) == "ami://ann@pbx:5038"
    assert "geheim" not in repr(address)
