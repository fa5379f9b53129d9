"""The conversion itself: sections of `sip.conf`, or rows of `sippeers`, into PJSIP objects and notes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import attrs

from sorcery.chan_sip import calls, media
from sorcery.chan_sip.catalogue import AUTHENTICATION, GENERAL, PEER
from sorcery.chan_sip.credentials import authenticate, authentication
from sorcery.chan_sip.identity import identify, locate
from sorcery.chan_sip.notes import Ledger, Note, Verdict
from sorcery.chan_sip.parts import Part
from sorcery.chan_sip.peer import GUEST, Peer, Shared, apply_direct
from sorcery.chan_sip.registrations import call_back, register
from sorcery.chan_sip.settings import Settings
from sorcery.chan_sip.source import Section, of_conf, of_rows
from sorcery.chan_sip.transports import enabled, transports
from sorcery.chan_sip.whole import admits_guests, whole
from sorcery.chan_sip.writable import unnameable
from sorcery.conf import ConfFile
from sorcery.objects import Object
from sorcery.place import Place
from sorcery.release import Release

__all__ = ["Conversion", "convert", "convert_rows"]

_ROLES = ("friend", "peer", "user")
_UNDIALLED = frozenset("/@&,()")
_ANONYMOUS = "anonymous"
_FIRST = ("global", "system", "acl", "transport")


@attrs.frozen(slots=True)
class Conversion:
    """What a configuration of chan_sip comes to in PJSIP."""

    parts: tuple[Part, ...]
    """The objects as options with their origin, in the order in which a file holds them."""
    notes: tuple[Note, ...]
    """One for each line of the source, in its order, then one for each default that differs."""

    @property
    def is_faithful(self) -> bool:
        """Whether no line was lost or changed its meaning."""
        return not any(note.verdict in (Verdict.CHANGED, Verdict.LOST) for note in self.notes)

    def counts(self) -> dict[str, int]:
        """Return how many notes there are of each verdict."""
        counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
        for note in self.notes:
            counts[note.verdict.value] += 1
        return counts

    def only(self, types: Collection[str]) -> Conversion:
        """Return the conversion with the objects of some types alone; its notes are those of all."""
        return attrs.evolve(self, parts=tuple(part for part in self.parts if part.type_name in types))

    def objects(self) -> list[Object]:
        """Return the objects; host names to identify callers by are looked up, which blocks.

        Raises `InvalidObject` for one that is none here, such as an identify whose host name is unknown.
        """
        return [part.build() for part in self.parts]


def convert(conf: ConfFile, *, release: Release | None = None) -> Conversion:
    """Convert a `sip.conf` that was read with `sorcery.conf.read_conf`.

    What its reader passed over is among the notes as lost, and so is what a `release` of Asterisk does not know.
    """
    return _with_messages(_convert(of_conf(conf), conf.path, release, shared_settings=True), conf)


def convert_rows(
    rows: Iterable[Mapping[str, object]],
    *,
    table: str = "sippeers",
    splits: bool = True,
    users: Iterable[Mapping[str, object]] = (),
    users_table: str = "sipusers",
    conf: ConfFile | None = None,
    release: Release | None = None,
) -> Conversion:
    """Convert the rows of a `sippeers` table, as mappings of columns to values, `None` for NULL.

    `users` are those of a table `sipusers`, as old systems have one beside it: there a row without a type is a user,
    and one that has the name of a peer makes a friend of it.

    `splits` says how Asterisk read them: the drivers odbc, pgsql and mysql take a column apart at `;` and decode
    `^XX`, sqlite3 does not. `conf` is the `sip.conf` beside them, whose `[general]` holds their defaults; its peers
    are converted too. Without it no object is made that only `[general]` speaks of.
    """
    sections = of_conf(conf) if conf is not None else ()
    peers = of_rows(table, rows, _count(sections), splits=splits)
    callers = of_rows(users_table, users, _count((*sections, *peers)), splits=splits, role="user")
    source = conf.path if conf is not None else table if peers else users_table
    made = _convert((*sections, *peers, *callers), source, release, shared_settings=conf is not None)
    return made if conf is None else _with_messages(made, conf)


def _count(sections: Iterable[Section]) -> int:
    return sum(len(section.lines) for section in sections)


def _with_messages(conversion: Conversion, conf: ConfFile) -> Conversion:
    notes = (
        Note(place=each.place, section="", option="", value="", verdict=Verdict.LOST, why=f"not read: {each.text}")
        for each in conf.messages
    )
    return attrs.evolve(conversion, notes=(*notes, *conversion.notes))


def _convert(
    sections: tuple[Section, ...], source: str, release: Release | None, *, shared_settings: bool
) -> Conversion:
    ledger = Ledger(source)
    general = [section for section in sections if _is(section, "general")]
    lines = [line for section in general for line in section.lines]
    settings = Settings(lines, GENERAL, ledger)
    place = general[0].place if general else Place(source)
    shared = Shared(general=settings, ledger=ledger, place=place, release=release)
    if shared_settings:
        shared.enabled = enabled(shared)
        whole(shared)
    for section in sections:
        if _is(section, "authentication"):
            _authentication(shared, section)
    peers = _peers([each for each in sections if not _is(each, "general", "authentication")], shared)
    shared.peers = {peer.name: peer for peer in peers}
    for peer in peers:
        _fill(peer)
    if shared_settings:
        if admits_guests(shared):
            _guest(shared)
        elif (refusing := settings.last("allowguest")) is not None:
            ledger.pass_over(refusing, "as by default: there is no endpoint `anonymous`")
    for each in settings.all("register"):
        register(shared, each)
    if shared_settings:
        transports(shared)
    _remaining(shared)
    parts = [part for part in shared.parts if part.pairs and part.settle(ledger)]
    return Conversion(_laid_out(parts), tuple(ledger.notes(line for each in sections for line in each.lines)))


def _is(section: Section, *names: str) -> bool:
    """Tell whether a section has one of these names and their meaning, which templates and rows have not."""
    return section.name.lower() in names and not section.is_template and section.place.row is None


def _authentication(shared: Shared, section: Section) -> None:
    settings = Settings(section.lines, AUTHENTICATION, shared.ledger)
    authentication(shared, settings.all("auth"))


def _peers(sections: Iterable[Section], shared: Shared) -> list[Peer]:
    """Return the peers; sections of one name are one peer, as in chan_sip, and their lines follow each other."""
    merged: dict[str, Section] = {}
    for section in sections:
        if not _is_peer(section, shared.ledger):
            continue
        first = merged.get(section.name)
        if first is not None:
            _merging(first, section, shared.ledger)
            role = section.role or first.role
            section = attrs.evolve(first, lines=first.lines + section.lines, role=role)
        merged[section.name] = section
    return [_peer(section, shared) for section in merged.values()]


def _is_peer(section: Section, ledger: Ledger) -> bool:
    """Tell a peer from a section that chan_sip passes over, whose lines are lost."""
    kind = section.last("type")
    why = ""
    if section.is_template:
        why = "no section uses this template"
    elif kind is None and not section.role:
        why = "the section has no type, so chan_sip passes over it"
    elif kind is not None and kind.value.strip().lower() not in _ROLES:
        why = f"{kind.value!r} is no type, so chan_sip passes over the section"
    elif not section.name:
        why = "the row has no name"
    elif reason := unnameable(section.name):
        why = f"no object can have this name: {reason}"
    for line in section.lines if why else ():
        ledger.lose(line, why)
    return not why


def _merging(first: Section, second: Section, ledger: Ledger) -> None:
    ledger.tell(second.head, why=f"{first.place} holds a section of this name: both become one endpoint")


def _peer(section: Section, shared: Shared) -> Peer:
    types = {line.value.strip().lower() for line in section.lines if line.name == "type"}
    roles = {*types, section.role} & set(_ROLES)
    role = "friend" if len(roles) > 1 else roles.pop()
    endpoint = shared.own_part("endpoint", section.name, section.name, section.place)
    settings = Settings(section.lines, PEER, shared.ledger, shared.general)
    if odd := sorted(_UNDIALLED & set(section.name)):
        shared.ledger.tell(section.head, why=f"Dial(PJSIP/…) cannot name it: the name holds {' '.join(odd)}")
    if section.name == _ANONYMOUS:
        shared.ledger.tell(section.head, why="PJSIP takes an endpoint of this name for all callers that nobody knows")
    return Peer(section=section, settings=settings, shared=shared, role=role, endpoint=endpoint)


def _fill(peer: Peer) -> None:
    """Apply every rule to a peer."""
    locate(peer)
    authenticate(peer)
    identify(peer)
    _media_and_calls(peer)
    calls.mailboxes(peer)
    calls.limits(peer)
    calls.lamps(peer)
    calls.transports(peer)
    for option, line in peer.settings.lines():
        if option.is_state:
            peer.ledger.pass_over(line, "a state of the row, no setting: the phone registers anew")
    if (user := peer.settings.last("defaultuser")) is not None and not peer.ledger.has(user):
        peer.ledger.pass_over(user, "calls go to the user of the registered contact")
    if (called_back := peer.settings.last("callbackextension")) is not None:
        call_back(peer, called_back)


def _media_and_calls(peer: Peer) -> None:
    for option, line in peer.settings.direct():
        type_name = option.target.partition("/")[0]
        if type_name in ("endpoint", "aor"):
            apply_direct(option, line, peer.endpoint if type_name == "endpoint" else peer.aor, peer.ledger)
    if "record_on_feature" in {pair.option for pair in peer.endpoint.pairs}:
        peer.endpoint.add("one_touch_recording", "yes")
    for rule in (media.codecs, media.nat, media.direct_media, media.encryption, media.fax, media.music):
        rule(peer)
    for rule in (calls.caller, calls.presented, calls.media_address, calls.proxy):
        rule(peer)


def _guest(shared: Shared) -> None:
    """Make the endpoint of callers that nobody knows, with the defaults of `[general]`."""
    section = Section(_ANONYMOUS, shared.place, ())
    if _ANONYMOUS in shared.peers:
        return
    endpoint = shared.own_part("endpoint", _ANONYMOUS, "general")
    settings = Settings((), PEER, shared.ledger, shared.general)
    _media_and_calls(Peer(section=section, settings=settings, shared=shared, role=GUEST, endpoint=endpoint))
    allowed, told = shared.general.last("allowguest"), "the endpoint anonymous"
    if allowed is None:
        why = "chan_sip lets strangers in, PJSIP only with this endpoint; remove it to keep them out"
        shared.ledger.default("allowguest", "yes", told, why)
    else:
        shared.ledger.tell(allowed, told)


def _remaining(shared: Shared) -> None:
    """Tell of lines that no rule had a use for."""
    ledger = shared.ledger
    for _, line in shared.general.lines():
        if not ledger.has(line):
            ledger.pass_over(line, "nothing here takes it over")
    for peer in shared.peers.values():
        for _, line in peer.settings.lines():
            if not ledger.has(line):
                ledger.lose(line, "it has no counterpart beside the other lines of the section")


def _laid_out(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Put what concerns the whole system first; what belongs to one section stays together."""
    first: dict[tuple[str, Place], int] = {}
    for number, part in enumerate(parts := list(parts)):
        first.setdefault((part.section, part.place), number)

    def rank(part: Part) -> tuple[int, int]:
        whole = _FIRST.index(part.type_name) if part.type_name in _FIRST else len(_FIRST)
        return whole, first[part.section, part.place]

    return tuple(sorted(parts, key=rank))
