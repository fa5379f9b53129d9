"""The object types of the REST interface: `ari/general`, `ari/user` and `ari/outbound_websocket`."""

from __future__ import annotations

from typing import Any

from sorcery.kinds import Boolean, Choice, Reference, SecretText, Text
from sorcery.objects import Object, object_type
from sorcery.options import Value, alias, option
from sorcery.pjsip.kinds.access import AccessList, AccessNames, AccessRules
from sorcery.pjsip.kinds.durations import MILLISECOND, Duration, Lasting
from sorcery.pjsip.kinds.namelists import AppNames, NameText
from sorcery.pjsip.kinds.words import SIGNED_LEAST, SIGNED_MOST, YES_NO
from sorcery.secret import Secret

__all__ = ["AriGeneral", "AriOutboundWebsocket", "AriUser"]

_FIRST = ("12.0.0",)
_USER = ("13.30.0", "16.7.0", "17.1.0")
_ACCESS = ("20.19.0", "22.9.0", "23.3.0")
_WEBSOCKET = ("20.15.0", "21.10.0", "22.5.0")


def _text(default: str, doc: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(Text(), default=default, doc=doc, since=since)


@object_type(
    "ari/general",
    section="res_ari",
    conf="ari.conf",
    optional=True,
    single=True,
    explicit_name="general",
    since=("12.0.0",),
)
class AriGeneral(Object):
    """Settings of the REST interface as a whole."""

    auth_realm: str = _text("Asterisk REST Interface", "HTTP realm.")
    allowed_origins: str = _text("", "CORS origins.")
    channelvars: str = _text("", "Channel variables shown in events, with commas between them.", ("14.2.0",))
    enabled: bool = option(Boolean(YES_NO), default="yes", doc="Switch ARI on.", since=_FIRST)
    pretty: bool = option(Boolean(YES_NO), default="no", doc="Indent JSON.", since=_FIRST)
    websocket_write_timeout: Lasting[int] = option(
        Duration(SIGNED_LEAST, SIGNED_MOST, unit=MILLISECOND),
        default="100",
        doc="Milliseconds a WebSocket write may take.",
        since=("11.11.0", "12.4.0"),
    )


@object_type("ari/user", section="res_ari", conf="ari.conf", optional=True, since=("12.0.0",))
class AriUser(Object):
    """Who may use the REST interface, and from where."""

    password: Value[Secret] = option(SecretText(), doc="Password or crypt text.", since=_USER, secret=True)
    read_only: bool = option(Boolean(YES_NO), default="no", doc="Only GET.", since=_USER)
    password_format: str = option(
        Choice("plain", "crypt"), default="plain", doc="How password is written.", since=_FIRST
    )
    permit: Value[AccessList] = alias(
        "acl",
        AccessRules(permit=True, empty=False),
        default="",
        doc="Networks accepted.",
        since=_ACCESS,
        is_field=True,
    )
    deny: Value[AccessList] = alias(
        "acl",
        AccessRules(permit=False, empty=False),
        default="",
        doc="Networks refused.",
        since=_ACCESS,
        is_field=True,
    )
    acl: Value[AccessList] = option(
        AccessNames(empty=True),
        default="",
        doc="acl.conf ACLs.",
        since=_ACCESS,
        may_refer_to="acl.conf",
        is_printed=False,
    )


@object_type(
    "ari/outbound_websocket", section="res_ari", conf="ari.conf", optional=True, since=("20.15.0", "21.10.0", "22.5.0")
)
class AriOutboundWebsocket(Object):
    """A connection that this system makes to an application, which then uses the REST interface over it."""

    websocket_client_id: str = option(
        Reference(), doc="Client connection to use.", since=_WEBSOCKET, refers_to="websocket_client"
    )
    apps: Value[NameText] = option(AppNames(), doc="Stasis applications.", since=_WEBSOCKET)
    local_ari_user: str = option(
        Reference(), doc="ARI user whose rights apply.", since=_WEBSOCKET, refers_to="ari/user"
    )
    subscribe_all: bool = option(Boolean(YES_NO), default="no", doc="Subscribe to all events.", since=_WEBSOCKET)
