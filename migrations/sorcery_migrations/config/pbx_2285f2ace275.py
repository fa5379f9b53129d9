"""Describe the tables of Asterisk's role `config` at its Alembic head 2285f2ace275 that hold no PJSIP object.

Dialplan, queues, music on hold, mailboxes, conferences, IAX and the former SIP channel driver: nothing of this
project reads them, but an Asterisk on the same database may, and its own migrations make them beside the
others. As with the module of those others, what stands here never changes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)

from sorcery_migrations.config import asterisk_2285f2ace275 as pjsip
from sorcery_migrations.config.asterisk_2285f2ace275 import AST_BOOL

__all__ = ["schema"]

_TABLES: Final = MetaData()

COUNTED: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by an INTEGER key only."""

IAX_ENCRYPTION: Final = Enum("yes", "no", "aes128", name="iax_encryption_values")
IAX_REQUIRECALLTOKEN: Final = Enum("yes", "no", "auto", name="iax_requirecalltoken_values")
IAX_TRANSFER: Final = Enum("yes", "no", "mediaonly", name="iax_transfer_values")
MOH_MODE: Final = Enum("custom", "files", "mp3nb", "quietmp3nb", "quietmp3", "playlist", name="moh_mode_values")
QUEUE_AUTOPAUSE: Final = Enum("yes", "no", "all", name="queue_autopause_values")
QUEUE_STRATEGY: Final = Enum(
    "ringall",
    "leastrecent",
    "fewestcalls",
    "random",
    "rrmemory",
    "linear",
    "wrandom",
    "rrordered",
    name="queue_strategy_values",
)
SIP_CALLINGPRES: Final = Enum(
    "allowed_not_screened",
    "allowed_passed_screen",
    "allowed_failed_screen",
    "allowed",
    "prohib_not_screened",
    "prohib_passed_screen",
    "prohib_failed_screen",
    "prohib",
    name="sip_callingpres_values",
)
SIP_DIRECTMEDIA_V2: Final = Enum("yes", "no", "nonat", "update", "outgoing", name="sip_directmedia_values_v2")
SIP_DTMFMODE: Final = Enum("rfc2833", "info", "shortinfo", "inband", "auto", name="sip_dtmfmode_values")
SIP_PROGRESSINBAND: Final = Enum("yes", "no", "never", name="sip_progressinband_values")
SIP_SESSION_REFRESHER: Final = Enum("uac", "uas", name="sip_session_refresher_values")
SIP_SESSION_TIMERS: Final = Enum("accept", "refuse", "originate", name="sip_session_timers_values")
SIP_TRANSPORT: Final = Enum("udp", "tcp", "tls", "ws", "wss", "udp,tcp", "tcp,udp", name="sip_transport_values")
TYPE: Final = Enum("friend", "user", "peer", name="type_values")
YES_NO: Final = Enum("yes", "no", name="yes_no_values")
YESNO: Final = Enum("yes", "no", name="yesno_values")

Table(
    "extensions",
    _TABLES,
    Column("id", COUNTED, primary_key=True),
    Column("context", String(40), nullable=False),
    Column("exten", String(40), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("app", String(40), nullable=False),
    Column("appdata", String(256), nullable=False),
    UniqueConstraint("context", "exten", "priority"),
)

Table(
    "iaxfriends",
    _TABLES,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), unique=True, nullable=False),
    Column("type", TYPE),
    Column("username", String(40)),
    Column("mailbox", String(40)),
    Column("secret", String(40)),
    Column("dbsecret", String(40)),
    Column("context", String(40)),
    Column("regcontext", String(40)),
    Column("host", String(40)),
    Column("ipaddr", String(40)),
    Column("port", Integer),
    Column("defaultip", String(20)),
    Column("sourceaddress", String(20)),
    Column("mask", String(20)),
    Column("regexten", String(40)),
    Column("regseconds", Integer),
    Column("accountcode", String(80)),
    Column("mohinterpret", String(20)),
    Column("mohsuggest", String(20)),
    Column("inkeys", String(40)),
    Column("outkeys", String(40)),
    Column("language", String(10)),
    Column("callerid", String(100)),
    Column("cid_number", String(40)),
    Column("sendani", YES_NO),
    Column("fullname", String(40)),
    Column("trunk", YES_NO),
    Column("auth", String(20)),
    Column("maxauthreq", Integer),
    Column("requirecalltoken", IAX_REQUIRECALLTOKEN),
    Column("encryption", IAX_ENCRYPTION),
    Column("transfer", IAX_TRANSFER),
    Column("jitterbuffer", YES_NO),
    Column("forcejitterbuffer", YES_NO),
    Column("disallow", String(200)),
    Column("allow", String(200)),
    Column("codecpriority", String(40)),
    Column("qualify", String(10)),
    Column("qualifysmoothing", YES_NO),
    Column("qualifyfreqok", String(10)),
    Column("qualifyfreqnotok", String(10)),
    Column("timezone", String(20)),
    Column("adsi", YES_NO),
    Column("amaflags", String(20)),
    Column("setvar", String(200)),
    Index("iaxfriends_host_port", "host", "port"),
    Index("iaxfriends_ipaddr_port", "ipaddr", "port"),
    Index("iaxfriends_name", "name"),
    Index("iaxfriends_name_host", "name", "host"),
    Index("iaxfriends_name_ipaddr_port", "name", "ipaddr", "port"),
)

Table(
    "meetme",
    _TABLES,
    Column("bookid", Integer, primary_key=True),
    Column("confno", String(80), nullable=False),
    Column("starttime", DateTime),
    Column("endtime", DateTime),
    Column("pin", String(20)),
    Column("adminpin", String(20)),
    Column("opts", String(20)),
    Column("adminopts", String(20)),
    Column("recordingfilename", String(80)),
    Column("recordingformat", String(10)),
    Column("maxusers", Integer),
    Column("members", Integer, nullable=False),
    Index("meetme_confno_start_end", "confno", "starttime", "endtime"),
)

Table(
    "musiconhold",
    _TABLES,
    Column("name", String(80), primary_key=True),
    Column("mode", MOH_MODE),
    Column("directory", String(255)),
    Column("application", String(255)),
    Column("digit", String(1)),
    Column("sort", String(10)),
    Column("format", String(10)),
    Column("stamp", DateTime),
    Column("loop_last", YESNO),
)

Table(
    "musiconhold_entry",
    _TABLES,
    Column(
        "name",
        String(80),
        ForeignKey("musiconhold.name", name="fk_musiconhold_entry_name_musiconhold"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("entry", String(1024), nullable=False),
)

Table(
    "queue_members",
    _TABLES,
    Column("queue_name", String(80), primary_key=True),
    Column("interface", String(80), primary_key=True),
    Column("membername", String(80)),
    Column("state_interface", String(80)),
    Column("penalty", Integer),
    Column("paused", Integer),
    Column("uniqueid", Integer, unique=True, nullable=False, autoincrement=True),
    Column("wrapuptime", Integer),
    Column("ringinuse", AST_BOOL),
    Column("reason_paused", String(80)),
)

Table(
    "queue_rules",
    _TABLES,
    Column("rule_name", String(80), nullable=False),
    Column("time", String(32), nullable=False),
    Column("min_penalty", String(32), nullable=False),
    Column("max_penalty", String(32), nullable=False),
)

Table(
    "queues",
    _TABLES,
    Column("name", String(128), primary_key=True),
    Column("musiconhold", String(128)),
    Column("announce", String(128)),
    Column("context", String(128)),
    Column("timeout", Integer),
    Column("ringinuse", YESNO),
    Column("setinterfacevar", YESNO),
    Column("setqueuevar", YESNO),
    Column("setqueueentryvar", YESNO),
    Column("monitor_format", String(8)),
    Column("membermacro", String(512)),
    Column("membergosub", String(512)),
    Column("queue_youarenext", String(128)),
    Column("queue_thereare", String(128)),
    Column("queue_callswaiting", String(128)),
    Column("queue_quantity1", String(128)),
    Column("queue_quantity2", String(128)),
    Column("queue_holdtime", String(128)),
    Column("queue_minutes", String(128)),
    Column("queue_minute", String(128)),
    Column("queue_seconds", String(128)),
    Column("queue_thankyou", String(128)),
    Column("queue_callerannounce", String(128)),
    Column("queue_reporthold", String(128)),
    Column("announce_frequency", Integer),
    Column("announce_to_first_user", YESNO),
    Column("min_announce_frequency", Integer),
    Column("announce_round_seconds", Integer),
    Column("announce_holdtime", String(128)),
    Column("announce_position", String(128)),
    Column("announce_position_limit", Integer),
    Column("periodic_announce", String(50)),
    Column("periodic_announce_frequency", Integer),
    Column("relative_periodic_announce", YESNO),
    Column("random_periodic_announce", YESNO),
    Column("retry", Integer),
    Column("wrapuptime", Integer),
    Column("penaltymemberslimit", Integer),
    Column("autofill", YESNO),
    Column("monitor_type", String(128)),
    Column("autopause", QUEUE_AUTOPAUSE),
    Column("autopausedelay", Integer),
    Column("autopausebusy", YESNO),
    Column("autopauseunavail", YESNO),
    Column("maxlen", Integer),
    Column("servicelevel", Integer),
    Column("strategy", QUEUE_STRATEGY),
    Column("joinempty", String(128)),
    Column("leavewhenempty", String(128)),
    Column("reportholdtime", YESNO),
    Column("memberdelay", Integer),
    Column("weight", Integer),
    Column("timeoutrestart", YESNO),
    Column("defaultrule", String(128)),
    Column("timeoutpriority", String(128)),
    Column("log_restricted_caller_id", AST_BOOL),
)

Table(
    "sippeers",
    _TABLES,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), unique=True, nullable=False),
    Column("ipaddr", String(45)),
    Column("port", Integer),
    Column("regseconds", Integer),
    Column("defaultuser", String(40)),
    Column("fullcontact", String(80)),
    Column("regserver", String(20)),
    Column("useragent", String(255)),
    Column("lastms", Integer),
    Column("host", String(40)),
    Column("type", TYPE),
    Column("context", String(40)),
    Column("permit", String(95)),
    Column("deny", String(95)),
    Column("secret", String(40)),
    Column("md5secret", String(40)),
    Column("remotesecret", String(40)),
    Column("transport", SIP_TRANSPORT),
    Column("dtmfmode", SIP_DTMFMODE),
    Column("directmedia", SIP_DIRECTMEDIA_V2),
    Column("nat", String(29)),
    Column("callgroup", String(40)),
    Column("pickupgroup", String(40)),
    Column("language", String(40)),
    Column("disallow", String(200)),
    Column("allow", String(200)),
    Column("insecure", String(40)),
    Column("trustrpid", YES_NO),
    Column("progressinband", SIP_PROGRESSINBAND),
    Column("promiscredir", YES_NO),
    Column("useclientcode", YES_NO),
    Column("accountcode", String(80)),
    Column("setvar", String(200)),
    Column("callerid", String(40)),
    Column("amaflags", String(40)),
    Column("callcounter", YES_NO),
    Column("busylevel", Integer),
    Column("allowoverlap", YES_NO),
    Column("allowsubscribe", YES_NO),
    Column("videosupport", YES_NO),
    Column("maxcallbitrate", Integer),
    Column("rfc2833compensate", YES_NO),
    Column("mailbox", String(40)),
    Column("session-timers", SIP_SESSION_TIMERS),
    Column("session-expires", Integer),
    Column("session-minse", Integer),
    Column("session-refresher", SIP_SESSION_REFRESHER),
    Column("t38pt_usertpsource", String(40)),
    Column("regexten", String(40)),
    Column("fromdomain", String(40)),
    Column("fromuser", String(40)),
    Column("qualify", String(40)),
    Column("defaultip", String(45)),
    Column("rtptimeout", Integer),
    Column("rtpholdtimeout", Integer),
    Column("sendrpid", YES_NO),
    Column("outboundproxy", String(40)),
    Column("callbackextension", String(40)),
    Column("timert1", Integer),
    Column("timerb", Integer),
    Column("qualifyfreq", Integer),
    Column("constantssrc", YES_NO),
    Column("contactpermit", String(95)),
    Column("contactdeny", String(95)),
    Column("usereqphone", YES_NO),
    Column("textsupport", YES_NO),
    Column("faxdetect", YES_NO),
    Column("buggymwi", YES_NO),
    Column("auth", String(40)),
    Column("fullname", String(40)),
    Column("trunkname", String(40)),
    Column("cid_number", String(40)),
    Column("callingpres", SIP_CALLINGPRES),
    Column("mohinterpret", String(40)),
    Column("mohsuggest", String(40)),
    Column("parkinglot", String(40)),
    Column("hasvoicemail", YES_NO),
    Column("subscribemwi", YES_NO),
    Column("vmexten", String(40)),
    Column("autoframing", YES_NO),
    Column("rtpkeepalive", Integer),
    Column("call-limit", Integer),
    Column("g726nonstandard", YES_NO),
    Column("ignoresdpversion", YES_NO),
    Column("allowtransfer", YES_NO),
    Column("dynamic", YES_NO),
    Column("path", String(256)),
    Column("supportpath", YES_NO),
    Index("sippeers_host_port", "host", "port"),
    Index("sippeers_ipaddr_port", "ipaddr", "port"),
    Index("sippeers_name", "name"),
    Index("sippeers_name_host", "name", "host"),
)

Table(
    "voicemail",
    _TABLES,
    Column("uniqueid", Integer, primary_key=True),
    Column("context", String(80), nullable=False),
    Column("mailbox", String(80), nullable=False),
    Column("password", String(80), nullable=False),
    Column("fullname", String(80)),
    Column("alias", String(80)),
    Column("email", String(80)),
    Column("pager", String(80)),
    Column("attach", YES_NO),
    Column("attachfmt", String(10)),
    Column("serveremail", String(80)),
    Column("language", String(20)),
    Column("tz", String(30)),
    Column("deletevoicemail", YES_NO),
    Column("saycid", YES_NO),
    Column("sendvoicemail", YES_NO),
    Column("review", YES_NO),
    Column("tempgreetwarn", YES_NO),
    Column("operator", YES_NO),
    Column("envelope", YES_NO),
    Column("sayduration", Integer),
    Column("forcename", YES_NO),
    Column("forcegreetings", YES_NO),
    Column("callback", String(80)),
    Column("dialout", String(80)),
    Column("exitcontext", String(80)),
    Column("maxmsg", Integer),
    Column("volgain", Numeric(5, 2)),
    Column("imapuser", String(80)),
    Column("imappassword", String(80)),
    Column("imapserver", String(80)),
    Column("imapport", String(8)),
    Column("imapflags", String(80)),
    Column("stamp", DateTime),
    Index("voicemail_context", "context"),
    Index("voicemail_imapuser", "imapuser"),
    Index("voicemail_mailbox", "mailbox"),
    Index("voicemail_mailbox_context", "mailbox", "context"),
)


def schema(dialect_name: str) -> MetaData:
    """Return all tables of the role, those of PJSIP first, as that engine has them, in a copy that the caller owns.

    MariaDB has a second key over `extensions.id` beside the primary one. On PostgreSQL an index of ours lets
    `id LIKE 'alice^3B@%'`, by which the contacts of an AOR are found, read no more than these.
    """
    metadata = pjsip.schema(dialect_name)
    for table in _TABLES.tables.values():
        table.to_metadata(metadata)
    if dialect_name in ("mysql", "mariadb"):
        metadata.tables["extensions"].append_constraint(UniqueConstraint("id"))
    if dialect_name == "postgresql":
        contacts = metadata.tables["ps_contacts"]
        Index("sorcery_ps_contacts_id", contacts.c.id, postgresql_ops={"id": "varchar_pattern_ops"})
    return metadata
