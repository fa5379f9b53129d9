"""The object type `endpoint`."""

from __future__ import annotations

from sorcery.kinds import Boolean, Choice, Flags, Integer, Reference, References, Text
from sorcery.objects import Object, ObjectSet, object_type, rule
from sorcery.options import Value, alias, option
from sorcery.pjsip import endpoint_rules as rules
from sorcery.pjsip.kinds.access import AccessList, AccessNames, AccessRules
from sorcery.pjsip.kinds.callerid import CallerId, CallerIdText, Presentation
from sorcery.pjsip.kinds.codecprefs import CodecPreference, CodecPreferences
from sorcery.pjsip.kinds.codecs import CodecList, Codecs
from sorcery.pjsip.kinds.durations import Duration, Lasting
from sorcery.pjsip.kinds.groups import GroupNames, GroupNumbers
from sorcery.pjsip.kinds.implied import ImpliedChoice
from sorcery.pjsip.kinds.media import MediaAddress
from sorcery.pjsip.kinds.namelists import NameText, WrittenReferences
from sorcery.pjsip.kinds.numbers import ScannedInteger
from sorcery.pjsip.kinds.profiles import ProfileReference
from sorcery.pjsip.kinds.security import SecurityMechanism, SecurityMechanisms
from sorcery.pjsip.kinds.texts import URI_USER, CutText, Dashed, Dead, OptionalText, Patterned, ReadablePath
from sorcery.pjsip.kinds.tos import TypeOfService
from sorcery.pjsip.kinds.variables import VariableLines, Variables
from sorcery.pjsip.kinds.words import BOOLEAN_WORDS, CAPITALISED, YES_NO

__all__ = ["Endpoint"]


@object_type("endpoint", section="res_pjsip", family="ps_endpoints", conf="pjsip.conf", since=("12.0.0",))
class Endpoint(Object):
    """A party that calls come from and go to: media, identification, authentication and dialplan settings."""

    context: str = option(
        Text(), default="default", doc="Dialplan context for calls from the endpoint.", since=("12.0.0",)
    )
    disallow: Value[Codecs] = alias(
        "allow",
        CodecList(removes=True),
        default="",
        doc="Removes codecs from the list built by allow.",
        since=("13.0.0",),
    )
    allow: Value[Codecs] = option(
        CodecList(), default="", doc="Codecs offered and accepted, in preference order.", since=("13.0.0",)
    )
    dtmf_mode: str = option(
        Choice("rfc4733", "inband", "info", "auto", "auto_info", "none"),
        default="rfc4733",
        doc="How DTMF digits are sent and received.",
        since=("12.2.0",),
    )
    rtp_ipv6: bool = option(
        Boolean(),
        default="no",
        doc="Prefer an IPv6 local address when a media address has to be chosen.",
        since=("12.0.0",),
    )
    rtp_symmetric: bool = option(Boolean(), default="no", doc="Send RTP back to where it came from.", since=("12.0.0",))
    ice_support: bool = option(Boolean(), default="no", doc="Use ICE for media.", since=("12.0.0",))
    use_ptime: bool = option(
        Boolean(), default="no", doc="Honour the packetisation time requested by the endpoint.", since=("12.0.0",)
    )
    force_rport: bool = option(
        Boolean(), default="yes", doc="Treat requests as if they carried rport.", since=("12.0.0",)
    )
    rewrite_contact: bool = option(
        Boolean(), default="no", doc="Replace the received Contact by the source address and port.", since=("12.0.0",)
    )
    transport: str = option(
        Reference(),
        default="",
        doc="Transport forced for requests to the endpoint.",
        since=("12.0.0",),
        refers_to="transport",
    )
    outbound_proxy: str = option(
        Text(), default="", doc="Full SIP URI of the proxy for requests to the endpoint.", since=("12.0.0",)
    )
    moh_suggest: str = option(
        Text(), default="default", doc="Music-on-hold class suggested to the other party.", since=("12.0.0",)
    )
    rel100: str = option(
        Choice("no", "yes", "required", "peer_supported", aliases=BOOLEAN_WORDS),
        default="yes",
        doc="Reliable provisional responses (PRACK) policy.",
        name="100rel",
        since=("12.2.0",),
    )
    timers: str = option(
        Choice("no", "yes", "required", "always", aliases={**BOOLEAN_WORDS, "forced": "always"}),
        default="yes",
        doc="Session timer policy.",
        since=("12.2.0",),
    )
    timers_min_se: Lasting[int] = option(
        Duration(), default="90", doc="Smallest session-timer expiry in seconds.", since=("12.0.0",)
    )
    timers_sess_expires: Lasting[int] = option(
        Duration(), default="1800", doc="Session-timer expiry in seconds.", since=("12.0.0",)
    )
    auth: Value[tuple[str, ...]] = option(
        References(),
        default="",
        doc="Auth objects used to challenge requests from the endpoint; no entry means no authentication.",
        since=("12.2.0",),
        refers_to="auth",
    )
    outbound_auth: Value[tuple[str, ...]] = option(
        References(),
        default="",
        doc="Auth objects used to answer challenges received from the endpoint.",
        since=("12.2.0",),
        refers_to="auth",
    )
    aors: Value[NameText] = option(
        WrittenReferences(),
        default="",
        doc="AORs the endpoint can be reached at and may register to.",
        since=("12.0.0",),
        refers_to="aor",
    )
    media_address: str = option(
        MediaAddress(), default="", doc="Address written into SDP for media.", since=("18.22.0", "20.7.0", "21.2.0")
    )
    bind_rtp_to_media_address: bool = option(
        Boolean(), default="no", doc="Bind the RTP sockets to media_address.", since=("13.8.0",)
    )
    identify_by: Value[tuple[str, ...]] = option(
        Flags("username", "auth_username", "ip", "header", "request_uri"),
        default="username,ip",
        doc="Ways this endpoint may be identified, and how a REGISTER finds its AOR.",
        since=("13.19.0", "15.2.0"),
    )
    direct_media: bool = option(
        Boolean(), default="yes", doc="Let media flow directly between the parties.", since=("12.0.0",)
    )
    direct_media_method: str = option(
        Choice("invite", "update", aliases={"reinvite": "invite"}),
        default="invite",
        doc="Request used to set up direct media.",
        since=("12.2.0",),
    )
    trust_connected_line: bool = option(
        Boolean(YES_NO),
        default="yes",
        doc="Accept connected-line updates from the endpoint.",
        since=("13.24.0", "16.1.0"),
    )
    send_connected_line: bool = option(
        Boolean(YES_NO), default="yes", doc="Send connected-line updates to the endpoint.", since=("13.24.0", "16.1.0")
    )
    connected_line_method: str = option(
        Choice("invite", "update", aliases={"reinvite": "invite"}),
        default="invite",
        doc="Request used to send connected-line updates.",
        since=("12.2.0",),
    )
    direct_media_glare_mitigation: str = option(
        Choice("none", "outgoing", "incoming"),
        default="none",
        doc="Direction in which direct-media re-INVITEs are held back to avoid glare.",
        since=("12.2.0",),
    )
    disable_direct_media_on_nat: bool = option(
        Boolean(), default="no", doc="Do not attempt direct media when NAT is detected.", since=("12.0.0",)
    )
    callerid: Value[CallerId] = option(
        CallerIdText(),
        default="",
        doc="Caller ID presented for calls from the endpoint when inbound identity is not trusted.",
        since=("12.2.0",),
    )
    callerid_privacy: str = option(
        Presentation(), default="allowed_not_screened", doc="Default presentation of the caller ID.", since=("12.7.0",)
    )
    callerid_tag: str = option(
        Text(), default="", doc="Tag attached to the endpoint identity, visible to the dialplan.", since=("12.2.0",)
    )
    trust_id_inbound: bool = option(
        Boolean(), default="no", doc="Believe identity headers received from the endpoint.", since=("12.0.0",)
    )
    trust_id_outbound: bool = option(
        Boolean(), default="no", doc="Send private identity to the endpoint.", since=("12.0.0",)
    )
    send_pai: bool = option(Boolean(), default="no", doc="Send P-Asserted-Identity.", since=("12.0.0",))
    send_rpid: bool = option(Boolean(), default="no", doc="Send Remote-Party-ID.", since=("12.0.0",))
    rpid_immediate: bool = option(
        Boolean(), default="no", doc="Send connected-line updates before the call is answered.", since=("13.4.0",)
    )
    send_diversion: bool = option(Boolean(), default="yes", doc="Send the Diversion header.", since=("12.0.0",))
    send_history_info: bool = option(
        Boolean(), default="no", doc="Send the History-Info header.", since=("13.38.0", "16.15.0", "17.9.0", "18.1.0")
    )
    mailboxes: Value[NameText] = option(
        WrittenReferences(),
        default="",
        doc="Mailboxes for unsolicited MWI, name@context separated by commas.",
        since=("12.0.0",),
        may_refer_to="mwi_external/mailboxes",
    )
    voicemail_extension: str = option(
        Text(), default="", doc="Message-Account extension used in unsolicited MWI.", since=("13.9.0",)
    )
    aggregate_mwi: bool = option(
        Boolean(), default="yes", doc="Send one combined MWI NOTIFY instead of one per mailbox.", since=("12.0.0",)
    )
    mwi_subscribe_replaces_unsolicited: bool = option(
        Boolean(YES_NO),
        default="no",
        doc="Stop unsolicited MWI once the endpoint subscribes.",
        since=("13.24.0", "15.7.0"),
    )
    media_encryption: str = option(
        Choice("no", "sdes", "dtls"), default="no", doc="Media encryption offered and required.", since=("12.2.0",)
    )
    use_avpf: bool = option(Boolean(), default="no", doc="Use and require the AVPF media profiles.", since=("12.0.0",))
    force_avp: bool = option(
        Boolean(), default="no", doc="Offer plain AVP profiles even for DTLS media.", since=("12.4.0",)
    )
    media_use_received_transport: bool = option(
        Boolean(), default="no", doc="Answer with the media profile received in the offer.", since=("12.4.0",)
    )
    rtp_keepalive: Lasting[int] = option(
        Duration(), default="0", doc="Seconds between comfort-noise keepalives; 0 disables.", since=("13.5.0",)
    )
    rtp_timeout: Lasting[int] = option(
        Duration(),
        default="0",
        doc="Seconds without RTP after which an active call is hung up; 0 disables.",
        since=("13.5.0",),
    )
    rtp_timeout_hold: Lasting[int] = option(
        Duration(),
        default="0",
        doc="Seconds without RTP after which a held call is hung up; 0 disables.",
        since=("13.5.0",),
    )
    rtp_port_start: int = option(
        Integer(most=65535),
        default="0",
        doc="First port of an RTP range private to the endpoint; 0 uses rtp.conf.",
        since=("20.20.0", "22.10.0", "23.4.0"),
    )
    rtp_port_end: int = option(
        Integer(most=65535),
        default="0",
        doc="Last port of an RTP range private to the endpoint; 0 uses rtp.conf.",
        since=("20.20.0", "22.10.0", "23.4.0"),
    )
    one_touch_recording: bool = option(
        Boolean(), default="no", doc="Allow one-touch recording by INFO.", since=("12.0.0",)
    )
    inband_progress: bool = option(
        Boolean(), default="no", doc="Signal ringing with 183 and audio instead of 180.", since=("12.0.0",)
    )
    call_group: Value[tuple[int, ...]] = option(
        GroupNumbers(),
        default="",
        doc="Numeric call groups the endpoint belongs to.",
        since=("12.2.0",),
        exact_name=True,
    )
    pickup_group: Value[tuple[int, ...]] = option(
        GroupNumbers(),
        default="",
        doc="Numeric call groups the endpoint may pick up.",
        since=("12.2.0",),
        exact_name=True,
    )
    named_call_group: Value[tuple[str, ...]] = option(
        GroupNames(), default="", doc="Named call groups the endpoint belongs to.", since=("12.2.0",), exact_name=True
    )
    named_pickup_group: Value[tuple[str, ...]] = option(
        GroupNames(), default="", doc="Named call groups the endpoint may pick up.", since=("12.2.0",), exact_name=True
    )
    device_state_busy_at: int = option(
        Integer(),
        default="0",
        doc="Number of calls in use at which the device state turns busy; 0 disables it.",
        since=("12.0.0",),
    )
    t38_udptl: bool = option(Boolean(), default="no", doc="Accept and relay T.38.", since=("12.0.0",))
    t38_udptl_ec: str = option(
        Choice("none", "fec", "redundancy", exact=True), default="none", doc="T.38 error correction.", since=("12.2.0",)
    )
    t38_udptl_maxdatagram: int = option(
        Integer(), default="0", doc="Overrides the peer maximum datagram size; 0 keeps it.", since=("12.0.0",)
    )
    fax_detect: bool = option(
        Boolean(), default="no", doc="Watch for fax CNG tone and jump to the fax extension.", since=("12.0.0",)
    )
    fax_detect_timeout: Lasting[int] = option(
        Duration(),
        default="0",
        doc="Seconds into the call after which fax_detect stops; 0 means never.",
        since=("13.11.0",),
    )
    t38_udptl_nat: bool = option(
        Boolean(), default="no", doc="Send UDPTL to the source of received packets.", since=("12.0.0",)
    )
    t38_udptl_ipv6: bool = option(Boolean(), default="no", doc="Use IPv6 for UDPTL.", since=("12.0.0",))
    t38_bind_udptl_to_media_address: bool = option(
        Boolean(), default="no", doc="Bind UDPTL to media_address.", since=("16.22.0", "18.8.0")
    )
    tone_zone: str = option(Text(), default="", doc="Indication tone zone of channels.", since=("12.0.0",))
    language: str = option(Text(), default="", doc="Channel language.", since=("12.0.0",))
    record_on_feature: str = option(
        Text(), default="automixmon", doc="Feature run by an INFO that turns recording on.", since=("12.0.0",)
    )
    record_off_feature: str = option(
        Text(), default="automixmon", doc="Feature run by an INFO that turns recording off.", since=("12.0.0",)
    )
    allow_transfer: bool = option(
        Boolean(), default="yes", doc="Accept REFER transfers from the endpoint.", since=("12.0.0",)
    )
    user_eq_phone: bool = option(
        Boolean(), default="no", doc="Add user=phone to the request URI of phone numbers.", since=("13.2.0",)
    )
    moh_passthrough: bool = option(
        Boolean(), default="no", doc="Pass hold and unhold on as re-INVITEs.", since=("13.30.0",)
    )
    sdp_owner: str = option(
        Dashed(blanks=False), default="-", doc="User name in the SDP origin line.", since=("12.0.0",)
    )
    sdp_session: str = option(Dashed(blanks=True), default="Asterisk", doc="SDP session name.", since=("12.0.0",))
    tos_audio: int = option(
        TypeOfService(), default="0", doc="TOS byte of audio packets.", since=("12.2.0",), exact_name=True
    )
    tos_video: int = option(
        TypeOfService(), default="0", doc="TOS byte of video packets.", since=("12.2.0",), exact_name=True
    )
    cos_audio: int = option(Integer(), default="0", doc="802.1p priority of audio packets.", since=("12.0.0",))
    cos_video: int = option(Integer(), default="0", doc="802.1p priority of video packets.", since=("12.0.0",))
    allow_subscribe: bool = option(
        Boolean(), default="yes", doc="Accept SUBSCRIBE requests from the endpoint.", since=("12.0.0",)
    )
    sub_min_expiry: Lasting[int] = option(
        Duration(), default="0", doc="Smallest subscription expiry accepted from the endpoint.", since=("12.0.0",)
    )
    from_user: str = option(
        Patterned(URI_USER, "letters, digits and -._~%!$&'()*+,;=: only"),
        default="",
        doc="User part of From on requests to the endpoint.",
        since=("13.18.0", "14.7.0"),
    )
    from_domain: str = option(
        Text(), default="", doc="Host part of From on requests to the endpoint.", since=("12.0.0",)
    )
    mwi_from_user: str = option(
        Text(), default="", doc="User part of From in unsolicited MWI NOTIFYs.", since=("12.0.0",)
    )
    rtp_engine: str = option(Text(), default="asterisk", doc="RTP engine used for the channels.", since=("12.0.0",))
    dtls_verify: str = option(
        Choice(
            "no",
            "yes",
            "fingerprint",
            "certificate",
            shown={w: w.capitalize() for w in ("no", "yes", "fingerprint", "certificate")},
        ),
        default="no",
        doc="What to verify about the DTLS peer.",
        since=("12.7.0",),
    )
    dtls_rekey: int = option(
        ScannedInteger(), default="0", doc="Seconds between DTLS renegotiations; 0 disables.", since=("12.7.0",)
    )
    dtls_auto_generate_cert: bool = option(
        Boolean(CAPITALISED),
        default="no",
        doc="Create a throw-away certificate for each DTLS session.",
        since=("15.2.0",),
    )
    dtls_cert_file: str = option(ReadablePath(), default="", doc="Certificate presented in DTLS.", since=("12.2.0",))
    dtls_private_key: str = option(
        ReadablePath(), default="", doc="Private key file for the DTLS certificate.", since=("12.2.0",)
    )
    dtls_cipher: str = option(Text(), default="", doc="Cipher list for DTLS.", since=("12.2.0",))
    dtls_ca_file: str = option(ReadablePath(), default="", doc="File with CA certificates for DTLS.", since=("12.2.0",))
    dtls_ca_path: str = option(
        ReadablePath(), default="", doc="Directory with CA certificates for DTLS.", since=("12.2.0",)
    )
    dtls_setup: str = option(
        Choice("active", "passive", "actpass", ignore_unknown=True),
        default="",
        doc="DTLS role offered in SDP.",
        since=("12.2.0",),
    )
    dtls_fingerprint: str = option(
        Choice("SHA-256", "SHA-1", ignore_unknown=True),
        default="",
        doc="Hash used for the SDP fingerprint.",
        since=("12.7.0",),
    )
    srtp_tag_32: bool = option(
        Boolean(), default="no", doc="Use 32-bit instead of 80-bit SRTP authentication tags.", since=("12.0.0",)
    )
    media_encryption_optimistic: bool = option(
        Boolean(), default="no", doc="Fall back to plain media if encryption cannot be agreed.", since=("13.1.0",)
    )
    g726_non_standard: bool = option(
        Boolean(), default="no", doc="Use the AAL2 bit packing for g726.", since=("13.5.0",)
    )
    redirect_method: str = option(
        Choice("user", "uri_core", "uri_pjsip"),
        default="user",
        doc="How 3xx answers to calls are followed.",
        since=("12.2.0",),
    )
    follow_redirect_methods: Value[tuple[str, ...]] = option(
        Flags("message", skip_empty=False),
        default="",
        doc="SIP methods for which 3xx responses are followed.",
        since=("20.18.0", "22.8.0", "23.2.0"),
    )
    set_var: Value[Variables] = option(
        VariableLines(), default="", doc="Channel variables set on every channel of the endpoint.", since=("12.2.0",)
    )
    message_context: str = option(
        Text(), default="", doc="Dialplan context for MESSAGE requests; empty falls back to context.", since=("13.5.0",)
    )
    accountcode: str = option(
        Text(), default="", doc="Account code stamped on every channel created for the endpoint.", since=("13.5.0",)
    )
    deny: Value[AccessList] = alias(
        "acl",
        AccessRules(permit=False),
        default="",
        doc="Networks refused as source addresses.",
        since=("13.10.0",),
        is_field=True,
    )
    permit: Value[AccessList] = alias(
        "acl",
        AccessRules(permit=True),
        default="",
        doc="Networks accepted as source addresses.",
        since=("13.10.0",),
        is_field=True,
    )
    acl: Value[AccessList] = option(
        AccessNames(),
        default="",
        doc="Names of acl.conf ACLs applied to the source address of requests identified as this endpoint.",
        since=("13.10.0",),
        may_refer_to="acl.conf",
    )
    contact_deny: Value[AccessList] = alias(
        "contact_acl",
        AccessRules(permit=False),
        default="",
        doc="Networks refused as Contact addresses.",
        since=("13.10.0",),
        is_field=True,
        misread_as="deny",
        exact_start="contact_",
    )
    contact_permit: Value[AccessList] = alias(
        "contact_acl",
        AccessRules(permit=True),
        default="",
        doc="Networks accepted as Contact addresses.",
        since=("13.10.0",),
        is_field=True,
        misread_as="deny",
        exact_start="contact_",
    )
    contact_acl: Value[AccessList] = option(
        AccessNames(),
        default="",
        doc="Names of acl.conf ACLs applied to the Contact addresses of REGISTER requests.",
        since=("13.10.0",),
        may_refer_to="acl.conf",
        misread_as="deny",
        exact_start="contact_",
    )
    subscribe_context: str = option(
        CutText(79), default="", doc="Dialplan context for SUBSCRIBE; empty falls back to context.", since=("13.11.0",)
    )
    contact_user: Value[str | None] = option(
        OptionalText(),
        default="",
        doc="User part forced into the Contact of outgoing requests.",
        since=("13.12.0", "14.1.0"),
    )
    preferred_codec_only: bool = option(
        Boolean(),
        default="no",
        doc="Answer calls with the single most preferred codec.",
        since=("15.0.0",),
        successor="incoming_call_offer_pref=local_first",
    )
    asymmetric_rtp_codec: bool = option(
        Boolean(),
        default="no",
        doc="Allow the sent codec to stay different from the received one.",
        since=("13.13.0", "14.2.0"),
    )
    rtcp_mux: bool = option(
        Boolean(), default="no", doc="Negotiate RTP and RTCP on one port.", since=("13.15.0", "14.4.0")
    )
    allow_overlap: bool = option(
        Boolean(),
        default="yes",
        doc="Answer 484 to partial extensions so that overlap dialling can continue.",
        since=("13.15.0", "14.4.0"),
    )
    overlap_context: str = option(
        Text(),
        default="",
        doc="Dialplan context for overlap dialling; empty falls back to context.",
        since=("18.17.0", "20.2.0"),
    )
    refer_blind_progress: bool = option(
        Boolean(),
        default="yes",
        doc="Report progress of a blind transfer to the transferrer.",
        since=("13.17.0", "14.6.0"),
    )
    notify_early_inuse_ringing: bool = option(
        Boolean(),
        default="no",
        doc="Report early dialog-info when ringing while already in use.",
        since=("13.17.0", "14.6.0"),
    )
    max_audio_streams: int = option(
        Integer(), default="1", doc="Most audio streams accepted in one session.", since=("15.0.0",)
    )
    max_video_streams: int = option(
        Integer(), default="1", doc="Most video streams accepted in one session.", since=("15.0.0",)
    )
    bundle: bool = option(Boolean(), default="no", doc="Negotiate RTP bundling.", since=("15.0.0",))
    webrtc: bool = option(
        Boolean(YES_NO), default="no", doc="Switch on the set of options a WebRTC client needs.", since=("15.0.0",)
    )
    incoming_mwi_mailbox: str = option(
        Text(),
        default="",
        doc="Mailbox that received MWI NOTIFYs are mapped to; empty ignores them.",
        since=("13.18.0", "14.7.0", "15.1.0"),
    )
    follow_early_media_fork: bool = option(
        Boolean(),
        default="yes",
        doc="Follow changed SDP when a forked response has a different To tag.",
        since=("13.22.0", "15.5.0"),
    )
    accept_multiple_sdp_answers: bool = option(
        Boolean(),
        default="no",
        doc="Process a changed SDP in later unreliable 1xx/2xx responses carrying the same To tag.",
        since=("13.22.0", "15.5.0"),
    )
    suppress_q850_reason_headers: bool = option(
        Boolean(), default="no", doc="Leave out Q.850 Reason headers.", since=("13.23.0", "15.6.0")
    )
    ignore_183_without_sdp: bool = option(
        Boolean(), default="no", doc="Do not pass on a 183 that has no SDP.", since=("13.26.0", "16.3.0")
    )
    incoming_call_offer_pref: str = option(
        ImpliedChoice("local", "local_first", "remote", "remote_first", exact=True),
        default="local",
        doc="How the codec list of an incoming call is joined with allow.",
        since=("18.0.0",),
    )
    outgoing_call_offer_pref: str = option(
        Choice("local", "local_merge", "local_first", "remote", "remote_merge", "remote_first", exact=True),
        default="remote_merge",
        doc="How the codec list from the core is joined with allow for an outgoing offer.",
        since=("18.0.0",),
        misread_as="incoming_call_offer_pref",
        exact_start="outgoing_call_offer_pref",
    )
    codec_prefs_incoming_offer: Value[CodecPreference] = option(
        CodecPreferences(union=False),
        default="prefer: pending, operation: intersect, keep: all, transcode: allow",
        doc="Reconciliation of a received SDP offer with the configured codecs (reserved for future use).",
        since=("18.0.0",),
        exact_name=True,
    )
    codec_prefs_outgoing_offer: Value[CodecPreference] = option(
        CodecPreferences("union"),
        default="prefer: pending, operation: union, keep: all, transcode: allow",
        doc="Reconciliation of the core's codecs with the configured ones when offering (not in use yet).",
        since=("18.0.0",),
        exact_name=True,
    )
    codec_prefs_incoming_answer: Value[CodecPreference] = option(
        CodecPreferences(),
        default="prefer: pending, operation: intersect, keep: all",
        doc="Reconciliation of a received SDP answer with the configured codecs (reserved for future use).",
        since=("18.0.0",),
        exact_name=True,
    )
    codec_prefs_outgoing_answer: Value[CodecPreference] = option(
        CodecPreferences(),
        default="prefer: pending, operation: intersect, keep: all",
        doc="Reconciliation of the core's codecs with the configured ones when answering (not in use yet).",
        since=("18.0.0",),
        exact_name=True,
    )
    stir_shaken: bool = option(
        Dead(YES_NO),
        default="",
        doc="Dead option of the old STIR/SHAKEN support.",
        since=("18.22.0", "20.7.0", "21.2.0"),
        successor="stir_shaken_profile",
    )
    stir_shaken_profile: str = option(
        Reference(),
        default="",
        doc="STIR/SHAKEN profile used for the endpoint.",
        since=("16.26.0", "18.12.0", "19.4.0"),
        refers_to="stir_shaken/profile",
    )
    allow_unauthenticated_options: bool = option(
        Boolean(),
        default="no",
        doc="Skip the authentication challenge for OPTIONS requests.",
        since=("16.18.0", "18.4.0"),
    )
    geoloc_incoming_call_profile: str = option(
        ProfileReference(),
        default="",
        doc="Geolocation profile applied to calls from the endpoint.",
        since=("16.28.0", "18.14.0", "19.6.0"),
        refers_to="geolocation/profile",
    )
    geoloc_outgoing_call_profile: str = option(
        ProfileReference(),
        default="",
        doc="Geolocation profile applied to calls to the endpoint.",
        since=("16.28.0", "18.14.0", "19.6.0"),
        refers_to="geolocation/profile",
    )
    security_mechanisms: Value[tuple[SecurityMechanism, ...]] = option(
        SecurityMechanisms(), default="", doc="RFC 3329 security mechanisms advertised.", since=("21.0.0",)
    )
    security_negotiation: str = option(
        Choice("no", "mediasec"), default="no", doc="Security agreement procedure.", since=("21.0.0",)
    )
    send_aoc: bool = option(
        Boolean(), default="no", doc="Send advice-of-charge information.", since=("18.16.0", "20.1.0")
    )
    tenantid: str = option(
        Text(), default="", doc="Tenant id stamped on channels.", since=("18.25.0", "20.10.0", "21.5.0")
    )
    suppress_moh_on_sendonly: bool = option(
        Boolean(),
        default="no",
        doc="Do not start music on hold when the endpoint sends sendonly or inactive.",
        since=("20.11.0", "21.6.0", "22.1.0"),
    )

    session_timers = rule(rules.session_timers, sets=())
    certificates = rule(rules.certificates, sets=())
    rtp_ports = rule(rules.rtp_ports, sets=())
    codec_preference = rule(rules.codec_preference, sets=("incoming_call_offer_pref",))
    bundling = rule(rules.bundling, sets=("rtcp_mux",))
    webrtc_needs = rule(rules.webrtc, sets=rules.SET_BY_WEBRTC)

    def defects(self, pairs: ObjectSet) -> ObjectSet:
        """Return the object set with Asterisk's printing defects."""
        return rules.printing_defects(pairs)
