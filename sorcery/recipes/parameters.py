"""The parameters that several recipes have: what each is, told once."""

from __future__ import annotations

from typing import Annotated, Literal

from sorcery.secret import Secret

__all__ = [
    "Algorithms",
    "Codecs",
    "Context",
    "Group",
    "Id",
    "Mailbox",
    "MaxContacts",
    "Nat",
    "Number",
    "OwnSecret",
    "PersonName",
    "Protocol",
    "Qualify",
    "TransportName",
    "TrunkContext",
    "Trusted",
]

Id = Annotated[str, "What it is called: the endpoint's id, and what a device registers as."]
OwnSecret = Annotated[Secret | None, "Password that the device logs in with; a strong one is made unless given."]
Context = Annotated[str, "Dialplan context of its calls."]
TrunkContext = Annotated[str, "Dialplan context of calls that come in; not one that may dial out."]
PersonName = Annotated[str, "Name that the called are shown."]
Number = Annotated[str, "Number that the called are shown; the id if that is a number."]
Codecs = Annotated[tuple[str, ...], "Codecs, best first."]
MaxContacts = Annotated[int, "Devices that may be registered at once; one more drops the oldest."]
Mailbox = Annotated[
    str, "Voice mailbox whose messages light the lamp, or several; in context `default` unless it says @context."
]
Group = Annotated[str, "Named group whose members pick up each other's calls."]
Nat = Annotated[bool, "Whether it may be behind NAT."]
Qualify = Annotated[int, "Seconds between OPTIONS requests, which tell whether it is there; 0 for none."]
Algorithms = Annotated[
    tuple[str, ...], "Digest algorithms to challenge with, best first; MD5 unless given. Others need Asterisk 20.12."
]
TransportName = Annotated[str, "Transport that its requests go out by."]
Protocol = Annotated[Literal["udp", "tcp", "tls"], "What SIP is spoken over; media is encrypted with tls."]
Trusted = Annotated[bool, "Whether to believe the numbers it tells, and to tell it those of callers."]
