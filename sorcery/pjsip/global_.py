"""The object type `global`."""

from __future__ import annotations

from collections.abc import Mapping

from sorcery.kinds import Boolean, Choice, Integer, Reference, Text
from sorcery.objects import Object, object_type
from sorcery.options import Value, option
from sorcery.pjsip.kinds.digests import AlgorithmDefaults, read_algorithms
from sorcery.pjsip.kinds.durations import Duration, Lasting
from sorcery.pjsip.kinds.namelists import NameText, WrittenNames
from sorcery.pjsip.kinds.words import SIGNED_LEAST, SIGNED_MOST, YES_NO

__all__ = ["Global"]


@object_type(
    "global",
    section="res_pjsip",
    family="ps_globals",
    conf="pjsip.conf",
    single=True,
    explicit_name="global",
    since=("12.0.0",),
)
class Global(Object):
    """Settings of the whole SIP stack that a reload may change."""

    max_forwards: int = option(Integer(), default="70", doc="Max-Forwards value of requests.", since=("13.3.0",))
    user_agent: str = option(
        Text(), default="Asterisk PBX", doc="User-Agent and Server header text.", since=("12.0.0",)
    )
    default_outbound_endpoint: str = option(
        Reference(),
        default="default_outbound_endpoint",
        doc="Endpoint used for out-of-dialog requests to a bare URI.",
        since=("13.3.0",),
        refers_to="endpoint",
    )
    debug: str = option(
        Text(empty=False), default="no", doc="SIP message logging: yes, no or a host address.", since=("13.3.0",)
    )
    endpoint_identifier_order: Value[NameText] = option(
        WrittenNames(trimmed=False),
        default="ip,username,anonymous",
        doc="Order in which named endpoint identifiers run.",
        since=("13.3.0",),
    )
    keep_alive_interval: Lasting[int] = option(
        Duration(),
        default="90",
        doc="Seconds between keepalives on connection-oriented transports; 0 disables.",
        since=("13.3.0",),
    )
    max_initial_qualify_time: int = option(
        Integer(), default="0", doc="Longest start-up delay before contacts are qualified.", since=("13.4.0",)
    )
    default_from_user: str = option(
        Text(empty=False), default="asterisk", doc="From user when there is nothing better.", since=("13.6.0",)
    )
    default_voicemail_extension: str = option(
        Text(), default="", doc="Fallback Message-Account extension.", since=("13.9.0",)
    )
    regcontext: str = option(
        Text(),
        default="",
        doc="Dialplan context in which registered endpoints get a NoOp extension.",
        since=("13.8.0",),
    )
    contact_expiration_check_interval: Lasting[int] = option(
        Duration(), default="30", doc="Seconds between sweeps for expired contacts.", since=("13.9.0",)
    )
    disable_multi_domain: bool = option(
        Boolean(), default="no", doc="Skip the user@domain look-ups.", since=("13.12.0", "14.1.0")
    )
    unidentified_request_count: int = option(
        Integer(),
        default="5",
        doc="Unidentified requests from one address before a security event.",
        since=("13.10.0",),
    )
    unidentified_request_period: Lasting[int] = option(
        Duration(), default="5", doc="Seconds over which they are counted.", since=("13.10.0",)
    )
    unidentified_request_prune_interval: Lasting[int] = option(
        Duration(), default="30", doc="Seconds between sweeps of the counters.", since=("13.10.0",)
    )
    default_realm: str = option(
        Text(), default="asterisk", doc="Realm of challenges when the auth object has none.", since=("13.10.0",)
    )
    mwi_tps_queue_high: int = option(
        Integer(), default="500", doc="High-water mark of the MWI task queues.", since=("13.12.0", "14.1.0")
    )
    mwi_tps_queue_low: int = option(
        Integer(SIGNED_LEAST, SIGNED_MOST),
        default="-1",
        doc="Low-water mark; -1 means 90 percent of the high mark.",
        since=("13.12.0", "14.1.0"),
    )
    mwi_disable_initial_unsolicited: bool = option(
        Boolean(), default="no", doc="Send no MWI at start-up.", since=("13.12.0", "14.1.0")
    )
    allow_sending_180_after_183: bool = option(
        Boolean(), default="no", doc="Allow 180 after 183.", since=("16.26.0", "18.12.0", "19.4.0")
    )
    ignore_uri_user_options: bool = option(
        Boolean(),
        default="no",
        doc="Cut the user part of SIP URIs at the first semicolon when matching.",
        since=("13.12.0", "14.1.0"),
    )
    use_callerid_contact: bool = option(
        Boolean(YES_NO), default="no", doc="Use the caller ID number as Contact user.", since=("13.24.0", "16.1.0")
    )
    send_contact_status_on_update_registration: bool = option(
        Boolean(YES_NO), default="no", doc="Emit ContactStatus when a registration is refreshed.", since=("16.2.0",)
    )
    taskprocessor_overload_trigger: str = option(
        Choice("none", "global", "pjsip_only"),
        default="global",
        doc="Which task queues may put the SIP stack into overload.",
        since=("13.26.0", "16.3.0"),
    )
    norefersub: bool = option(Boolean(YES_NO), default="yes", doc="Advertise norefersub.", since=("13.27.0", "16.4.0"))
    all_codecs_on_empty_reinvite: bool = option(
        Boolean(),
        default="no",
        doc="Offer all configured codecs when answering a re-INVITE without SDP.",
        since=("16.30.0", "18.16.0", "19.8.0", "20.1.0"),
    )
    default_auth_algorithms_uas: Value[NameText] = option(
        AlgorithmDefaults(),
        default="MD5",
        doc="Default challenge algorithms of auth objects.",
        since=("20.12.0", "21.7.0", "22.2.0"),
    )
    default_auth_algorithms_uac: Value[NameText] = option(
        AlgorithmDefaults(),
        default="MD5",
        doc="Default answer algorithms of auth objects.",
        since=("20.12.0", "21.7.0", "22.2.0"),
    )

    @property
    def bequest(self) -> Mapping[str, tuple[str, ...]]:
        """The algorithms of auth objects that name none."""
        return {
            "supported_algorithms_uas": read_algorithms(self.default_auth_algorithms_uas),
            "supported_algorithms_uac": read_algorithms(self.default_auth_algorithms_uac),
        }
