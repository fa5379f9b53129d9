"""Networks found by an address that they hold, without a look at all the others."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from sorcery.pjsip.kinds.networks import Network

__all__ = ["Deciding", "NetworkIndex"]

T = TypeVar("T")


class NetworkIndex(Generic[T]):
    """Values by network. A search costs as much as there are different masks, of which files have a few."""

    def __init__(self) -> None:
        self._masks: list[tuple[int, int]] = []
        """(IP version, mask), those of the widest networks first."""
        self._values: dict[tuple[int, int], dict[int, T]] = {}

    def setdefault(self, network: Network, value: T) -> T:
        """Return the value of exactly that network, whatever its port; it gets one if it has none."""
        key = network.address.version, int(network.mask)
        if key not in self._values:
            insort(self._masks, key)
            self._values[key] = {}
        return self._values[key].setdefault(int(network.address), value)

    def around(self, network: Network) -> Iterator[T]:
        """Yield the values of the networks that hold the first address of this one, the widest first."""
        version, address = network.address.version, int(network.address)
        for key in self._masks:
            if key[0] == version and (found := self._values[key].get(address & key[1])) is not None:
                yield found


class Deciding:
    """Networks of which the last one that holds an address decides, as in the `match` of an `identify`."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._index = NetworkIndex[dict[int, tuple[int, bool]]]()
        for number, network in enumerate(networks):
            self._index.setdefault(network, {})[network.port] = number, not network.inverted

    def matches(self, network: Network, port: int) -> bool:
        """Tell whether a request from the first address of a network, and a port, is let in."""
        found = [
            decision
            for by_port in self._index.around(network)
            for each in {0, port}
            if (decision := by_port.get(each)) is not None
        ]
        return bool(found) and max(found)[1]
