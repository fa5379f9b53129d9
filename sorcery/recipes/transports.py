"""Sockets that SIP is spoken on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from sorcery.errors import InvalidObject
from sorcery.pjsip import Transport
from sorcery.recipes.bundle import Bundle

__all__ = ["transport"]

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""The networks that are nobody's on the Internet (RFC 1918)."""

NOTES = {
    "ws": "WebSockets come in by Asterisk's HTTP server: http.conf needs enabled, bindaddr and bindport",
    "wss": "WebSockets come in by Asterisk's HTTP server: http.conf needs enabled, tlsenable, tlsbindaddr, tlscertfile "
    "and tlsprivatekey, with a certificate that browsers trust",
}
"""What lies elsewhere, by protocol."""
NO_FILES = "leave the files out; those of wss are named in http.conf"


def transport(
    id: Annotated[str, "What it is called."],
    *,
    protocol: Annotated[Literal["udp", "tcp", "tls", "ws", "wss"], "What it speaks."] = "udp",
    bind: Annotated[str, "Address and perhaps port to listen on."] = "0.0.0.0",
    certificate: Annotated[str, "Certificate file; for tls."] = "",
    key: Annotated[str, "File of the certificate's private key; for tls."] = "",
    external: Annotated[str, "Address that the world knows us by, where a router stands before us."] = "",
    local: Annotated[tuple[str, ...], "Networks that reach us without the router; the private ones unless given."] = (),
) -> Bundle:
    """A socket that SIP is spoken on, over UDP, TCP, TLS or WebSockets.

    TLS is 1.2 or newer: with its own default Asterisk offers 1.0, which nobody takes any more. A file that cannot be
    read is refused.
    """
    options: dict[str, Any] = {}
    if protocol == "tls":
        if not (certificate and key):
            raise InvalidObject("transport", id, "TLS needs a certificate and its key", remedy="name both files")
        options |= {"cert_file": certificate, "priv_key_file": key, "method": "tlsv1_2"}
    elif certificate or key:
        raise InvalidObject("transport", id, f"over {protocol} it shows no certificate", remedy=NO_FILES)
    if local and not external:
        remedy = "name the external address too, or leave the networks out"
        raise InvalidObject("transport", id, "without a router before us, all networks reach us", remedy=remedy)
    if external:
        options |= {"external_signaling_address": external, "external_media_address": external}
        options["local_net"] = local or PRIVATE
    notes = (NOTES[protocol],) if protocol in NOTES else ()
    return Bundle((Transport(id, protocol=protocol, bind=bind, **options),), notes=notes)
