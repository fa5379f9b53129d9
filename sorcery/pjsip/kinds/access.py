"""Which addresses are let in: rules written inline, and the names of lists kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from sorcery.kinds import Kind, Names, Refused, Warn
from sorcery.pjsip.kinds.networks import Address, Network, parse_address, parse_network

__all__ = ["AccessList", "AccessNames", "AccessRule", "AccessRules"]

_INLINE = "deny/permit"
"""What Asterisk prints for the list made of inline rules."""


@attrs.frozen(slots=True)
class AccessRule:
    """Permit or deny one network."""

    permit: bool
    network: Network


@attrs.frozen(slots=True)
class AccessList:
    """Inline rules in order, and the names of lists in `acl.conf`; all of them must let an address in."""

    rules: tuple[AccessRule, ...] = ()
    names: tuple[str, ...] = ()

    def permits(self, address: Address | str) -> bool:
        """Tell whether the inline rules let an address in: the last that matches decides, else it may.

        Raises `ValueError` for a text that is no address.
        """
        found = parse_address(str(address))
        if found is None:
            raise ValueError(f"{address!r} is no address")
        matching = (rule.permit for rule in reversed(self.rules) if rule.network.holds(found))
        return next(matching, True)

    def __bool__(self) -> bool:
        return bool(self.rules or self.names)


class _Access(Kind[AccessList]):
    """Options that all add to one access list."""

    zero = AccessList()

    def joined(self, before: AccessList, value: AccessList) -> AccessList:
        """Add rules and names: who denies and permits means both."""
        return attrs.evolve(_named(before, value.names), rules=before.rules + value.rules)


class AccessNames(_Access):
    """Names of lists, with commas between them; lines add up. Blanks before a name do not count, after it do.

    `empty` takes an empty text for one empty name, as some types do; `built_in` says that rules of Asterisk's own
    apply while there are no others.
    """

    def __init__(self, *, empty: bool = False, built_in: bool = False) -> None:
        self.empty, self.built_in = empty, built_in

    def parse(self, text: str, before: AccessList, warn: Warn) -> AccessList:
        """Add the names; one that is there already refuses the line."""
        names = (name.lstrip(" \t") for name in text.split(",")) if text or self.empty else ()
        return _named(before, names)

    def accept(self, value: Any) -> AccessList:
        """Take an `AccessList`, or an iterable of names."""
        if isinstance(value, AccessList):
            return value
        if not isinstance(value, Iterable):
            return super().accept(value)
        return _named(AccessList(), Names().accept(value))

    def names(self, value: AccessList) -> tuple[str, ...]:
        """Return the names of the lists; an empty one names none."""
        return tuple(name for name in value.names if name)

    def expects(self) -> str:
        return "names of lists in acl.conf, or an AccessList"

    def printed(self, value: AccessList) -> str:
        """Return the first list only, as Asterisk does."""
        if value.rules or value.names[:1] == ("",) or (self.built_in and not value):
            return _INLINE
        return value.names[0] if value.names else ""

    def texts(self, value: AccessList) -> tuple[str, ...]:
        """Write the names; the rules are written under `deny`. One empty name is a blank: an empty line has none."""
        return (",".join(value.names) or " ",) if value.names else ()


class AccessRules(_Access):
    """A comma list of networks to permit or to deny, `!` for the opposite; lines add up in order."""

    def __init__(self, *, permit: bool, empty: bool = True) -> None:
        self.permit, self.empty = permit, empty

    def parse(self, text: str, before: AccessList, warn: Warn) -> AccessList:
        """Add the rules."""
        if not text:
            if not self.empty:
                raise Refused("must not be empty", f"write {self.expects()}")
            return before
        return self._added(before, map(parse_network, text.split(",")))

    def accept(self, value: Any) -> AccessList:
        """Take an `AccessList`, or an iterable of networks or their texts: a list of these rules alone."""
        if isinstance(value, AccessList):
            return value
        if not isinstance(value, Iterable):
            return super().accept(value)
        networks = (item if isinstance(item, Network) else parse_network(str(item)) for item in value)
        return self._added(AccessList(), networks)

    def _added(self, before: AccessList, networks: Iterable[Network]) -> AccessList:
        rules = (
            AccessRule(self.permit != network.inverted, attrs.evolve(network, inverted=False)) for network in networks
        )
        names = tuple(name for name in before.names if name)  # rules take the place of an empty name
        return attrs.evolve(before, rules=(*before.rules, *rules), names=names)

    def expects(self) -> str:
        return "networks with commas and no blanks between them, for instance 192.0.2.0/24,!192.0.2.9"

    def texts(self, value: AccessList) -> tuple[str, ...]:
        """Write all rules under `deny`, the permitted networks with `!`: their order counts."""
        if self.permit or not value.rules:
            return ()
        return (",".join("!" * rule.permit + rule.network.short for rule in value.rules),)


def _named(before: AccessList, names: Iterable[str]) -> AccessList:
    known = list(before.names)
    for name in names:
        if name in known or (before.rules and not name):  # the list that rules make has an empty name
            raise Refused(f"names the list {name!r} twice", "write it once")
        known.append(name)
    return attrs.evolve(before, names=tuple(known))
