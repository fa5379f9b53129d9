"""What the options of an endpoint demand of each other."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Refused
from sorcery.objects import ObjectSet
from sorcery.pjsip.kinds.implied import Implied
from sorcery.pjsip.kinds.texts import cut_bytes

__all__ = [
    "SET_BY_WEBRTC",
    "bundling",
    "certificates",
    "codec_preference",
    "printing_defects",
    "rtp_ports",
    "session_timers",
    "webrtc",
]

_LEAST_MIN_SE = 90
_LEAST_PORT = 1024
_FORCED = {
    "bundle": True,
    "rtcp_mux": True,
    "use_avpf": True,
    "ice_support": True,
    "media_use_received_transport": True,
    "media_encryption": "dtls",
    "dtls_setup": "actpass",
    "dtls_verify": "fingerprint",
}
"""What WebRTC cannot do without (RFC 8827, RFC 8834)."""
SET_BY_WEBRTC = (*_FORCED, "dtls_rekey", "dtls_auto_generate_cert")
_CUT = frozenset({"auth", "outbound_auth", "call_group", "pickup_group", "named_call_group", "named_pickup_group"})
_LONGEST_PRINTED = 127


def session_timers(draft: Draft) -> None:
    """Session expiry must not fall below the least one allowed, nor that below 90 seconds (RFC 4028 section 4)."""
    least, expires = draft["timers_min_se"], draft["timers_sess_expires"]
    if least < _LEAST_MIN_SE:
        raise Refused(f"is {least}, below {_LEAST_MIN_SE}", f"write {_LEAST_MIN_SE} or more", option="timers_min_se")
    if expires < least:
        raise Refused(
            f"is {expires}, below timers_min_se={least}", f"write {least} or more", option="timers_sess_expires"
        )


def certificates(draft: Draft) -> None:
    """A certificate is generated or read from a file, not both."""
    if not draft["dtls_auto_generate_cert"]:
        return
    if draft["dtls_cert_file"]:
        raise Refused("excludes dtls_cert_file", "leave one of the two out", option="dtls_auto_generate_cert")
    for name in ("dtls_private_key", "dtls_ca_file", "dtls_ca_path"):
        if draft[name]:
            draft.warn("is ignored beside dtls_auto_generate_cert", "leave it out", name, draft[name])


def rtp_ports(draft: Draft) -> None:
    """The RTP ports of an endpoint are a range, with both ends."""
    first, last = draft["rtp_port_start"], draft["rtp_port_end"]
    if not first and not last:
        return
    if not first or not last:
        raise Refused("has one end only", "write rtp_port_start and rtp_port_end, or neither", option="rtp_port_start")
    if first < _LEAST_PORT or last <= first:
        raise Refused(
            f"from {first} to {last} is no range",
            f"write ports from {_LEAST_PORT} up, the end above the start",
            option="rtp_port_start",
        )


def codec_preference(draft: Draft) -> None:
    """`preferred_codec_only` is an older way to say `incoming_call_offer_pref=local_first`."""
    preference = draft["incoming_call_offer_pref"]
    implied = isinstance(preference, Implied)
    if not draft["preferred_codec_only"]:
        if implied:
            draft["incoming_call_offer_pref"] = "local"
    elif preference == "local" or implied:
        draft["incoming_call_offer_pref"] = Implied("local_first")
    else:
        raise Refused(
            f"contradicts incoming_call_offer_pref={preference}",
            "leave it out, and write incoming_call_offer_pref=local_first if that is meant",
            option="preferred_codec_only",
        )


def bundling(draft: Draft) -> None:
    """Bundled media share a port, so RTP and RTCP must too (RFC 8843 section 9.3)."""
    if draft["bundle"]:
        draft["rtcp_mux"] = True


def webrtc(draft: Draft) -> None:
    """`webrtc` overrules what it cannot do without; a certificate is generated where no file is named."""
    if not draft["webrtc"]:
        return
    for name, value in _FORCED.items():
        draft[name] = value
    if draft["dtls_rekey"]:
        draft.warn("has no effect with webrtc", "it becomes 0", "dtls_rekey", str(draft["dtls_rekey"]))
        draft["dtls_rekey"] = 0
    if not draft["dtls_cert_file"]:
        draft["dtls_auto_generate_cert"] = True


def printing_defects(pairs: ObjectSet) -> ObjectSet:
    """Return the object set as Asterisk prints it: one method for the other, and some lists cut."""
    connected_line = next(text for name, text in pairs if name == "connected_line_method")
    printed = []
    for name, text in pairs:
        if name == "direct_media_method":
            printed.append((name, connected_line))
        else:
            printed.append((name, cut_bytes(text, _LONGEST_PRINTED) if name in _CUT else text))
    return printed
