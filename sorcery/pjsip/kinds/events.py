"""Which object handles which event package of a publication."""

from __future__ import annotations

from sorcery.kinds import NamedLines, Refused

__all__ = ["EventObjects"]

_ASTERISK = frozenset({"asterisk-devicestate", "asterisk-mwi"})

Lines = tuple[tuple[str, str], ...]


class EventObjects(NamedLines):
    """The id of an object per event package, case counts; a later line for a package replaces the earlier one."""

    def added(self, before: Lines, name: str, text: str) -> Lines:
        """Set the object of a package."""
        if not name or not text:
            raise Refused("names no package or no object", "write event_PACKAGE=ID")
        return tuple({**dict(before), name: text}.items())

    def names(self, value: Lines) -> tuple[str, ...]:
        """Return the ids of the publications: of other packages only their handlers know what an id means."""
        return tuple(text for name, text in value if name in _ASTERISK)

    def renamed(self, value: Lines, old: str, new: str | None) -> Lines:
        """Write another id, or leave the packages out that the old one handles."""
        changed = ((name, new if name in _ASTERISK and text == old else text) for name, text in value)
        return tuple((name, text) for name, text in changed if text is not None)

    def expects(self) -> str:
        return "the id of an object for an event package, as in event_asterisk-mwi=ID"
