"""How a session is to behave: what the endpoint it belongs to says."""

from __future__ import annotations

from typing import Literal

import attrs

from sorcery_sip.address import Address
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri

__all__ = ["ALLOW", "OutgoingInvite", "Profile"]

ALLOW = "OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, REFER, MESSAGE"


@attrs.frozen(slots=True, kw_only=True)
class Profile:
    """The rules of one session; options bear the names of the endpoint's."""

    rel100: Literal["no", "yes", "required", "peer_supported"] = "yes"
    timers: Literal["no", "yes", "required", "always"] = "yes"
    min_se: int = 90
    """The shortest session interval we bear, in seconds."""
    session_expires: int = 1800
    """The interval we ask for, in seconds."""
    redirect_method: Literal["user", "uri_core", "uri_pjsip"] = "user"
    """With "uri_pjsip" the session follows a 3xx itself."""
    follow_early_media_fork: bool = True
    accept_multiple_sdp_answers: bool = False
    allow: str = ALLOW
    """The value of our Allow headers."""
    supported: tuple[str, ...] = ("replaces", "norefersub")
    """Extensions for Supported, besides 100rel and timer."""
    max_forwards: int = 70
    provisional_timeout: float = 180.0
    """After so many seconds without any response an INVITE that was answered with 1xx is given up."""

    supported_value: str = attrs.field(init=False)
    """The value of our Supported headers."""
    abilities: tuple[tuple[str, str], ...] = attrs.field(init=False)
    """What our INVITEs, UPDATEs and the responses to them tell of us."""
    extensions: frozenset[str] = attrs.field(init=False)
    """The same names, in lower case."""
    requirements: tuple[tuple[str, str], ...] = attrs.field(init=False)
    """The Require header of our first INVITE, if there is one."""
    allowed: frozenset[str] = attrs.field(init=False)
    """The methods in `allow`."""

    @supported_value.default
    def _supported_value(self) -> str:
        options = (("100rel", self.rel100), ("timer", self.timers))
        return ", ".join([*(name for name, option in options if option != "no"), *self.supported])

    @abilities.default
    def _abilities(self) -> tuple[tuple[str, str], ...]:
        return (("Allow", self.allow), ("Supported", self.supported_value))

    @extensions.default
    def _extensions(self) -> frozenset[str]:
        return frozenset(name.strip().lower() for name in self.supported_value.split(","))

    @requirements.default
    def _requirements(self) -> tuple[tuple[str, str], ...]:
        options = (("100rel", self.rel100), ("timer", self.timers))
        names = ", ".join([name for name, option in options if option == "required"])
        return (("Require", names),) if names else ()

    @allowed.default
    def _allowed(self) -> frozenset[str]:
        return frozenset(method.strip() for method in self.allow.split(","))


@attrs.frozen(slots=True, kw_only=True)
class OutgoingInvite:
    """What a call of ours is to be: whom, from whom, by which way, with what."""

    uri: SipUri
    from_: NameAddr
    """A tag is added where it has none."""
    to: NameAddr
    contact: NameAddr
    destinations: tuple[Address, ...]
    """Tried in this order, the next one where one cannot be reached."""
    routes: tuple[NameAddr, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    sdp: bytes | None = None
    """Our offer; None asks the peer for one."""
    call_id: str | None = None
    """None lets the session make one."""
