"""The object type `registration`."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Choice, Integer, Reference, Refused, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.durations import Duration, Lasting
from sorcery.pjsip.kinds.namelists import ListedReferences
from sorcery.pjsip.kinds.security import SecurityMechanism, SecurityMechanisms
from sorcery.pjsip.kinds.uris import (
    HEADER_PARAMETERS,
    USER_PART,
    UncheckedUri,
    check_transport,
    check_uri,
    parse_route,
    parse_uri,
)
from sorcery.pjsip.kinds.words import YES_NO

__all__ = ["Registration"]

_CONTACT = (
    ("contact_user", USER_PART, "a user part"),
    ("contact_header_params", HEADER_PARAMETERS, "parameters as in ob;x=y"),
)


@object_type(
    "registration",
    section="res_pjsip_outbound_registration",
    family="ps_registrations",
    conf="pjsip.conf",
    since=("12.0.0",),
)
class Registration(Object):
    """A registration of this system at another one."""

    server_uri: str = option(UncheckedUri(), doc="Registrar URI, used as request URI.", since=("12.0.0",))
    client_uri: str = option(UncheckedUri(), doc="Address of record, used in From and To.", since=("12.0.0",))
    contact_user: str = option(Text(), default="", doc="User part of the Contact.", since=("12.0.0",))
    contact_header_params: str = option(
        Text(), default="", doc="Parameters appended to the Contact header.", since=("17.0.0",)
    )
    transport: str = option(
        Reference(), default="", doc="Transport to register through.", since=("12.0.0",), refers_to="transport"
    )
    outbound_proxy: str = option(
        UncheckedUri("sip:proxy.example.com;lr"), default="", doc="Proxy for the REGISTER.", since=("12.0.0",)
    )
    expiration: Lasting[int] = option(Duration(), default="3600", doc="Requested expiry in seconds.", since=("12.0.0",))
    max_random_initial_delay: Lasting[int] = option(
        Duration(),
        default="10",
        doc="Upper bound of the random start delay in seconds.",
        since=("16.27.0", "18.13.0", "19.5.0"),
    )
    retry_interval: Lasting[int] = option(
        Duration(), default="60", doc="Seconds between retries after a temporary failure.", since=("12.0.0",)
    )
    forbidden_retry_interval: Lasting[int] = option(
        Duration(), default="0", doc="Seconds to retry after a 403.", since=("11.7.0",)
    )
    fatal_retry_interval: Lasting[int] = option(
        Duration(), default="0", doc="Seconds to retry after a fatal failure.", since=("13.7.0",)
    )
    max_retries: int = option(Integer(), default="10", doc="Retries before giving up.", since=("12.0.0",))
    auth_rejection_permanent: bool = option(
        Boolean(), default="yes", doc="Treat a rejected challenge answer as permanent.", since=("12.0.0",)
    )
    outbound_auth: Value[tuple[str, ...]] = option(
        ListedReferences(), default="", doc="Auth objects for challenges.", since=("12.2.0",), refers_to="auth"
    )
    support_path: bool = option(Boolean(), default="no", doc="Advertise path.", since=("12.1.0",))
    support_outbound: bool = option(Boolean(YES_NO), default="no", doc="Advertise outbound.", since=("17.0.0",))
    security_negotiation: str = option(
        Choice("no", "mediasec"), default="no", doc="Security agreement procedure.", since=("21.0.0",)
    )
    security_mechanisms: Value[tuple[SecurityMechanism, ...]] = option(
        SecurityMechanisms(), default="", doc="RFC 3329 mechanisms.", since=("21.0.0",)
    )
    line: bool = option(
        Boolean(),
        default="no",
        doc="Tags the registered Contact with a random token by which requests to it find the endpoint.",
        since=("13.4.0",),
    )
    endpoint: str = option(
        Reference(),
        default="",
        doc="Endpoint for calls matched by line.",
        since=("13.4.0",),
        refers_to="endpoint",
        belongs=True,
    )
    user_agent: str = option(Text(), default="", doc="User-Agent of the REGISTER.", since=("21.2.0",))

    @rule(sets=())
    def uris(draft: Draft) -> None:
        """The URIs can be parsed, and the registrar is reached over a transport that exists."""
        for name in ("server_uri", "client_uri"):
            if draft[name]:
                check_uri(draft[name], option=name)
                parameters = parse_uri(draft[name], option=name)
                if name == "server_uri":
                    check_transport(parameters, option=name)
        if draft["outbound_proxy"]:
            parse_route(draft["outbound_proxy"], option="outbound_proxy")

    @rule(sets=())
    def contact(draft: Draft) -> None:
        """What is given of the Contact can stand in one."""
        for name, pattern, meaning in _CONTACT:
            if draft[name] and pattern.fullmatch(draft[name]) is None:
                raise Refused("has a character that cannot stand there", f"write {meaning}", option=name)

    @rule(sets=())
    def expiring(draft: Draft) -> None:
        """A registration that expires at once is none."""
        if not draft["expiration"]:
            raise Refused("must not be 0", "write the seconds to ask for", option="expiration")

    @rule(sets=())
    def line_and_endpoint(draft: Draft) -> None:
        """The line token leads to an endpoint, and an endpoint is found by nothing else here."""
        if draft["line"] and not draft["endpoint"]:
            raise Refused("needs endpoint", "write endpoint=, or leave line out", option="line")
        if draft["endpoint"] and not draft["line"]:
            raise Refused("needs line", "write line=yes, or leave endpoint out", option="endpoint")
