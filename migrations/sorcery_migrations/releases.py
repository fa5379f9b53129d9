"""What the tables of the role `config` are to a release of Asterisk: its own head of the migrations, not the newest.

Revisions are counted along Asterisk's chain, which each release of these branches follows to some point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, Enum, String, Table
from sqlalchemy.types import TypeEngine

from sorcery.release import Release
from sorcery_migrations.kinds import MARIADB

__all__ = ["columns_for"]

HEADS: Final[Mapping[int, Mapping[int, int]]] = {
    20: {
        0: 104, 1: 108, 2: 109, 4: 111, 6: 113, 7: 116, 8: 121, 9: 122, 10: 123, 11: 125, 12: 127, 18: 129, 20: 130,
        21: 131,
    },
    21: {0: 111, 1: 113, 2: 116, 3: 121, 4: 122, 5: 123, 6: 125, 7: 127},
    22: {0: 123, 1: 125, 2: 127, 8: 129, 10: 130, 11: 131},
    23: {0: 127, 2: 129, 4: 130, 5: 131},
}  # fmt: skip
"""By branch: the minor release, and the number of the head that it came with; it holds until the next one."""

NEWEST: Final[Mapping[int, int]] = {20: 20, 21: 12, 22: 10, 23: 4}
"""The minor release of each branch that was the newest one when the schema was taken down."""

SINCE: Final[Mapping[str, Mapping[str, int]]] = {
    "musiconhold": {"loop_last": 111},
    "ps_aors": {"qualify_2xx_only": 126},
    "ps_auths": {"password_digest": 127, "supported_algorithms_uas": 127, "supported_algorithms_uac": 127},
    "ps_contacts": {"qualify_2xx_only": 126},
    "ps_endpoint_id_ips": {"match_request_uri": 118},
    "ps_endpoints": {
        "security_negotiation": 106,
        "security_mechanisms": 106,
        "send_aoc": 108,
        "overlap_context": 109,
        "tenantid": 123,
        "suppress_moh_on_sendonly": 125,
        "follow_redirect_methods": 129,
        "rtp_port_start": 130,
        "rtp_port_end": 130,
    },
    "ps_globals": {
        "all_codecs_on_empty_reinvite": 107,
        "default_auth_algorithms_uas": 127,
        "default_auth_algorithms_uac": 127,
    },
    "ps_registrations": {"security_negotiation": 106, "security_mechanisms": 106, "user_agent": 114},
    "ps_subscription_persistence": {"generator_data": 124},
    "ps_systems": {
        "taskpool_minimum_size": 128,
        "taskpool_initial_size": 128,
        "taskpool_auto_increment": 128,
        "taskpool_idle_timeout": 128,
        "taskpool_max_size": 128,
    },
    "ps_transports": {
        "tcp_keepalive_enable": 117,
        "tcp_keepalive_idle_time": 117,
        "tcp_keepalive_interval_time": 117,
        "tcp_keepalive_probe_count": 117,
        "external_signaling_hostname": 131,
    },
    "queue_members": {"reason_paused": 110},
    "queues": {"log_restricted_caller_id": 122},
    "stir_tn": {"id": 115, "private_key_file": 115, "public_cert_url": 115, "attest_level": 115, "send_mky": 115},
}
"""The revisions that columns came with; a column that is not named here is older than all of these releases."""

WIDENED: Final = 112
FORMER_WIDTHS: Final[Mapping[str, Mapping[str, int]]] = {
    "ps_aors": {"id": 40, "outbound_proxy": 40},
    "ps_auths": {"id": 40, "realm": 40},
    "ps_contacts": {"outbound_proxy": 40, "endpoint": 40},
    "ps_domain_aliases": {"id": 40, "domain": 80},
    "ps_endpoint_id_ips": {"id": 40, "endpoint": 40},
    "ps_endpoints": {"id": 40, "aors": 200, "auth": 40, "outbound_auth": 40, "outbound_proxy": 40},
    "ps_inbound_publications": {"id": 40, "endpoint": 40},
    "ps_outbound_publishes": {"id": 40, "outbound_auth": 40},
    "ps_registrations": {"id": 40, "outbound_auth": 40, "outbound_proxy": 40, "endpoint": 40},
}
"""How wide columns were before they were widened, all by one revision."""

FORMER_VALUES: Final[Mapping[tuple[str, str], tuple[int, Enum]]] = {
    ("ps_endpoints", "100rel"): (105, Enum("no", "required", "yes", name="pjsip_100rel_values")),
    ("ps_transports", "method"): (
        113,
        Enum("default", "unspecified", "tlsv1", "sslv2", "sslv3", "sslv23", name="pjsip_transport_method_values"),
    ),
}
"""The revision that gave an enumeration more values, and what it was before."""

TRUTHS_WIDENED: Final = 116
TRUTHS: Final = "ast_bool_values"
FORMER_TRUTHS: Final = Enum("yes", "no", name="yesno_values")
"""What columns of truth values took until they took Asterisk's other spellings too."""

EARLY_TRUTHS: Final[Mapping[str, frozenset[str]]] = {
    "ps_aors": frozenset({"remove_unavailable"}),
    "ps_endpoints": frozenset(
        {
            "allow_unauthenticated_options",
            "ignore_183_without_sdp",
            "mwi_subscribe_replaces_unsolicited",
            "send_aoc",
            "send_connected_line",
            "send_history_info",
            "stir_shaken",
            "t38_bind_udptl_to_media_address",
            "trust_connected_line",
        }
    ),
    "ps_globals": frozenset(
        {
            "all_codecs_on_empty_reinvite",
            "allow_sending_180_after_183",
            "norefersub",
            "send_contact_status_on_update_registration",
            "use_callerid_contact",
        }
    ),
    "ps_registrations": frozenset({"support_outbound"}),
    "ps_resource_list": frozenset({"resource_display_name"}),
    "ps_systems": frozenset({"disable_rport"}),
    "queue_members": frozenset({"ringinuse"}),
}
"""Those that took them from the first."""

REQUIRED_AGAIN: Final = 120
"""The revision from which an id must not be NULL on MariaDB, after an earlier one had dropped that there."""


def columns_for(table: Table, release: Release | None, dialect_name: str) -> list[Column[Any]]:
    """Return the columns that a release expects, as it does; without a release, those of the newest schema.

    Nothing is returned where it does not know the table.
    """
    if release is None:
        return list(table.columns)
    head = _head(release)
    since = SINCE.get(table.name, {})
    return [
        Column(
            column.name,
            _type(column, head),
            nullable=column.nullable or (column.name == "id" and head < REQUIRED_AGAIN and dialect_name in MARIADB),
        )
        for column in table.columns
        if since.get(column.name, 0) <= head
    ]


def _head(release: Release) -> int:
    heads = HEADS[release.major]
    minor = NEWEST[release.major] if release.minor is None else release.minor
    return heads[max(first for first in heads if first <= minor)]


def _type(column: Column[Any], head: int) -> TypeEngine[Any]:
    table = column.table.name
    width = FORMER_WIDTHS.get(table, {}).get(column.name)
    if width is not None and head < WIDENED:
        return String(width)
    until, former = FORMER_VALUES.get((table, column.name), (0, None))
    if former is not None and head < until:
        return former
    is_truth = isinstance(column.type, Enum) and column.type.name == TRUTHS
    if is_truth and head < TRUTHS_WIDENED and column.name not in EARLY_TRUTHS.get(table, ()):
        return FORMER_TRUTHS
    return column.type
