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
    """What the configuration says: `http` is None where the interface is not served."""

    http: HttpSettings | None = None
    users: Mapping[str, User] = attrs.field(factory=dict)
    realm: str = "Asterisk REST Interface"
    """Named to who has no password."""
    origins: tuple[str, ...] = ()
    """Web pages of which servers may use it; `*` for any."""
    is_pretty: bool = False
    """Whether JSON is indented."""
    channel_variables: tuple[str, ...] = ()
    """Variables and functions that are shown with each channel."""
