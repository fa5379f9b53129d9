"""What a call carries: codecs, the way of its media, their encryption, fax."""

from __future__ import annotations

from sorcery.chan_sip.peer import GUEST, Peer
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import is_off, listed, truth
from sorcery.kinds import Refused
from sorcery.pjsip.kinds.codecs import CODECS, CodecList, Codecs

__all__ = ["codecs", "direct_media", "encryption", "fax", "music", "nat"]

_DEFAULT_CODECS = "ulaw,alaw,gsm,h263"
_VIDEO = frozenset({"jpeg", "png", "h261", "h263", "h263p", "h264", "h265", "mpeg4", "vp8", "vp9"})
_TEXT = frozenset({"red", "t140"})
_OLDER = {"g723.1": "g723", "slinear": "slin", "h263+": "h263p"}
_CORRECTIONS, _SIZE = ("fec", "redundancy", "none"), "maxdatagram="
_SHORT_TAG = {"32": "yes", "80": "no"}


def codecs(peer: Peer) -> None:
    """Write the list of codecs that chan_sip comes to: PJSIP begins with none."""
    edits = peer.settings.ordered("disallow", "allow")
    video = peer.settings.last("videosupport")
    has_video = video is not None and (truth(video.value) or video.value.strip().lower() == "always")
    running, taken = CodecList().parse(_DEFAULT_CODECS, Codecs(), _ignore), list[Line]()
    for line in edits:
        kind = CodecList(removes=line.name == "disallow")
        try:
            running = kind.parse(_modern(line.value), running, _ignore)
        except Refused as refusal:
            peer.ledger.lose(line, f"PJSIP refuses it: {refusal.reason}")
        else:
            taken.append(line)
    kept = [(name, ms) for name, ms in running.framings if name not in _TEXT and (has_video or name not in _VIDEO)]
    text = _listing(Codecs(tuple(kept)))
    left_out = [name for name, _ in running.framings if name in _TEXT]
    peer.endpoint.add("disallow", "all")
    became = peer.endpoint.add("allow", text, taken[-1] if taken else None)
    for line in taken:
        peer.ledger.tell(line, became, why="text codecs are left out" if left_out else "")
    if not edits:
        peer.ledger.default("allow", _DEFAULT_CODECS, became, "PJSIP allows no codec by default")
    _video(peer, video, became)
    _preferred(peer)


def _listing(codecs: Codecs) -> str:
    """Return the list as PJSIP reads it; of nearly all codecs it names those that are missing: columns are short."""
    names = codecs.names
    missing = [name for name in CODECS if name not in names]
    if len(missing) < len(names) and codecs == Codecs.of("all").without(*missing):
        return ",".join(("all", *(f"!{name}" for name in missing)))
    return str(codecs) or "!all"


def _modern(text: str) -> str:
    return ",".join(_OLDER.get(item.lower(), item) for item in listed(text.replace("&", ",")))


def _video(peer: Peer, video: Line | None, became: str) -> None:
    if video is not None:
        always = "it counts for calls that offer video" if video.value.strip().lower() == "always" else ""
        peer.ledger.tell(video, became, why=always)
    if (line := peer.settings.last("textsupport")) is not None:
        if truth(line.value):
            peer.ledger.lose(line, "PJSIP has no text streams")
        else:
            peer.ledger.pass_over(line, "PJSIP has no text streams")


def _preferred(peer: Peer) -> None:
    line = peer.settings.last("preferred_codec_only")
    if line is None:
        return
    if truth(line.value):
        peer.put("incoming_call_offer_pref", "local_first", line)
    else:
        peer.ledger.pass_over(line, "as by default")


def direct_media(peer: Peer) -> None:
    """Write who sends media to whom; without a line chan_sip lets them flow directly, and so does PJSIP."""
    line = peer.settings.last("directmedia")
    if line is None:
        return
    words = {word.lower() for word in listed(line.value)}
    unknown = {word for word in words if word not in ("nonat", "update", "outgoing") and not _is_switch(word)}
    told = {"nonat", "update", "outgoing"} & words
    is_on = bool(told) or any(truth(word) for word in words)
    peer.put("direct_media", "yes" if is_on else "no", line, why=_unread(unknown))
    if "update" in words:
        peer.put("direct_media_method", "update", line)
    if "outgoing" in words:
        peer.put("direct_media_glare_mitigation", "outgoing", line)
    if "nonat" in words:
        peer.put("disable_direct_media_on_nat", "yes", line)


def _is_switch(word: str) -> bool:
    return truth(word) or is_off(word)


def _unread(words: set[str]) -> str:
    return f"{', '.join(sorted(words))} means nothing" if words else ""


def nat(peer: Peer) -> None:
    """Write how far what the device says of its own address is believed."""
    line = peer.settings.last("nat")
    words = _nat_words(line.value) if line else {"auto_force_rport"}
    automatic = {"auto_force_rport", "auto_comedia"} & words
    follows = "force_rport" in words or ("auto_force_rport" in words and not peer.contact)
    settings = {
        "force_rport": "yes" if {"force_rport", "auto_force_rport"} & words else "no",
        "rewrite_contact": "yes" if follows else "no",
        "rtp_symmetric": "yes" if {"comedia", "auto_comedia"} & words else "no",
    }
    if line is None:
        if follows and peer.role != GUEST:
            why = "chan_sip answers phones behind NAT where they are; PJSIP needs this for it"
            peer.put_default("rewrite_contact", "yes", "nat=auto_force_rport", why)
        return
    unknown = words - {"no", "force_rport", "comedia", "auto_force_rport", "auto_comedia"}
    reasons = [_unread(unknown), "PJSIP does not look for NAT: it is on or off" if automatic else ""]
    for option, text in settings.items():
        peer.put(option, text, line, why="; ".join(filter(None, reasons)))


def _nat_words(text: str) -> set[str]:
    words = {word.lower() for word in listed(text)}
    if any(map(is_off, words)):
        return {"no"}
    if any(truth(word) for word in words):
        words = {word for word in words if not truth(word)} | {"force_rport", "comedia"}
    return {"force_rport" if word in ("route", "rfc3581") else word for word in words}


def encryption(peer: Peer) -> None:
    """Write how media are encrypted: by keys in SDP, or by DTLS."""
    wanted, dtls, tag = (peer.settings.last(name) for name in ("encryption", "dtlsenable", "encryption_taglen"))
    if dtls is not None and truth(dtls.value):
        peer.put("media_encryption", "dtls", dtls, wanted)
        if peer.settings.last("dtlssetup") is None:
            peer.put_default("dtls_setup", "actpass", "dtlssetup=actpass", "PJSIP is active by default")
    elif wanted is not None and truth(wanted.value):
        peer.put("media_encryption", "sdes", wanted)
    for line in (wanted, dtls):
        if line is not None and not peer.ledger.has(line):
            peer.ledger.tell(line, "endpoint/media_encryption=no")
    if tag is not None:
        short = _SHORT_TAG.get(tag.value.strip())
        if short is None:
            peer.ledger.lose(tag, "this value means nothing; chan_sip knows 32 or 80")
        else:
            peer.put("srtp_tag_32", short, tag)


def fax(peer: Peer) -> None:
    """Write whether a call may become a fax, and how its errors are corrected."""
    udptl, detect = peer.settings.last("t38pt_udptl"), peer.settings.last("faxdetect")
    if udptl is not None:
        _udptl(peer, udptl)
    if detect is None:
        return
    words = {word.lower() for word in listed(detect.value)}
    if "t38" in words and not {"cng"} & words:
        peer.ledger.lose(detect, "PJSIP detects tones, and no T.38 offers")
    else:
        is_on = "cng" in words or any(truth(word) for word in words)
        both = "a T.38 offer without a tone is not detected" if is_on and words != {"cng"} else ""
        peer.put("fax_detect", "yes" if is_on else "no", detect, why=both)


def _udptl(peer: Peer, line: Line) -> None:
    """Write what the last word for it says; yes is as `fec`."""
    words = [word.lower() for word in listed(line.value)]
    schemes = [word if word in _CORRECTIONS else "fec" for word in words if word in _CORRECTIONS or truth(word)]
    if not schemes:
        peer.put("t38_udptl", "no", line)
        return
    sizes = [word.removeprefix(_SIZE) for word in words if word.startswith(_SIZE)]
    unknown = {word for word in words if not (word in _CORRECTIONS or word.startswith(_SIZE) or _is_switch(word))}
    peer.put("t38_udptl", "yes", line, why=_unread(unknown))
    peer.put("t38_udptl_ec", schemes[-1], line)
    if sizes:
        peer.put("t38_udptl_maxdatagram", sizes[-1], line)


def music(peer: Peer) -> None:
    """Write what is heard on hold where the other side suggests nothing."""
    line = peer.settings.last("mohinterpret")
    if line is None:
        return
    word = line.value.strip()
    if word.lower() == "passthrough":
        peer.put("moh_passthrough", "yes", line)
    elif word.lower() in ("", "default"):
        peer.ledger.pass_over(line, "as by default")
    else:
        peer.put("set_var", f"CHANNEL(musicclass)={word}", line, why="it goes before what the other side suggests")


def _ignore(problem: str, outcome: str) -> None:
    """Pass over a repair: the list is checked again with the endpoint."""
