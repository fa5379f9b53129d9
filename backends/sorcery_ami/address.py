"""Where a manager interface is, and as whom to log in."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote, urlsplit

import attrs

from sorcery.errors import ConfigurationError

__all__ = ["AmiAddress"]

PORTS: Final = {"ami": 5038, "amis": 5039}
FORM: Final = "write ami://USER@HOST:PORT, or amis:// for TLS"


@attrs.frozen(slots=True)
class AmiAddress:
    """`ami://USER[:SECRET]@HOST[:PORT]`, or `amis://…` for TLS.

    A secret such as `file:/run/secrets/ami` is kept as it is written: whoever takes references follows it.
    """

    host: str
    port: int
    user: str
    secret: str = attrs.field(default="", repr=False)
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> AmiAddress:
        """Read an address; raises `ConfigurationError`, which quotes nothing of it."""
        try:
            login, at, host = text.rpartition("@")
            scheme, slashes, login = login.partition("://")
            found = urlsplit(f"{scheme}{slashes}{login.replace('/', '%2F')}{at}{host}")
            port = found.port
        except ValueError:  # what it says may quote a piece of the secret
            raise ConfigurationError("an AMI address cannot be read", remedy=FORM) from None
        user, secret = unquote(found.username or ""), unquote(found.password or "")
        if found.scheme not in PORTS or not found.hostname or not user or set("\r\n") & {*user, *secret}:
            raise ConfigurationError("an AMI address cannot be read", remedy=FORM)
        return cls(
            host=found.hostname,
            port=port or PORTS[found.scheme],
            user=user,
            secret=secret,
            tls=found.scheme == "amis",
        )

    @property
    def spot(self) -> str:
        """Host and port, as one writes them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{'amis' if self.tls else 'ami'}://{quote(self.user, safe='')}@{self.spot}"
