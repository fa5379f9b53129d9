"""The object type `outbound-publish`."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Integer, Reference, References, Refused, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.durations import Duration, Lasting
from sorcery.pjsip.kinds.uris import UncheckedUri, check_uri, parse_route, parse_uri

__all__ = ["OutboundPublish"]

_URIS = ("server_uri", "from_uri", "to_uri")


@object_type(
    "outbound-publish",
    section="res_pjsip_outbound_publish",
    family="ps_outbound_publishes",
    conf="pjsip.conf",
    since=("13.0.0",),
)
class OutboundPublish(Object):
    """Events that this system publishes at another one.

    Publishers read extended fields of it: `@body`, `@context`, `@exten`, `@device_state_filter`,
    `@mailbox_state_filter`.
    """

    server_uri: str = option(UncheckedUri(), doc="Request URI of the PUBLISH.", since=("13.0.0",))
    from_uri: str = option(UncheckedUri(), default="", doc="From URI; empty uses server_uri.", since=("13.0.0",))
    event: str = option(Text(), doc="Event package published.", since=("13.0.0",))
    to_uri: str = option(UncheckedUri(), default="", doc="To URI; empty uses server_uri.", since=("13.0.0",))
    outbound_proxy: str = option(Text(), default="", doc="Proxy for the PUBLISH.", since=("13.0.0",))
    expiration: Lasting[int] = option(Duration(), default="3600", doc="Expiry in seconds.", since=("13.0.0",))
    max_auth_attempts: int = option(
        Integer(), default="5", doc="Authentication attempts before stopping.", since=("13.0.0",)
    )
    transport: str = option(Reference(), default="", doc="Transport to use.", since=("13.9.0",), refers_to="transport")
    outbound_auth: Value[tuple[str, ...]] = option(
        References(),
        default="",
        doc="Auth objects for challenges.",
        since=("13.0.0",),
        refers_to="auth",
        is_printed=False,
    )
    multi_user: bool = option(Boolean(), default="no", doc="One publisher per user.", since=("14.0.0",))

    @rule(sets=())
    def uris(draft: Draft) -> None:
        """The URIs are SIP URIs."""
        for name in _URIS:
            if draft[name]:
                check_uri(draft[name], option=name)

    @rule(sets=())
    def publisher(draft: Draft) -> None:
        """What the one publisher is made of must be usable; with `multi_user` there is none before a user comes."""
        if draft["multi_user"]:
            return
        if not draft["expiration"]:
            raise Refused("must not be 0", "write the seconds to ask for", option="expiration")
        for name in _URIS:
            if draft[name]:
                parse_uri(draft[name], option=name)
        if draft["outbound_proxy"]:
            parse_route(draft["outbound_proxy"], option="outbound_proxy")
