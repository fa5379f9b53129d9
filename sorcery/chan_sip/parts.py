"""Objects in the making: the options that were gathered for them, each with the line that it came from."""

from __future__ import annotations

import functools

import attrs

from sorcery.chan_sip.notes import Ledger
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.writable import unwritable
from sorcery.draft import Draft
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.pjsip import Acl, Aor, Auth, Endpoint, Global, Identify, Registration, System, Transport
from sorcery.place import Place
from sorcery.release import Release

__all__ = ["TYPE_NAMES", "Pair", "Part"]

_TYPES: dict[str, ObjectType] = {
    each.__sorcery__.name: each.__sorcery__
    for each in (Acl, Aor, Auth, Endpoint, Global, Identify, Registration, System, Transport)
}
TYPE_NAMES = tuple(_TYPES)
"""The types of objects that a conversion may come to."""
_LOOKED_UP = frozenset({"identify"})
"""Types whose rules look host names up: that is for the system that the objects are for."""


@functools.cache
def _known(name: str, release: Release | None) -> ObjectType:
    return _TYPES[name] if release is None else _TYPES[name].at(release)


@attrs.frozen(slots=True)
class Pair:
    """One option of an object, and the line that asked for it."""

    option: str
    text: str = attrs.field(repr=False)
    line: Line | None = None


@attrs.define(slots=True)
class Part:
    """One PJSIP object."""

    type_name: str
    id: str
    place: Place
    """Where what it was made of begins."""
    section: str
    pairs: list[Pair] = attrs.field(factory=list)
    release: Release | None = None
    """The release of Asterisk that it is for."""

    @property
    def object_type(self) -> ObjectType:
        """What the release knows of its type."""
        return _known(self.type_name, self.release)

    def add(self, option: str, text: str, line: Line | None = None) -> str:
        """Add an option and return what a note says of it."""
        self.pairs.append(Pair(option, text, line))
        return self.told(option, text)

    def told(self, option: str, text: str) -> str:
        """Return an option as notes show it: secrets by their name alone."""
        known = self.object_type.option(option)
        return f"{self.type_name}/{option}" if known and known.secret else f"{self.type_name}/{option}={text}"

    def text(self, option: str) -> str | None:
        """Return the last text of an option, or None."""
        return next((each.text for each in reversed(self.pairs) if each.option == option), None)

    def settle(self, ledger: Ledger) -> bool:
        """Put the options into the order of the type, take out what PJSIP would refuse, and tell of it.

        False if nothing is left that could be an object.
        """
        order = {name: number for number, name in enumerate(self._attributes())}
        own = self.object_type
        self.pairs.sort(key=lambda pair: order[found.attribute] if (found := own.option(pair.option)) else -1)
        self._drop_unwritable(ledger)
        while (error := self._refusal(draft := self._draft(ledger))) is not None:
            refused = [pair for pair in self.pairs if pair.option == error.option]
            self._drop(refused or self.pairs, error.reason, ledger)
            if not refused:
                return False
        for finding in draft.findings:
            if finding.rule == "repaired-value":
                self._repair(draft, finding, ledger)
        return True

    def _drop_unwritable(self, ledger: Ledger) -> None:
        """Take out what no line of a file can hold; a row of a table may hold anything."""
        for pair in list(self.pairs):
            if why := unwritable(pair.option, pair.text):
                self._drop([pair], why, ledger)

    def _attributes(self) -> list[str]:
        return list(dict.fromkeys(option.attribute for option in self.object_type.options.values()))

    def _draft(self, ledger: Ledger) -> Draft:
        """Return what the options come to, without those that are refused one by one: of several the others stay."""
        draft = self.object_type.draft(self.id)
        for pair in list(self.pairs):
            try:
                draft.apply(pair.option, pair.text)
            except InvalidObject as error:
                self._drop([pair], error.reason, ledger)
        return draft

    def _refusal(self, draft: Draft) -> InvalidObject | None:
        """Return why the options together are no object."""
        try:
            if self.type_name not in _LOOKED_UP:
                draft.check()
        except InvalidObject as error:
            return error
        return None

    def _drop(self, refused: list[Pair], why: str, ledger: Ledger) -> None:
        """Take out what PJSIP refuses, and tell of it."""
        for pair in list(refused):
            self.pairs.remove(pair)
            if pair.line is not None:
                ledger.refuse(pair.line, self.told(pair.option, pair.text), why)

    def _repair(self, draft: Draft, finding: Finding, ledger: Ledger) -> None:
        """Write what PJSIP would make of an option, and tell of it."""
        option = self.object_type.option(finding.option)
        repaired = [pair for pair in self.pairs if pair.option == finding.option]
        if option is None or len(repaired) != 1:
            return
        (pair,) = repaired
        text = next((text for _, text in option.kind.lines(option.name, draft[option.attribute])), "")
        self.pairs[self.pairs.index(pair)] = attrs.evolve(pair, text=text)
        if pair.line is not None and text != pair.text:
            before, after = self.told(pair.option, pair.text), self.told(pair.option, text)
            ledger.replace(
                pair.line, before, after, f"PJSIP takes no more of it: {finding.message.rpartition(': ')[2]}"
            )

    def build(self) -> Object:
        """Return the object; an identify looks its host names up, which blocks. Raises `InvalidObject`."""
        return self.object_type.build(self.id, ((pair.option, pair.text) for pair in self.pairs), place=self.place)
