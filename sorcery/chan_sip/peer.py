"""A peer in the making, and what all peers share."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from sorcery.chan_sip.notes import Ledger
from sorcery.chan_sip.options import SipOption
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.settings import Settings
from sorcery.chan_sip.source import Line, Section
from sorcery.chan_sip.words import listed
from sorcery.place import Place
from sorcery.release import Release

__all__ = ["GUEST", "PROTOCOLS", "SOCKETS", "Peer", "Shared", "apply_direct"]

GUEST = "guest"
"""The role of callers that nobody knows."""
SOCKETS = ("udp", "tcp", "tls")
"""The transports that this system itself connects with."""
PROTOCOLS = (*SOCKETS, "ws", "wss")
"""What chan_sip and PJSIP both call their transports."""


@attrs.define(slots=True, kw_only=True)
class Shared:
    """What `[general]` and `[authentication]` mean for every peer."""

    general: Settings
    ledger: Ledger
    place: Place
    """Where `[general]` begins."""
    release: Release | None = None
    """The release of Asterisk that the objects are for."""
    parts: list[Part] = attrs.field(factory=list)
    """The objects made so far, in order."""
    credentials: list[tuple[str, Line]] = attrs.field(factory=list)
    """The ids of the auth objects of `[authentication]`, and their lines."""
    peers: Mapping[str, Peer] = attrs.field(factory=dict)
    enabled: frozenset[str] = frozenset(PROTOCOLS)
    """The transports that `[general]` switches on."""
    protocols: dict[str, Line | None] = attrs.field(factory=dict)
    """The transports that peers use, and who did first."""
    needed: dict[str, Line] = attrs.field(factory=dict)
    """Those that this system itself connects with, whatever it listens on."""
    _taken: set[tuple[str, str]] = attrs.field(factory=set, init=False)

    def part(self, type_name: str, id: str, section: str = "general", place: Place | None = None) -> Part:
        """Begin an object; beside peers that have the id by their name, or if it is taken, it gets a number."""
        free, number = id, 1
        while free in self.peers or (type_name, free) in self._taken:
            number += 1
            free = f"{id}-{number}"
        return self.own_part(type_name, free, section, place)

    def own_part(self, type_name: str, id: str, section: str, place: Place | None = None) -> Part:
        """Begin an object that has to have this id."""
        self._taken.add((type_name, id))
        made = Part(type_name, id, place or self.place, section, release=self.release)
        self.parts.append(made)
        return made

    def seconds(self, name: str, otherwise: str) -> str:
        """Return a number of `[general]`, or chan_sip's own default."""
        text = self.general.value(name, otherwise).strip()
        return text if text.isascii() and text.isdigit() else otherwise


@attrs.define(slots=True, kw_only=True)
class Peer:
    """One endpoint with what belongs to it."""

    section: Section
    settings: Settings
    shared: Shared
    role: str
    """`friend`, `peer`, `user` or `guest`."""
    endpoint: Part
    aor: Part | None = None
    contact: str = ""
    """The URI of a peer that does not register."""
    outbound_auths: list[str] = attrs.field(factory=list)

    @property
    def name(self) -> str:
        """The section's name, which is the id of its objects."""
        return self.section.name

    @property
    def ledger(self) -> Ledger:
        """Where notes are written."""
        return self.shared.ledger

    @property
    def registers(self) -> bool:
        """Whether the device registers here."""
        return self.role in ("friend", "peer") and self.settings.value("host").strip().lower() == "dynamic"

    @property
    def is_called(self) -> bool:
        """Whether calls go to it."""
        return self.role in ("friend", "peer")

    @property
    def protocols(self) -> list[str]:
        """The transports that it may use, the one for calls to it first; where it names none that is on, all peers'."""
        for settings in (self.settings, self.shared.general):
            words = [word.lower() for word in listed(settings.value("transport"))]
            if found := [word for word in words if word in self.shared.enabled]:
                return found
        return ["udp"]

    def part(self, type_name: str, id: str = "") -> Part:
        """Begin an object that belongs to the peer, by default of its name."""
        make = self.shared.part if id else self.shared.own_part
        return make(type_name, id or self.name, self.name, self.section.place)

    def put(self, option: str, text: str, *lines: Line | None, why: str = "") -> None:
        """Give the endpoint an option, and tell it of the lines that decided."""
        known = [line for line in lines if line is not None]
        became = self.endpoint.add(option, text, known[0] if known else None)
        for line in known:
            self.ledger.tell(line, became, why=why)

    def put_default(self, option: str, text: str, says: str, why: str) -> None:
        """Give the endpoint what chan_sip does without a line: `says` is that, as `option=value`."""
        name, _, value = says.partition("=")
        self.ledger.default(name, value, self.endpoint.add(option, text), why)


def apply_direct(option: SipOption, line: Line, part: Part | None, ledger: Ledger) -> None:
    """Turn one line into one option of an object."""
    if not line.value:
        ledger.pass_over(line, "it is empty")
        return
    read = option.reading(line.value)
    if read is None:
        hint = f"; chan_sip knows {option.accepts}" if option.accepts else ""
        ledger.lose(line, f"this value means nothing{hint}")
    elif part is None:
        ledger.pass_over(line, "nobody calls a user, so there is no AOR")
    else:
        text, change = read
        ledger.tell(line, part.add(option.target.partition("/")[2], text, line), why=change)
