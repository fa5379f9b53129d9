"""The object type `identify`."""

from __future__ import annotations

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Reference, Refused
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.matches import HeaderMatch, HeaderMatchText, SourceMatch, SourceMatches, UriMatch, UriMatchText

__all__ = ["Identify"]


@object_type(
    "identify",
    section="res_pjsip_endpoint_identifier_ip",
    family="ps_endpoint_id_ips",
    conf="pjsip.conf",
    since=("13.14.0", "14.3.0"),
)
class Identify(Object):
    """Says which endpoint a request belongs to, by its source address, a header or its Request-URI."""

    endpoint: str = option(
        Reference(), doc="Endpoint matching requests belong to.", since=("12.0.0",), refers_to="endpoint"
    )
    match: Value[SourceMatch] = option(SourceMatches(), default="", doc="Source addresses to match.", since=("12.2.0",))
    match_header: Value[HeaderMatch] = option(
        HeaderMatchText(), default="", doc="Header and value to match, Name: value.", since=("13.15.0", "14.4.0")
    )
    match_request_uri: Value[UriMatch] = option(
        UriMatchText(), default="", doc="Request URI to match.", since=("18.23.0", "20.8.0", "21.3.0")
    )
    srv_lookups: bool = option(
        Boolean(), default="yes", doc="Resolve host names in match by SRV first.", since=("13.14.0", "14.3.0")
    )

    @property
    def is_dynamic(self) -> bool:
        """Whether host names were looked up."""
        return bool(self.match.hosts)

    @rule(sets=("match",))
    def criteria(draft: Draft) -> None:
        """At least one criterion, and each one usable; host names are looked up here."""
        if not (draft["match"] or draft["match_header"] or draft["match_request_uri"]):
            raise Refused("has no criterion", "write match, match_header or match_request_uri")
        draft["match_header"].check()
        draft["match_request_uri"].check()
        draft["match"] = draft["match"].resolved()
