"""The sockets that `[general]` opens, as transports."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery.chan_sip.identity import bracketed, is_port
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.peer import Shared
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import truth
from sorcery.pjsip.kinds.networks import parse_address, split_host_port

__all__ = ["enabled", "transports"]

_LOOKED_UP = "the name is looked up when the transport is loaded, and not again"
_PORTS = {"udp": "5060", "tcp": "5060", "tls": "5061"}
_METHODS = ("tlsv1", "tlsv1_1", "tlsv1_2", "sslv2", "sslv3", "sslv23")
_OF_ONE = {
    "tcp": ("tcpbindaddr", "externtcpport"),
    "tls": (
        *("tlsbindaddr", "tlscertfile", "tlsprivatekey", "tlscafile", "tlscapath", "tlscipher"),
        *("tlsdontverifyserver", "tlsverifyclient", "tlsclientmethod", "externtlsport"),
    ),
}
"""The options that are about one protocol alone."""


def enabled(shared: Shared) -> frozenset[str]:
    """Return the transports that `[general]` switches on; WebSocket is unless told otherwise."""
    on = {name for name in ("tcp", "tls") if truth(shared.general.value(f"{name}enable"))}
    return frozenset({"udp", *on, *(("ws", "wss") if truth(shared.general.value("websocket_enabled", "yes")) else ())})


def transports(shared: Shared) -> None:
    """Make the transports: UDP always, the others where they are switched on and, for WebSocket, asked for."""
    _listening(shared, "udp")
    for protocol in ("tcp", "tls"):
        switch = shared.general.last(f"{protocol}enable")
        needed = shared.needed.get(protocol)
        if protocol in shared.enabled or needed is not None:
            told = _listening(shared, protocol, switch)
            if protocol not in shared.enabled and needed is not None:
                shared.ledger.tell(
                    needed, told, why=f"PJSIP needs a transport to connect over {protocol}, which listens too"
                )
        else:
            others = map(shared.general.last, _OF_ONE[protocol])
            _pass_over(shared, (switch, *others), f"{protocol} is switched off")
    _websockets(shared)
    _rest(shared)


def _listening(shared: Shared, protocol: str, switch: Line | None = None) -> str:
    """Make the transports of one protocol: two where every address of both families is meant."""
    bind, common, host, port = _address(shared, protocol)
    hosts = ("0.0.0.0", "::") if host in ("::", "[::]") else (host,)
    for number, each in enumerate(hosts):
        part = shared.part("transport", f"transport-{protocol}{'6' if number else ''}")
        part.add("protocol", protocol)
        told = part.add("bind", f"{bracketed(each)}:{port}", bind)
        for line in (bind, common, switch):
            if line is not None:
                why = "a socket of PJSIP has one family: there are two" if line is bind and len(hosts) > 1 else ""
                shared.ledger.tell(line, told, why=why)
        _marks(shared, part)
        _outside(shared, part, protocol)
        if protocol == "tls":
            _tls(shared, part)
    if bind is None and common is None and protocol == "udp":
        shared.ledger.default("udpbindaddr", "0.0.0.0:5060", told, "PJSIP listens nowhere by default")
    return told


def _address(shared: Shared, protocol: str) -> tuple[Line | None, Line | None, str, str]:
    """Return the lines of the address and of the port, where there are any, and what both come to.

    TCP and TLS listen where UDP does unless they have an address of their own, TLS at a port of its own in any case.
    """
    own, common = (_written(shared.general.last(name)) for name in (f"{protocol}bindaddr", "bindaddr"))
    bind = own or common
    host, port = split_host_port(bind.value.strip()) if bind is not None else ("", "")
    follows = own is None and protocol != "tls"
    number = shared.general.last("bindport") if follows else None
    if number is not None and is_port(number.value.strip()):
        port = number.value.strip()
    elif own is None and not follows:
        port = ""
    return bind, number, host or "0.0.0.0", port or _PORTS[protocol]


def _written(line: Line | None) -> Line | None:
    return line if line is not None and line.value.strip() else None


def _add(shared: Shared, part: Part, option: str, name: str) -> Line | None:
    line = shared.general.last(name)
    if line is not None and line.value:
        shared.ledger.tell(line, part.add(option, line.value, line))
    return line


def _marks(shared: Shared, part: Part) -> None:
    _add(shared, part, "tos", "tos_sip")
    _add(shared, part, "cos", "cos_sip")


def _outside(shared: Shared, part: Part, protocol: str) -> None:
    """Add the address and the ports that are seen from outside."""
    for line in shared.general.all("localnet"):
        shared.ledger.tell(line, part.add("local_net", line.value, line))
    address, name = shared.general.last("externaddr"), shared.general.last("externhost")
    outer = name or address
    if outer is None or not outer.value.strip():
        return
    host, port = split_host_port(outer.value.strip())
    told = [part.add("external_signaling_address", host, outer), part.add("external_media_address", host, outer)]
    own = shared.general.last(f"extern{protocol}port")
    if own is not None:
        shared.ledger.tell(own, part.add("external_signaling_port", own.value.strip(), own))
    elif port and protocol != "tls":
        told.append(part.add("external_signaling_port", port, outer))
    shared.ledger.tell(outer, *told, why=_LOOKED_UP if parse_address(host) is None else "")
    if name is not None and address is not None:
        shared.ledger.pass_over(address, "externhost replaces it")


def _tls(shared: Shared, part: Part) -> None:
    """Add certificates and what is verified; chan_sip verifies servers unless told not to."""
    certificate = _add(shared, part, "cert_file", "tlscertfile")
    if certificate is None:
        why = "PJSIP has no certificate by default: write cert_file and priv_key_file, or nobody can connect"
        shared.ledger.default("tlscertfile", "asterisk.pem", "", why)
    if shared.general.last("tlsprivatekey") is not None:
        _add(shared, part, "priv_key_file", "tlsprivatekey")
    elif certificate is not None and certificate.value:
        shared.ledger.tell(certificate, part.add("priv_key_file", certificate.value, certificate))
    _add(shared, part, "ca_list_file", "tlscafile")
    _add(shared, part, "ca_list_path", "tlscapath")
    _add(shared, part, "cipher", "tlscipher")
    trusting, client = shared.general.last("tlsdontverifyserver"), shared.general.last("tlsverifyclient")
    verifies = trusting is None or not truth(trusting.value)
    told = part.add("verify_server", "yes" if verifies else "no", trusting)
    if trusting is None:
        shared.ledger.default("tlsdontverifyserver", "no", told, "PJSIP verifies nobody by default")
    else:
        shared.ledger.tell(trusting, told)
    if client is not None:
        shared.ledger.pass_over(client, "chan_sip verifies no clients, whatever is written")
    method = shared.general.last("tlsclientmethod")
    if method is not None:
        found = method.value.strip().lower()
        if found not in _METHODS:
            shared.ledger.lose(method, f"this value means nothing; PJSIP knows {', '.join(_METHODS)}")
        else:
            shared.ledger.tell(method, part.add("method", found, method), why="it counts for incoming connections too")


def _websockets(shared: Shared) -> None:
    switch, timeout = (shared.general.last(f"websocket_{name}") for name in ("enabled", "write_timeout"))
    is_on = switch is None or truth(switch.value)
    wanted = [protocol for protocol in ("ws", "wss") if protocol in shared.protocols]
    for protocol in wanted if is_on else ():
        part = shared.part("transport", f"transport-{protocol}")
        part.add("protocol", protocol)
        told = part.add("bind", "0.0.0.0")
        if switch is not None:
            shared.ledger.tell(switch, told)
        if timeout is not None:
            shared.ledger.tell(timeout, part.add("websocket_write_timeout", timeout.value, timeout))
    reason = "no peer uses WebSocket" if is_on else "WebSocket is switched off"
    _pass_over(shared, (switch, timeout), reason)


def _pass_over(shared: Shared, lines: Iterable[Line | None], why: str) -> None:
    """Tell why lines mean nothing, those that no rule had a use for."""
    for line in lines:
        if line is not None and not shared.ledger.has(line):
            shared.ledger.pass_over(line, why)


def _rest(shared: Shared) -> None:
    """Tell of what concerns transports and was not used by any."""
    ports = map(shared.general.last, ("externtcpport", "externtlsport"))
    _pass_over(shared, ports, "no externaddr or externhost is written beside it")
    _pass_over(shared, map(shared.general.last, ("bindaddr", "externaddr", "externhost")), "it is empty")
