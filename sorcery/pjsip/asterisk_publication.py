"""The object type `asterisk-publication`."""

from __future__ import annotations

from sorcery.kinds import Boolean, Reference
from sorcery.objects import Object, object_type
from sorcery.options import option
from sorcery.pjsip.kinds.expressions import Expression

__all__ = ["AsteriskPublication"]


@object_type(
    "asterisk-publication",
    section="res_pjsip_publish_asterisk",
    family="ps_asterisk_publications",
    conf="pjsip.conf",
    since=("13.0.0",),
)
class AsteriskPublication(Object):
    """What is taken over of the states that other Asterisks publish here."""

    devicestate_publish: str = option(
        Reference(),
        default="",
        doc="outbound-publish used to ask the peer for a full device state refresh.",
        since=("13.0.0",),
        refers_to="outbound-publish",
    )
    mailboxstate_publish: str = option(
        Reference(),
        default="",
        doc="outbound-publish used to ask the peer for a full mailbox state refresh.",
        since=("13.0.0",),
        refers_to="outbound-publish",
    )
    device_state: bool = option(Boolean(), default="no", doc="Accept published device state.", since=("13.0.0",))
    device_state_filter: str = option(
        Expression(), default="", doc="Devices accepted.", since=("13.0.0",), is_printed=False, exact_name=True
    )
    mailbox_state: bool = option(Boolean(), default="no", doc="Accept published mailbox state.", since=("13.0.0",))
    mailbox_state_filter: str = option(
        Expression(), default="", doc="Mailboxes accepted.", since=("13.0.0",), is_printed=False, exact_name=True
    )
