"""The object types of WebSocket connections: `websocket_client` and `chan_websocket/global`."""

from __future__ import annotations

from typing import Any

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Choice, Integer, Refused, SecretText, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.choices import OptionalChoice
from sorcery.pjsip.kinds.durations import MILLISECOND, Duration, Lasting
from sorcery.pjsip.kinds.words import SIGNED_LEAST, SIGNED_MOST, YES_NO
from sorcery.secret import Secret

__all__ = ["ChanWebsocketGlobal", "WebsocketClient"]

_FIRST = ("20.15.0", "21.10.0", "22.5.0")
_LATER = ("20.21.0", "22.11.0", "23.5.0")
_NEEDED = {
    "enable_tcp_keepalives": ("tcp_keepalive_time", "tcp_keepalive_interval", "tcp_keepalive_probes"),
    "enable_pingpongs": ("pingpong_interval", "pingpong_probes"),
}
"""What must not be 0 where something is switched on."""


def _text(doc: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(Text(), default="", doc=doc, since=since)


def _secret(doc: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(SecretText(), default="", doc=doc, since=since, secret=True)


def _switch(default: str, doc: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(Boolean(YES_NO), default=default, doc=doc, since=since)


def _signed(default: str, doc: str) -> Any:
    return option(Integer(SIGNED_LEAST, SIGNED_MOST), default=default, doc=doc, since=_FIRST)


def _milliseconds(default: str, doc: str) -> Any:
    return option(Duration(SIGNED_LEAST, SIGNED_MOST, unit=MILLISECOND), default=default, doc=doc, since=_FIRST)


def _seconds(default: str, doc: str) -> Any:
    return option(Duration(), default=default, doc=doc, since=_LATER)


def _count(default: str, doc: str) -> Any:
    return option(Integer(), default=default, doc=doc, since=_LATER)


@object_type(
    "websocket_client",
    section="res_websocket_client",
    conf="websocket_client.conf",
    optional=True,
    since=("20.15.0", "21.10.0", "22.5.0"),
)
class WebsocketClient(Object):
    """A WebSocket connection that this system makes to a server."""

    connection_type: Value[str | None] = option(
        OptionalChoice(Choice("persistent", "per_call_config")),
        default="",
        doc="How the connection is kept.",
        since=_FIRST,
    )
    uri: str = option(Text(), doc="Server URI.", since=_FIRST)
    protocols: str = _text("Sub-protocols.")
    username: str = _text("User name.")
    password: Value[Secret] = _secret("Password.")
    ca_list_file: str = _text("CA file.")
    ca_list_path: str = _text("CA directory.")
    cert_file: str = _text("Client certificate.")
    priv_key_file: str = _text("Client key file.")
    tls_enabled: bool = _switch("no", "Use TLS.")
    verify_server_cert: bool = _switch("yes", "Verify the certificate.")
    verify_server_hostname: bool = _switch("yes", "Verify the host name.")
    connection_timeout: Lasting[int] = _milliseconds("500", "Milliseconds to connect.")
    reconnect_attempts: int = _signed(
        "4", f"Attempts before giving up; {SIGNED_LEAST} means no limit for a persistent connection, else 4."
    )
    reconnect_interval: Lasting[int] = _milliseconds("500", "Milliseconds between attempts.")
    proxy_host: str = _text("HTTP proxy, host:port.", _LATER)
    proxy_username: str = _text("Proxy user.", _LATER)
    proxy_password: Value[Secret] = _secret("Proxy password.", _LATER)
    enable_tcp_keepalives: bool = _switch("no", "TCP keepalive.", _LATER)
    tcp_keepalive_time: Lasting[int] = _seconds("20", "Idle seconds.")
    tcp_keepalive_interval: Lasting[int] = _seconds("20", "Seconds between probes.")
    tcp_keepalive_probes: int = _count("3", "Probes.")
    enable_pingpongs: bool = _switch("no", "WebSocket pings.", _LATER)
    pingpong_interval: Lasting[int] = _seconds("20", "Seconds between pings.")
    pingpong_probes: int = _count("3", "Pings without answer.")

    @rule
    def proxy(draft: Draft) -> None:
        """No port is assumed for a proxy."""
        host, _, port = draft["proxy_host"].rpartition(":")
        if draft["proxy_host"] and not (host and port):
            raise Refused("has no port", "write host:port", option="proxy_host")

    @rule
    def probing(draft: Draft) -> None:
        """Who probes says how often."""
        for switch, needed in _NEEDED.items():
            for name in needed if draft[switch] else ():
                if not draft[name]:
                    raise Refused(f"must not be 0 with {switch}", "write a number above 0", option=name)


@object_type(
    "chan_websocket/global",
    section="chan_websocket",
    conf="chan_websocket.conf",
    optional=True,
    single=True,
    explicit_name="global",
    since=("20.18.0", "22.8.0", "23.2.0"),
)
class ChanWebsocketGlobal(Object):
    """Settings of calls over WebSocket."""

    control_message_format: str = option(
        Choice("plain-text", "json"),
        default="plain-text",
        doc="Format of control messages.",
        since=("20.18.0", "22.8.0", "23.2.0"),
    )
