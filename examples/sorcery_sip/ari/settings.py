"""Where the REST interface is, and who may use it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from sorcery_sip.ari.access import User

__all__ = ["AriSettings", "HttpSettings"]


@attrs.frozen(slots=True)
class HttpSettings:
    """Where to listen, and what all paths begin with: nothing, or `/` and a word."""

    host: str = "127.0.0.1"
    port: int = 8088
    prefix: str = ""


@attrs.frozen(slots=True)
class AriSettings:
    """What two files say: `http` is None where the interface is not served."""

    http: HttpSettings | None = None
    users: Mapping[str, User] = attrs.field(factory=dict)
