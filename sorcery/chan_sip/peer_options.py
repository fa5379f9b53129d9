"""The options of peers; most may stand in `[general]` too, as the default of all peers."""

from __future__ import annotations

from sorcery.chan_sip.options import SipOption, Where, direct, joint, lost, number_to, states, switch
from sorcery.chan_sip.words import as_is, one_of, opposite, truth, yes_no

__all__ = ["PEER_OPTIONS"]

_PEER, _BOTH = Where.PEER, Where.BOTH
_PRESENTATIONS = {
    "0": "allowed_not_screened",
    "1": "allowed_passed_screen",
    "2": "allowed_failed_screen",
    "3": "allowed",
    "32": "prohib_not_screened",
    "33": "prohib_passed_screen",
    "34": "prohib_failed_screen",
    "35": "prohib",
    "67": "unavailable",
}
"""The numbers that chan_sip takes for names of presentations."""
_REDIRECTED = "the new target is called with the settings of the endpoint that named it"
_IDENTITY = (
    joint("type", "endpoint, auth, aor, identify", _PEER, why="a `peer` that registers is found by its user name"),
    joint("host", "aor `contact` and identify `match`, or `max_contacts`", _PEER),
    joint(
        "port", "the port of `contact` and `match`", _PEER, why="in a row of a phone that registers it is no setting"
    ),
    joint(
        "insecure", "identify `match` without port, no endpoint `auth`", _BOTH, why="phones that register keep theirs"
    ),
    joint("defaultuser", "the user of `contact` and of outgoing credentials", _PEER, aliases=("username",)),
    joint("secret", "auth `password`", _PEER),
    joint("remotesecret", "auth `password`, in `outbound_auth`", _PEER),
    joint(
        "md5secret",
        "auth `password_digest` and `realm`",
        _PEER,
        why="`md5_cred` in releases before 20.12, 21.7 and 22.2",
    ),
    joint("auth", "auth with `realm`, in `outbound_auth`", _PEER, repeats=True),
    joint("callbackextension", "registration", _PEER),
    joint("transport", "`;transport=` of `contact`", _BOTH, why="PJSIP does not refuse calls over other transports"),
    joint("outboundproxy", "endpoint, aor and registration `outbound_proxy`", _BOTH, why="sent as a Route header"),
    direct("permit", "endpoint/permit", _PEER, repeats=True),
    direct("deny", "endpoint/deny", _PEER, repeats=True),
    direct("acl", "endpoint/acl", _PEER, repeats=True),
    direct("contactpermit", "endpoint/contact_permit", _PEER, repeats=True),
    direct("contactdeny", "endpoint/contact_deny", _PEER, repeats=True),
    direct("contactacl", "endpoint/contact_acl", _PEER, repeats=True),
    joint("qualify", "aor `qualify_frequency`, `qualify_timeout`", _BOTH),
    joint("qualifyfreq", "aor `qualify_frequency`", _BOTH),
    direct("supportpath", "aor/support_path", reading=yes_no),
    *lost("the phone is reached once it has registered", "defaultip", where=_PEER),
    *lost(
        "PJSIP sends keepalives over TCP and TLS only; `qualify_frequency` keeps a binding open",
        "keepalive",
        where=_BOTH,
        rests=True,
    ),
)
_CALLS = (
    direct("context", "endpoint/context"),
    direct("subscribecontext", "endpoint/subscribe_context"),
    direct("outofcall_message_context", "endpoint/message_context"),
    direct("language", "endpoint/language"),
    direct("tonezone", "endpoint/tone_zone"),
    direct("accountcode", "endpoint/accountcode", _PEER),
    direct("amaflags", "endpoint/set_var", _PEER, reading=lambda text: (f"CHANNEL(amaflags)={text}", "")),
    direct("parkinglot", "endpoint/set_var", reading=lambda text: (f"CHANNEL(parkinglot)={text}", "")),
    direct("setvar", "endpoint/set_var", _PEER, repeats=True),
    direct("callgroup", "endpoint/call_group", _PEER),
    direct("pickupgroup", "endpoint/pickup_group", _PEER),
    direct("namedcallgroup", "endpoint/named_call_group", _PEER),
    direct("namedpickupgroup", "endpoint/named_pickup_group", _PEER),
    switch("allowtransfer", "endpoint/allow_transfer"),
    switch("allowsubscribe", "endpoint/allow_subscribe"),
    direct(
        "allowoverlap",
        "endpoint/allow_overlap",
        reading=one_of({"dtmf": ("yes", "digits are not collected from DTMF before the answer")}, other=yes_no),
    ),
    direct("recordonfeature", "endpoint/record_on_feature", why="with `one_touch_recording`"),
    direct("recordofffeature", "endpoint/record_off_feature", why="with `one_touch_recording`"),
    joint("callcounter", "nothing: PJSIP always counts", why="without it chan_sip knew no busy phones"),
    direct("busylevel", "endpoint/device_state_busy_at", _PEER),
    joint(
        "call-limit",
        "endpoint `device_state_busy_at`",
        _PEER,
        why="no call is refused; use GROUP() in the dialplan",
        aliases=("incominglimit",),
    ),
    joint("regexten", "nothing where it is the name", _PEER, why="`regcontext` of PJSIP uses the name of the AOR"),
    joint("mailbox", "endpoint or aor `mailboxes`", _PEER, repeats=True),
    joint("subscribemwi", "aor in the place of endpoint `mailboxes`", _PEER),
    direct("vmexten", "endpoint/voicemail_extension"),
    direct("mwi_from", "endpoint/mwi_from_user"),
    direct(
        "unsolicited_mailbox", "endpoint/incoming_mwi_mailbox", _PEER, reading=lambda text: (f"{text}@SIP_Remote", "")
    ),
    joint("hasvoicemail", "endpoint `mailboxes`", _PEER),
    direct(
        "progressinband",
        "endpoint/inband_progress",
        reading=one_of({"never": "no", "no": "no"}, other=yes_no),
    ),
    *lost("PJSIP has no description of an endpoint; write a comment", "description", where=_PEER),
    *lost(
        "PJSIP has no such workaround",
        "buggymwi",
        "rfc2833compensate",
        "ignoresdpversion",
        "useclientcode",
        "constantssrc",
        where=_BOTH,
        rests=True,
    ),
    *lost("PJSIP believes the Allow header", "disallowed_methods", where=_BOTH),
    *lost("early media is passed on as it comes", "prematuremedia"),
    *lost("holds are always passed on", "discard_remote_hold_retrieval", where=_BOTH, rests=True),
    *lost("PJSIP sets it for the whole system (`max_forwards` in `[global]`)", "maxforwards", where=_PEER),
    *lost("PJSIP sets timers for the whole system (`[system]`)", "timert1", "timerb", where=_PEER),
    *lost(
        "PJSIP has no call completion of its own; set CALLCOMPLETION() in the dialplan",
        *("cc_agent_policy", "cc_monitor_policy", "cc_offer_timer", "ccnr_available_timer", "ccbs_available_timer"),
        *("cc_agent_dialstring", "cc_max_agents", "cc_max_monitors", "cc_recall_timer", "cc_callback_macro"),
        "cc_callback_sub",
        where=_PEER,
        rests=True,
    ),
    *lost("add the header with PJSIP_HEADER() in the dialplan", "header", where=_PEER),
    *lost("a rights model of users.conf", "hassip", "hasiax", "hasmanager", where=_PEER),
    *lost("the trunk's name of users.conf means nothing to calls", "trunkname", where=_PEER),
)
_CALLER = (
    joint("callerid", "endpoint `callerid`", _PEER),
    joint("fullname", "the name in endpoint `callerid`", _PEER),
    joint("cid_number", "the number in endpoint `callerid`", _PEER),
    direct("cid_tag", "endpoint/callerid_tag", _PEER),
    direct("callingpres", "endpoint/callerid_privacy", _PEER, reading=one_of(_PRESENTATIONS, other=as_is)),
    switch("trustrpid", "endpoint/trust_id_inbound"),
    joint("sendrpid", "endpoint `send_rpid` or `send_pai`"),
    direct(
        "trust_id_outbound",
        "endpoint/trust_id_outbound",
        reading=one_of(
            {"legacy": ("no", "private identity is left out, where chan_sip sent it without names")}, other=yes_no
        ),
    ),
    joint(
        "rpid_update", "endpoint `connected_line_method=update`", why="used for all updates, not only before the answer"
    ),
    switch("rpid_immediate", "endpoint/rpid_immediate"),
    switch("usereqphone", "endpoint/user_eq_phone"),
    direct("fromuser", "endpoint/from_user", _PEER),
    direct("fromdomain", "endpoint/from_domain"),
    direct(
        "promiscredir",
        "endpoint/redirect_method",
        reading=lambda text: ("uri_core", _REDIRECTED) if truth(text) else ("user", ""),
    ),
    direct("use_q850_reason", "endpoint/suppress_q850_reason_headers", reading=opposite),
    switch("snom_aoc_enabled", "endpoint/send_aoc"),
)
_MEDIA = (
    joint("allow", "endpoint `allow`", repeats=True),
    joint("disallow", "endpoint `allow`", repeats=True),
    joint("preferred_codec_only", "endpoint `incoming_call_offer_pref=local_first`"),
    joint("videosupport", "the video codecs of endpoint `allow`", why="`always` is as `yes`"),
    joint("textsupport", "nothing: PJSIP has no text streams of chan_sip's kind", why="T.140 is not offered"),
    switch("autoframing", "endpoint/use_ptime"),
    switch("g726nonstandard", "endpoint/g726_non_standard"),
    direct(
        "dtmfmode",
        "endpoint/dtmf_mode",
        reading=one_of(
            {
                "rfc2833": "rfc4733",
                "inband": "inband",
                "info": "info",
                "auto": "auto",
                "shortinfo": ("info", "sent as application/dtmf-relay"),
            }
        ),
        accepts="rfc2833, inband, info, shortinfo or auto",
    ),
    joint(
        "directmedia",
        "endpoint `direct_media`, its `_method` and `_glare_mitigation`, `disable_direct_media_on_nat`",
        aliases=("canreinvite",),
    ),
    *lost(
        "PJSIP has no list of networks for direct media",
        "directmediapermit",
        "directmediadeny",
        "directmediaacl",
        where=_BOTH,
    ),
    joint(
        "nat",
        "endpoint `force_rport`, `rewrite_contact`, `rtp_symmetric`",
        why="the `auto_` forms are not known: always on for phones that register",
    ),
    joint("t38pt_udptl", "endpoint `t38_udptl`, `t38_udptl_ec`, `t38_udptl_maxdatagram`"),
    switch("t38pt_usertpsource", "endpoint/t38_udptl_nat"),
    joint("faxdetect", "endpoint `fax_detect`", why="a T.38 offer alone is not detected"),
    direct("rtptimeout", "endpoint/rtp_timeout"),
    direct("rtpholdtimeout", "endpoint/rtp_timeout_hold"),
    direct("rtpkeepalive", "endpoint/rtp_keepalive"),
    direct("rtp_engine", "endpoint/rtp_engine"),
    direct("mohsuggest", "endpoint/moh_suggest"),
    joint(
        "mohinterpret",
        "endpoint `moh_passthrough`, or `set_var`",
        why="it then goes before what the other side suggests",
        aliases=("musiconhold", "musicclass"),
    ),
    direct(
        "session-timers",
        "endpoint/timers",
        reading=one_of({"accept": "yes", "originate": "always", "refuse": "no"}),
        accepts="accept, originate or refuse",
    ),
    number_to("session-expires", "endpoint/timers_sess_expires"),
    number_to("session-minse", "endpoint/timers_min_se"),
    *lost("PJSIP decides who refreshes", "session-refresher", where=_BOTH),
    *lost("PJSIP sends no bandwidth line", "maxcallbitrate", where=_BOTH),
    *lost(
        "the order of the offer counts unless `incoming_call_offer_pref` says otherwise",
        "ignore_requested_pref",
        where=_PEER,
        rests=True,
    ),
)
_SECURE = (
    joint("encryption", "endpoint `media_encryption`", _PEER),
    joint("encryption_taglen", "endpoint `srtp_tag_32`", _PEER),
    switch("avpf", "endpoint/use_avpf", _PEER),
    switch("force_avp", "endpoint/force_avp", _PEER),
    switch("icesupport", "endpoint/ice_support"),
    switch("rtcp_mux", "endpoint/rtcp_mux"),
    joint("dtlsenable", "endpoint `media_encryption=dtls`", _PEER),
    direct(
        "dtlsverify",
        "endpoint/dtls_verify",
        reading=one_of({"fingerprint": "fingerprint", "certificate": "certificate"}, other=yes_no),
    ),
    direct("dtlsrekey", "endpoint/dtls_rekey"),
    switch("dtlsautogeneratecert", "endpoint/dtls_auto_generate_cert"),
    direct("dtlscertfile", "endpoint/dtls_cert_file", why="must be readable where the import runs"),
    direct("dtlsprivatekey", "endpoint/dtls_private_key", why="must be readable where the import runs"),
    direct("dtlscipher", "endpoint/dtls_cipher"),
    direct("dtlscafile", "endpoint/dtls_ca_file", why="must be readable where the import runs"),
    direct(
        "dtlscapath",
        "endpoint/dtls_ca_path",
        why="must be readable where the import runs",
        aliases=("dtlscadir",),
    ),
    direct("dtlssetup", "endpoint/dtls_setup"),
    direct(
        "dtlsfingerprint",
        "endpoint/dtls_fingerprint",
        reading=one_of({"sha-1": "SHA-1", "sha-256": "SHA-256"}),
        accepts="sha-1 or sha-256",
    ),
)
_STATE = states(
    *("id", "name", "ipaddr", "regseconds", "fullcontact", "regserver", "lastms", "useragent", "path"),
    *("lastreg", "regstatus", "lastip", "dynamic"),
)
PEER_OPTIONS: tuple[SipOption, ...] = (*_IDENTITY, *_CALLS, *_CALLER, *_MEDIA, *_SECURE, *_STATE)
"""Every option of a peer, by subject; columns of `sippeers` that hold what a phone registered at the end."""
