"""The object type `inbound-publication`."""

from __future__ import annotations

from sorcery.kinds import Reference
from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.pjsip.kinds.events import EventObjects

__all__ = ["InboundPublication"]


@object_type(
    "inbound-publication",
    section="res_pjsip_pubsub",
    family="ps_inbound_publications",
    conf="pjsip.conf",
    since=("13.0.0",),
)
class InboundPublication(Object):
    """A resource that others may publish events of; the id is the user part of their Request-URI."""

    endpoint: str = option(
        Reference(),
        default="",
        doc="Only endpoint allowed to publish to the resource; empty allows all.",
        since=("13.0.0",),
        refers_to="endpoint",
        is_printed=False,
    )
    events: Value[tuple[tuple[str, str], ...]] = option(
        EventObjects(),
        name="event_*",
        default="",
        doc="event_NAME selects the configuration object used for that event package.",
        refers_to="asterisk-publication",
        is_printed=False,
    )
