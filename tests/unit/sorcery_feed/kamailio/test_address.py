"""Addresses of JSON-RPC interfaces."""

from __future__ import annotations

import pytest

from sorcery.errors import ConfigurationError
from sorcery_feed import RpcAddress


@pytest.mark.parametrize(
    ("text", "expected", "printed"),
    [
        ("kamailio-rpc://proxy:8090", RpcAddress("udp", "proxy", 8090), None),
        ("kamailio-rpc://[::1]:8090", RpcAddress("udp", "::1", 8090), None),
        ("kamailio-rpc+unix:///run/k/rpc.sock", RpcAddress("unix", path="/run/k/rpc.sock"), None),
        ("kamailio-rpc+http://proxy:80/x/RPC", RpcAddress("http", "proxy", 80, "/x/RPC"), None),
        (
            "kamailio-rpc+http://proxy:80",
            RpcAddress("http", "proxy", 80, "/RPC"),
            "kamailio-rpc+http://proxy:80/RPC",
        ),
    ],
)
def test_an_address_is_read_and_printed(text: str, expected: RpcAddress, printed: str | None) -> None:
    assert RpcAddress.parse(text) == expected
    assert str(expected) == (printed or text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "proxy:8090",
        "kamailio-rpc://proxy",
        "kamailio-rpc://proxy:port",
        "kamailio-rpc://proxy:8090/RPC",
        "kamailio-rpc://user:geheim@proxy:8090",
        "kamailio-rpc+unix://",
        "kamailio-rpc+unix://run/k.sock",
        "kamailio-rpc+http:///RPC",
        "http://proxy:80/RPC",
    ],
)
def test_what_is_none_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ConfigurationError, match="kamailio-rpc://HOST:PORT") as told:
        RpcAddress.parse(text)
    assert "geheim" not in str(told.value)
