"""The object type `aeap/client`."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Refused, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.codecs import CodecList, Codecs

__all__ = ["AeapClient"]

_FIRST = ("18.12.0", "19.4.0")


@object_type("aeap/client", section="res_aeap", conf="aeap.conf", optional=True, since=("18.12.0", "19.4.0"))
class AeapClient(Object):
    """A connection to an application that speaks Asterisk's external application protocol."""

    url: str = option(Text(), doc="WebSocket URL of the application.", since=_FIRST)
    protocol: str = option(Text(), default="", doc="Protocol name.", since=_FIRST)
    codecs: Value[Codecs] = option(CodecList(), default="", doc="Codecs.", since=_FIRST)

    @rule
    def web_socket(draft: Draft) -> None:
        """Nothing but WebSocket is spoken."""
        if not draft["url"].startswith("ws"):
            raise Refused(f"{draft['url']!r} is no WebSocket", "write ws://… or wss://…", option="url")
