"""The options that stand in `[general]` only, and those of `[authentication]`."""

from __future__ import annotations

from sorcery.chan_sip.options import SipOption, Where, direct, joint, lost, number_to, switch
from sorcery.chan_sip.words import one_of, yes_no

__all__ = ["GENERAL_OPTIONS"]

_GENERAL = Where.GENERAL
_TRANSPORTS = (
    joint("bindaddr", "transport `bind`", _GENERAL, why="`::` becomes two transports", aliases=("udpbindaddr",)),
    joint("bindport", "transport `bind`", _GENERAL, aliases=("port",)),
    joint("tcpenable", "transport `protocol=tcp`", _GENERAL),
    joint("tcpbindaddr", "transport `bind`", _GENERAL),
    joint("tlsenable", "transport `protocol=tls`", _GENERAL, aliases=("sslenable",)),
    joint("tlsbindaddr", "transport `bind`", _GENERAL, aliases=("sslbindaddr",)),
    joint("tlscertfile", "transport `cert_file` and, without another, `priv_key_file`", _GENERAL, aliases=("sslcert",)),
    joint("tlsprivatekey", "transport `priv_key_file`", _GENERAL, aliases=("sslprivatekey",)),
    joint("tlscafile", "transport `ca_list_file`", _GENERAL),
    joint("tlscapath", "transport `ca_list_path`", _GENERAL, aliases=("tlscadir",)),
    joint(
        "tlscipher", "transport `cipher`", _GENERAL, why="names of ciphers only, no expressions", aliases=("sslcipher",)
    ),
    joint("tlsdontverifyserver", "transport `verify_server`", _GENERAL),
    joint("tlsverifyclient", "nothing: chan_sip verifies no clients either", _GENERAL),
    joint("tlsclientmethod", "transport `method`", _GENERAL, why="it counts for incoming connections too"),
    *lost(
        "`method` of the transport names the only version", "tlsdisablev1", "tlsdisablev11", "tlsdisablev12", rests=True
    ),
    *lost("the TLS library decides", "tlsservercipherorder", rests=True),
    joint("websocket_enabled", "transport `protocol=ws` and `wss`", _GENERAL, why="only where a peer uses them"),
    joint("websocket_write_timeout", "transport `websocket_write_timeout`", _GENERAL),
    joint("tos_sip", "transport `tos`", _GENERAL),
    joint("cos_sip", "transport `cos`", _GENERAL),
    joint(
        "externaddr",
        "transport `external_signaling_address`, `external_media_address`",
        _GENERAL,
        aliases=("externip",),
    ),
    joint(
        "externhost",
        "transport `external_signaling_address`, `external_media_address`",
        _GENERAL,
        why="looked up when the transport is loaded",
    ),
    joint("externtcpport", "transport `external_signaling_port`", _GENERAL),
    joint("externtlsport", "transport `external_signaling_port`", _GENERAL),
    joint("localnet", "transport `local_net`", _GENERAL, repeats=True),
    *lost("PJSIP looks the name up once; reload the transport when the address changes", "externrefresh"),
    *lost("PJSIP compares with `local_net` alone", "matchexternaddrlocally", "matchexterniplocally", rests=True),
    *lost("PJSIP has no limit for connections that do not authenticate", "tcpauthtimeout", "tcpauthlimit"),
)
_PER_ENDPOINT = (
    direct("tos_audio", "endpoint/tos_audio", _GENERAL),
    direct("tos_video", "endpoint/tos_video", _GENERAL),
    direct("cos_audio", "endpoint/cos_audio", _GENERAL),
    direct("cos_video", "endpoint/cos_video", _GENERAL),
    *lost("PJSIP has no text streams", "tos_text", "cos_text"),
    direct("media_address", "endpoint/media_address", _GENERAL),
    joint(
        "rtpbindaddr",
        "endpoint `media_address`, `bind_rtp_to_media_address`",
        _GENERAL,
        why="it is written into SDP as well",
    ),
    direct("sdpsession", "endpoint/sdp_session", _GENERAL),
    direct("sdpowner", "endpoint/sdp_owner", _GENERAL),
    switch("send_diversion", "endpoint/send_diversion", _GENERAL),
    number_to("subminexpiry", "endpoint/sub_min_expiry", _GENERAL, aliases=("subminexpirey",)),
    direct(
        "notifyringing",
        "endpoint/notify_early_inuse_ringing",
        _GENERAL,
        reading=one_of({"notinuse": "no", "no": ("no", "ringing is told of phones that are not in use")}, other=yes_no),
    ),
    joint("match_auth_username", "endpoint `identify_by`, global `endpoint_identifier_order`", _GENERAL),
    joint("auth_options_requests", "endpoint `allow_unauthenticated_options`", _GENERAL),
    joint("maxexpiry", "aor `maximum_expiration`", _GENERAL, aliases=("maxexpirey",)),
    joint("minexpiry", "aor `minimum_expiration`", _GENERAL, aliases=("minexpirey",)),
    joint(
        "defaultexpiry", "aor `default_expiration`, registration `expiration`", _GENERAL, aliases=("defaultexpirey",)
    ),
    direct("contactpermit", "acl/contact_permit", _GENERAL, repeats=True),
    direct("contactdeny", "acl/contact_deny", _GENERAL, repeats=True),
    direct("contactacl", "acl/contact_acl", _GENERAL, repeats=True),
    joint("allowguest", "the endpoint `anonymous`", _GENERAL),
)
_SYSTEM = (
    direct("useragent", "global/user_agent", _GENERAL),
    direct("callerid", "global/default_from_user", _GENERAL),
    direct("realm", "global/default_realm", _GENERAL),
    number_to("maxforwards", "global/max_forwards", _GENERAL),
    direct("regcontext", "global/regcontext", _GENERAL),
    direct("sipdebug", "global/debug", _GENERAL, reading=yes_no),
    switch("legacy_useroption_parsing", "global/ignore_uri_user_options", _GENERAL),
    switch("compactheaders", "system/compact_headers", _GENERAL),
    number_to("timert1", "system/timer_t1", _GENERAL),
    number_to("timerb", "system/timer_b", _GENERAL),
    joint("alwaysauthreject", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint("srvlookup", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint("pedantic", "nothing: PJSIP always is", _GENERAL, why="it cannot be switched off"),
    joint("subscribe_network_change_event", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint("notifycid", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint("notifyhold", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint("auth_message_requests", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint(
        "accept_outofcall_message",
        "nothing: PJSIP always does",
        _GENERAL,
        why="point `message_context` at an empty context",
    ),
    joint(
        "domain", "nothing: PJSIP serves every domain", _GENERAL, why="a context for one domain is lost", repeats=True
    ),
    joint("allowexternaldomains", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    joint("allowexternalinvites", "nothing: PJSIP always does", _GENERAL, why="it cannot be switched off"),
    *lost("PJSIP serves every domain", "autodomain", rests=True),
    *lost("the realm of a challenge is that of the auth object, or `default_realm`", "domainsasrealm", rests=True),
)
_REGISTRATIONS = (
    joint("register", "registration and auth", _GENERAL, repeats=True),
    joint("registertimeout", "registration `retry_interval`", _GENERAL),
    joint("registerattempts", "registration `max_retries`", _GENERAL),
    joint("register_retry_403", "registration `forbidden_retry_interval`", _GENERAL),
    *lost(
        "PJSIP does not subscribe to mailboxes of others; it takes what they send (`incoming_mwi_mailbox`)",
        "mwi",
        "mwiexpiry",
        "mwiexpirey",
    ),
    joint("auth", "auth with `realm`, in every `outbound_auth`", Where.AUTHENTICATION, repeats=True),
)
_NO_WORD = "PJSIP has no such setting"
_LOST = (
    *lost(
        "set JITTERBUFFER() in the dialplan",
        "jbenable",
        "jbforce",
        "jbmaxsize",
        "jbresyncthreshold",
        "jbimpl",
        "jbtargetextra",
        "jblog",
        rests=True,
    ),
    *lost("a cache is configured in sorcery.conf", "rtcachefriends", "rtautoclear", rests=True),
    *lost("contacts are stored as sorcery.conf maps them", "rtupdate"),
    *lost(
        "contacts are stored as sorcery.conf maps them", "rtsavesysname", "rtsavepath", "ignoreregexpire", rests=True
    ),
    *lost("qualifies are spread by themselves", "qualifygap", "qualifypeers"),
    *lost("a phone that nobody knows cannot register; add its endpoint", "autocreatepeer", rests=True),
    *lost(
        "`contact_permit` and `contact_deny` say where phones may register from",
        "dynamic_exclude_static",
        "dynamic_excludes_static",
        rests=True,
    ),
    *lost("PJSIP removes contacts that expire or do not answer, and nothing else", "regextenonqualify", rests=True),
    *lost("PJSIP takes numbers as callers write them; use FILTER() in the dialplan", "shrinkcallerid", rests=True),
    *lost("use `pjsip set logger`, or `pjsip set history`", "recordhistory", "dumphistory", rests=True),
    *lost("SIP events of PJSIP are security events", "authfailureevents", "callevents", rests=True),
    *lost("the DSP decides", "relaxdtmf", rests=True),
    *lost(_NO_WORD, "directrtpsetup", rests=True),
    *lost(_NO_WORD, "notifymimetype", "submaxexpiry", "submaxexpirey", "t1min", "refer_addheaders", "stunaddr"),
    *lost(
        "an option of older releases, which the last chan_sip passes over", "checkmwi", "limitonpeers", "storesipcause"
    ),
)
GENERAL_OPTIONS: tuple[SipOption, ...] = (*_TRANSPORTS, *_PER_ENDPOINT, *_SYSTEM, *_REGISTRATIONS, *_LOST)
"""Every option of `[general]` that no peer has, and that of `[authentication]`."""
