"""What an endpoint's options say about streams of sound and of pictures."""

from __future__ import annotations

import functools

import attrs

from sorcery.pjsip import Endpoint
from sorcery.pjsip.kinds.codecs import Codecs
from sorcery_sip.modules.rtp_conf import RtpConf
from sorcery_sip.sdp import CODECS, Codec
from sorcery_sip.sdp.offer_answer import Profile

__all__ = ["RtpOptions"]

_EVENT_MODES = ("rfc4733", "auto", "auto_info")
_SHORTEST_PACKET = 10
"""Milliseconds below which no codec makes a packet, whatever `allow` says."""


@attrs.frozen(slots=True, kw_only=True)
class RtpOptions:
    """The options of one media type. `limit` is how many streams of it a call may have."""

    media: str
    allowed: tuple[Codec, ...]
    limit: int
    profile: Profile
    conf: RtpConf
    incoming_preference: str
    outgoing_preference: str
    dtmf_mode: str
    use_ptime: bool
    rtcp_mux: bool
    symmetric: bool
    follow_codec: bool
    g726_is_aal2: bool
    timeout: int
    hold_timeout: int
    keepalive: int

    @classmethod
    def of(cls, media: str, endpoint: Endpoint, conf: RtpConf) -> RtpOptions | None:
        """Read the options for `audio` or `video`; None where the endpoint allows none of it."""
        allowed = _allowed(media, endpoint.allow, endpoint.g726_non_standard)
        if not allowed:
            return None
        is_audio = media == "audio"
        return cls(
            media=media,
            allowed=allowed,
            limit=endpoint.max_audio_streams if is_audio else endpoint.max_video_streams,
            profile=Profile(
                encryption=endpoint.media_encryption,
                is_optimistic=endpoint.media_encryption_optimistic,
                avpf=endpoint.use_avpf,
                as_received=endpoint.media_use_received_transport,
            ),
            conf=conf,
            incoming_preference=endpoint.incoming_call_offer_pref,
            outgoing_preference=endpoint.outgoing_call_offer_pref,
            dtmf_mode=endpoint.dtmf_mode if is_audio else "none",
            use_ptime=endpoint.use_ptime,
            rtcp_mux=endpoint.rtcp_mux,
            symmetric=endpoint.rtp_symmetric,
            follow_codec=not endpoint.asymmetric_rtp_codec,
            g726_is_aal2=endpoint.g726_non_standard,
            timeout=endpoint.rtp_timeout if is_audio else 0,
            hold_timeout=endpoint.rtp_timeout_hold if is_audio else 0,
            keepalive=endpoint.rtp_keepalive if is_audio else 0,
        )

    @property
    def wants_events(self) -> bool:
        """Whether digits go as packets of their own."""
        return self.dtmf_mode in _EVENT_MODES


@functools.lru_cache(maxsize=1024)  # a value of its arguments alone; most endpoints have one of a few lists
def _allowed(media: str, allow: Codecs, g726_is_aal2: bool) -> tuple[Codec, ...]:
    """Return the codecs of `allow` that go in RTP, in its order and with its framing."""
    return tuple(
        [
            _framed(CODECS[name], milliseconds, g726_is_aal2)
            for name, milliseconds in allow.framings
            if name in CODECS and CODECS[name].media == media
        ]
    )


def _framed(codec: Codec, milliseconds: int, g726_is_aal2: bool) -> Codec:
    if g726_is_aal2 and codec.name == "g726aal2":
        codec = attrs.evolve(codec, encoding=CODECS["g726"].encoding)
    if not milliseconds or codec.media != "audio":
        return codec
    return attrs.evolve(codec, ptime=min(max(milliseconds, _SHORTEST_PACKET), codec.maxptime))
