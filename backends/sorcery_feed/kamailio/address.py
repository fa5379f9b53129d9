"""Where the JSON-RPC interface of a Kamailio is."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import attrs

from sorcery.errors import ConfigurationError

__all__ = ["RpcAddress"]

FORM: Final = (
    "write kamailio-rpc://HOST:PORT for its dgram_socket, kamailio-rpc+unix:///PATH for that as a file, "
    "or kamailio-rpc+http://HOST:PORT/RPC"
)
SCHEMES: Final = {"kamailio-rpc": "udp", "kamailio-rpc+unix": "unix", "kamailio-rpc+http": "http"}


@attrs.frozen(slots=True)
class RpcAddress:
    """`kamailio-rpc://HOST:PORT`, `kamailio-rpc+unix:///PATH` or `kamailio-rpc+http://HOST:PORT/PATH`."""

    kind: str
    """`udp`, `unix` or `http`."""
    host: str = ""
    port: int = 0
    path: str = ""
    """Of the socket's file, or of the URL."""

    @classmethod
    def parse(cls, text: str) -> RpcAddress:
        """Read an address; raises `ConfigurationError`."""
        try:
            found = urlsplit(text)
            port = found.port
        except ValueError:  # what it says may quote a password
            raise ConfigurationError("this is no address of a Kamailio", remedy=FORM) from None
        kind = SCHEMES.get(found.scheme)
        is_whole = found.path.strip("/") if kind == "unix" else found.hostname and port
        is_more = found.username or found.query or found.fragment or (kind == "unix" and found.netloc)
        if kind is None or not is_whole or is_more or (kind == "udp" and found.path.strip("/")):
            raise ConfigurationError("this is no address of a Kamailio", remedy=FORM)
        if kind == "unix":
            return cls(kind, path=found.path)
        return cls(kind, found.hostname or "", port or 0, (found.path or "/RPC") if kind == "http" else "")

    @property
    def spot(self) -> str:
        """Host and port, as one writes them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        scheme = next(scheme for scheme, kind in SCHEMES.items() if kind == self.kind)
        return f"{scheme}://{self.path}" if self.kind == "unix" else f"{scheme}://{self.spot}{self.path}"
