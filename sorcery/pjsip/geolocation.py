"""The object types of geolocation: `geolocation/location` and `geolocation/profile`."""

from __future__ import annotations

from typing import Any

from sorcery.draft import Draft
from sorcery.kinds import Boolean, Choice, Reference, Refused, Text
from sorcery.objects import Object, object_type, rule
from sorcery.options import Value, option
from sorcery.pjsip.kinds.items import Items, NameValueList
from sorcery.pjsip.kinds.networks import parse_address
from sorcery.pjsip.kinds.shapes import check_location

__all__ = ["GeolocationLocation", "GeolocationProfile"]

_FIRST = ("16.28.0", "18.14.0", "19.6.0")
_LATER = ("20.18.0", "22.8.0", "23.2.0")
_NONE = "<none>"


def _items(doc: str) -> Any:
    return option(NameValueList(), default="", doc=doc, since=_FIRST)


def _text(doc: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(Text(), default="", doc=doc, since=since)


_FORMAT = option(
    Choice(_NONE, "civicAddress", "GML", "URI", exact=True),
    default="",
    doc="How location_info is written.",
    since=_FIRST,
)
_CONFIDENCE = _items("Confidence, items value and pdf.")
_SOURCE = _text("Host name put in the loc-src parameter.")
_METHOD = _text("How the location was determined, for instance GPS, Manual or DHCP.")


def _check(draft: Draft) -> None:
    """Refuse a location that its format does not fit, or whose source is an address (RFC 8787 section 3)."""
    if draft["format"] == _NONE:
        raise Refused("is required", "write civicAddress, GML or URI", option="format")
    check_location(draft["format"], draft["location_info"])
    source = draft["location_source"]
    if parse_address(source.removeprefix("[").removesuffix("]")) is not None:
        raise Refused(f"{source!r} is an address", "write a host name", option="location_source")


@object_type(
    "geolocation/location", section="", conf="geolocation.conf", optional=True, since=("16.29.0", "18.15.0", "19.7.0")
)
class GeolocationLocation(Object):
    """A place, as a civic address, a geodetic shape or a reference to elsewhere."""

    format: str = _FORMAT
    location_info: Value[Items] = _items("The location itself.")
    confidence: Value[Items] = _CONFIDENCE
    location_source: str = _SOURCE
    method: str = _METHOD

    @rule
    def location(draft: Draft) -> None:
        """There is a location, written in its format."""
        if not draft["location_info"]:
            raise Refused("is required", 'write name="value" items', option="location_info")
        _check(draft)


@object_type(
    "geolocation/profile",
    section="res_geolocation",
    conf="geolocation.conf",
    optional=True,
    since=("16.29.0", "18.15.0", "19.7.0"),
)
class GeolocationProfile(Object):
    """How an endpoint's location is sent and received."""

    pidf_element: str = option(
        Choice(_NONE, "device", "tuple", "person", exact=True),
        default="device",
        doc="PIDF-LO element the location goes into.",
        since=_FIRST,
    )
    pidf_element_id: str = _text("id attribute of that element.", _LATER)
    location_reference: str = option(
        Reference(),
        default="",
        doc="Location object the profile uses.",
        since=_FIRST,
        refers_to="geolocation/location",
    )
    profile_precedence: str = option(
        Choice("prefer_incoming", "prefer_config", "discard_incoming", "discard_config", exact=True),
        default="discard_incoming",
        doc="Which of the incoming and configured locations wins.",
        since=_FIRST,
    )
    usage_rules: Value[Items] = _items("PIDF-LO usage rules.")
    location_info_refinement: Value[Items] = _items("Items added to the referenced location.")
    location_variables: Value[Items] = _items("Variables usable inside the location items.")
    notes: str = _text("note-well text.")
    allow_routing_use: bool = option(
        Boolean(), default="no", doc="Value of the Geolocation-Routing header.", since=_FIRST
    )
    suppress_empty_ca_elements: bool = option(
        Boolean(),
        default="no",
        doc="Leave out empty civic address elements.",
        since=("16.29.0", "18.15.0", "19.7.0"),
    )
    format: str = _FORMAT
    location_info: Value[Items] = _items("A location given in the profile itself.")
    confidence: Value[Items] = _CONFIDENCE
    location_source: str = _SOURCE
    method: str = _METHOD
    device_id: str = _text("deviceID content.", _LATER)

    @rule
    def location(draft: Draft) -> None:
        """A location is referred to or given, not both; only one that is referred to can be refined."""
        given = bool(draft["location_info"])
        if draft["location_reference"]:
            if given or draft["format"] != _NONE:
                raise Refused("excludes format and location_info", "leave them or it out", option="location_reference")
        elif given:
            _check(draft)
        elif draft["location_info_refinement"]:
            raise Refused("refines no location", "write location_reference", option="location_info_refinement")
