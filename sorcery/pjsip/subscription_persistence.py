"""The object type `subscription_persistence`."""

from __future__ import annotations

from sorcery.kinds import Boolean, Integer, Reference, Text
from sorcery.objects import Object, object_type
from sorcery.options import option
from sorcery.pjsip.kinds.json_text import JsonText
from sorcery.pjsip.kinds.numbers import Timestamp
from sorcery.pjsip.kinds.texts import CutText
from sorcery.pjsip.kinds.words import YES_NO

__all__ = ["SubscriptionPersistence"]

_LONGEST_KEY = 31


@object_type(
    "subscription_persistence",
    section="res_pjsip_pubsub",
    family="ps_subscription_persistence",
    default_mapping="astdb,subscription_persistence",
)
class SubscriptionPersistence(Object):
    """A live subscription that outlasts a restart; written by the server that has it, not by hand."""

    packet: str = option(Text(), default="", doc="The SUBSCRIBE that created the subscription.")
    src_name: str = option(Text(), default="", doc="Source address.")
    src_port: int = option(Integer(), default="0", doc="Source port.")
    transport_key: str = option(CutText(_LONGEST_KEY), default="0", doc="Transport type name (UDP, TCP, TLS).")
    local_name: str = option(Text(), default="", doc="Local address.")
    local_port: int = option(Integer(), default="0", doc="Local port.")
    cseq: int = option(Integer(), default="0", doc="CSeq of the next NOTIFY.")
    endpoint: str = option(Reference(), default="", doc="Endpoint that subscribed.", refers_to="endpoint", belongs=True)
    tag: str = option(Text(), default="", doc="Local dialog tag.")
    expires: int = option(Timestamp(), default="", doc="Absolute expiry in seconds since 1970.")
    contact_uri: str = option(Text(), default="", doc="Contact URI of the subscriber.")
    prune_on_boot: bool = option(Boolean(YES_NO), default="no", doc="Drop the subscription at start-up.")
    generator_data: str = option(JsonText(), default="", doc="Saved state of the body generators.")
