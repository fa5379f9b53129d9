"""Describe Asterisk's tables of the role `config` as they stand at its Alembic head 2285f2ace275.

The module is named after that head and never changes: the revision that creates these tables reads it, and a
revision must do the same next year as today. Tables of a later head come as a module of their own, beside a
revision of their own; `check` compares with the newest. Columns stand in their physical order.

The same declarations serve each engine: an `Enum` is a named type on PostgreSQL, an inline ENUM on MariaDB
and a VARCHAR on SQLite. NULL means "option not set", so nothing has a default; no `ps_` table has a primary
key.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Enum,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["schema"]

_TABLES: Final = MetaData()

AST_BOOL: Final = Enum("0", "1", "off", "on", "false", "true", "no", "yes", name="ast_bool_values")
PJSIP_100REL_V2: Final = Enum("no", "required", "peer_supported", "yes", name="pjsip_100rel_values_v2")
PJSIP_AUTH_TYPE_V2: Final = Enum("md5", "userpass", "google_oauth", name="pjsip_auth_type_values_v2")
PJSIP_CID_PRIVACY: Final = Enum(
    "allowed_not_screened",
    "allowed_passed_screened",
    "allowed_failed_screened",
    "allowed",
    "prohib_not_screened",
    "prohib_passed_screened",
    "prohib_failed_screened",
    "prohib",
    "unavailable",
    name="pjsip_cid_privacy_values",
)
PJSIP_CONNECTED_LINE_METHOD: Final = Enum("invite", "reinvite", "update", name="pjsip_connected_line_method_values")
PJSIP_DIRECT_MEDIA_GLARE_MITIGATION: Final = Enum(
    "none", "outgoing", "incoming", name="pjsip_direct_media_glare_mitigation_values"
)
PJSIP_DTLS_SETUP: Final = Enum("active", "passive", "actpass", name="pjsip_dtls_setup_values")
PJSIP_DTMF_MODE_V3: Final = Enum("rfc4733", "inband", "info", "auto", "auto_info", name="pjsip_dtmf_mode_values_v3")
PJSIP_INCOMING_CALL_OFFER_PREF: Final = Enum(
    "local", "local_first", "remote", "remote_first", name="pjsip_incoming_call_offer_pref_values"
)
PJSIP_MEDIA_ENCRYPTION: Final = Enum("no", "sdes", "dtls", name="pjsip_media_encryption_values")
PJSIP_OUTGOING_CALL_OFFER_PREF: Final = Enum(
    "local",
    "local_merge",
    "local_first",
    "remote",
    "remote_merge",
    "remote_first",
    name="pjsip_outgoing_call_offer_pref_values",
)
PJSIP_REDIRECT_METHOD: Final = Enum("user", "uri_core", "uri_pjsip", name="pjsip_redirect_method_values")
PJSIP_T38UDPTL_EC: Final = Enum("none", "fec", "redundancy", name="pjsip_t38udptl_ec_values")
PJSIP_TASKPROCESSOR_OVERLOAD_TRIGGER: Final = Enum(
    "none", "global", "pjsip_only", name="pjsip_taskprocessor_overload_trigger_values"
)
PJSIP_TIMER: Final = Enum("forced", "no", "required", "yes", name="pjsip_timer_values")
PJSIP_TRANSPORT_METHOD_V2: Final = Enum(
    "default",
    "unspecified",
    "tlsv1",
    "tlsv1_1",
    "tlsv1_2",
    "tlsv1_3",
    "sslv2",
    "sslv23",
    "sslv3",
    name="pjsip_transport_method_values_v2",
)
PJSIP_TRANSPORT_PROTOCOL_V2: Final = Enum(
    "udp", "tcp", "tls", "ws", "wss", "flow", name="pjsip_transport_protocol_values_v2"
)
SECURITY_NEGOTIATION: Final = Enum("no", "mediasec", name="security_negotiation_values")
SHA_HASH: Final = Enum("SHA-1", "SHA-256", name="sha_hash_values")

Table(
    "ps_aors",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("contact", String(255)),
    Column("default_expiration", Integer),
    Column("mailboxes", String(80)),
    Column("max_contacts", Integer),
    Column("minimum_expiration", Integer),
    Column("remove_existing", AST_BOOL),
    Column("qualify_frequency", Integer),
    Column("authenticate_qualify", AST_BOOL),
    Column("maximum_expiration", Integer),
    Column("outbound_proxy", String(255)),
    Column("support_path", AST_BOOL),
    Column("qualify_timeout", Float),
    Column("voicemail_extension", String(40)),
    Column("remove_unavailable", AST_BOOL),
    Column("qualify_2xx_only", AST_BOOL),
    Index("ps_aors_id", "id"),
    Index("ps_aors_qualifyfreq_contact", "qualify_frequency", "contact"),
)

Table(
    "ps_asterisk_publications",
    _TABLES,
    Column("id", String(40), unique=True, nullable=False),
    Column("devicestate_publish", String(40)),
    Column("mailboxstate_publish", String(40)),
    Column("device_state", AST_BOOL),
    Column("device_state_filter", String(256)),
    Column("mailbox_state", AST_BOOL),
    Column("mailbox_state_filter", String(256)),
    Index("ps_asterisk_publications_id", "id"),
)

Table(
    "ps_auths",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("auth_type", PJSIP_AUTH_TYPE_V2),
    Column("nonce_lifetime", Integer),
    Column("md5_cred", String(40)),
    Column("password", String(80)),
    Column("realm", String(255)),
    Column("username", String(40)),
    Column("refresh_token", String(255)),
    Column("oauth_clientid", String(255)),
    Column("oauth_secret", String(255)),
    Column("password_digest", String(1024)),
    Column("supported_algorithms_uas", String(1024)),
    Column("supported_algorithms_uac", String(1024)),
    Index("ps_auths_id", "id"),
)

Table(
    "ps_contacts",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("uri", String(511)),
    Column("expiration_time", BigInteger),
    Column("qualify_frequency", Integer),
    Column("outbound_proxy", String(255)),
    Column("path", Text),
    Column("user_agent", String(255)),
    Column("qualify_timeout", Float),
    Column("reg_server", String(255)),
    Column("authenticate_qualify", AST_BOOL),
    Column("via_addr", String(40)),
    Column("via_port", Integer),
    Column("call_id", String(255)),
    Column("endpoint", String(255)),
    Column("prune_on_boot", AST_BOOL),
    Column("qualify_2xx_only", AST_BOOL),
    UniqueConstraint("id", "reg_server", name="ps_contacts_uq"),
    Index("ps_contacts_id", "id"),
    Index("ps_contacts_qualifyfreq_exp", "qualify_frequency", "expiration_time"),
)

Table(
    "ps_domain_aliases",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("domain", String(255)),
    Index("ps_domain_aliases_id", "id"),
)

Table(
    "ps_endpoint_id_ips",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("endpoint", String(255)),
    Column("match", String(80)),
    Column("srv_lookups", AST_BOOL),
    Column("match_header", String(255)),
    Column("match_request_uri", String(255)),
    Index("ps_endpoint_id_ips_id", "id"),
)

Table(
    "ps_endpoints",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("transport", String(40)),
    Column("aors", String(2048)),
    Column("auth", String(255)),
    Column("context", String(40)),
    Column("disallow", String(200)),
    Column("allow", String(200)),
    Column("direct_media", AST_BOOL),
    Column("connected_line_method", PJSIP_CONNECTED_LINE_METHOD),
    Column("direct_media_method", PJSIP_CONNECTED_LINE_METHOD),
    Column("direct_media_glare_mitigation", PJSIP_DIRECT_MEDIA_GLARE_MITIGATION),
    Column("disable_direct_media_on_nat", AST_BOOL),
    Column("dtmf_mode", PJSIP_DTMF_MODE_V3),
    Column("external_media_address", String(40)),
    Column("force_rport", AST_BOOL),
    Column("ice_support", AST_BOOL),
    Column("identify_by", String(80)),
    Column("mailboxes", String(40)),
    Column("moh_suggest", String(40)),
    Column("outbound_auth", String(255)),
    Column("outbound_proxy", String(255)),
    Column("rewrite_contact", AST_BOOL),
    Column("rtp_ipv6", AST_BOOL),
    Column("rtp_symmetric", AST_BOOL),
    Column("send_diversion", AST_BOOL),
    Column("send_pai", AST_BOOL),
    Column("send_rpid", AST_BOOL),
    Column("timers_min_se", Integer),
    Column("timers", PJSIP_TIMER),
    Column("timers_sess_expires", Integer),
    Column("callerid", String(40)),
    Column("callerid_privacy", PJSIP_CID_PRIVACY),
    Column("callerid_tag", String(40)),
    Column("100rel", PJSIP_100REL_V2),
    Column("aggregate_mwi", AST_BOOL),
    Column("trust_id_inbound", AST_BOOL),
    Column("trust_id_outbound", AST_BOOL),
    Column("use_ptime", AST_BOOL),
    Column("use_avpf", AST_BOOL),
    Column("media_encryption", PJSIP_MEDIA_ENCRYPTION),
    Column("inband_progress", AST_BOOL),
    Column("call_group", String(40)),
    Column("pickup_group", String(40)),
    Column("named_call_group", String(40)),
    Column("named_pickup_group", String(40)),
    Column("device_state_busy_at", Integer),
    Column("fax_detect", AST_BOOL),
    Column("t38_udptl", AST_BOOL),
    Column("t38_udptl_ec", PJSIP_T38UDPTL_EC),
    Column("t38_udptl_maxdatagram", Integer),
    Column("t38_udptl_nat", AST_BOOL),
    Column("t38_udptl_ipv6", AST_BOOL),
    Column("tone_zone", String(40)),
    Column("language", String(40)),
    Column("one_touch_recording", AST_BOOL),
    Column("record_on_feature", String(40)),
    Column("record_off_feature", String(40)),
    Column("rtp_engine", String(40)),
    Column("allow_transfer", AST_BOOL),
    Column("allow_subscribe", AST_BOOL),
    Column("sdp_owner", String(40)),
    Column("sdp_session", String(40)),
    Column("tos_audio", String(10)),
    Column("tos_video", String(10)),
    Column("sub_min_expiry", Integer),
    Column("from_domain", String(40)),
    Column("from_user", String(40)),
    Column("mwi_from_user", String(40)),
    Column("dtls_verify", String(40)),
    Column("dtls_rekey", String(40)),
    Column("dtls_cert_file", String(200)),
    Column("dtls_private_key", String(200)),
    Column("dtls_cipher", String(200)),
    Column("dtls_ca_file", String(200)),
    Column("dtls_ca_path", String(200)),
    Column("dtls_setup", PJSIP_DTLS_SETUP),
    Column("srtp_tag_32", AST_BOOL),
    Column("media_address", String(40)),
    Column("redirect_method", PJSIP_REDIRECT_METHOD),
    Column("set_var", Text),
    Column("cos_audio", Integer),
    Column("cos_video", Integer),
    Column("message_context", String(40)),
    Column("force_avp", AST_BOOL),
    Column("media_use_received_transport", AST_BOOL),
    Column("accountcode", String(80)),
    Column("user_eq_phone", AST_BOOL),
    Column("moh_passthrough", AST_BOOL),
    Column("media_encryption_optimistic", AST_BOOL),
    Column("rpid_immediate", AST_BOOL),
    Column("g726_non_standard", AST_BOOL),
    Column("rtp_keepalive", Integer),
    Column("rtp_timeout", Integer),
    Column("rtp_timeout_hold", Integer),
    Column("bind_rtp_to_media_address", AST_BOOL),
    Column("voicemail_extension", String(40)),
    Column("mwi_subscribe_replaces_unsolicited", AST_BOOL),
    Column("deny", String(95)),
    Column("permit", String(95)),
    Column("acl", String(40)),
    Column("contact_deny", String(95)),
    Column("contact_permit", String(95)),
    Column("contact_acl", String(40)),
    Column("subscribe_context", String(40)),
    Column("fax_detect_timeout", Integer),
    Column("contact_user", String(80)),
    Column("preferred_codec_only", AST_BOOL),
    Column("asymmetric_rtp_codec", AST_BOOL),
    Column("rtcp_mux", AST_BOOL),
    Column("allow_overlap", AST_BOOL),
    Column("refer_blind_progress", AST_BOOL),
    Column("notify_early_inuse_ringing", AST_BOOL),
    Column("max_audio_streams", Integer),
    Column("max_video_streams", Integer),
    Column("webrtc", AST_BOOL),
    Column("dtls_fingerprint", SHA_HASH),
    Column("incoming_mwi_mailbox", String(40)),
    Column("bundle", AST_BOOL),
    Column("dtls_auto_generate_cert", AST_BOOL),
    Column("follow_early_media_fork", AST_BOOL),
    Column("accept_multiple_sdp_answers", AST_BOOL),
    Column("suppress_q850_reason_headers", AST_BOOL),
    Column("trust_connected_line", AST_BOOL),
    Column("send_connected_line", AST_BOOL),
    Column("ignore_183_without_sdp", AST_BOOL),
    Column("codec_prefs_incoming_offer", String(128)),
    Column("codec_prefs_outgoing_offer", String(128)),
    Column("codec_prefs_incoming_answer", String(128)),
    Column("codec_prefs_outgoing_answer", String(128)),
    Column("stir_shaken", AST_BOOL),
    Column("send_history_info", AST_BOOL),
    Column("allow_unauthenticated_options", AST_BOOL),
    Column("t38_bind_udptl_to_media_address", AST_BOOL),
    Column("geoloc_incoming_call_profile", String(80)),
    Column("geoloc_outgoing_call_profile", String(80)),
    Column("incoming_call_offer_pref", PJSIP_INCOMING_CALL_OFFER_PREF),
    Column("outgoing_call_offer_pref", PJSIP_OUTGOING_CALL_OFFER_PREF),
    Column("stir_shaken_profile", String(80)),
    Column("security_negotiation", SECURITY_NEGOTIATION),
    Column("security_mechanisms", String(512)),
    Column("send_aoc", AST_BOOL),
    Column("overlap_context", String(80)),
    Column("tenantid", String(80)),
    Column("suppress_moh_on_sendonly", AST_BOOL),
    Column("follow_redirect_methods", String(95)),
    Column("rtp_port_start", Integer),
    Column("rtp_port_end", Integer),
    Index("ps_endpoints_id", "id"),
)

Table(
    "ps_globals",
    _TABLES,
    Column("id", String(40), unique=True, nullable=False),
    Column("max_forwards", Integer),
    Column("user_agent", String(255)),
    Column("default_outbound_endpoint", String(40)),
    Column("debug", String(40)),
    Column("endpoint_identifier_order", String(40)),
    Column("max_initial_qualify_time", Integer),
    Column("default_from_user", String(80)),
    Column("keep_alive_interval", Integer),
    Column("regcontext", String(80)),
    Column("contact_expiration_check_interval", Integer),
    Column("default_voicemail_extension", String(40)),
    Column("disable_multi_domain", AST_BOOL),
    Column("unidentified_request_count", Integer),
    Column("unidentified_request_period", Integer),
    Column("unidentified_request_prune_interval", Integer),
    Column("default_realm", String(40)),
    Column("mwi_tps_queue_high", Integer),
    Column("mwi_tps_queue_low", Integer),
    Column("mwi_disable_initial_unsolicited", AST_BOOL),
    Column("ignore_uri_user_options", AST_BOOL),
    Column("use_callerid_contact", AST_BOOL),
    Column("send_contact_status_on_update_registration", AST_BOOL),
    Column("taskprocessor_overload_trigger", PJSIP_TASKPROCESSOR_OVERLOAD_TRIGGER),
    Column("norefersub", AST_BOOL),
    Column("allow_sending_180_after_183", AST_BOOL),
    Column("all_codecs_on_empty_reinvite", AST_BOOL),
    Column("default_auth_algorithms_uas", String(1024)),
    Column("default_auth_algorithms_uac", String(1024)),
    Index("ps_globals_id", "id"),
)

Table(
    "ps_inbound_publications",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("endpoint", String(255)),
    Column("event_asterisk-devicestate", String(40)),
    Column("event_asterisk-mwi", String(40)),
    Index("ps_inbound_publications_id", "id"),
)

Table(
    "ps_outbound_publishes",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("expiration", Integer),
    Column("outbound_auth", String(255)),
    Column("outbound_proxy", String(256)),
    Column("server_uri", String(256)),
    Column("from_uri", String(256)),
    Column("to_uri", String(256)),
    Column("event", String(40)),
    Column("max_auth_attempts", Integer),
    Column("transport", String(40)),
    Column("multi_user", AST_BOOL),
    Column("@body", String(40)),
    Column("@context", String(256)),
    Column("@exten", String(256)),
    Index("ps_outbound_publishes_id", "id"),
)

Table(
    "ps_registrations",
    _TABLES,
    Column("id", String(255), unique=True, nullable=False),
    Column("auth_rejection_permanent", AST_BOOL),
    Column("client_uri", String(255)),
    Column("contact_user", String(40)),
    Column("expiration", Integer),
    Column("max_retries", Integer),
    Column("outbound_auth", String(255)),
    Column("outbound_proxy", String(255)),
    Column("retry_interval", Integer),
    Column("forbidden_retry_interval", Integer),
    Column("server_uri", String(255)),
    Column("transport", String(40)),
    Column("support_path", AST_BOOL),
    Column("fatal_retry_interval", Integer),
    Column("line", AST_BOOL),
    Column("endpoint", String(255)),
    Column("support_outbound", AST_BOOL),
    Column("contact_header_params", String(255)),
    Column("max_random_initial_delay", Integer),
    Column("security_negotiation", SECURITY_NEGOTIATION),
    Column("security_mechanisms", String(512)),
    Column("user_agent", String(255)),
    Index("ps_registrations_id", "id"),
)

Table(
    "ps_resource_list",
    _TABLES,
    Column("id", String(40), unique=True, nullable=False),
    Column("list_item", String(2048)),
    Column("event", String(40)),
    Column("full_state", AST_BOOL),
    Column("notification_batch_interval", Integer),
    Column("resource_display_name", AST_BOOL),
    Index("ps_resource_list_id", "id"),
)

Table(
    "ps_subscription_persistence",
    _TABLES,
    Column("id", String(40), unique=True, nullable=False),
    Column("packet", String(2048)),
    Column("src_name", String(128)),
    Column("src_port", Integer),
    Column("transport_key", String(64)),
    Column("local_name", String(128)),
    Column("local_port", Integer),
    Column("cseq", Integer),
    Column("tag", String(128)),
    Column("endpoint", String(40)),
    Column("expires", Integer),
    Column("contact_uri", String(256)),
    Column("prune_on_boot", AST_BOOL),
    Column("generator_data", Text),
    Index("ps_subscription_persistence_id", "id"),
)

Table(
    "ps_systems",
    _TABLES,
    Column("id", String(40), unique=True, nullable=False),
    Column("timer_t1", Integer),
    Column("timer_b", Integer),
    Column("compact_headers", AST_BOOL),
    Column("threadpool_initial_size", Integer),
    Column("threadpool_auto_increment", Integer),
    Column("threadpool_idle_timeout", Integer),
    Column("threadpool_max_size", Integer),
    Column("disable_tcp_switch", AST_BOOL),
    Column("follow_early_media_fork", AST_BOOL),
    Column("accept_multiple_sdp_answers", AST_BOOL),
    Column("disable_rport", AST_BOOL),
    Column("taskpool_minimum_size", Integer),
    Column("taskpool_initial_size", Integer),
    Column("taskpool_auto_increment", Integer),
    Column("taskpool_idle_timeout", Integer),
    Column("taskpool_max_size", Integer),
    Index("ps_systems_id", "id"),
)

Table(
    "ps_transports",
    _TABLES,
    Column("id", String(40), unique=True, nullable=False),
    Column("async_operations", Integer),
    Column("bind", String(40)),
    Column("ca_list_file", String(200)),
    Column("cert_file", String(200)),
    Column("cipher", String(200)),
    Column("domain", String(40)),
    Column("external_media_address", String(40)),
    Column("external_signaling_address", String(40)),
    Column("external_signaling_port", Integer),
    Column("method", PJSIP_TRANSPORT_METHOD_V2),
    Column("local_net", String(40)),
    Column("password", String(40)),
    Column("priv_key_file", String(200)),
    Column("protocol", PJSIP_TRANSPORT_PROTOCOL_V2),
    Column("require_client_cert", AST_BOOL),
    Column("verify_client", AST_BOOL),
    Column("verify_server", AST_BOOL),
    Column("tos", String(10)),
    Column("cos", Integer),
    Column("allow_reload", AST_BOOL),
    Column("symmetric_transport", AST_BOOL),
    Column("allow_wildcard_certs", AST_BOOL),
    Column("tcp_keepalive_enable", Boolean),
    Column("tcp_keepalive_idle_time", Integer),
    Column("tcp_keepalive_interval_time", Integer),
    Column("tcp_keepalive_probe_count", Integer),
    Column("external_signaling_hostname", String(40)),
    Index("ps_transports_id", "id"),
)

Table(
    "stir_tn",
    _TABLES,
    Column("id", String(80), primary_key=True),
    Column("private_key_file", String(1024)),
    Column("public_cert_url", String(1024)),
    Column("attest_level", String(1)),
    Column("send_mky", AST_BOOL),
)


def schema(dialect_name: str) -> MetaData:
    """Return the tables as that engine has them, in a copy that the caller owns.

    MySQL and MariaDB differ in one thing: upstream's steps left `ps_contacts.id` nullable there.
    """
    metadata = MetaData()
    for table in _TABLES.tables.values():
        table.to_metadata(metadata)
    if dialect_name in ("mysql", "mariadb"):
        metadata.tables["ps_contacts"].c.id.nullable = True
    return metadata
