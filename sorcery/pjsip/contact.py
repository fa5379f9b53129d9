"""The object type `contact`."""

from __future__ import annotations

from sorcery.kinds import Boolean, Integer, Reference, Text
from sorcery.objects import Object, object_type
from sorcery.options import option
from sorcery.pjsip.kinds.durations import Duration, Lasting, RealSeconds
from sorcery.pjsip.kinds.numbers import Timestamp
from sorcery.pjsip.kinds.words import YES_NO

__all__ = ["Contact"]


@object_type("contact", section="res_pjsip", family="ps_contacts", default_mapping="astdb,registrar", owner="aor")
class Contact(Object):
    """One place where an address of record is reached; made by the registrar, not by hand."""

    uri: str = option(Text(), doc="Contact URI.")
    path: str = option(Text(), default="", doc="Stored Path header.")
    expiration_time: int = option(Timestamp(), default="", doc="Absolute expiry in seconds since 1970.")
    qualify_frequency: Lasting[int] = option(
        Duration(most=86400), default="", doc="Seconds between OPTIONS qualifies; 0 disables."
    )
    qualify_timeout: Lasting[float] = option(
        RealSeconds(), default="3.0", doc="Seconds to wait for the OPTIONS answer; 0 means no limit."
    )
    qualify_2xx_only: bool = option(Boolean(), default="no", doc="Copied from the AOR.")
    authenticate_qualify: bool = option(Boolean(YES_NO), default="no", doc="Copied from the AOR.")
    outbound_proxy: str = option(Text(), default="", doc="Copied from the AOR.")
    user_agent: str = option(Text(), default="", doc="User-Agent of the REGISTER.")
    endpoint: str = option(
        Reference(), default="", doc="Endpoint that registered the contact.", refers_to="endpoint", belongs=True
    )
    reg_server: str = option(Text(), default="", doc="System name of the Asterisk that took the registration.")
    via_addr: str = option(Text(), default="", doc="Address of the last Via of the REGISTER.")
    via_port: int = option(Integer(), default="0", doc="Port of the last Via of the REGISTER.")
    call_id: str = option(Text(), default="", doc="Call-ID of the REGISTER.")
    prune_on_boot: bool = option(
        Boolean(YES_NO), default="no", doc="Remove the contact at start-up because its connection cannot survive."
    )
