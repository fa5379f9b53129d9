"""The object type `aor`."""

from __future__ import annotations

from sorcery.kinds import Boolean, Integer, Text
from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.pjsip.kinds.durations import Duration, Lasting, RealSeconds
from sorcery.pjsip.kinds.namelists import NameText, WrittenReferences
from sorcery.pjsip.kinds.uris import ContactUris

__all__ = ["Aor"]


@object_type(
    "aor",
    section="res_pjsip",
    family="ps_aors",
    conf="pjsip.conf",
    is_part=True,
    since=("13.35.0", "16.12.0", "17.6.0"),
)
class Aor(Object):
    """An address of record: where an endpoint is reached, and how many devices may register there."""

    minimum_expiration: Lasting[int] = option(
        Duration(), default="60", doc="Lower clamp of the registered expiry.", since=("12.0.0",)
    )
    maximum_expiration: Lasting[int] = option(
        Duration(), default="7200", doc="Upper clamp of the registered expiry.", since=("12.0.0",)
    )
    default_expiration: Lasting[int] = option(
        Duration(), default="3600", doc="Expiry in seconds given to registrations that ask for none.", since=("12.0.0",)
    )
    qualify_frequency: Lasting[int] = option(
        Duration(most=86400), default="", doc="Seconds between OPTIONS qualifies; 0 disables.", since=("12.0.0",)
    )
    qualify_timeout: Lasting[float] = option(
        RealSeconds(), default="3.0", doc="Seconds to wait for the OPTIONS answer; 0 means no limit.", since=("13.4.0",)
    )
    qualify_2xx_only: bool = option(
        Boolean(),
        default="no",
        doc="Count only 2xx answers to OPTIONS as reachable.",
        since=("20.12.0", "21.7.0", "22.2.0"),
    )
    authenticate_qualify: bool = option(
        Boolean(),
        default="no",
        doc="Kept for compatibility; challenges to OPTIONS are always answered.",
        since=("12.0.0",),
        successor="",
    )
    max_contacts: int = option(
        Integer(), default="0", doc="Most registered contacts; permanent contacts do not count.", since=("12.0.0",)
    )
    remove_existing: bool = option(
        Boolean(),
        default="no",
        doc="Drop the soonest-to-expire contacts when a registration exceeds max_contacts.",
        since=("12.0.0",),
    )
    remove_unavailable: bool = option(
        Boolean(),
        default="no",
        doc="Drop unreachable contacts first, or only those without remove_existing, to stay within max_contacts.",
        since=("16.22.0", "18.8.0"),
    )
    contact: Value[tuple[str, ...]] = option(ContactUris(), default="", doc="Permanent contacts.", since=("12.2.0",))
    mailboxes: Value[NameText] = option(
        WrittenReferences(),
        default="",
        doc="Mailboxes offered to MWI subscriptions to this AOR.",
        since=("12.0.0",),
        may_refer_to="mwi_external/mailboxes",
    )
    voicemail_extension: str = option(
        Text(),
        default="",
        doc="Message-Account extension for subscribed MWI; also a resource name the subscription may use.",
        since=("13.9.0",),
    )
    outbound_proxy: str = option(Text(), default="", doc="Proxy for requests to the contacts.", since=("12.0.0",))
    support_path: bool = option(Boolean(), default="no", doc="Store and use Path headers.", since=("12.1.0",))
