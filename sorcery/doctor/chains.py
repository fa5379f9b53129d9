"""What a doctor found: chains of links, each of which holds, is broken, or was not looked at."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable
from typing import Any

import attrs

from sorcery.place import Place

__all__ = ["Chain", "Diagnosis", "Link", "Mending", "State"]


class State(enum.StrEnum):
    """What is known of a link."""

    GOOD = "good"
    LIMITED = "limited"
    """It holds, and something that one may want does not work."""
    BROKEN = "broken"
    UNSEEN = "unseen"
    """It was not looked at, because one before it is broken."""


@attrs.frozen(slots=True, kw_only=True)
class Link:
    """One link, as it was found."""

    name: str
    state: State
    text: str = ""
    """What was seen, or what is wrong."""
    mending: str = ""
    """What to do about it; empty where it is good."""
    place: Place | None = None
    silent: bool = False
    """It is broken because somebody did not answer."""
    key: Hashable = attrs.field(default=None, repr=False)
    """Links of one key are one link, in several chains; None for one of its own."""

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        place = self.place
        return {
            "name": self.name,
            "state": self.state.value,
            "text": self.text,
            "mending": self.mending,
            "source": place.source if place else None,
            "line": place.line if place else None,
            "silent": self.silent,
        }


@attrs.frozen(slots=True, kw_only=True)
class Chain:
    """The links from the configuration to the objects of one mapping, or to a running process."""

    title: str
    """What hangs on it, e.g. `endpoint = realtime,ps_endpoints`."""
    type_name: str = ""
    """The object type; empty for a process."""
    is_shadow: bool = False
    """It leads to a second store, which is asked aside: nobody depends on it."""
    place: Place | None = None
    """Where the mapping stands."""
    links: tuple[Link, ...]

    @property
    def first_broken(self) -> Link | None:
        """The link to mend first."""
        return next((link for link in self.links if link.state is State.BROKEN), None)

    @property
    def state(self) -> State:
        """What the chain as a whole is good for."""
        found = {link.state for link in self.links}
        if self.is_shadow and State.BROKEN in found:
            return State.LIMITED
        return next((state for state in (State.BROKEN, State.LIMITED) if state in found), State.GOOD)

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        first = self.first_broken
        return {
            "title": self.title,
            "type": self.type_name,
            "shadow": self.is_shadow,
            "state": self.state.value,
            "first_broken": first.name if first else None,
            "source": self.place.source if self.place else None,
            "line": self.place.line if self.place else None,
            "links": [link.data() for link in self.links],
        }


@attrs.frozen(slots=True)
class Mending:
    """One link to mend, and the chains that hang on it."""

    link: Link
    chains: tuple[Chain, ...]

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {**self.link.data(), "chains": [chain.title for chain in self.chains]}


@attrs.frozen(slots=True)
class Diagnosis:
    """Everything that was looked at."""

    chains: tuple[Chain, ...]

    @property
    def is_good(self) -> bool:
        """Whether every chain holds."""
        return all(chain.state is not State.BROKEN for chain in self.chains)

    @property
    def is_silent(self) -> bool:
        """Whether somebody who had to answer did not; second stores need not."""
        return any(link.silent for chain in self.chains if not chain.is_shadow for link in chain.links)

    def mendings(self, state: State = State.BROKEN) -> tuple[Mending, ...]:
        """Return the links in that state, each once, in the order in which to mend them.

        Those that are the first of a chain come first, of these the ones that most chains hang on. What is broken on
        the way to second stores alone is a limit.
        """
        urgent = {
            _identity(link)
            for chain in self.chains
            for link in chain.links
            if link.state is State.BROKEN and not chain.is_shadow
        }

        def weight(link: Link) -> State:
            is_limit = link.state is State.BROKEN and _identity(link) not in urgent
            return State.LIMITED if is_limit else link.state

        hanging: dict[Hashable, list[Chain]] = {}
        places: dict[Hashable, tuple[Link, tuple[bool, int]]] = {}
        for chain in self.chains:
            for position, link in enumerate(chain.links):
                if weight(link) is state:
                    same = _identity(link)
                    rank = (link is not chain.first_broken, position)
                    hanging.setdefault(same, []).append(chain)
                    places[same] = min(places.get(same, (link, rank)), (link, rank), key=lambda found: found[1])

        def urgency(same: Hashable) -> tuple[bool, int, int]:
            is_later, position = places[same][1]
            return is_later, -len(hanging[same]), position

        order = sorted(places, key=urgency)
        return tuple(Mending(places[same][0], tuple(hanging[same])) for same in order)

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {
            "good": self.is_good,
            "chains": [chain.data() for chain in self.chains],
            "mend": [mending.data() for mending in self.mendings()],
            "limits": [mending.data() for mending in self.mendings(State.LIMITED)],
        }

    def with_chains(self, more: Iterable[Chain]) -> Diagnosis:
        """Return the diagnosis with chains behind these."""
        return Diagnosis((*self.chains, *more))


def _identity(link: Link) -> Hashable:
    """Return what tells a link from others: chains of several types may be broken by the same words of one store."""
    return (link.name, link.key) if link.key is not None else (link.name, link.text, link.mending, link.place)
