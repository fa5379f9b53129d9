"""What calls of a peer are: who calls, what is told of it, and which services the peer has."""

from __future__ import annotations

from sorcery.chan_sip.identity import proxy_uri
from sorcery.chan_sip.peer import PROTOCOLS, SOCKETS, Peer
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import listed, truth
from sorcery.pjsip.kinds.callerid import CallerId, CallerIdText

__all__ = ["caller", "lamps", "limits", "mailboxes", "media_address", "presented", "proxy", "transports"]


def caller(peer: Peer) -> None:
    """Write the caller id, whole or of its parts."""
    whole, name, number = (peer.settings.last(each) for each in ("callerid", "fullname", "cid_number"))
    if name is None and number is None:
        if whole is not None:
            if whole.value:
                peer.put("callerid", whole.value, whole)
            else:
                peer.ledger.pass_over(whole, "it is empty")
        return
    found = CallerIdText().parse(whole.value if whole else "", CallerId(), _ignore)
    parts = CallerId(name.value if name else found.name, number.value if number else found.number)
    peer.put("callerid", str(parts), whole, name, number)


def presented(peer: Peer) -> None:
    """Write in which header the identity of the other party is sent, and how it is updated."""
    line = peer.settings.last("sendrpid")
    if line is not None:
        word = line.value.strip().lower()
        if word == "pai":
            peer.put("send_pai", "yes", line)
        else:
            peer.put("send_rpid", "yes" if word == "rpid" or truth(word) else "no", line)
        is_on = word in ("pai", "rpid") or truth(word)
        if is_on and peer.settings.last("trust_id_outbound") is None:
            why = "chan_sip sent private identities without names, PJSIP sends none"
            peer.ledger.default("trust_id_outbound", "legacy", "endpoint/trust_id_outbound=no", why)
    update = peer.settings.last("rpid_update")
    if update is not None and truth(update.value):
        peer.put("connected_line_method", "update", update, why="for all updates, not only before the answer")
    elif update is not None:
        peer.ledger.pass_over(update, "as by default")


def limits(peer: Peer) -> None:
    """Write when the peer counts as busy."""
    limit, counter = peer.settings.last("call-limit"), peer.settings.last("callcounter")
    if counter is not None:
        if truth(counter.value):
            peer.ledger.pass_over(counter, "PJSIP always counts calls")
        else:
            peer.ledger.tell(counter, why="PJSIP always counts calls: lamps show phones as in use")
    if limit is None:
        return
    if limit.value.strip().strip("0") == "":
        peer.ledger.pass_over(limit, "there is no limit, as by default")
    elif peer.settings.last("busylevel") is not None:
        peer.ledger.lose(limit, "PJSIP refuses no call; use GROUP() and GROUP_COUNT() in the dialplan")
    else:
        why = "the device shows as busy, and no call is refused; use GROUP() and GROUP_COUNT() in the dialplan"
        peer.put("device_state_busy_at", limit.value.strip(), limit, why=why)


def mailboxes(peer: Peer) -> None:
    """Write the mailboxes: phones are told of them unasked, or only if they subscribe."""
    lines, flag = peer.settings.all("mailbox"), peer.settings.last("hasvoicemail")
    names = dict.fromkeys(_box(name) for line in lines for name in listed(line.value))
    if not names and flag is not None and truth(flag.value):
        lines, names = (*lines, flag), {_box(peer.name): None}
    if names:
        _tell_of(peer, ",".join(names), lines)
    for line, why in (
        *((line, "it is empty, or there is no phone to tell") for line in lines),
        (flag, "a mailbox is written" if names else "as by default"),
        (peer.settings.last("subscribemwi"), "there is no mailbox"),
    ):
        if line is not None and not peer.ledger.has(line):
            peer.ledger.pass_over(line, why)
    _extension(peer)


def _box(name: str) -> str:
    return name if "@" in name else f"{name}@default"


def _tell_of(peer: Peer, names: str, lines: tuple[Line, ...]) -> None:
    """Tell the peer of mailboxes, who may also subscribe to them: in PJSIP that takes those of an AOR."""
    subscribed = peer.settings.last("subscribemwi")
    unasked = subscribed is None or not truth(subscribed.value)
    owners = [peer.endpoint] if unasked else []
    for owner in (*owners, *([peer.aor] if peer.aor is not None else ())):
        became = owner.add("mailboxes", names, lines[-1])
        for line in (*lines, *([subscribed] if subscribed else ())):
            peer.ledger.tell(line, became)
    if unasked and peer.aor is not None:
        why = "phones that subscribe are told too; PJSIP turns them away unless that replaces what it tells unasked"
        peer.put_default("mwi_subscribe_replaces_unsolicited", "yes", "subscribemwi=no", why)


def _extension(peer: Peer) -> None:
    line = peer.settings.last("regexten")
    if line is None:
        return
    if line.value.strip() == peer.name:
        peer.ledger.tell(line, f"the name of the AOR, {peer.name}")
    else:
        peer.ledger.lose(line, "`regcontext` of PJSIP makes an extension of the AOR's name")


def lamps(peer: Peer) -> None:
    """Write what chan_sip tells lamps of unless told otherwise: a phone that rings while it is in use."""
    line = peer.shared.general.last("notifyringing")
    if line is None and peer.settings.value("allowsubscribe", "yes").strip().lower() != "no":
        why = "PJSIP shows a phone in use as in use, though it rings"
        peer.put_default("notify_early_inuse_ringing", "yes", "notifyringing=yes", why)


def media_address(peer: Peer) -> None:
    """Write the address that RTP is sent from, which `[general]` names for all."""
    line, own = (peer.shared.general.last(name) for name in ("rtpbindaddr", "media_address"))
    if line is None or not line.value.strip():
        return
    if own is None:
        peer.put("media_address", line.value.strip(), line, why="it is written into SDP as well")
    peer.put("bind_rtp_to_media_address", "yes", line)


def proxy(peer: Peer) -> None:
    """Write the proxy that requests to the peer go through."""
    line = peer.settings.last("outboundproxy")
    if line is None:
        return
    uri, forced = proxy_uri(line.value)
    if not uri:
        peer.ledger.pass_over(line, "it is empty")
        return
    protocol = uri.rpartition(";transport=")[2] if ";transport=" in uri else "udp"
    peer.shared.needed.setdefault(protocol, line)
    why = "requests inside a call follow their Route headers" if forced else ""
    peer.put("outbound_proxy", uri, line, why=why)
    if peer.aor is not None:
        peer.ledger.tell(line, peer.aor.add("outbound_proxy", uri, line))


def transports(peer: Peer) -> None:
    """Tell what becomes of the list of transports, and ask for those that are in it."""
    line = peer.settings.last("transport")
    for protocol in peer.protocols:
        peer.shared.protocols.setdefault(protocol, line)
    if line is None:
        return
    words = [word.lower() for word in listed(line.value)]
    if unknown := [word for word in words if word not in PROTOCOLS]:
        peer.ledger.tell(line, why=f"{', '.join(unknown)} is no transport")
    if absent := [word for word in words if word in PROTOCOLS and word not in peer.shared.enabled]:
        peer.ledger.pass_over(line, f"{' and '.join(absent)} switched off in [general]")
    if (peer.shared.enabled & set(SOCKETS)) - set(peer.protocols) and peer.protocols != ["udp"]:
        peer.ledger.tell(line, why="PJSIP takes the peer's calls over every transport")
    elif not peer.ledger.has(line):
        peer.ledger.pass_over(line, "as by default")


def _ignore(problem: str, outcome: str) -> None:
    """Pass over a part that is cut: the text is checked again with the endpoint."""
