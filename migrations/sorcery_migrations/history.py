"""What Asterisk's own migrations took back on the way to the newest schema, by table.

So values move with a column that has another name now, and what nothing uses any more goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FORMER_INDEXES", "FORMER_NAMES", "FORMER_TYPES"]

FORMER_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "ps_endpoints": {
        "mwi_from_user": "mwi_fromuser",
        "suppress_q850_reason_headers": "suppress_q850_reason_header",
    },
    "ps_transports": {"verify_server": "verifiy_server"},
}
"""The name that a column had before."""

FORMER_INDEXES: Final[Mapping[str, str]] = {"voicemail_messages": "voicemail_messages_dir"}
"""An index that the primary key makes needless."""

FORMER_TYPES: Final = frozenset(
    {
        "pjsip_100rel_values",
        "pjsip_auth_type_values",
        "pjsip_dtmf_mode_values",
        "pjsip_dtmf_mode_values_v2",
        "pjsip_identify_by_values",
        "pjsip_transport_method_values",
        "pjsip_transport_protocol_values",
        "sip_directmedia_values",
    }
)
"""Named types of PostgreSQL that others took the place of."""
