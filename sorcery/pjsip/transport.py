"""The object type `transport`."""

from __future__ import annotations

import attrs

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Choice, Integer, Refused, SecretText, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.durations import MILLISECOND, Duration, Lasting
from sorcery.pjsip.kinds.networks import Address, LocalNetworks, Network, parse_address
from sorcery.pjsip.kinds.numbers import AlwaysOne
from sorcery.pjsip.kinds.sockaddr import Bind, BindAddress
from sorcery.pjsip.kinds.texts import OptionalText, ReadablePath
from sorcery.pjsip.kinds.tls import Ciphers
from sorcery.pjsip.kinds.tos import TypeOfService
from sorcery.pjsip.kinds.words import CAPITALISED, SIGNED_LEAST, SIGNED_MOST
from sorcery.secret import Secret

__all__ = ["Transport"]

_DEFAULT_PORTS = {"tls": 5061}
_DEFAULT_PORT = 5060
_TLS_FILES = ("ca_list_file", "ca_list_path", "cert_file", "priv_key_file")


@object_type("transport", section="res_pjsip", family="ps_transports", conf="pjsip.conf", since=("13.8.0",))
class Transport(Object):
    """A socket that SIP is spoken on."""

    protocol: str = option(
        Choice("udp", "tcp", "tls", "ws", "wss", "flow"), default="udp", doc="Transport protocol.", since=("12.2.0",)
    )
    bind: Value[Bind] = option(BindAddress(), default="", doc="Local address and port.", since=("12.2.0",))
    async_operations: int = option(
        AlwaysOne(), default="1", doc="No longer adjustable.", since=("12.0.0",), successor=""
    )
    ca_list_file: str = option(ReadablePath(clears=False), default="", doc="CA certificates.", since=("13.8.0",))
    ca_list_path: str = option(
        ReadablePath(clears=False), default="", doc="Directory of CA certificates.", since=("13.8.0",)
    )
    cert_file: str = option(
        ReadablePath(clears=False),
        default="",
        doc="Certificate; the key is never read from this file.",
        since=("13.8.0",),
    )
    priv_key_file: str = option(ReadablePath(clears=False), default="", doc="Private key file.", since=("13.8.0",))
    password: Value[Secret] = option(
        SecretText(), default="", doc="Pass phrase of the private key.", since=("12.0.0",), secret=True
    )
    external_signaling_address: str = option(
        Text(), default="", doc="Address shown to peers outside local_net.", since=("12.0.0",)
    )
    external_signaling_port: int = option(
        Integer(most=65535),
        default="0",
        doc="Port shown to peers outside local_net; 0 keeps the local one.",
        since=("12.0.0",),
    )
    external_signaling_hostname: Value[str | None] = option(
        OptionalText(),
        default="",
        doc="Host name put in Contact and Via instead of an address.",
        since=("20.21.0", "22.11.0", "23.5.0"),
    )
    external_media_address: str = option(
        Text(), default="", doc="Media address shown to peers outside local_net.", since=("12.0.0",)
    )
    domain: str = option(
        Text(),
        default="",
        doc="Domain used when identifying endpoints of requests on this transport.",
        since=("12.0.0",),
    )
    verify_server: bool = option(
        Boolean(CAPITALISED), default="", doc="Verify the server certificate on outgoing TLS.", since=("12.2.0",)
    )
    verify_client: bool = option(
        Boolean(CAPITALISED), default="", doc="Verify the client certificate on incoming TLS.", since=("12.2.0",)
    )
    require_client_cert: bool = option(
        Boolean(CAPITALISED), default="", doc="Require a client certificate on incoming TLS.", since=("12.2.0",)
    )
    allow_wildcard_certs: bool = option(
        Boolean(CAPITALISED),
        default="",
        doc="Accept wildcard certificates together with verify_server.",
        since=("16.28.0", "18.14.0", "19.6.0"),
    )
    method: str = option(
        Choice(
            "unspecified",
            "tlsv1",
            "tlsv1_1",
            "tlsv1_2",
            "tlsv1_3",
            "sslv2",
            "sslv3",
            "sslv23",
            aliases={"default": "tlsv1", "": "tlsv1"},
        ),
        default="",
        doc="TLS method.",
        since=("12.2.0",),
    )
    tcp_keepalive_enable: bool = option(
        Boolean(), default="no", doc="TCP keepalive on tcp and tls.", since=("18.23.0", "20.8.0", "21.3.0")
    )
    tcp_keepalive_idle_time: Lasting[int] = option(
        Duration(SIGNED_LEAST, SIGNED_MOST),
        default="30",
        doc="Idle seconds before the first probe.",
        since=("18.23.0", "20.8.0", "21.3.0"),
    )
    tcp_keepalive_interval_time: Lasting[int] = option(
        Duration(SIGNED_LEAST, SIGNED_MOST),
        default="1",
        doc="Seconds between probes.",
        since=("18.23.0", "20.8.0", "21.3.0"),
    )
    tcp_keepalive_probe_count: int = option(
        Integer(SIGNED_LEAST, SIGNED_MOST),
        default="5",
        doc="Probes before the connection is dropped.",
        since=("18.23.0", "20.8.0", "21.3.0"),
    )
    cipher: Value[tuple[str, ...]] = option(Ciphers(), default="", doc="Preferred TLS ciphers.", since=("12.2.0",))
    local_net: Value[tuple[Network, ...]] = option(
        LocalNetworks(), default="", doc="Networks considered local.", since=("12.2.0",)
    )
    tos: int = option(TypeOfService(whole=True), default="0", doc="TOS byte of signalling.", since=("12.2.0",))
    cos: int = option(Integer(), default="0", doc="802.1p priority of signalling.", since=("12.0.0",))
    websocket_write_timeout: Lasting[int] = option(
        Duration(1, SIGNED_MOST, unit=MILLISECOND),
        default="100",
        doc="Milliseconds a WebSocket write may take.",
        since=("11.11.0", "12.4.0"),
    )
    allow_reload: bool = option(Boolean(), default="no", doc="Let a reload replace the socket.", since=("13.8.0",))
    symmetric_transport: bool = option(
        Boolean(),
        default="no",
        doc="Remember the transport of a registration in the contact (x-ast-txp URI parameter) and reuse it.",
        since=("13.15.0", "14.4.0"),
    )

    def is_local(self, address: Address | str) -> bool:
        """Tell whether an address, or its text, lies in `local_net`: the last network that holds it decides.

        Without networks none is local. Raises `ValueError` for a text that is no address.
        """
        found = parse_address(str(address))
        if found is None:
            raise ValueError(f"{address!r} is no address")
        return next((not network.inverted for network in reversed(self.local_net) if network.holds(found)), False)

    @rule(sets=("bind",))
    def listening(draft: Draft) -> None:
        """Every transport but a flow listens somewhere, by default on the port of its protocol."""
        bind, protocol = draft["bind"], draft["protocol"]
        if protocol != "flow":
            if not bind:
                raise Refused("is required", "write bind=0.0.0.0 or another address", option="bind")
            port = bind.written_port or _DEFAULT_PORTS.get(protocol, _DEFAULT_PORT)
            draft["bind"] = attrs.evolve(bind, port=port)
            return
        if draft["external_media_address"] and not bind:
            raise Refused(
                "needs bind, which says the address family", "write bind=0.0.0.0", option="external_media_address"
            )
        draft["bind"] = attrs.evolve(bind, port=None)

    @rule(sets=())
    def signaling_name(draft: Draft) -> None:
        """What is written into SIP messages is an address or a host name, not both."""
        if draft["external_signaling_address"] and draft["external_signaling_hostname"]:
            raise Refused("excludes external_signaling_address", "leave one out", option="external_signaling_hostname")

    @rule(sets=())
    def websocket(draft: Draft) -> None:
        """The HTTP server opens the sockets of WebSocket transports: marks and certificates are its own."""
        if draft["protocol"] not in ("ws", "wss"):
            return
        for name in ("tos", "cos"):
            if draft[name]:
                draft.warn("is ignored for WebSocket", "leave it out", name, str(draft[name]))
        for name in _TLS_FILES:
            if draft[name]:
                draft.warn("is ignored for WebSocket", "configure it in http.conf", name, draft[name])
